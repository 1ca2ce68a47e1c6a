"""Messages that are invalid for certain, and valid ones that look odd: made from the golden samples and a seed, the same for the same seed."""

import json
import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from tests.contracts import broken_bytes, broken_values
from tests.contracts.odd import variants
from tests.contracts.places import ABSENT, Arriving, arriving, classes, content_of, encoded, places, put
from xianjie.envelope import HEADER
from xianjie.message import Message
from xianjie.topology import AGENCIES_IN, EVENTS

__all__ = ["Mutant", "mutants", "variants"]


@dataclass(frozen=True, slots=True)
class Mutant(Arriving):
    """A message that must be refused. `place`: what of it is wrong (body, envelope, one beside the other, bytes, header, key, content type).

    `pointer`: the JSON pointer of the one fault that must be found. `breaks`: the rule that it breaks.
    """

    place: str
    pointer: str
    breaks: str


Made = tuple[str, str, Arriving]
"""What is wrong, the pointer, and the message; no name yet."""
Maker = Callable[[random.Random, type[Message], str], Made]


def mutants(seed: int, n: int, of: Collection[type[Message]] | None = None) -> list[Mutant]:
    """`n` of them, of the samples of these classes (all, where none are named); every rule in turn, and where it may be broken by chance."""
    dice, ways = random.Random(seed), [*_ways(classes(of))]
    return [_mutant(dice, ways[at % len(ways)], f"{seed}-{at}") for at in range(n)]


Change = Callable[[random.Random, Arriving], Arriving]
Way = tuple[str, Maker, list[type[Message]]]
"""What of a message is broken, how, and of which classes that can be."""


def _mutant(dice: random.Random, way: Way, mark: str) -> Mutant:
    place, make, where = way
    breaks, pointer, made = make(dice, dice.choice(where), mark)
    carried = {each.name: getattr(made, each.name) for each in fields(Arriving)}
    return Mutant(**{**carried, "name": f"{mark} {made.said.name}: {breaks}"}, place=place, pointer=pointer, breaks=breaks)


def _ways(found: list[type[Message]]) -> Iterator[Way]:
    for (place, breaks), spots in sorted(_values(found).items(), key=lambda each: each[0]):
        yield place, _value_broken(breaks, spots), [*spots]
    for way in broken_bytes.WAYS:
        yield "bytes", _bytes_broken(way), found
    addressed = [cls for cls in found if arriving(cls, "", b"").exchange in (AGENCIES_IN, EVENTS)]
    for breaks, pointer, place, change in _ARRIVING:
        if where := {"key": addressed, "envelope beside body": [cls for cls in found if _names_a_leg(cls)]}.get(place, found):
            yield place, _arriving_broken(breaks, pointer, change), where


def _names_a_leg(cls: type[Message]) -> bool:
    return bool(content_of(cls, "")["data"].get("leg"))


Spots = dict[type[Message], list[tuple[tuple[str | int, ...], Any]]]
"""Of each class the places, each with what makes it wrong."""


def _values(found: list[type[Message]]) -> dict[tuple[str, str], Spots]:
    """By what of a message is broken, and by which rule."""
    known: dict[tuple[str, str], Spots] = {}
    for cls in found:
        for each in places(cls, content_of(cls, "")):
            for breaks, value in broken_values.of(each, cls):
                where = "body" if each.path[0] == "data" else "envelope"
                known.setdefault((where, breaks), {}).setdefault(cls, []).append((each.path, value))
    return known


def _value_broken(breaks: str, spots: Spots) -> Maker:
    def make(dice: random.Random, cls: type[Message], mark: str) -> Made:
        path, value = dice.choice(spots[cls])
        body = encoded(put(content_of(cls, mark), path, value))
        return breaks, "".join(f"/{each}" for each in path), arriving(cls, mark, body)

    return make


def _bytes_broken(way: broken_bytes.Way) -> Maker:
    def make(dice: random.Random, cls: type[Message], mark: str) -> Made:
        breaks, pointer, body = way(dice, content_of(cls, mark))
        return breaks, pointer, arriving(cls, mark, body)

    return make


def _arriving_broken(breaks: str, pointer: str, change: Change) -> Maker:
    def make(dice: random.Random, cls: type[Message], mark: str) -> Made:
        return breaks, pointer, change(dice, arriving(cls, mark, encoded(content_of(cls, mark))))

    return make


def _keyed(change: Callable[[list[str]], list[str]]) -> Change:
    return lambda _, given: replace(given, key=".".join(change(given.key.split("."))))


def _headed(*values: Any) -> Change:
    def change(dice: random.Random, given: Arriving) -> Arriving:
        value = dice.choice(values)
        return replace(given, headers={} if value is ABSENT else {HEADER: value})

    return change


def _typed(*values: str) -> Change:
    return lambda dice, given: replace(given, content_type=dice.choice(values))


def _of_another_leg(_: random.Random, given: Arriving) -> Arriving:
    content = json.loads(given.body)
    return replace(given, body=encoded({**content, "referral": "L8" if content["data"]["leg"] == "L9" else "L9"}))


def _of_another(words: list[str]) -> list[str]:
    return ["CN-SH-IPC" if words[0] == "CN-SH-IPO" else "CN-SH-IPO", *words[1:]]


_ARRIVING: list[tuple[str, str, str, Change]] = [
    ("header missing", "/subject", "header", _headed(ABSENT)),
    ("header of another case", "/subject", "header", _headed("another-case", "", "C-0")),
    ("header of a wrong type", "/subject", "header", _headed(7, True, ["c"], {"case": "c"})),
    ("key of another speaker", "/source", "key", _keyed(_of_another)),
    ("key of another type", "/type", "key", _keyed(lambda words: [*words[:2], "thought", *words[3:]])),
    ("key of another version", "/type", "key", _keyed(lambda words: [*words[:3], "v9", *words[4:]])),
    ("key of too few words", "/type", "key", _keyed(lambda words: words[:2])),
    ("key without a version", "/type", "key", _keyed(lambda words: words[:3])),
    ("referral of another leg", "/referral", "envelope beside body", _of_another_leg),
    ("content type missing", "", "content type", _typed("")),
    ("another content type", "", "content type", _typed("application/json", "text/plain", "application/cloudevents+xml")),
]
