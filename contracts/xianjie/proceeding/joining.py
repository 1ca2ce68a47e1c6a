"""Files on one right that a body hears together: each case knows of the other, and each keeps its own outcome (feature 19)."""

from xianjie.messages import proceeding as shapes
from xianjie.messages.proceeding import ProceedingJoined, ProceedingJoinNoted, ProceedingJoinUndone, ProceedingJoinUnmet
from xianjie.proceeding.docket import Proceeding
from xianjie.proceeding.moving import DocketTurn, notice
from xianjie.topology import is_case
from xianjie.tracks.track import service_of
from xianjie.vocabulary import Ground

JOINED = "joined"
"""The step with which a body joins two files."""


def wrong(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> tuple[int, Ground, str] | None:
    """Why these two may not be joined so."""
    if said.joins is None:
        return None
    if said.step != JOINED:
        return 422, Ground.OTHER, f"/data/joins: {said.step} joins nothing; say step: {JOINED}"
    if not is_case(said.joins):
        return 422, Ground.OTHER, f"/data/joins: {said.joins} is no case"
    if said.joins == turn.state.case:
        return 403, Ground.OTHER, "a case is not joined with itself: name the other"
    return (403, Ground.DUPLICATE, f"{said.joins} is joined already") if said.joins in about.joined else None


def join(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> None:
    """This case knows it at once, the other when it hears it."""
    if said.joins:
        turn.tell(ProceedingJoinNoted(leg=about.leg, other=said.joins))
        told = ProceedingJoined(case=turn.state.case, track=about.track, body=about.receiver)
        turn.say(told, to=service_of(about.track), subject=said.joins)


def hear(turn: DocketTurn, said: ProceedingJoined) -> None:
    """What the body has of this case on the same track is heard with the other; where it has nothing, the other case hears that."""
    mine = _open(turn, said)
    if not mine:
        unmet = ProceedingJoinUnmet(case=turn.state.case, track=said.track, body=said.body)
        turn.say(unmet, to=service_of(said.track), subject=said.case)
    for each in mine:
        if said.case not in each.joined:
            turn.tell(ProceedingJoinNoted(leg=each.leg, other=said.case))
            notice(turn, each.leg, text=f"{said.body} hears it together with {said.case}")
    if not turn.events:
        turn.note(f"it is heard together with {said.case} already")


def undo(turn: DocketTurn, said: ProceedingJoinUnmet) -> None:
    """There is no such case, or nothing of it is open at the body: the body hears it, and may name another."""
    for each in _open(turn, said):
        if said.case in each.joined:
            turn.tell(ProceedingJoinUndone(leg=each.leg, other=said.case))
            text = f"{said.body} has nothing open of {said.case} in {said.track}: it is not joined; was another case meant?"
            notice(turn, each.leg, text=text, to=each.receiver)
    if not turn.events:
        turn.note(f"nothing here is joined with {said.case}")


def _open(turn: DocketTurn, said: ProceedingJoined | ProceedingJoinUnmet) -> list[Proceeding]:
    """What that body has open of this case on that track."""
    every = turn.state.proceedings.values()
    return [each for each in every if each.open and each.track is said.track and each.receiver == said.body]
