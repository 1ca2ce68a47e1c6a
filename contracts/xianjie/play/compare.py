"""What a scenario expects at its end, held against what the services made of the case."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from xianjie import timeline as told
from xianjie.messages.case import CaseFactReported
from xianjie.play.scenario import Line, Scenario
from xianjie.timeline import Entry, Timeline
from xianjie.vocabulary import Precision


def differences(scenario: Scenario, timeline: Timeline, children: Mapping[str, Timeline] | None = None) -> list[str]:
    """What is otherwise than `expect` says, each as `what: expected …, got …`; empty if all is as published.

    `children`: the timelines of the cases of a batch, by id, where lines of the scenario are about them.
    """
    known = {timeline.case: timeline, **(children or {})}
    return [
        *_plain(scenario.expect, timeline),
        *_path(scenario.expect, timeline),
        *_child_paths(scenario.expect, timeline, known),
        *_clocks(scenario.expect, timeline),
        *(each for wanted in scenario.expect.get("intervals", ()) for each in _interval(scenario, known, wanted)),
    ]


def _plain(expect: dict[str, Any], timeline: Timeline) -> Iterator[str]:
    found = {
        "owner": timeline.owner, "status": timeline.status, "outcome": timeline.outcome, "children": len(timeline.children),
    }  # fmt: skip
    for name, got in found.items():
        if name in expect and expect[name] != got:
            yield f"{name}: expected {expect[name]}, got {got}"


def _path(expect: dict[str, Any], timeline: Timeline) -> Iterator[str]:
    if "path" not in expect:
        return
    wanted, got = expect["path"], told.path(timeline)
    for place in range(max(len(wanted), len(got))):
        want = wanted[place] if place < len(wanted) else "no further leg"
        have = got[place] if place < len(got) else "no further leg"
        if want != have:
            yield f"path: expected {want}, got {have}"


def _child_paths(expect: dict[str, Any], timeline: Timeline, known: Mapping[str, Timeline]) -> Iterator[str]:
    if "child_path" in expect:
        for place, child in enumerate(timeline.children, 1):
            for each in _path({"path": expect["child_path"]}, known.get(child, Timeline(child))):
                yield f"child {place}, {each}"


def _clocks(expect: dict[str, Any], timeline: Timeline) -> Iterator[str]:
    got = told.clocks(timeline)
    for name, wanted in expect.get("clocks", {}).items():
        if got.get(name) != wanted:
            yield f"clock {name}: expected {wanted}, got {got.get(name, 'no such clock')}"


def _interval(scenario: Scenario, known: Mapping[str, Timeline], wanted: dict[str, Any]) -> Iterator[str]:
    name = f"interval {wanted['what']}"
    try:
        found = [*_passed(scenario, known, wanted), *_counted(known[scenario.id], wanted.get("counted", ()))]
    except Uncounted as why:
        yield f"{name}: {why}"
        return
    for by, gross, net in found:
        if gross != wanted["gross"]:
            yield f"{name}: expected {wanted['gross']} days, got {gross}{by}"
        if wanted["net"] is not None and net != wanted["net"]:
            yield f"{name}: expected {wanted['net']} net days, got {net}{by}"


class Uncounted(Exception):
    """Days that nobody counted, or can."""


Days = tuple[str, int, int]
"""By whom they were counted, all days, and those on which nothing stood still."""


def _passed(scenario: Scenario, known: Mapping[str, Timeline], wanted: dict[str, Any]) -> Iterator[Days]:
    """Between the moments at which the services decided what was said; of facts, between the days on which they happened."""
    ends = []
    for step in (wanted["start"], wanted["end"]):
        line = next(each for each in scenario.lines if each.step == step)
        entry = _entry(known.get(line.case), line)
        if entry is None:
            raise Uncounted(f"step {step} ({line.message.name} by {line.speaker}) was not taken")
        if entry.at is None or entry.precision not in (Precision.SECOND, Precision.DAY):
            raise Uncounted(f"step {step} is not known to the day, so no days can be counted")
        ends.append((entry.at if entry.type == CaseFactReported.name else entry.now).date())
    gross = (ends[1] - ends[0]).days
    yield "", gross, gross - suspended_days(known[scenario.id], *ends)


def _counted(timeline: Timeline, names: Sequence[str]) -> Iterator[Days]:
    """What the services themselves counted: the days of clocks that were met or came late, and of proceedings that ended."""
    gross, net = 0, 0
    for name in names:
        found = next((each for each in timeline.all_clocks if each.name == name), None) or timeline.leg(name)
        if found is None or found.gross_days is None or found.net_days is None:
            raise Uncounted(f"{name} has no days: {f'it is {found.state}' if found else 'no such clock or leg'}")
        gross, net = gross + found.gross_days, net + found.net_days
    if names:
        yield f" by {' and '.join(names)}", gross, net


def _entry(timeline: Timeline | None, line: Line) -> Entry | None:
    """The message of a scenario's line, if it was taken."""
    meant = (line.speaker, line.message.name, getattr(line.message, "leg", None), line.time)
    taken = (each for each in (timeline.entries if timeline else ()) if each.status == 202)
    return next((each for each in taken if (each.speaker, each.type, each.leg, each.at) == meant), None)


def suspended_days(timeline: Timeline, start: date, end: date) -> int:
    """Calendar days within [start, end] on which the case, or a leg of it, stood still; each counted once."""
    periods = [*timeline.suspended, *(each for leg in timeline.legs for each in leg.suspended)]
    days: set[int] = set()
    for begin, until in periods:
        last = min(until.date(), end) if until else end
        days.update(range(max(begin.date(), start).toordinal(), last.toordinal()))
    return len(days)
