"""One round of the desk: what is collected while the messages of a batch are decided, before anything is stored or said."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.chassis.commit import Spoken
from services.chassis.delivery import Reading
from services.chassis.drafting import Draft
from services.chassis.store import Document, Known

Key = tuple[str, str]
"""Case and cause."""


@dataclass(slots=True)
class Round:
    """One insert's worth of work, collected in order; beside each piece, the place of the message it comes from."""

    now: datetime
    drafts: list[Draft] = field(default_factory=list)
    rows: list[tuple[int, Document]] = field(default_factory=list)
    extra: list[tuple[int, Spoken]] = field(default_factory=list)
    """Said beside the commits: answers to repeated messages, news of parking."""
    asks: list[tuple[int, Reading]] = field(default_factory=list)
    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    depths: dict[str, int] = field(default_factory=dict)
    """By parked case: the place of its last row."""
    parked: frozenset[str] = frozenset()
    """Cases that were parked before: none of their messages is decided, so what waits behind others does not depend on any commit here."""
    keys: dict[Key, Known] = field(default_factory=dict)
    broken: dict[str, Exception] = field(default_factory=dict)
    spoilt: list[str] = field(default_factory=list)
    """Cases on which a decision broke off: rules may have left the state half changed."""
    refused: set[Key] = field(default_factory=set)
    """What the database has refused already."""

    def behind(self) -> list[Document]:
        """Rows of cases that were parked before."""
        return [row for _, row in self.rows if row["case"] in self.parked]

    def failed(self) -> list[Document]:
        """Rows of cases that are parked by this round."""
        return [row for _, row in self.rows if row["case"] not in self.parked]

    def cut(self, at: int, readings: list[Reading]) -> list[Reading]:
        """Keep what comes from messages before the place `at`, and from those that wait behind others; returns all other messages."""
        stand = {place for place, row in self.rows if row["case"] in self.parked} | set(range(at))
        self.drafts = [each for each in self.drafts if each.place in stand]
        every: tuple[list[Any], ...] = (self.rows, self.extra, self.asks, self.lines)
        for pieces in every:
            pieces[:] = [each for each in pieces if each[0] in stand]
        return [each for place, each in enumerate(readings) if place not in stand]
