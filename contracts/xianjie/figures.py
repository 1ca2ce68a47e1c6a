"""What bodies, regions, tracks, services, channels and groups have to show, counted from the timelines of cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Literal

from xianjie.messages.org import Body
from xianjie.timeline import Clock, Leg, Timeline

By = Literal["agency", "region", "track", "service", "channel", "group"]
UNKNOWN = "unknown"
"""The region of a body that the directory does not know; the group of an applicant who belongs to none."""
TOOK = ("taken", "accepted")
"""States of a leg, and of its proceeding, that say that its receiver took it."""
ENDED = ("closed", "returned", "cancelled")
"""How legs end that their receivers took, or were notified of."""


@dataclass(slots=True)
class Figures:
    """Of one body, region or track. `cases`: those it answers for (of a track: those with a leg on it).

    `taken`, `declined`, …: legs that were offered to it, by what became of them; `net_days`: calendar days without suspensions, of each
    that has ended; `kept`, `late`: duties with a time limit that are over; of a window, which is a party's chance, nobody is late.
    `checked`, `passed`: cases that bodies above have looked into, and those of them that every such body found well served.
    """

    group: str
    cases: int = 0
    offered: int = 0
    taken: int = 0
    declined: int = 0
    expired: int = 0
    ended: int = 0
    kept: int = 0
    late: int = 0
    net_days: list[int] = field(default_factory=list)
    satisfaction: list[int] = field(default_factory=list)
    checked: int = 0
    passed: int = 0
    spent_fen: int = 0

    @property
    def on_time(self) -> float | None:
        """The share of duties kept in time, from 0 to 1; None if none is over."""
        over = self.kept + self.late
        return self.kept / over if over else None

    @property
    def middle_days(self) -> float | None:
        """The median of the net days."""
        return median(self.net_days) if self.net_days else None

    @property
    def satisfied(self) -> float | None:
        """The mean of what applicants said, from 1 to 5."""
        return mean(self.satisfaction) if self.satisfaction else None


def count(timelines: Iterable[Timeline], by: By, bodies: Mapping[str, Body]) -> list[Figures]:
    """The figures of every group, by name. Cases that were submitted as tests count nowhere."""
    found: dict[str, Figures] = {}

    def of(group: str) -> Figures:
        return found.setdefault(group, Figures(group))

    for each in timelines:
        if each.test:
            continue
        own = _groups(each, by, bodies)
        for group in own:
            _add_case(of(group), each)
        for leg in each.legs:
            for group in _of_leg(leg, by, bodies) or own:
                _add_leg(of(group), leg)
        for clock in each.clocks if by != "track" else ():
            for group in _of_clock(each, clock, by, bodies) or own:
                _judge(of(group), clock)
    return [found[group] for group in sorted(found)]


def _groups(timeline: Timeline, by: By, bodies: Mapping[str, Body]) -> list[str]:
    """Where the case itself counts: with the body that answers for it, with each track that it took, or with what it is."""
    match by:
        case "agency" | "region":
            return [_place(timeline.owner, by, bodies)] if timeline.owner else []
        case "track":
            return list(dict.fromkeys(each.track for each in timeline.legs))
        case "group":
            return timeline.groups or [UNKNOWN]
        case _:
            return [(timeline.service if by == "service" else timeline.channel) or UNKNOWN]


def _of_leg(leg: Leg, by: By, bodies: Mapping[str, Body]) -> list[str]:
    """Where a leg counts, if not where its case does: with its track, or with the body that it was offered to."""
    return [leg.track] if by == "track" else [_place(leg.receiver, by, bodies)] if by in ("agency", "region") else []


def _of_clock(timeline: Timeline, clock: Clock, by: By, bodies: Mapping[str, Body]) -> list[str]:
    """Where a limit of the case itself counts, if not where the case does: with the body that answered for it when the limit started."""
    code = _owner_at(timeline, clock)
    return [_place(code, by, bodies)] if by in ("agency", "region") and code else []


def _place(code: str, by: By, bodies: Mapping[str, Body]) -> str:
    """The body itself, or the province of its area by GB/T 2260, as in 310000; 000000 is the nation."""
    if by == "agency":
        return code
    body = bodies.get(code)
    return f"{body.area[:2]}0000" if body else UNKNOWN


def _add_case(figures: Figures, timeline: Timeline) -> None:
    figures.cases += 1
    figures.spent_fen += timeline.spent_fen
    figures.checked += bool(timeline.checks)
    figures.passed += bool(timeline.checks) and all(timeline.checks.values())
    figures.satisfaction += [timeline.satisfaction] if timeline.satisfaction else []


def _add_leg(figures: Figures, leg: Leg) -> None:
    figures.offered += 1
    figures.declined += leg.state == "declined"
    figures.expired += leg.state in ("expired", "undeliverable")
    figures.taken += any(each.state in TOOK for each in leg.steps)
    figures.ended += leg.state in ENDED
    figures.net_days += [leg.net_days] if leg.net_days is not None else []
    for clock in leg.clocks:
        _judge(figures, clock)


def _judge(figures: Figures, clock: Clock) -> None:
    if not clock.window:
        figures.kept += clock.state == "met"
        figures.late += clock.state == "breached"


def _owner_at(timeline: Timeline, clock: Clock) -> str | None:
    """Who answered for the case when the clock started: first the body that received the application."""
    before = [code for since, code in timeline.owners if since <= clock.started]
    return before[-1] if before else next((code for _, code in timeline.owners), None)
