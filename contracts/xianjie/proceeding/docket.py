"""The docket of one case: its proceedings in the tracks of one service, and their clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from xianjie import clocks
from xianjie.clocks import Clock
from xianjie.law import calendar
from xianjie.message import Message
from xianjie.messages.proceeding import (
    ProceedingHandlersNoted,
    ProceedingJoinNoted,
    ProceedingJoinUndone,
    ProceedingMoved,
    ProceedingOpened,
)
from xianjie.protocol.table import UNDOING, table
from xianjie.tracks.track import TrackRules, track_rules
from xianjie.vocabulary import Ground, LegKind, Track

PROCEEDING = table("proceeding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    """One leg that was taken: `state` is the protocol's, `stage` the track's own."""

    leg: str
    track: Track
    kind: LegKind
    sender: str
    receiver: str
    state: str
    stage: str
    area: str
    level: str
    right: str
    before: str | None = None
    basis: str | None = None
    outcome: str | None = None
    to: str | None = None
    """The body that goes on, as the outcome named it."""
    parties: tuple[str, ...] = ()
    """Who has agreed so far, where a step needs several."""
    facts: tuple[str, ...] = ()
    """What was found undisputed."""
    opened: datetime | None = None
    suspended: datetime | None = None
    days_suspended: int = 0
    superiors: tuple[str, ...] = ()
    """The bodies above the receiver, nearest first, who may order what becomes of a contested outcome."""
    joined: tuple[str, ...] = ()
    """The cases that the body hears together with this one."""
    contested: Ground | None = None
    """The ground on which the sender contested an outcome; it does so once."""

    @property
    def rules(self) -> TrackRules:
        return track_rules(self.track)

    @property
    def open(self) -> bool:
        return self.state not in PROCEEDING.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What somebody is, or was, in a proceeding of the case, here or at another service."""

    person: str
    role: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """The proceedings of one case, by leg."""

    case: str
    proceedings: Mapping[str, Proceeding] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    clocks: Mapping[str, Clock] = field(default_factory=dict)


def initial(case: str) -> Docket:
    """A case of which no leg was taken here."""
    return Docket(case=case)


def evolve(docket: Docket, said: Message) -> Docket:
    """The docket after one event."""
    match said:
        case ProceedingOpened():
            opened = Proceeding(
                leg=said.leg, track=said.track, kind=said.kind, sender=said.sender, receiver=said.receiver, state="accepted",
                stage=said.stage, area=said.area, level=said.level, right=said.right, basis=said.basis, opened=said.at,
                superiors=said.superiors,
            )  # fmt: skip
            return _with(docket, opened)
        case ProceedingMoved():
            return _with(docket, _moved(docket.proceedings[said.leg], said))
        case ProceedingJoinNoted(leg=leg, other=other):
            mine = docket.proceedings[leg]
            return _with(docket, replace(mine, joined=(*mine.joined, other)))
        case ProceedingJoinUndone(leg=leg, other=other):
            mine = docket.proceedings[leg]
            return _with(docket, replace(mine, joined=tuple(each for each in mine.joined if each != other)))
        case ProceedingHandlersNoted(leg=leg, role=role, persons=persons):
            made = (Part(person=each, role=role, leg=leg) for each in persons)
            return replace(docket, parts=tuple(dict.fromkeys((*docket.parts, *made))))
        case _:
            ticking = clocks.evolve(docket.clocks, said)
            return docket if ticking is docket.clocks else replace(docket, clocks=ticking)


def _with(docket: Docket, proceeding: Proceeding) -> Docket:
    return replace(docket, proceedings={**docket.proceedings, proceeding.leg: proceeding})


def _moved(now: Proceeding, said: ProceedingMoved) -> Proceeding:
    before = now.state if said.state != now.state else now.before
    undone = now.state in UNDOING and said.state == "in_progress"
    moved = replace(
        now, state=said.state, stage=said.stage, before=before, to=said.to or now.to,
        outcome=None if undone else said.outcome or now.outcome, contested=now.contested or (said.ground if said.state == "contested" else None),
        parties=said.parties or now.parties, facts=(*now.facts, said.fact) if said.fact else now.facts,
    )  # fmt: skip
    if said.state == "suspended" and now.suspended is None:
        return replace(moved, suspended=said.at)
    if now.suspended and said.state not in ("suspended", "cancel_requested"):
        days = (calendar.day(said.at) - calendar.day(now.suspended)).days
        return replace(moved, suspended=None, days_suspended=now.days_suspended + days)
    return moved


def due(docket: Docket) -> datetime | None:
    """When the next clock has something to say."""
    return clocks.next_due(docket.clocks)


def glance(docket: Docket) -> dict[str, object]:
    """What lists show: open proceedings, what is late."""
    opened = [each for each in docket.proceedings.values() if each.open]
    return {
        "proceedings": [f"{each.leg} {each.track} {each.receiver} {each.state}/{each.stage}" for each in opened],
        "taken": sorted(docket.proceedings),
        **clocks.glance(docket.clocks),
    }
