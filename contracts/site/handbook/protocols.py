"""The protocols and the tracks as their pages show them: tables of states and rows, and what their diagrams are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from handbook import wording
from handbook.diagrams import Arrow, Box, Graph
from xianjie.law.deadlines import versions
from xianjie.protocol.table import Table, table
from xianjie.tracks.track import TrackRules, track_rules
from xianjie.vocabulary import Track

NAMES = ("case", "leg", "proceeding")
SAME, BEFORE = "same", "before"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit: its id, and in one line what it is about."""

    id: str
    title: str
    spans: tuple[str, ...]


def protocol(name: str) -> Table:
    """One protocol."""
    return table(name)


def clock(id: str) -> Clock:
    """What is known of a time limit, over all its versions."""
    found = versions(id)
    spans = dict.fromkeys(f"{each.span}{_where(each.region, each.level)}" for each in found)
    return Clock(id, found[0].title if found else "", tuple(spans))


def _where(region: str, level: object) -> str:
    place = ", ".join(each for each in (f"region {region}" if region else "", f"level {level}" if level else "") if each)
    return f" ({place})" if place else ""


def state_graph(found: Table) -> Graph:
    """A protocol as boxes and arrows, as contracts/schemas/protocol draws it: rows that change no state stand within their box."""
    arrows: dict[tuple[str, str], list[str]] = {}
    stays: dict[str, list[str]] = {}
    for row in found.rows:
        for start in sorted(row.start):
            if row.to in (SAME, start):
                stays.setdefault(start, []).append(row.name)
            elif row.to != BEFORE:
                arrows.setdefault((start, row.to), []).append(row.name)
    boxes = [
        Box(
            each,
            _named(each),
            (wording.state(each, found.name), *_stays(stays.get(each, []))),
            each in found.ends,
            each == found.initial,
        )
        for each in states(found)
    ]
    return Graph(tuple(boxes), tuple(Arrow(start, to, ", ".join(rows)) for (start, to), rows in sorted(arrows.items())))


def states(found: Table) -> list[str]:
    """Every state of a protocol in the order in which a case or a leg comes to them, the ends last."""
    return list(dict.fromkeys([found.initial, *found.clocks, *sorted(found.ends)]))


def parts(verb: str) -> frozenset[str]:
    """Who says this in a proceeding: its body, the sender of the leg, a body above."""
    found = (row.by for row in table("proceeding").rows if verb in {on.split(":")[0] for on in row.on})
    return frozenset().union(*found)


def _named(state: str) -> str:
    return state.replace("_", " ")


def _stays(rows: list[str]) -> tuple[str, ...]:
    """Lines of at most four rows each."""
    return tuple("↻ " * (at == 0) + " ".join(rows[at : at + 4]) for at in range(0, len(rows), 4))


def stage_graph(rules: TrackRules) -> Graph:
    """A track as boxes and arrows: its stages, and the steps that lead from one to another."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in rules.steps.values():
        for start in sorted(step.start or rules.stages):
            if step.to and step.to != start:
                found.setdefault((start, step.to), []).append(step.chinese)
    boxes = tuple(
        Box(each, _named(each), (wording.state(each, rules.track),), False, each == rules.first) for each in rules.stages
    )
    return Graph(boxes, tuple(Arrow(start, to, "，".join(_some(words))) for (start, to), words in sorted(found.items())))


def _some(words: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(words)


def tracks() -> list[TrackRules]:
    """Every track, in the order of the vocabulary."""
    return [track_rules(each) for each in Track]
