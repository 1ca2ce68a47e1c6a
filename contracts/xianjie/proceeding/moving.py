"""How a proceeding moves: it opens, takes rows of the protocol with their clocks, tells who must know, and ends."""

from datetime import datetime
from importlib import import_module

from xianjie import clocks
from xianjie.deciding import Turn
from xianjie.law import calendar
from xianjie.message import Message, named
from xianjie.messages.case import Paper
from xianjie.messages.proceeding import ProceedingEnded, ProceedingMoved, ProceedingNoticed, ProceedingOpened
from xianjie.messages.routing import RoutingLegTaken
from xianjie.proceeding.docket import PROCEEDING, Docket, Proceeding
from xianjie.protocol.table import Row
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Ground, LegKind

DocketTurn = Turn[Docket]

import_module("xianjie.messages")


def open_(turn: DocketTurn, said: RoutingLegTaken) -> None:
    """T8 as the track service hears it: a body took the leg; it may speak in it from now on."""
    rules = track_rules(said.track)
    opened = ProceedingOpened(
        leg=said.leg, track=said.track, kind=said.kind, sender=said.sender, receiver=said.receiver, stage=rules.first,
        area=said.area, level=said.level, right=said.right, basis=said.basis, at=turn.now, superiors=said.superiors,
    )  # fmt: skip
    turn.say(opened)
    start(turn, said.leg, "N2.start", judged=said.judged)
    for rule in rules.opening(said.basis, said.kind.value):
        if said.received and said.kind is LegKind.FILE and rule in rules.from_request:
            start(turn, said.leg, rule, judged=said.received_judged, at=said.received)
        else:
            start(turn, said.leg, rule, judged=said.judged)
    cls = named(f"{said.track}.opened")
    turn.say(cls(leg=said.leg, kind=said.kind, sender=said.sender, stage=rules.first), to=said.receiver)  # type: ignore[call-arg]


def start(turn: DocketTurn, leg: str, rule: str, *, judged: bool | None = None, at: datetime | None = None) -> None:
    """Let a limit run about this leg from now, or since `at`, by the version for its body's area and level; one that runs starts anew."""
    about = turn.state.proceedings[leg]
    turn.tell(*clocks.stop_one(turn.state.clocks, f"{leg}/{rule}"))
    known = turn.heard.judged if judged is None else judged
    turn.tell(*clocks.start(leg, rule, at or turn.now, region=about.area, level=about.level, judged=known))


def meet(turn: DocketTurn, leg: str, *rules: str) -> None:
    """What these limits asked for has happened."""
    for rule in rules:
        turn.tell(*clocks.meet(turn.state.clocks, f"{leg}/{rule}", turn.now, judged=turn.heard.judged))


def own(turn: DocketTurn, about: Proceeding, what: str) -> Row | None:
    """The row for what the body says by one of its steps; without one it is refused, for the proceeding has moved on."""
    row = PROCEEDING.row(about.state, what, ["body"])
    if isinstance(row, Row):
        return row
    turn.refuse(410, Ground.TOO_LATE, f"{about.leg} is {about.state}: it cannot be {what.replace('_', ' ')} now")
    return None


def move(
    turn: DocketTurn, leg: str, row: Row, *, stage: str | None = None, ground: Ground | None = None, text: str = "",
    outcome: str | None = None, by: str | None = None, step: str | None = None, parties: tuple[str, ...] = (),
    fact: str | None = None, to: str | None = None,
) -> Proceeding:  # fmt: skip
    """Take a proceeding along one row of the protocol; the clock of its state is met or stopped, the next one starts."""
    now = turn.state.proceedings[leg]
    state = now.state if row.to == "same" else (now.before or "in_progress") if row.to == "before" else row.to
    old, new = PROCEEDING.clocks.get(now.state), PROCEEDING.clocks.get(state)
    moved = ProceedingMoved(
        leg=leg, state=state, stage=stage or now.stage, row=row.name, step=step, outcome=outcome, ground=ground, text=text, by=by,
        at=turn.now, parties=parties, fact=fact, to=to,
    )  # fmt: skip
    turn.say(moved)
    if old != new:
        if old:
            meet(turn, leg, old)
        if new:
            start(turn, leg, new)
    return turn.state.proceedings[leg]


def notice(
    turn: DocketTurn, leg: str, *, to: str | None = None, ground: Ground | None = None, text: str = "",
    papers: tuple[Paper, ...] = (), facts: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """News for the sender (or the body): where the proceeding stands. A body that sent the leg to itself knows."""
    about = turn.state.proceedings[leg]
    said: Message = ProceedingNoticed(
        leg=leg, track=about.track, state=about.state, stage=about.stage, outcome=about.outcome, ground=ground, text=text,
        due=due(turn, about), papers=papers, facts=facts,
    )  # fmt: skip
    if to or about.sender != about.receiver:
        turn.say(said, to=to or about.sender)


def due(turn: DocketTurn, about: Proceeding) -> datetime | None:
    """When the state that the proceeding is in lapses."""
    clock = turn.state.clocks.get(f"{about.leg}/{PROCEEDING.clocks.get(about.state)}")
    return clock.due if clock else None


def end(turn: DocketTurn, leg: str, how: str, **more: object) -> None:
    """Tell routing that the proceeding is over, with its days: gross from opening, net without suspensions."""
    turn.tell(*clocks.stop(turn.state.clocks, leg))
    about = turn.state.proceedings[leg]
    gross = (calendar.day(turn.now) - calendar.day(about.opened)).days if about.opened else 0
    ended = ProceedingEnded(
        leg=leg, track=about.track, how=how, gross_days=gross, net_days=gross - about.days_suspended, **more  # type: ignore[arg-type]
    )  # fmt: skip
    turn.say(ended, to="routing")
