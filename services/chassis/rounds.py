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
    keys: dict[Key, Known] = field(default_factory=dict)
    broken: dict[str, Exception] = field(default_factory=dict)
    spoilt: list[str] = field(default_factory=list)
    """Cases on which a decision broke off: rules may have left the state half changed."""
    refused: set[Key] = field(default_factory=set)
    """What the database has refused already."""

    def cut(self, at: int) -> None:
        """Keep what comes from messages before the place `at`."""
        self.drafts = [each for each in self.drafts if each.place < at]
        every: tuple[list[Any], ...] = (self.rows, self.extra, self.asks, self.lines)
        for pieces in every:
            pieces[:] = [each for each in pieces if each[0] < at]
