"""Two schemas side by side: every place where one side may say what the other refuses, or reads otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from xianjie.compatibility.domain import Domain, TooMany
from xianjie.compatibility.rules import lacking, stands_there_too
from xianjie.compatibility.schema import WORDS, Schema, same
from xianjie.compatibility.specimens import specimens

Place = tuple[str | int, ...]


class Absent(Enum):
    """Stands for a member that is not said."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
UNNAMED = "xianjie_unnamed"
"""A member that no contract names."""
DEEPEST = 40
PASSED = {*WORDS, "default", "then", "else", "$schema", "$id", "$defs"}
"""What restricts no value by itself."""
WITHIN = {"properties", "required", "additionalProperties", "items", "anyOf", "oneOf", "if", "minContains", "maxContains"}
"""What is compared by rules of its own, below."""


@dataclass(frozen=True, slots=True)
class Gap:
    """At `place` the speaker may say something that the reader refuses by `keyword`, or (`misread`) reads otherwise.

    `candidates`: values there that may show it. `frames`: places above it, each with the alternative that the speaker must have taken."""

    place: Place
    keyword: str
    candidates: tuple[Any, ...] = ()
    misread: bool = False
    frames: tuple[tuple[Place, Domain], ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """Where one is while walking. `newer`: whether the reader is the newer side, which must know all that was ever said."""

    newer: bool
    place: Place = ()
    frames: tuple[tuple[Place, Domain], ...] = ()
    trail: frozenset[tuple[str, str]] = frozenset()

    def inner(self, step: str | int) -> "At":
        return replace(self, place=(*self.place, step))

    def framed(self, way: Domain) -> "At":
        return replace(self, frames=(*self.frames, (self.place, way)))

    def gap(self, keyword: str, candidates: Iterable[Any] = (), misread: bool = False) -> Gap:
        return Gap(self.place, keyword, tuple(candidates), misread, self.frames)


def gaps(said: Domain, read: Domain, at: At) -> list[Gap]:
    """Every gap between what is said and what is read; none means that all that may be said is read as it is meant."""
    key = (repr(said.parts), repr(read.parts))
    if key in at.trail:  # a shape within itself: what holds outside holds inside
        return []
    if len(at.place) > DEEPEST:
        return [at.gap("depth")]
    at = replace(at, trail=at.trail | {key})
    try:
        ways = said.ways()
    except TooMany:
        return [at.gap("anyOf", specimens(said))]
    return [gap for way in ways for gap in _one(way, read, at.framed(way) if len(ways) > 1 else at)]


def _one(said: Domain, read: Domain, at: At) -> list[Gap]:
    """The gaps of one alternative of the speaker."""
    values = said.values()
    if values is not None:
        return list(_counted(values, read, at))
    kinds = said.kinds()
    found = list(_asked(said, read, at)) if kinds else []
    if "object" in kinds:
        found += _members(said, read, at)
    if "array" in kinds and said.span("Items")[1] != 0:
        found += gaps(said.element(), read.element(), at.inner(0))
    return found


def _counted(values: list[Any], read: Domain, at: At) -> Iterator[Gap]:
    """Values that can be counted are tried one by one."""
    refused: dict[str, list[Any]] = {}
    for value in values:
        for keyword in {str(each.validator) for each in read.schemas.refusals(read.parts, value)}:
            refused.setdefault(keyword, []).append(value)
    for keyword, found in sorted(refused.items()):
        yield at.gap(keyword, found)


def _asked(said: Domain, read: Domain, at: At) -> Iterator[Gap]:
    """What every keyword of the reader asks of the value itself."""
    for part in read.parts:
        for keyword in part:
            if keyword not in PASSED and keyword not in WITHIN:
                found = lacking(keyword, part, said, read)
                if found is not None:
                    yield at.gap(keyword, found)
        for keyword in ("anyOf", "oneOf"):
            if keyword in part:
                yield from _branches(keyword, part, said, read, at)
        if "if" in part:
            yield from _condition(part, said, read, at)


def _branches(keyword: str, part: Schema, said: Domain, read: Domain, at: At) -> list[Gap]:
    """The reader takes one of several: the gaps of the one that comes nearest."""
    if stands_there_too(keyword, part, said, read):
        return []
    branches = [Domain.of(read.schemas, each) for each in part[keyword]]
    near = [each for each in branches if said.kinds() & each.kinds()]
    if not near or (keyword == "oneOf" and len(near) > 1):
        return [at.gap(keyword, specimens(said))]
    return min((gaps(said, each, at) for each in near), key=len)


def _condition(part: Schema, said: Domain, read: Domain, at: At) -> Iterator[Gap]:
    """`if`, `then`, `else`: what is said where the condition holds, and where it does not."""
    names = ("if", "then", "else")
    wanted = read.schemas.canonical({name: part[name] for name in names if name in part})
    held = (said.schemas.canonical({name: each[name] for name in names if name in each}) for each in said.parts)
    if any(same(wanted, each) for each in held):
        return
    at = replace(at, newer=False)  # what a condition does not name, the rest does
    for name, holds in (("then", part["if"]), ("else", {"not": part["if"]})):
        for case in said.cases() if name in part else ():
            way = case.also(*read.schemas.spread(read.schemas.canonical(holds)))
            yield from gaps(way, Domain.of(read.schemas, part[name]), at.framed(way))


def _members(said: Domain, read: Domain, at: At) -> Iterator[Gap]:
    """Member by member. What the speaker does not name it does not say, unless it says that others may come."""
    names = dict.fromkeys((*said.known(), *(read.known() if said.is_open() else ())))
    if said.is_open():
        names[UNNAMED] = None
    for name in names:
        yield from _member(name, said, read, at.inner(name))
    for name in dict.fromkeys(each for part in read.parts for each in part.get("required", ())):
        if not said.required(name):
            yield at.inner(name).gap("required", [ABSENT])


def _member(name: str, said: Domain, read: Domain, at: At) -> Iterator[Gap]:
    ours, theirs = said.member(name), read.member(name)
    if any(each.get("additionalProperties") is False and name not in each.get("properties", {}) for each in said.parts):
        return
    if any(each.get("additionalProperties") is False and name not in each.get("properties", {}) for each in read.parts):
        yield at.gap("additionalProperties", specimens(ours))
        return
    if at.newer and said.knows(name) and not any(way.knows(name) for way in read.likely()):
        yield at.gap("field", specimens(ours), misread=True)
    if theirs.parts:
        yield from gaps(ours, theirs, at)
    both = said.knows(name) and read.knows(name) and not (said.required(name) or read.required(name))
    if both and not same(said.default(name), read.default(name)):
        yield at.gap("default", [ABSENT], misread=True)
