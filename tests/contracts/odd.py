"""Valid messages that look odd: with more than is known, with less than might be, written in another way, at the very edge of a limit."""

import json
import random
import typing
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any

from marshmallow import validate

from tests.contracts.places import ABSENT, Arriving, Content, Place, arriving, classes, content_of, encoded, places, put
from xianjie import fields as contract
from xianjie.message import Message
from xianjie.vocabulary import Term
from xianjie.wire import DEEPEST, LARGEST, LONGEST


@dataclass(frozen=True, slots=True)
class Variant(Arriving):
    """A message that must be taken. `shows`: what is odd about it."""

    shows: str


Way = Callable[[random.Random, type[Message], Content], tuple[Content, bytes | None] | None]
"""The content, and the bytes if they are not the usual ones; None where the sample has no place for it."""


def variants(seed: int, n: int, of: Collection[type[Message]] | None = None) -> list[Variant]:
    """`n` of them, of the samples of these classes (all, where none are named); every oddity in turn."""
    dice, found = random.Random(seed), classes(of)
    return [_variant(dice, WAYS[at % len(WAYS)], found, f"{seed}-v{at}") for at in range(n)]


def _variant(dice: random.Random, way: Way, found: list[type[Message]], mark: str) -> Variant:
    """By this way, of the first sample that has a place for it; where none has one, by the first way, which fits all."""
    for each in (way, WAYS[0]):
        for cls in dice.sample(found, len(found)):
            if made := each(dice, cls, content_of(cls, mark)):
                content, body = made
                sent, shows = arriving(cls, mark, body or encoded(content)), each.__name__.replace("_", " ")
                carried = {field.name: getattr(sent, field.name) for field in fields(Arriving)}
                return Variant(**{**carried, "name": f"{mark} {cls.name}: {shows}"}, shows=shows)
    raise ValueError("no class was named")


def _one(dice: random.Random, found: Iterator[Content]) -> tuple[Content, None] | None:
    known = list(found)
    return (dice.choice(known), None) if known else None


UNKNOWN: list[Any] = [
    1, -0.5, 1e300, None, True, "text", "", [], {}, [1, [2, {"a": []}]], {"leg": {"leg": []}}, '":', "\\u0000", "衔接 😀", "a\":{\"b\":1",
    LARGEST, -LARGEST, "\u2028\x7f", {"": 1, " ": 2, "id": "x", "a:b": ":"},
]  # fmt: skip


