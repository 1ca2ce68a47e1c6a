"""A message as the broker hands it over, raw, and what reading it gives: a typed message, or everything that is wrong with it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xianjie import envelope
from xianjie.arrival import doubts, unkept
from xianjie.envelope import CONTENT_TYPE, Fault, Heard, Invalid
from xianjie.topology import AGENCIES_IN, AGENCIES_OUT, EVENTS

UNROUTED = "unrouted"
"""The kind of what came back because its hearer has no inbox."""
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")
_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Raw bytes with all that the broker says of them."""

    body: bytes
    tag: int = 0
    exchange: str = ""
    key: str = ""
    redelivered: bool = False
    count: int = 0
    """How often the broker has delivered it before (x-delivery-count)."""
    headers: dict[str, Any] = field(default_factory=dict)
    lane: str = ""
    """The queue it came by, if that is the side lane."""
    content_type: str = CONTENT_TYPE
    unkept: str = ""
    """The name of a header that the journal could not keep."""
    first: bytes | None = None
    """The bytes that first came under this identity, if an operator has amended them."""

    @property
    def sender(self) -> str | None:
        """The agency that said it: the routing key's first word, held by the broker's permission."""
        word = self.key.split(".", 1)[0]
        return word if self.exchange == AGENCIES_IN and _CODE.fullmatch(word) else None

    @property
    def digest(self) -> str:
        """The SHA-256 of what came."""
        return hashlib.sha256(self.came).hexdigest()

    @property
    def came(self) -> bytes:
        """What tells the same message from another under the same identity: the bytes that first came under it."""
        return self.body if self.first is None else self.first


def delivered(message: Any, lane: str = "") -> Delivery:
    """What py-amqp hands over, as one of ours: nothing in it can be of an unexpected type."""
    headers = message.properties.get("application_headers") or {}
    info = message.delivery_info
    count = headers.get("x-delivery-count")
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    return Delivery(
        body, message.delivery_tag, info["exchange"], info["routing_key"], info["redelivered"],
        count if type(count) is int else 0, {clean(name): value for name, value in headers.items()}, lane,
        clean(message.properties.get("content_type", "")), unkept(headers),
    )  # fmt: skip


def clean(value: Any, longest: int = 200) -> str:
    """A foreign value as text that can be stored: no half characters, no NUL."""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "?")[:longest]


@dataclass(frozen=True, slots=True)
class Reading:
    """A delivery that was read: `heard`, or `invalid` and why. `case` is whose log it belongs to."""

    delivery: Delivery
    case: str
    heard: Heard | None = None
    invalid: Invalid | None = None
    returned: Heard | None = None
    """What came by the side lane and is a message all the same."""

    @property
    def key(self) -> str:
        """The cause under which it is committed."""
        return f"{self.heard.source} {self.heard.id}" if self.heard else f"unread {self.delivery.digest}"

    @property
    def own(self) -> bool:
        """Invalid, and of a case: one of our own services said it."""
        return self.invalid is not None and not self.case.startswith("kept-")

    def refused(self, pointer: str, says: str, kind: str) -> "Reading":
        """The same delivery as one that is not taken after all."""
        found = {"id": self.heard.id, "source": self.heard.source, "subject": self.heard.subject} if self.heard else {}
        invalid = Invalid([Fault(pointer, says)], kind, found)
        return Reading(self.delivery, _place(self.delivery, invalid), invalid=invalid)


def read(delivery: Delivery, service: str, now: datetime, exercise: str | None, *, ahead: bool = True) -> Reading:
    """Check envelope and payload against the contract, and the envelope against what the broker knows."""
    try:
        heard = envelope.read(delivery.body)
    except Invalid as refused:
        return Reading(delivery, _place(delivery, refused), invalid=refused)
    if delivery.lane:
        nobody = Invalid([Fault("/type", "is heard by nobody who can be reached")], UNROUTED, {"id": heard.id})
        ours = delivery.exchange in (AGENCIES_OUT, EVENTS)  # there nobody speaks but services
        return Reading(delivery, _place(delivery, nobody), invalid=nobody, returned=heard if ours else None)
    faults = list(_doubts(delivery, heard, service, now if ahead else None, exercise))
    if faults:
        found = {"id": heard.id, "source": heard.source, "subject": heard.subject}
        doubtful = Invalid(faults, "doubtful", found)
        return Reading(delivery, _place(delivery, doubtful), invalid=doubtful)
    return Reading(delivery, heard.subject, heard)


def _place(delivery: Delivery, invalid: Invalid) -> str:
    """Whose log: that of the case if one of our services said it, which then waits; else one of its own, of one commit."""
    case = invalid.attribute("subject")
    ours = delivery.exchange == EVENTS and not delivery.lane and (invalid.attribute("source") or "").startswith("/services/")
    if ours and case and _CASE.fullmatch(case) and delivery.headers.get(envelope.HEADER) == case:
        return case
    found = hashlib.sha256(delivery.key.encode("utf-8", "replace") + b"\0" + delivery.body).hexdigest()
    return f"kept-{found[:40]}"


def _doubts(delivery: Delivery, heard: Heard, service: str, now: datetime | None, exercise: str | None) -> Iterator[Fault]:
    key = delivery.key if delivery.exchange in (AGENCIES_IN, EVENTS) else ""
    if delivery.first is not None:  # amended by an operator, maybe into another type
        key = key.split(".", 1)[0]
    outside = delivery.exchange == AGENCIES_IN
    yield from doubts(
        heard, key=key, header=delivery.headers.get(envelope.HEADER), content_type=delivery.content_type, now=now, exercise=exercise,
        kept_out=delivery.unkept, outside=outside,
    )  # fmt: skip
    if service not in heard.message.heard_by:
        yield Fault("/type", f"is not heard by {service}")
    if heard.subject.startswith("kept-") and not outside:
        yield Fault("/subject", "is the name of a log for what could not be read")


def from_agency(reading: Reading) -> str | None:
    """The code of the agency to answer, if it was an agency's message."""
    if reading.delivery.exchange:
        return reading.delivery.sender
    return reading.heard.speaker if reading.heard and reading.heard.from_agency else None
