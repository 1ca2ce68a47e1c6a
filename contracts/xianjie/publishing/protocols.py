"""Who may say what when: the state tables as JSON, and as diagrams in Mermaid."""

from typing import Any

from xianjie.protocol.table import Table, table

NAMES = ("case", "leg", "proceeding")
SAME, BEFORE = "same", "before"

MEANS = {
    "from": "the states in which it may be said",
    "on": "a message; behind a colon, what it says; clock:<limit> is a time limit that lapses",
    "by": "who may say it",
    "to": "the state that it leads to; same: the state stays; before: the state before this one",
    "clock": "the time limit that runs in a state; null: none",
}
"""What the words of a protocol's document mean, for those who read it alone."""


def document(found: Table) -> dict[str, Any]:
    """One protocol, with what its words mean."""
    return {
        "name": found.name, "means": MEANS, "initial": found.initial, "ends": sorted(found.ends),
        "states": {state: {"clock": clock} for state, clock in sorted(found.clocks.items())},
        "rows": [
            {"row": each.name, "from": sorted(each.start), "on": sorted(each.on), "by": sorted(each.by), "to": each.to}
            for each in found.rows
        ],
    }  # fmt: skip


def diagram(found: Table) -> str:
    """The same as a picture: of rows between the same two states one arrow, `before` left to the table."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in found.rows:
        for start in sorted(row.start):
            if row.to != BEFORE:
                arrows.setdefault((start, start if row.to == SAME else row.to), []).append(row.name)
    lines = ["stateDiagram-v2", f"  [*] --> {found.initial}"]
    lines += [f"  {start} --> {to}: {', '.join(names)}" for (start, to), names in sorted(arrows.items())]
    lines += [f"  {each} --> [*]" for each in sorted(found.ends)]
    return "\n".join(lines) + "\n"


def documents() -> dict[str, Any]:
    """By file name: each protocol as data, and as a diagram."""
    tables = {name: table(name) for name in NAMES}
    data = {f"protocol/{name}.json": document(found) for name, found in tables.items()}
    return data | {f"protocol/{name}.mmd": diagram(found) for name, found in tables.items()}
