"""What follows in proceedings from time alone: reminders, the protocol's row, and what the track says of a limit that passed."""

from xianjie import clocks
from xianjie.messages import proceeding as shapes
from xianjie.messages.sla import SlaNotJudged, SlaWarned
from xianjie.proceeding import contesting, ending
from xianjie.proceeding.docket import PROCEEDING, Proceeding
from xianjie.proceeding.moving import DocketTurn, move, notice, start
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground

RUNNING = ("accepted", "in_progress")
"""States in which the lapse of a track's limit takes effect; in the others it waits until the work goes on."""


def lapse(turn: DocketTurn) -> None:
    """Clocks that passed, and what the protocol or the track says of it. A reminder starts its clock anew.

    A time limit that nobody can judge ends no proceeding: only the network's own clocks (the rows of the protocol) still do.
    """
    said = clocks.lapse(turn.state.clocks, turn.now)
    turn.tell(*said)
    unjudged = {each.clock for each in said if isinstance(each, SlaNotJudged)}
    for name in clocks.lapsed(said):
        leg, rule = name.split("/")
        _pass(turn, leg, rule, judged=name not in unjudged)
    for each in said:
        if isinstance(each, SlaWarned):
            _remind(turn, each.clock)
    if not said:
        turn.note("no clock of this case is due")


def _remind(turn: DocketTurn, clock: str) -> None:
    leg, rule = clock.split("/")
    about = turn.state.proceedings[leg]
    who = {"N2.close": about.sender, "N2.order": next(iter(about.superiors), None)}.get(rule) or about.receiver
    if about.open:
        notice(turn, leg, to=who, text=f"{clock} is near")


def _pass(turn: DocketTurn, leg: str, rule: str, *, judged: bool) -> None:
    about = turn.state.proceedings[leg]
    row = PROCEEDING.row(about.state, f"clock:{rule}", ["clock"])
    if not about.open:
        return
    if isinstance(row, Row) and row.to == "closed":
        ending.close(turn, about, row)
    elif isinstance(row, Row) and row.to == "escalated":
        move(turn, leg, row, ground=Ground.LAPSED, text=f"{rule} passed")
        contesting.put(turn, leg, f"{rule} passed without an answer")
    elif isinstance(row, Row) and about.state == "escalated":
        move(turn, leg, row, ground=Ground.LAPSED, text=f"{rule} passed")
        start(turn, leg, rule)
        notice(turn, leg, to=about.superiors[0], ground=Ground.LAPSED, text=f"{rule} passed: {about.track}.ordered is waited for")
    elif isinstance(row, Row):
        _go_by(turn, about, row, rule)
    elif judged:
        _notice_or_do(turn, about, rule)


def _go_by(turn: DocketTurn, about: Proceeding, row: Row, rule: str) -> None:
    """The protocol's row: a reminder that starts anew, or back to where it stood, which the sender hears too."""
    move(turn, about.leg, row, ground=Ground.LAPSED, text=f"{rule} passed")
    if row.to == "same":
        start(turn, about.leg, rule)
    notice(turn, about.leg, to=about.receiver, ground=Ground.LAPSED, text=f"{rule} passed")
    if row.to != "same":
        if about.sender != about.receiver:
            notice(turn, about.leg, ground=Ground.LAPSED, text=f"{rule} passed: no answer, the work goes on")
        catch_up(turn, about.leg)


def _notice_or_do(turn: DocketTurn, about: Proceeding, rule: str) -> None:
    """The track's word on the limit, if it has one and the work is not halted; else the body is told."""
    effect, _, detail = about.rules.lapses.get(rule, "").partition(":")
    if about.state in RUNNING and effect in ("return", "outcome"):
        _do(turn, about, rule)
    elif about.state in RUNNING and effect == "step":
        step = about.rules.steps[detail]
        move(turn, about.leg, _row(about, "progressed"), stage=step.to, ground=Ground.LAPSED, step=detail)
        start(turn, about.leg, rule)
        notice(turn, about.leg, to=about.receiver, ground=Ground.LAPSED, text=f"{rule} passed: {step.english}")
    else:
        words = f": {detail}" if effect == "note" else ""
        notice(turn, about.leg, to=about.receiver, ground=Ground.LAPSED, text=f"{rule} passed{words}")


def _do(turn: DocketTurn, about: Proceeding, rule: str) -> None:
    """Give the leg back, or end it with an outcome, for a limit that passed."""
    effect, _, detail = about.rules.lapses[rule].partition(":")
    if effect == "return":
        back = shapes.Returned(leg=about.leg, ground=Ground(detail), text=f"{rule} passed")
        ending.give_back(turn, about, _row(about, "returned"), back)
    else:
        reported = shapes.OutcomeReported(leg=about.leg, outcome=detail, ground=Ground.LAPSED, text=f"{rule} passed")
        ending.report(turn, about, _row(about, "outcome_reported"), reported)


def catch_up(turn: DocketTurn, leg: str) -> None:
    """The work goes on: what passed while it was halted takes effect now."""
    about = turn.state.proceedings[leg]
    for name, clock in sorted(turn.state.clocks.items()):
        effect = about.rules.lapses.get(clock.rule, "").partition(":")[0]
        if name.startswith(f"{leg}/") and clock.breached and effect in ("return", "outcome", "step") and about.state in RUNNING:
            _notice_or_do(turn, about, clock.rule)
            return


def _row(about: Proceeding, what: str) -> Row:
    return PROCEEDING.taken(about.state, what, "body")
