"""Everything that the page of one message shows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from handbook import wording
from handbook.lists import Codes, by_data, codes
from handbook.shapes import Shape, shape, within
from xianjie import topology
from xianjie.cli.hears import described
from xianjie.following import may_follow
from xianjie.message import AGENCY, MESSAGES, OPERATOR, Message
from xianjie.publishing import schemas
from xianjie.vocabulary import Track

CODE = "<code>"
"""Stands for an agency's code."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a message goes from one speaker to one hearer. `queue`: where an agency takes it."""

    speaker: str
    hearer: str
    exchange: str
    key: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message, as its page tells it."""

    name: str
    version: int
    type: str
    noun: str
    chinese: str
    summary: str
    remarks: list[str]
    said_by: tuple[str, ...]
    heard_by: tuple[str, ...]
    personal: bool
    deprecated: bool
    ways: tuple[Way, ...]
    shapes: tuple[Shape, ...]
    """Its own fields first, then those of the objects it is made of."""
    lists: tuple[Codes, ...]
    sample: str
    schema: str
    """The file of its JSON Schema, below contracts/schemas."""
    follows: tuple[str, ...]
    precedes: tuple[str, ...]
    rows: list[dict[str, str]]
    scenarios: list[str]
    siblings: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """How pages and files name it."""
        return f"{self.name}.v{self.version}"


def told(samples: Path, shown: Mapping[str, list[str]]) -> dict[str, Told]:
    """By name and version, every message. `samples`: the folder of golden samples; `shown`: scenarios by message."""
    published = schemas.documents()
    ordered = sorted(MESSAGES.values(), key=lambda each: (each.name, each.version))
    made = (_told(each, published[f"messages/{_key(each)}.json"], samples, shown.get(each.name, [])) for each in ordered)
    return {each.key: each for each in made}


def _key(cls: type[Message]) -> str:
    return f"{cls.name}.v{cls.version}"


def _told(cls: type[Message], schema: dict[str, Any], samples: Path, shown: list[str]) -> Told:
    shapes = tuple(shape(each, _deprecated(schema, each.__name__)) for each in (cls, *within(cls)))
    sample = samples / f"{_key(cls)}.json"
    return Told(
        name=cls.name, version=cls.version, type=cls.type, noun=cls.name.split(".")[0], chinese=wording.message(cls),
        summary=shapes[0].remarks[0], remarks=shapes[0].remarks[1:], said_by=cls.said_by, heard_by=cls.heard_by, personal=cls.personal,
        deprecated=bool(schema.get("deprecated")), ways=tuple(_ways(cls)), shapes=shapes, lists=tuple(_lists(cls, shapes)),
        sample=_sample(sample), schema=f"messages/{_key(cls)}.json", follows=may_follow(cls), precedes=_precedes().get(cls.name, ()),
        rows=described(cls, [])["rows"], scenarios=shown, siblings=tuple(_siblings(cls)),
    )  # fmt: skip


def _deprecated(schema: dict[str, Any], name: str) -> frozenset[str]:
    properties = schema["$defs"].get(name, {}).get("properties", {})
    return frozenset(each for each, about in properties.items() if about.get("deprecated"))


def _sample(file: Path) -> str:
    return json.dumps(json.loads(file.read_bytes()), ensure_ascii=False, indent=2) if file.exists() else ""


def _ways(cls: type[Message]) -> Iterator[Way]:
    for speaker in cls.said_by:
        by = CODE if speaker == AGENCY else speaker
        hearers = cls.heard_by or ((topology.ALL,) if speaker == OPERATOR else ("",))
        for hearer in hearers:
            to = CODE if hearer == AGENCY else hearer
            exchange, key = topology.address(by, cls.name, cls.version, to or None)
            yield Way(speaker, hearer, exchange, key, topology.inbox(CODE) if hearer == AGENCY else "")


def _lists(cls: type[Message], shapes: tuple[Shape, ...]) -> Iterator[Codes]:
    """The code lists that its fields take, each once; those of its track's data behind them."""
    terms = (row.taken.terms for each in shapes for row in each.rows)
    yield from (codes(each) for each in dict.fromkeys(each for each in terms if each))
    noun, verb = cls.name.split(".")
    if noun in {*Track}:
        yield from by_data(Track(noun), verb)


@cache
def _precedes() -> dict[str, tuple[str, ...]]:
    """By message, those from which it may follow."""
    found: dict[str, list[str]] = {}
    for cls in sorted(MESSAGES.values(), key=_key):
        for name in may_follow(cls):
            found.setdefault(name, []).append(cls.name)
    return {name: tuple(dict.fromkeys(before)) for name, before in found.items()}


def _siblings(cls: type[Message]) -> Iterator[str]:
    """Other versions of it; and of what one track says, the same in every other track."""
    noun, verb = cls.name.split(".")
    for each in sorted(MESSAGES.values(), key=_key):
        other, said = each.name.split(".")
        same = each.name == cls.name or (said == verb and noun in {*Track} and other in {*Track})
        if same and each is not cls:
            yield _key(each)
