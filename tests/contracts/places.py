"""Golden samples taken apart: every place of one that may hold something else, with its type hint; and the sample as it comes by the broker."""

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.envelope import CONTENT_TYPE, HEADER, Attributes
from xianjie.message import AGENCY, MESSAGES, SERVICES, Message
from xianjie.topology import address
from xianjie.wire import escape

SAMPLES = Path(__file__).parents[2] / "contracts/samples"
ABSENT: Any = object()
"""What stands in a place that the sample leaves out; put into a place, it takes away what is there."""
SPEAKER = "/agencies/CN-SH-IPO"
RECEIVER = "CN-SH-IPC"
"""The body to which samples go that services say to bodies."""
Content = dict[str, Any]
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a sample: where it is, what may stand there, and what does."""

    path: Path_
    hint: Any
    nullable: bool
    required: bool
    value: Any

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{escape(str(each))}" for each in self.path)

    @property
    def member(self) -> bool:
        """Whether it has a name; an entry of a list has a number."""
        return isinstance(self.path[-1], str)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A message as the broker hands it over. `said`: the class of the sample that it was made of."""

    name: str
    body: bytes
    key: str
    headers: Content
    content_type: str
    exchange: str
    said: type[Message]


def content_of(cls: type[Message], mark: str) -> Content:
    """The golden sample of a class, under an identity and in a case of its own; said by an agency, if one may say it."""
    return {**_golden(cls), "id": f"m-{mark}", "subject": f"c-{mark}"}


@cache
def _golden(cls: type[Message]) -> Content:
    found: Content = json.loads((SAMPLES / f"{cls.name}.v{cls.version}.json").read_bytes())
    return {**found, "source": SPEAKER} if AGENCY in cls.said_by else found


def classes(of: Collection[type[Message]] | None = None) -> list[type[Message]]:
    """The classes asked for, or all, in an order that never changes."""
    return sorted(MESSAGES.values() if of is None else of, key=lambda each: each.type)


def encoded(content: Content) -> bytes:
    """As most senders write it."""
    return json.dumps(content, ensure_ascii=False).encode()


def arriving(cls: type[Message], mark: str, body: bytes) -> Arriving:
    """These bytes, as the speaker of a sample sends them in the sample's case to one who hears it."""
    _, roles, speaker = _golden(cls)["source"].split("/")
    hearer = next((RECEIVER if each == AGENCY else each for each in cls.heard_by), None)
    who = speaker if roles in ("agencies", "services") else roles.removesuffix("s")
    exchange, key = address(who, cls.name, cls.version, hearer or (SERVICES[0] if roles == "operators" else None))
    return Arriving(mark, body, key, {HEADER: f"c-{mark}"}, CONTENT_TYPE, exchange, cls)


def places(cls: type[Message], content: Content) -> list[Place]:
    """Every place of the envelope, of the data, and within them: what is there, and what might be."""
    data = Place(("data",), cls, False, True, content["data"])
    return [*_within(Attributes, content, ()), data, *_within(cls, content["data"], ("data",))]


def _within(cls: type, content: Content, path: Path_) -> Iterator[Place]:
    hints = typing.get_type_hints(cls, include_extras=True)
    for each in dataclasses.fields(cls):
        found, hint = content.get(each.name, ABSENT), hints[each.name]
        nullable = types.NoneType in typing.get_args(hint)
        (only,) = [part for part in typing.get_args(hint) if part is not types.NoneType] if nullable else [hint]
        here = Place((*path, each.name), only, nullable, each.default is dataclasses.MISSING, found)
        yield here
        if found is not ABSENT:
            yield from _inside(only, found, here.path)


def _inside(hint: Any, found: Any, path: Path_) -> Iterator[Place]:
    """The places within a value: the fields of an object, the entries of a list."""
    if dataclasses.is_dataclass(hint):
        yield from _within(typing.cast(type, hint), found, path)
    elif typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        for at, each in enumerate(found):
            yield Place((*path, at), inner, False, True, each)
            yield from _inside(inner, each, (*path, at))


def put(content: Content, path: Path_, value: Any) -> Content:
    """The content with another value in one place; its own is untouched."""
    made = copy.deepcopy(content)
    inner: Any = made
    for each in path[:-1]:
        inner = inner[each]
    if value is ABSENT:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made
