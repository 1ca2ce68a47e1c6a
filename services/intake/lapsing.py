"""What follows from time alone: reminders before a limit, and the protocol's row when it has passed."""

from services.intake import ending, review, visit
from services.intake.case import CASE
from services.intake.moving import ABOUT, CaseTurn, again, notice
from xianjie import clocks
from xianjie.messages.sla import SlaWarned
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground


def lapse(turn: CaseTurn) -> None:
    """Say every clock that passed or is near; the owner is reminded, and the case moves where the protocol says so."""
    titles = {name: each.version.title for name, each in turn.state.clocks.items()}
    said = clocks.lapse(turn.state.clocks, turn.now)
    turn.tell(*said)
    for each in said:
        if isinstance(each, SlaWarned):
            notice(turn, text=f"near: {titles[each.clock]}")
    for name in clocks.lapsed(said):
        _follow(turn, name.removeprefix(f"{ABOUT}/"), titles[name])
    if not said:
        turn.note("no clock of this case is due")


def _follow(turn: CaseTurn, rule: str, title: str) -> None:
    row = CASE.row(turn.state.status, f"clock:{rule}", ["clock"])
    status = turn.state.status
    if not isinstance(row, Row):
        notice(turn, Ground.LAPSED, f"passed: {title}")
    elif status == "supplement_required":
        ending.give_up(turn, row)
    elif status == "refused":
        review.stand(turn, row, "no appeal in time", Ground.LAPSED)
    elif status == "visit_due":
        visit.missed(turn)
    elif status == "closed":
        ending.archive(turn, row)
    elif status in ("concluding", "withdrawing"):
        again(turn)
        ending.ask(turn, turn.state.outcome or ending.WITHDRAWN)
    else:
        notice(turn, Ground.LAPSED, f"passed: {title}")
        for superior in turn.state.superiors[:1] if status == "appealed" else ():
            notice(turn, Ground.LAPSED, f"passed: {title}", to=superior)
