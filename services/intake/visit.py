"""The return visit 回访: the applicant is asked afterwards, a few times at most; then the case closes."""

from services.intake.moving import CaseTurn, again, due, move, step
from xianjie.law import deadlines
from xianjie.messages.case import CaseClosed
from xianjie.messages.visit import VisitAnswered, VisitDue, VisitRecorded
from xianjie.protocol.table import Row

TRIES = deadlines.count("visit_tries")
"""Tries after which the case closes without an answer."""


def begin(turn: CaseTurn) -> None:
    """C18: the owner is to ask the applicant how the help was."""
    move(turn, step(turn, "visit"))
    turn.say(VisitDue(tries=turn.state.tries, due=due(turn)), to=turn.state.owner)


def answered(turn: CaseTurn, said: VisitAnswered, row: Row) -> None:
    """C19: the applicant answered; the case is closed."""
    turn.say(VisitRecorded(tries=turn.state.tries + 1, satisfaction=said.satisfaction))
    move(turn, row)
    turn.say(CaseClosed())


def missed(turn: CaseTurn) -> None:
    """C19a, C19b: a try failed, or nobody tried in time. The owner is to try again, but not after the last."""
    turn.say(VisitRecorded(tries=turn.state.tries + 1))
    if turn.state.tries >= TRIES:
        move(turn, step(turn, "last_try_failed"))
        turn.say(CaseClosed())
    else:
        again(turn, "N2.visit")
        turn.say(VisitDue(tries=turn.state.tries, due=due(turn)), to=turn.state.owner)
