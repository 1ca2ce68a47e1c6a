"""The envelope of every message: CloudEvents 1.0, structured JSON, with the extensions of the network."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any

import msgspec
from marshmallow import Schema, ValidationError, validate

from xianjie import quick, wire
from xianjie.fields import CaseId, Code, LegId, MessageId, Name, schema_for
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES, Message, plain
from xianjie.trouble import Trouble
from xianjie.vocabulary import Mode, Precision

CONTENT_TYPE = "application/cloudevents+json"
HEADER = "case"
"""The AMQP header that equals `subject`, and that partitions are chosen by."""

_SOURCE = re.compile(r"/(?:agencies/[A-Z0-9][A-Z0-9-]{2,31}|(?:services|operators|players)/[a-z][a-z0-9_]{0,31})\Z")
Source = Annotated[
    str, validate.Regexp(_SOURCE, error="must be /agencies/<code>, /services/<name>, /operators/<name> or /players/<name>")
]
Kind = Annotated[
    str, validate.Regexp(r"xianjie\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]?\Z", error="must be xianjie.<noun>.<verb>.v<major>")
]
Short = Annotated[str, validate.Length(min=1, max=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The context attributes of a message, everything but its data."""

    specversion: Annotated[str, validate.Equal("1.0")]
    id: MessageId
    source: Source
    type: Kind
    subject: CaseId
    datacontenttype: Annotated[str, validate.Equal("application/json")]
    time: datetime | None = None
    """When it happened. Must be there, unless `timeprecision` is none."""
    timeprecision: Precision = Precision.SECOND
    dataschema: Annotated[str, validate.Length(max=200)] | None = None
    recordedtime: datetime | None = None
    actorid: Short | None = None
    actorrole: Short | None = None
    actoragency: Code | None = None
    onbehalfof: Short | None = None
    referral: LegId | None = None
    senderref: Name | None = None
    receiverref: Name | None = None
    correlationid: Short | None = None
    causationid: MessageId | None = None
    follows: MessageId | None = None
    exercise: Annotated[str, validate.Regexp(r"[a-z0-9][a-z0-9-]{0,31}\Z")] | None = None
    mode: Mode = Mode.OPS
    legalbasis: Short | None = None
    consentref: Short | None = None
    dataclass: Annotated[str, validate.OneOf(("public", "internal", "personal", "secret"))] = "internal"
    ttl: Annotated[int, validate.Range(min=1, max=366 * 86400)] | None = None
    traceparent: Annotated[str, validate.Regexp(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")] | None = None


def attributes(
    message: Message, case: str, source: str, id: str, *, time: datetime | None, precision: Precision = Precision.SECOND,
    because: str | None = None, exercise: str | None = None, mode: Mode | None = None, **more: Any,
) -> Attributes:  # fmt: skip
    """Those of a message, as everybody puts them together: what follows from the message is filled in. `because`: what it answers."""
    return Attributes(
        specversion="1.0", id=id, source=source, type=message.type, subject=case, datacontenttype="application/json", time=time,
        timeprecision=precision, referral=getattr(message, "leg", None), correlationid=case, causationid=because, exercise=exercise,
        mode=mode or (Mode.EXERCISE if exercise else Mode.OPS), dataclass="personal" if message.personal else "internal", **more,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted: a person by an id of their own body, or a system; in which role, of which agency, on whose behalf."""

    id: str
    role: str | None = None
    agency: str | None = None
    on_behalf_of: str | None = None

    def attributes(self) -> dict[str, Any]:
        """As the envelope carries it."""
        return {"actorid": self.id, "actorrole": self.role, "actoragency": self.agency, "onbehalfof": self.on_behalf_of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What may be said beside a message. All of it is checked with the message, and nothing of it is needed.

    `senderref`, `receiverref`: each side's own number for the matter. `legalbasis`, `consentref`: on what ground data goes over.
    `ttl`: seconds after its time in which it holds; later it is answered 410. `traceparent`: as W3C Trace Context writes it.
    """

    actor: Actor | None = None
    senderref: str | None = None
    receiverref: str | None = None
    legalbasis: str | None = None
    consentref: str | None = None
    ttl: int | None = None
    traceparent: str | None = None

    def attributes(self) -> dict[str, Any]:
        """As the envelope carries it."""
        names = ("senderref", "receiverref", "legalbasis", "consentref", "ttl", "traceparent")
        return {**(self.actor.attributes() if self.actor else {}), **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a reader hears it: attributes and typed data, both checked against the contract."""

    attributes: Attributes
    message: Message

    @property
    def id(self) -> str:
        return self.attributes.id

    @property
    def source(self) -> str:
        return self.attributes.source

    @property
    def subject(self) -> str:
        return self.attributes.subject

    @property
    def speaker(self) -> str:
        """The agency's code, or the name of the service, operator or player."""
        return self.attributes.source.rsplit("/", 1)[1]

    @property
    def from_agency(self) -> bool:
        return self.attributes.source.startswith("/agencies/")

    @property
    def actor(self) -> Actor | None:
        """Who acted, if the sender says so; of its own agency, unless it names another."""
        given = self.attributes
        if given.actorid is None:
            return None
        agency = given.actoragency or (self.speaker if self.from_agency else None)
        return Actor(id=given.actorid, role=given.actorrole, agency=agency, on_behalf_of=given.onbehalfof)

    def expired(self, now: datetime) -> bool:
        """Whether its time to live is over. Without a time that is known to the day it has none."""
        time, ttl = self.attributes.time, self.attributes.ttl
        return ttl is not None and time is not None and self.judged and now > time + timedelta(seconds=ttl)

    @property
    def judged(self) -> bool:
        """Whether its date is known well enough to judge a legal clock."""
        return self.attributes.timeprecision in (Precision.SECOND, Precision.DAY)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a message: where (JSON pointer), and what. `code`: the reason by `refusals`."""

    pointer: str
    says: str
    code: str = "invalid"


class Invalid(Trouble):
    """The bytes are not a valid message. `faults` lists everything wrong; `kind` tells unknown types apart."""

    def __init__(self, faults: list[Fault], kind: str = "invalid", found: dict[str, Any] | None = None) -> None:
        super().__init__("; ".join(f"{each.pointer or '/'} {each.says}" for each in faults[:5]))
        self.faults, self.kind, self.found = faults, kind, found or {}

    @property
    def code(self) -> str:
        """The reason that weighs most: the first that is not merely `invalid`."""
        return next((each.code for each in self.faults if each.code != "invalid"), "invalid")

    def attribute(self, name: str) -> str | None:
        """What the sender wrote under `name`, if it is a harmless short string: enough to answer it."""
        value = self.found.get(name)
        return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9/._:-]{1,80}", value) else None


def read(body: bytes) -> Heard:
    """The message in `body`; raises `Invalid` with every fault, each by its JSON pointer."""
    try:
        found = wire.loads(body)
    except wire.Unreadable as fault:
        raise Invalid([Fault(fault.pointer, fault.says, fault.code)], "unreadable") from None
    try:
        return _taken(found)
    except quick.Unsure:
        return _loaded(found)


def _taken(found: dict[str, Any]) -> Heard:
    """By the quick checks: the same as `_loaded`; raises `Unsure` for what that refuses, or might."""
    attributes = _attributes_of(found)
    cls = MESSAGES.get(attributes.type)
    if cls is None or any(_speaking(attributes, cls)):
        raise quick.Unsure
    return Heard(attributes, cls.quick(found.get("data")))


_attributes_of = quick.whole(Attributes)


def _loaded(found: dict[str, Any]) -> Heard:
    """By the schemas: raises `Invalid` with every fault."""
    faults: list[Fault] = []
    attributes = message = None
    try:
        attributes = _schema().load(found)
    except ValidationError as refused:
        faults += _faults(refused.messages, "")
    kind = found.get("type")
    cls = MESSAGES.get(kind) if isinstance(kind, str) else None
    if cls is None:
        if not any(each.pointer == "/type" for each in faults):
            raise Invalid([*faults, Fault("/type", "is not a type of message that is known here")], "unknown", found)
    elif not isinstance(found.get("data"), dict):
        faults.append(Fault("/data", "must be an object"))
    else:
        try:
            message = cls.schema.load(found["data"])
        except ValidationError as refused:
            faults += _faults(refused.messages, "/data")
    if attributes is not None and cls is not None:
        faults += _speaking(attributes, cls)
    if faults or attributes is None or message is None:
        raise Invalid(faults, "invalid", found)
    return Heard(attributes, message)


@cache
def _schema() -> Schema:
    return schema_for(Attributes)


def believed(body: bytes) -> Heard | None:
    """The message in `body`, which was checked before and is not checked again; None if it cannot be read so.

    `read` brings every moment to the zone of China; where one is written in another, that is for `read`.
    """
    if _FOREIGN.search(body):
        return None
    try:
        return Heard(_attributes.decode(body), _shell(_kinds.decode(body).type).decode(body).data)
    except (msgspec.DecodeError, KeyError):
        return None


_FOREIGN = re.compile(rb'"\d{4}-\d\d-\d\dT[0-9:.]+(?!\+08:00")[^0-9:."][^"]*"')
"""A moment in another zone."""


@cache
def _shell(kind: str) -> Any:
    return msgspec.json.Decoder(msgspec.defstruct("Shell", [("data", MESSAGES[kind])]))


class _Kind(msgspec.Struct):
    type: str = ""


_kinds, _attributes = msgspec.json.Decoder(_Kind), msgspec.json.Decoder(Attributes)


def _speaking(attributes: Attributes, cls: type[Message]) -> Iterator[Fault]:
    """The source must be one that may say this type; a time must be there unless it is not known."""
    role, name = attributes.source.split("/")[1:]
    may = {"agencies": AGENCY, "operators": OPERATOR, "players": PLAYER}.get(role, name if name in (*SERVICES, DOOR) else "")
    if may not in cls.said_by:
        yield Fault("/source", f"may not say {cls.name}")
    if attributes.time is None and attributes.timeprecision is not Precision.NONE:
        yield Fault("/time", "is missing; a time that is not known has timeprecision none")


def _faults(messages: Any, pointer: str) -> list[Fault]:
    if isinstance(messages, dict):
        return [each for name, inner in messages.items() for each in _faults(inner, _at(pointer, name))]
    return [Fault(pointer, str(each).rstrip(".")) for each in messages]


def _at(pointer: str, name: Any) -> str:
    return pointer if name == "_schema" else f"{pointer}/{wire.escape(str(name))}"


_encoder = msgspec.json.Encoder(order="deterministic")


def write(attributes: Attributes, message: Message) -> bytes:
    """The message as CloudEvents JSON: the same bytes for the same content, on every machine; raises `Invalid` for what is no text."""
    try:
        return _encoder.encode({**plain(attributes), "data": plain(message)})
    except UnicodeEncodeError:
        raise Invalid([Fault("", "holds half a surrogate, which no text may hold")]) from None
