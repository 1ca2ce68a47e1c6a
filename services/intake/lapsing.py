"""What follows from time alone: reminders before a limit, and the protocol's row when it has passed."""

from services.intake import ending, review, visit
from services.intake.case import CASE
from services.intake.moving import ABOUT, OWN, CaseTurn, again, limit, notice, remind
from xianjie import clocks
from xianjie.messages.case import CaseLapseFound
from xianjie.messages.sla import SlaNotJudged, SlaWarned
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground


def lapse(turn: CaseTurn) -> None:
    """Say every clock that passed or is near; the owner is reminded, and the case moves where the protocol says so.

    A limit of the law that nobody can judge ends nothing: a person decides, and is reminded. The network's own limits still act.
    """
    titles = {name: each.version.title for name, each in turn.state.clocks.items()}
    said = clocks.lapse(turn.state.clocks, turn.now)
    turn.tell(*said)
    unjudged = {each.clock for each in said if isinstance(each, SlaNotJudged)}
    for each in said:
        if isinstance(each, SlaWarned):
            notice(turn, text=f"near: {titles[each.clock]}")
    for name in clocks.lapsed(said):
        rule = name.removeprefix(f"{ABOUT}/")
        if name in unjudged and not rule.startswith(OWN):
            _leave_to_a_person(turn, titles[name])
        else:
            _follow(turn, rule, titles[name])
    if not said:
        turn.note("no clock of this case is due")


def _leave_to_a_person(turn: CaseTurn, title: str) -> None:
    remind(turn)
    notice(turn, text=f"nobody can judge this limit, for a date is not known to the day; a person must decide: {title}")


def find(turn: CaseTurn, said: CaseLapseFound, row: Row) -> None:
    """C5a, C9a: where nobody could judge the applicant's limit, a person finds that it is over. A limit that runs is left to its clock."""
    if clock := limit(turn):
        turn.refuse(
            403, Ground.OTHER, f"the limit {clock.rule} runs; its clock ends the case, and a person only where it could not judge"
        )
    elif turn.state.status == "refused":
        review.stand(turn, row, said.text, Ground.LAPSED)
    else:
        ending.give_up(turn, row, said.text)


def _follow(turn: CaseTurn, rule: str, title: str) -> None:
    row = CASE.row(turn.state.status, f"clock:{rule}", ["clock"])
    match rule:
        case _ if not isinstance(row, Row):
            _wait_on(turn, rule, title)
        case "A2":
            ending.give_up(turn, row)
        case "A3":
            review.stand(turn, row, "no appeal in time", Ground.LAPSED)
        case "N2.visit":
            visit.missed(turn)
        case "N2.archive":
            ending.archive(turn, row)
        case "N2.clear":
            again(turn, rule)
            ending.ask(turn, turn.state.outcome or ending.WITHDRAWN)
        case _:
            _wait_on(turn, rule, title)


def _wait_on(turn: CaseTurn, rule: str, title: str) -> None:
    """What had to happen still may: who must act is told, and a clock runs on, so that nobody waits without being reminded."""
    if rule.startswith(OWN):
        again(turn, rule)
    else:
        remind(turn)
    notice(turn, Ground.LAPSED, f"passed: {title}")
    for superior in turn.state.superiors[:1] if turn.state.status == "appealed" else ():
        notice(turn, Ground.LAPSED, f"passed: {title}", to=superior)
