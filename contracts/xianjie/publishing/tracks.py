"""What happens in each track: stages, steps, outcomes and clocks as JSON, and as diagrams in Mermaid."""

import dataclasses
from typing import Any

from xianjie.tracks.track import Outcome, Step, TrackRules, track_rules
from xianjie.vocabulary import Track


def document(found: TrackRules) -> dict[str, Any]:
    """One track. `from`: the stages in which a step or an outcome may be said, sorted; empty: in all. Clocks are ids of time limits.

    What a step or an outcome does not do is left out of it."""
    return {
        "name": found.track.value, "english": found.track.english, "chinese": found.track.chinese, "service": found.service,
        "first": found.first, "stages": {stage: {"clocks": list(clocks)} for stage, clocks in found.stages.items()},
        "opens": {basis: list(clocks) for basis, clocks in found.opens.items()}, "from_request": sorted(found.from_request),
        "bases": dict(found.bases), "suspends": {ground: list(proofs) for ground, proofs in found.suspends.items()},
        "lapses": dict(found.lapses), "steps": [_row(each) for each in found.steps.values()],
        "outcomes": [_row(each) for each in found.outcomes.values()],
    }  # fmt: skip


def _row(row: Step | Outcome) -> dict[str, Any]:
    """A step or an outcome: its name, its words, and what it does."""
    made: dict[str, Any] = {"name": row.name, "english": row.english, "chinese": row.chinese, "from": sorted(row.start)}
    for each in dataclasses.fields(row):
        value = getattr(row, each.name)
        if each.name not in (*made, "start") and value:
            made[each.name] = list(value) if isinstance(value, tuple) else value
    return made


def diagram(found: TrackRules) -> str:
    """The same as a picture: the steps that lead to another stage, and what ends the track. The others stand in the data alone."""
    arrows: dict[tuple[str, str], list[str]] = {}
    rows: tuple[Step | Outcome, ...] = (*found.steps.values(), *found.outcomes.values())
    for row in rows:
        for start in [each for each in found.stages if not row.start or each in row.start]:
            if (to := _leads(row)) and to != start:
                arrows.setdefault((start, to), []).append(row.name)
    lines = ["stateDiagram-v2", f"  [*] --> {found.first}"]
    lines += [f"  {start} --> {to}: {', '.join(dict.fromkeys(names))}" for (start, to), names in arrows.items()]
    return "\n".join(lines) + "\n"


def _leads(row: Step | Outcome) -> str | None:
    """The stage that a row leads to, `[*]` for the end of the track."""
    if isinstance(row, Outcome) or row.returns or row.outcome:
        return "[*]"
    return row.to


def documents() -> dict[str, Any]:
    """By file name: each track as data, and as a diagram."""
    found = {each.value: track_rules(each) for each in Track}
    return {f"tracks/{name}.json": document(rules) for name, rules in found.items()} | {
        f"tracks/{name}.mmd": diagram(rules) for name, rules in found.items()
    }
