"""How a case moves: who may say what now, the row that follows, the clocks that end and start, and the news of it."""

from datetime import datetime

from services.intake.aside import ASIDE, halted
from services.intake.case import CASE, Case
from xianjie import clocks
from xianjie.deciding import Turn
from xianjie.envelope import Heard
from xianjie.message import DOOR, Message
from xianjie.messages.case import CaseAppealDecided, CaseMoved, CaseNoticed, CaseReviewed, CaseSubmitted
from xianjie.messages.sla import SlaPaused
from xianjie.protocol.table import NotYours, Row, TooLate
from xianjie.vocabulary import Ground

ABOUT = "case"
"""What every clock of intake is about; a clock is named `case/A1`."""
UNANSWERED = frozenset({"C3", "C20", "C22", "C24"})
"""Rows that end a clock though what it waited for did not happen, nor can it be missed any more."""
OWN = "N2."
"""Rules that begin so are the network's own. They stop for every ground of suspension; a legal limit, only for those it names."""

CaseTurn = Turn[Case]


def roles(turn: CaseTurn) -> list[str]:
    """What the speaker is to this case."""
    speaker, case = turn.heard.speaker, turn.state
    if not turn.heard.from_agency:
        return [speaker]
    found = [
        ("agency", True), ("receiver", speaker == case.receiver), ("owner", speaker == case.owner),
        ("superior", speaker in case.superiors), ("involved", speaker in case.bodies),
    ]  # fmt: skip
    return [role for role, true in found if true]


def from_outside(heard: Heard) -> bool:
    """Whether a body spoke, or the front door for an applicant: who is refused what does not fit. A service's word is noted."""
    return heard.from_agency or heard.speaker == DOOR


def spoken(said: Message) -> str:
    """What was said, as the protocol names it: the message's name, and its verdict where it has one."""
    match said:
        case CaseReviewed(verdict=verdict):
            return f"{said.name}:{verdict}"
        case CaseAppealDecided(result=result):
            return f"{said.name}:{result}"
        case _:
            return said.name


def entitled(turn: CaseTurn) -> Row | None:
    """The row for what was heard; else an agency or the door is refused, and a service's word is noted."""
    said, what = turn.heard.message, spoken(turn.heard.message)
    found = CASE.row(turn.state.status, what, roles(turn))
    if isinstance(found, Row):
        return found
    if not from_outside(turn.heard):
        turn.note(f"the case is {turn.state.status}; {what} changes nothing")
    elif isinstance(found, NotYours):
        turn.refuse(403, Ground.NOT_YOURS, f"of this case, only its {' or '.join(sorted(found.roles))} may say {what}")
    elif isinstance(said, CaseSubmitted):
        turn.refuse(410, Ground.TOO_LATE, "this case is on file already; another application needs an id of its own")
    else:
        when = CASE.when(what, roles(turn))
        turn.refuse(410, Ground.TOO_LATE, f"the case is {turn.state.status}; {what} may be said while it is {when}")
    return None


def step(turn: CaseTurn, what: str) -> Row:
    """The row of the protocol for what intake itself does; it must be there."""
    row = CASE.row(turn.state.status, what, ["intake"])
    assert not isinstance(row, TooLate | NotYours), f"the protocol has no row for {what} in {turn.state.status}"
    return row


def move(turn: CaseTurn, row: Row, ground: Ground | None = None, text: str = "") -> None:
    """Take the case along one row: what its clocks waited for is answered, and the clock of its new status starts."""
    old = turn.state
    new = old.back[-1] if row.to == "before" else old.status if row.to == "same" else row.to
    if new != old.status:
        turn.say(CaseMoved(status=new, row=row.name, ground=ground, text=text))
        _wind(turn, row, old, ground or Ground.OTHER)


def _wind(turn: CaseTurn, row: Row, old: Case, ground: Ground) -> None:
    new, stood = turn.state.status, halted(old.status, old.back)
    stands = halted(new, turn.state.back)
    if stood and not stands:
        turn.tell(*clocks.resume(turn.state.clocks, ABOUT, turn.now))
    back = row.to == "before"
    for name in _over(turn, old.status, back=back):
        running = turn.state.clocks
        answered = clocks.meet(running, name, turn.now, judged=turn.heard.judged)
        turn.tell(*(clocks.stop_one(running, name) if row.name in UNANSWERED else answered))
    if stands and not stood:
        _halt(turn, ground)
    _await(turn, back=back)


def _over(turn: CaseTurn, old: str, *, back: bool) -> list[str]:
    """The clocks that the new status ends: put aside, that of a status to which the case does not go back; else all but its own."""
    new = turn.state.status
    own = (CASE.clocks.get(new), CASE.reminders.get(new) if back else None)
    rules = {name: name.removeprefix(f"{ABOUT}/") for name in sorted(turn.state.clocks)}
    others = {name: rule for name, rule in rules.items() if rule not in own}
    if new not in ASIDE:
        return list(others)
    waited = CASE.clocks.get(old) if old in ASIDE and old not in turn.state.back else None
    return [name for name, rule in others.items() if rule == waited]


def _await(turn: CaseTurn, *, back: bool) -> None:
    """The clock of the new status runs. A limit of the law does not start anew because the case goes on: what of it is over is reminded of."""
    mine = CASE.clocks.get(turn.state.status)
    clock = turn.state.clocks.get(f"{ABOUT}/{mine}")
    if mine and clock is None and not (back and turn.state.status in CASE.reminders):
        turn.tell(*clocks.start(ABOUT, mine, turn.now, judged=turn.heard.judged))
    elif mine and (clock is None or clock.breached):
        remind(turn)


def _halt(turn: CaseTurn, ground: Ground) -> None:
    turn.tell(*clocks.pause(turn.state.clocks, ABOUT, turn.now, ground))
    for name, each in sorted(turn.state.clocks.items()):
        if each.rule.startswith(OWN) and not each.paused:
            turn.tell(SlaPaused(clock=name, at=turn.now, ground=ground))


def remind(turn: CaseTurn) -> None:
    """Beside a limit of the law that will not be heard of again, the reminder of this status runs, if it has one."""
    reminder = CASE.reminders.get(turn.state.status)
    if reminder and f"{ABOUT}/{reminder}" not in turn.state.clocks:
        turn.tell(*clocks.start(ABOUT, reminder, turn.now, judged=turn.heard.judged))


def again(turn: CaseTurn, rule: str) -> None:
    """A clock of the network's own starts anew."""
    turn.tell(*clocks.meet(turn.state.clocks, f"{ABOUT}/{rule}", turn.now, judged=turn.heard.judged))
    turn.tell(*clocks.start(ABOUT, rule, turn.now, judged=turn.heard.judged))


def limit(turn: CaseTurn) -> clocks.Clock | None:
    """The clock of the status in which the case is; None where it has none, or nobody could judge it."""
    return turn.state.clocks.get(f"{ABOUT}/{CASE.clocks.get(turn.state.status)}")


def due(turn: CaseTurn) -> datetime | None:
    """When the status in which the case is lapses; None where nothing lapses, or nobody can judge it."""
    clock = limit(turn)
    return clock.due if clock and clock.judged and not clock.paused else None


def notice(turn: CaseTurn, ground: Ground | None = None, text: str = "", to: str | None = None) -> None:
    """Tell the owner, or another body, where the case stands, and until when."""
    turn.say(CaseNoticed(status=turn.state.status, ground=ground, text=text, due=due(turn)), to=to or turn.state.owner)
