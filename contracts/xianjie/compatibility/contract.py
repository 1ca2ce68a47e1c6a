"""A published contract, as its AsyncAPI document has it: messages, who says and hears them where, and by which permission."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xianjie.compatibility.domain import Domain
from xianjie.compatibility.schema import Schema, Schemas

AGENCY = "agency"
JOURNAL = "journal"
"""Who hears what nobody acts on."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """Where something is said: an exchange with the form of its keys, or a queue."""

    name: str
    address: str
    exchange: str | None
    queue: str | None
    declared: Json
    """How exchange or queue are declared, without their names."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one role says or hears on one channel."""

    name: str
    role: str
    says: bool
    channel: Channel
    messages: frozenset[str]
    permissions: Json
    reply: tuple[str, frozenset[str]] | None
    """On which channel, and by which messages, it is answered."""


@dataclass(frozen=True, slots=True)
class Published:
    """One message: its name and version as in `referral.offered.v1`, and all that is published of it."""

    key: str
    type: str
    content_type: str
    headers: Schema
    payload: Schema
    summary: str
    sample: Json | None


@dataclass(frozen=True, eq=False)
class Contract:
    """One document, with the name it goes by in reports."""

    name: str
    document: Json
    messages: dict[str, Published]
    operations: list[Operation]
    schemas: Schemas

    @cached_property
    def _saying(self) -> dict[tuple[str, bool], dict[str, list[Operation]]]:
        """Operations by message and side, then by role."""
        found: dict[tuple[str, bool], dict[str, list[Operation]]] = {}
        for each in self.operations:
            for key in each.messages:
                found.setdefault((key, each.says), {}).setdefault(each.role, []).append(each)
        return found

    def speakers(self, key: str) -> list[str]:
        """The roles that say a message."""
        return list(self._saying.get((key, True), {}))

    def hearers(self, key: str) -> list[str]:
        """The roles that hear it; `journal` if none does."""
        return list(self._saying.get((key, False), {})) or [JOURNAL]

    def spoken(self, key: str, speaker: str, hearer: str) -> Operation | None:
        """The operation by which `speaker` says a message so that `hearer` gets it; None if there is none."""
        says = self._saying.get((key, True), {}).get(speaker, [])
        hears = {each.channel.name for each in self._saying.get((key, False), {}).get(hearer, [])}
        reached = [each for each in says if each.channel.name in hears] if hearer != JOURNAL else says
        return reached[0] if reached else None

    def hearing(self, key: str, hearer: str, channel: str) -> Operation | None:
        """The operation by which `hearer` hears a message on a channel."""
        there = self._saying.get((key, False), {}).get(hearer, [])
        return next((each for each in there if each.channel.name == channel), None)

    def payload(self, key: str) -> Domain:
        return Domain.of(self.schemas, self.messages[key].payload)

    def headers(self, key: str) -> Domain:
        return Domain.of(self.schemas, self.messages[key].headers)

    def key_of(self, kind: Any) -> str | None:
        """The message of a type, as in `xianjie.referral.offered.v1`."""
        return next((each.key for each in self.messages.values() if each.type == kind), None)