def unknown_members_in_the_envelope(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """As a later version, or another network, might send."""
    return {**content, "laterversion": dice.choice(UNKNOWN), "x" * 40: 1, "__proto__": dice.choice(UNKNOWN)}, None


def unknown_members_at_every_level(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """In every object of the data."""

    def more(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                "later": dice.choice(UNKNOWN),
                **{name: more(each) for name, each in value.items()},
                "$where": dice.choice(UNKNOWN),
            }
        return [more(each) for each in value] if isinstance(value, list) else value

    return {**content, "data": more(content["data"])}, None


def optional_members_left_out(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """All of them, or some."""
    whole = dice.random() < 0.5
    for each in reversed(places(cls, content)):
        if (
            each.member
            and not each.required
            and each.value is not ABSENT
            and each.path != ("time",)
            and (whole or dice.random() < 0.5)
        ):
            content = put(content, each.path, ABSENT)
    return content, None


def optional_members_null(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Where null is allowed, it says the same as nothing."""
    for each in reversed(places(cls, content)):
        if each.nullable and each.path != ("time",):
            content = put(content, each.path, None)
    return content, None


def _places(cls: type[Message], content: Content, fits: Callable[[Place], bool]) -> list[Place]:
    return [each for each in places(cls, content) if each.value is not ABSENT and fits(each)]


def terms_that_nobody_knows_yet(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """In open lists."""
    found = _places(
        cls, content, lambda each: any(isinstance(limit, type) and issubclass(limit, Term) for limit in _limits(each))
    )
    return _one(dice, (put(content, each.path, dice.choice(["not_yet_known", "x", "a" * 64, "b9_"])) for each in found))


def _any(_: Place) -> bool:
    return True


def _limits(place: Place) -> tuple[Any, ...]:
    return getattr(place.hint, "__metadata__", ())


def moments_in_other_zones(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Other offsets, and fractions of seconds of any length."""
    for each in _places(cls, content, lambda each: each.hint is datetime):
        zone = timezone(timedelta(minutes=dice.choice([0, 480, -300, 330, 840, -719, 1439])))
        text = datetime.fromisoformat(each.value).astimezone(zone).isoformat()
        fraction = dice.choice(["", ".5", ".123", ".123456", ".999999999", ".0"])
        text = text[:19] + fraction + ("Z" if zone.utcoffset(None) == timedelta() and dice.random() < 0.5 else text[19:])
        content = put(content, each.path, text.replace("+00:00", dice.choice(["+00:00", "-00:00"])))
    return content, None


def a_time_that_is_not_known(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Null, or not there, and said to be so."""
    return put({**content, "timeprecision": "none"}, ("time",), dice.choice([None, ABSENT])), None


def members_in_another_order(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """In every object."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shuffled(value[name]) for name in dice.sample(list(value), len(value))}
        return [shuffled(each) for each in value] if isinstance(value, list) else value

    return content, json.dumps(shuffled(content), ensure_ascii=False).encode()


def blanks_everywhere(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Around everything; or nowhere."""
    blanks = dice.choice(["", " ", "\n", "\t ", "\r\n"])
    body = json.dumps(
        content,
        ensure_ascii=False,
        indent=dice.choice([None, 0, 3, "\t"]),
        separators=(f"{blanks},{blanks}", f"{blanks}:{blanks}"),
    )
    return content, f"{blanks}{body}{blanks}".encode()


def text_behind_escapes(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """As JSON allows: `\\u` for anything but ASCII, or for everything, strokes escaped."""
    body = json.dumps({**content, "senderref": '（2026）京 12 😀 \\u0000 ":'})
    if dice.random() < 0.5:
        body = body.replace("/", "\\/").replace('"source"', '"\\u0073our\\u0063e"')
    return content, body.encode()


def texts_as_long_as_they_may_be(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """To the character; and as short."""

    def full() -> Iterator[Content]:
        for each in _places(cls, content, _any):
            for limit in _limits(each):
                if isinstance(limit, validate.Length):
                    most, least = min(limit.max or 0, 60_000), limit.min or 0
                    yield from (
                        put(content, each.path, value)
                        for value in ("衔" * most, "x" * most, "😀" * most, "x" * least)
                        if value or not least
                    )

    return _one(dice, full())


LONGEST_FORMS = {
    contract.Code: ("A" * 32, "A00"), contract.Person: ("A" * 32, "A0"), contract.CaseId: ("x" * 64, "0"), contract.LegId: ("L99999", "L1"),
    contract.MessageId: ("x" * 64, "0"), contract.Word: ("x" * 64, "x"), contract.Area: ("000000", "110101", "820000"),
}  # fmt: skip


def words_as_long_as_they_may_be(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Codes, ids, words; but for what tells this message from others."""
    found = _places(cls, content, lambda each: each.hint in LONGEST_FORMS and each.path[0] not in ("id", "subject"))
    return _one(dice, (_renamed(content, each, value) for each in found for value in LONGEST_FORMS[each.hint]))


THE_LEG = (("referral",), ("data", "leg"))


def _renamed(content: Content, place: Place, value: str) -> Content:
    """With this name in its place; a leg is named twice in a message, and both must agree."""
    if place.path not in THE_LEG:
        return put(content, place.path, value)
    changed = put(content, ("referral",), value)
    return put(changed, ("data", "leg"), value) if "leg" in content["data"] else changed


def numbers_at_the_edge(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """The least and the largest of every range."""

    def edges() -> Iterator[Content]:
        yield from ({**content, "ttl": each} for each in (1, 366 * 86400))
        for each in _places(cls, content, _any):
            for limit in _limits(each):
                if isinstance(limit, validate.Range):
                    yield from (put(content, each.path, edge) for edge in (limit.min, limit.max))

    return _one(dice, edges())


def lists_as_long_as_they_may_be(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """Two thousand entries; or none."""
    found = _places(cls, content, lambda each: typing.get_origin(each.hint) is tuple)
    longest = [put(content, each.path, each.value[:1] * contract.LONGEST_LIST) for each in found if len(str(each.value)) < 100]
    return _one(dice, iter([*longest, *(put(content, each.path, []) for each in found)]))


def as_many_bytes_and_levels_as_are_taken(dice: random.Random, cls: type[Message], content: Content) -> Any:
    """To the byte, and to the level."""
    levels = DEEPEST - 1
    body = json.dumps({**content, "deep": json.loads("[" * levels + "]" * levels)}, ensure_ascii=False).encode()
    missing = LONGEST - len(body)
    return content, body + b" " * missing if dice.random() < 0.7 else body[:-1] + b', "full": "' + b"x" * (missing - 12) + b'"}'


WAYS: list[Way] = [
    unknown_members_in_the_envelope, unknown_members_at_every_level, optional_members_left_out, optional_members_null,
    terms_that_nobody_knows_yet, moments_in_other_zones, a_time_that_is_not_known, members_in_another_order, blanks_everywhere,
    text_behind_escapes, texts_as_long_as_they_may_be, words_as_long_as_they_may_be, numbers_at_the_edge, lists_as_long_as_they_may_be,
    as_many_bytes_and_levels_as_are_taken,
]  # fmt: skip
