"""A protocol as a table: states with their clocks, and rows that lead from one to the next."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from xianjie.shipped import shipped

UNDOING = frozenset({"contested", "escalated"})
"""States of a proceeding from which it goes back to work without the outcome that it had."""


@dataclass(frozen=True, slots=True)
class Row:
    """In one of the states `start`, who is one of `by` says one of `on`: the next state is `to`.

    `to` is a state, `same` (no change) or `before` (the state before the one now).
    """

    name: str
    start: frozenset[str]
    on: frozenset[str]
    by: frozenset[str]
    to: str


@dataclass(frozen=True, slots=True)
class Table:
    """One protocol."""

    name: str
    initial: str
    clocks: dict[str, str | None]
    """Each state but the ends with the clock that runs in it; None for one that is left at once or clocked elsewhere."""
    reminders: dict[str, str]
    """Of states whose clock is a limit of the law: the network's own clock that runs once it has passed, or nobody can judge it."""
    ends: frozenset[str]
    rows: tuple[Row, ...]

    @property
    def states(self) -> frozenset[str]:
        return frozenset(self.clocks) | self.ends | {self.initial}

    def row(self, state: str, on: str, by: Collection[str]) -> "Row | TooLate | NotYours":
        """The row for what is said in `state` by someone with the roles `by`; else why there is none."""
        meant = [row for row in self.rows if on in row.on]
        mine = [row for row in meant if row.by & set(by)]
        if meant and not mine:
            return NotYours(frozenset().union(*(row.by for row in meant)))
        found = next((row for row in mine if state in row.start), None)
        return found or TooLate(state)

    def when(self, on: str, by: Collection[str]) -> str:
        """In which states this may be said by someone with the roles `by`, for people: `acknowledged or disputed`."""
        found = {state for row in self.rows if on in row.on and row.by & set(by) for state in row.start}
        return " or ".join(sorted(found)) or "no state"

    def taken(self, state: str, on: str, by: str) -> Row:
        """The row for what the speaker `by` is sure to be allowed; an AssertionError where there is none."""
        found = self.row(state, on, [by])
        assert isinstance(found, Row), f"the protocol {self.name} has no row for {on} by {by} in {state}"
        return found


@dataclass(frozen=True, slots=True)
class TooLate:
    """Nobody may say this in this state (any more)."""

    state: str


@dataclass(frozen=True, slots=True)
class NotYours:
    """Others may say this: `roles`."""

    roles: frozenset[str]


def _row(each: dict[str, Any]) -> Row:
    return Row(each["row"], frozenset(each["from"]), frozenset(each["what"]), frozenset(each["by"]), each["to"])


@cache
def table(name: str) -> Table:
    """The protocol of that name: case, leg or proceeding."""
    (found,) = shipped(f"protocol/{name}.yaml")
    clocks = {state: about["clock"] for state, about in found["states"].items()}
    reminders = {state: about["reminder"] for state, about in found["states"].items() if "reminder" in about}
    rows = tuple(_row(each) for each in found["rows"])
    return Table(found["name"], found["initial"], clocks, reminders, frozenset(found["ends"]), rows)
