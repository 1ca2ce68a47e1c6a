"""Values that a side may say: a few of every kind, at the edges of what is allowed."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from xianjie.compatibility.domain import Domain, TooMany
from xianjie.compatibility.language import Unknown, Words, outside
from xianjie.compatibility.schema import same

FORMATTED = ("2026-03-02T09:30:00+08:00", "2026-03-02")
CHECKED = ("310000", "91110000600037341L", "11010519491231002X")
ORDINARY = (
    "sample",
    "sample text",
    "样本",
    "L1",
    "SAMPLE-BODY",
    "x",
    "",
    "https://sample.example/1",
    "3",
    "/agencies/CN-SH-IPO",
    *FORMATTED,
    *CHECKED,
)
MOST, DEEPEST, LONGEST, FEW = 24, 12, 5000, 16


def specimens(domain: Domain, depth: int = 0) -> list[Any]:
    """Valid values, most ordinary first; none where none was found."""
    found: list[Any] = []
    for each in _made(domain, depth):
        if not any(same(each, other) for other in found) and domain.accepts(each):
            found.append(each)
        if len(found) == MOST:
            break
    return found


def _made(domain: Domain, depth: int) -> Iterator[Any]:
    values = domain.values()
    if values is not None:
        yield from values
        return
    try:
        ways = domain.ways()
    except TooMany:
        return
    for way in ways:
        kinds = way.kinds()
        makers = {"string": _texts, "integer": _integers, "number": _fractions, "object": _objects, "array": _arrays}
        for kind, maker in makers.items():
            if kind in kinds:
                yield from maker(way, depth)
        yield from [True, False] if "boolean" in kinds else []
        yield from [None] if "null" in kinds else []


def _texts(domain: Domain, depth: int) -> Iterator[str]:
    yield from ORDINARY
    words = domain.words()
    lengths = [words, Words(words.patterns, min(words.low + 1, words.high or words.low + 1), words.high)]
    if words.high is not None and words.high <= LONGEST:
        lengths.append(Words(words.patterns, words.high, words.high))
    for each in lengths:
        try:
            word = outside(each)
        except Unknown:
            continue
        if word is not None:
            yield word


def _integers(domain: Domain, depth: int) -> Iterator[int]:
    bound = domain.bound()
    low, high = math.ceil(bound.low or 0), math.floor(bound.high or 0)
    steps = [each["multipleOf"] for each in domain.parts if "multipleOf" in each]
    yield from (1, 0, -1, 2, low, low + 1, high, high - 1, (low + high) // 2)
    yield from (int(each * factor) for each in steps for factor in (1, 2, -1) if float(each * factor).is_integer())


def _fractions(domain: Domain, depth: int) -> Iterator[float]:
    bound = domain.bound()
    low, high = bound.low if bound.low is not None else -1, bound.high if bound.high is not None else 1
    yield from (0.5, -0.5, low + 0.5, high - 0.5, (low + high) / 2 + 0.25)


def _arrays(domain: Domain, depth: int) -> Iterator[list[Any]]:
    low, high = domain.span("Items")
    inner = specimens(domain.element(), depth + 1) if depth < DEEPEST else []
    if low == 0:
        yield []
    for each in inner[: 6 if low <= FEW else 1]:
        yield [each] * max(low, 1)
    if inner and low <= FEW:
        yield [inner[number % len(inner)] for number in range(max(low, 2))]
        yield [inner[0]] * min(high or 3, FEW)


def _objects(domain: Domain, depth: int) -> Iterator[dict[str, Any]]:
    if depth >= DEEPEST:
        return
    members = {name: found for name in domain.known() if (found := specimens(domain.member(name), depth + 1)[:2])}
    named = {name for each in domain.parts for name in each.get("required", ())}
    for name in named - members.keys():
        if found := specimens(domain.member(name), depth + 1)[:1]:
            members[name] = found
    yield {name: found[0] for name, found in members.items() if name in named}
    yield {name: found[0] for name, found in members.items()}
    yield {name: found[-1] for name, found in members.items()}


def fitted(domain: Domain, value: Any, depth: int = 0) -> Any:
    """A valid value as near to `value` as can be: what fits is kept. Raises LookupError where none was found."""
    if domain.accepts(value):
        return value
    tries = [*_mended(domain, value, depth), *specimens(domain)]
    for each in tries:
        if domain.accepts(each):
            return each
    raise LookupError("no valid value was found")


def _mended(domain: Domain, value: Any, depth: int) -> Iterable[Any]:
    if isinstance(value, dict) and depth < DEEPEST:
        names = [*value, *(each for each in domain.known() if each not in value)]
        made = {}
        for name in names:
            if name in value or domain.required(name):
                try:
                    made[name] = fitted(domain.member(name), value.get(name), depth + 1) if domain.knows(name) else value[name]
                except LookupError:
                    continue
        yield made
        yield {name: each for name, each in made.items() if domain.knows(name)}
    if isinstance(value, list) and value and depth < DEEPEST:
        try:
            yield [fitted(domain.element(), each, depth + 1) for each in value]
        except LookupError:
            return
