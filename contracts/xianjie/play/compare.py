"""What a scenario expects at its end, held against what the services made of the case."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from xianjie import timeline as told
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
    ends = []
    for step in (wanted["start"], wanted["end"]):
        line = next(each for each in scenario.lines if each.step == step)
        entry = _entry(known.get(line.case), line)
        if entry is None:
            yield f"{name}: step {step} ({line.message.name} by {line.speaker}) was not taken"
            return
        if entry.at is None or entry.precision not in (Precision.SECOND, Precision.DAY):
            yield f"{name}: step {step} is not known to the day, so no days can be counted"
            return
        ends.append(entry.at.date())
    gross = (ends[1] - ends[0]).days
    if gross != wanted["gross"]:
        yield f"{name}: expected {wanted['gross']} days, got {gross}"
    net = gross - suspended_days(known[scenario.id], ends[0], ends[1])
    if wanted["net"] is not None and net != wanted["net"]:
        yield f"{name}: expected {wanted['net']} net days, got {net}"


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
