"""What happens in each track: stages, steps, outcomes and clocks as JSON, and as diagrams in Mermaid."""

import dataclasses
from typing import Any

from xianjie.law.roles import Role, roles_in
from xianjie.tracks.track import Outcome, Step, TrackRules, track_rules
from xianjie.vocabulary import Track

MEANS = {
    "from": "the stages in which it may be said; empty: in every stage",
    "to": "the stage that it leads to; without: none",
    "meets": "time limits that are met by it",
    "starts": "time limits that begin with it",
    "stops": "time limits that end with it",
    "extends": "the time limit that it lengthens; any: every one that runs",
    "needs": "all_agree: it comes with by: all; recusal_checked: it comes with recusal_checked: true",
    "parties": "so many different parties must take it before it leads on: each in a message with its by, or one with by: all",
    "returns": "it gives the leg back at once, for this ground; its message comes with what is given back in inventory",
    "outcome": "it reports this outcome at once",
    "ground": "the ground of that outcome",
    "suspends": "it halts the proceeding for this ground",
    "grounds": "it comes with one of these as its ground",
    "bars": "grounds that it may not come with",
    "papers": "it comes with a paper of one of these kinds",
    "needs_body": "it names in `to` the body that goes on",
    "next": "the track that follows by itself",
    "hurries": "what follows does not wait until the sender has taken note",
    "settles": "the dispute is settled by it",
    "decides": "it is a decision in force, which may be entered with a credit registrar",
    "tells": "the sender is told of it",
    "facts": "its words are undisputed facts, which may be handed on",
    "hands_over_facts": "the sender gets the facts that were found undisputed",
    "withheld": "its words go no further",
    "persons": "parts that people have in the matter: the body names them in persons with these steps, by codes of its own; who had one may not "
    "have those of later_barred in the same matter",
}
"""What the words of a track's document mean, for those who read it alone. The rules themselves: `Step`, `Outcome`, `Role`."""


def document(found: TrackRules) -> dict[str, Any]:
    """One track, with what its words mean. Clocks are ids of time limits. What a step or an outcome does not do is left out of it."""
    return {
        "name": found.track.value, "english": found.track.english, "chinese": found.track.chinese, "service": found.service, "means": MEANS,
        "first": found.first, "stages": {stage: {"clocks": list(clocks)} for stage, clocks in found.stages.items()},
        "opens": {basis: list(clocks) for basis, clocks in found.opens.items()}, "from_request": sorted(found.from_request),
        "bases": dict(found.bases), "suspends": {ground: list(proofs) for ground, proofs in found.suspends.items()},
        "lapses": dict(found.lapses), "steps": [_row(each) for each in found.steps.values()],
        "outcomes": [_row(each) for each in found.outcomes.values()],
        "persons": [_part(each) for each in roles_in(found.track)],
    }  # fmt: skip


def _row(row: Step | Outcome) -> dict[str, Any]:
    """A step or an outcome: its name, its words, and what it does."""
    made: dict[str, Any] = {"name": row.name, "english": row.english, "chinese": row.chinese, "from": sorted(row.start)}
    for each in dataclasses.fields(row):
        value = getattr(row, each.name)
        if each.name not in (*made, "start") and value:
            made[each.name] = list(value) if isinstance(value, tuple) else value
    return made


def _part(role: Role) -> dict[str, Any]:
    """A part that people have, with what says so."""
    return {
        "part": role.id, "steps": list(role.steps), "later_barred": list(role.later_barred), "source": role.cited, "verified": role.verified,
    }  # fmt: skip


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
