"""From type hints to checks that are quick: each takes a plain JSON value at once, or leaves it to `fields`, which says all that is wrong."""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from re import compile as pattern
from typing import Annotated, Any, Literal

from marshmallow import validate

from xianjie.fields import DAY, LONGEST_LIST, MOMENT, TERM, Check
from xianjie.vocabulary import CHINA, Term
from xianjie.wire import LARGEST

Take = Callable[[Any], Any]
"""A plain JSON value to the typed one that marshmallow makes of it; raises `Unsure` for what marshmallow refuses, or might."""
_ABSENT: Any = object()


class Unsure(Exception):
    """It may be wrong. What is wrong, and whether anything is, `fields` says."""


def take(hint: Any) -> Take:
    """The check for one type hint; raises TypeError for a hint that messages do not use."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _limited(inside[0], inside[1:])
    if origin in (types.UnionType, typing.Union):
        (only,) = [take(each) for each in inside if each is not type(None)]
        return only  # `whole` looks for null before
    if origin is Literal:
        return _one_of(type(inside[0]), {each: each for each in inside})
    if origin is tuple:
        return _list(take(inside[0]))
    if dataclasses.is_dataclass(hint):
        return whole(typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of(str, {each.value: each for each in hint})
    if hint in _PLAIN:
        return _PLAIN[hint]
    raise TypeError(f"messages have no field of type {hint!r}")


def whole(cls: type) -> Take:
    """The check for an object of a dataclass with slots, which is made without its `__init__`; fields that it does not know are passed over."""
    given, hints = dataclasses.fields(cls), typing.get_type_hints(cls, include_extras=True)
    slots: list[Any] = [getattr(cls, each.name, None) for each in given]
    if hasattr(cls, "__post_init__") or not all(isinstance(each, types.MemberDescriptorType) for each in slots):
        raise TypeError(f"{cls.__name__} must be a dataclass with slots that does nothing when it is made")
    defaults = [_ABSENT if each.default is dataclasses.MISSING else each.default for each in given]
    members = [
        (each.name, slot.__set__, take(hints[each.name]), default)
        for each, slot, default in zip(given, slots, defaults, strict=True)
    ]
    return _object(cls, members)


def _object(cls: type, members: list[tuple[str, Callable[[Any, Any], None], Take, Any]]) -> Take:
    """The check for an object: by its name how each member is put, checked, and what stands for it where it is left out."""
    new: Any = object.__new__

    def taken(value: Any) -> Any:
        if type(value) is not dict:
            raise Unsure
        made, get = new(cls), value.get
        for name, put, check, default in members:
            given = get(name)
            if given is not None:
                put(made, check(given))
            elif default is None:  # then null says the same as nothing
                put(made, None)
            elif default is _ABSENT or name in value:
                raise Unsure
            else:
                put(made, default)
        return made

    return taken


def _list(check: Take) -> Take:
    def taken(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or len(value) > LONGEST_LIST:
            raise Unsure
        return tuple([check(each) for each in value])

    return taken


def _one_of(kind: type, typed: dict[Any, Any]) -> Take:
    def taken(value: Any) -> Any:
        if type(value) is not kind or value not in typed:
            raise Unsure
        return typed[value]

    return taken


def _limited(base: type, limits: tuple[Any, ...]) -> Take:
    """The check for a plain type with limits; those of text one after the other."""
    if base is int:
        (limit,) = limits
        return _whole_number(limit.min, limit.max)
    first, *more = [_text(each) for each in limits]
    if not more:
        return first

    def taken(value: Any) -> Any:
        for each in (first, *more):
            each(value)
        return value

    return taken


def _text(limit: Any) -> Take:
    """The check for text within one limit."""
    match limit:
        case validate.Regexp():
            return _passing(typing.cast(Callable[[str], Any], limit.regex.match))
        case validate.Length(min=least, max=int(most)):
            return _long(least or 0, most)
        case validate.OneOf():
            return _one_of(str, {each: each for each in limit.choices})
        case validate.Equal():
            return _one_of(str, {limit.comparable: limit.comparable})
        case Check():
            return _passing(limit.test)
        case type() if issubclass(limit, Term):
            return _text(TERM)
        case _:
            raise TypeError(f"no quick check does what {limit!r} does")


def _passing(test: Callable[[str], Any]) -> Take:
    def taken(value: Any) -> str:
        if type(value) is not str or not test(value):
            raise Unsure
        return value

    return taken


def _long(least: int, most: int) -> Take:
    def taken(value: Any) -> str:
        if type(value) is not str or not least <= len(value) <= most:
            raise Unsure
        return value

    return taken


def _whole_number(least: int, most: int) -> Take:
    def taken(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Unsure
        return value

    return taken


def _plain(kind: type) -> Take:
    def taken(value: Any) -> Any:
        if type(value) is not kind:
            raise Unsure
        return value

    return taken


def _dated(form: str, read: Callable[[str], Any]) -> Take:
    fits = pattern(rf"(?:{form})\Z").match

    def taken(value: Any) -> Any:
        if type(value) is not str or not fits(value):
            raise Unsure
        try:
            return read(value)
        except (ValueError, OverflowError):
            raise Unsure from None

    return taken


_PLAIN: dict[Any, Take] = {
    str: _plain(str), bool: _plain(bool), int: _whole_number(-LARGEST, LARGEST),
    datetime: _dated(MOMENT, lambda value: datetime.fromisoformat(value).astimezone(CHINA)), date: _dated(DAY, date.fromisoformat),
}  # fmt: skip
