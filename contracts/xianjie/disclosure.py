"""What of a message may be shown to people who are no party to its case: codes, identities, numbers and dates; never anybody's words."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal

from xianjie.fields import (
    Answered,
    Area,
    CaseId,
    Cited,
    Code,
    Coded,
    Country,
    Digest,
    LegId,
    MessageId,
    Person,
    Reason,
    Spoken,
    Word,
)
from xianjie.message import MESSAGES, hints
from xianjie.vocabulary import Term

WORDLESS = (Code, Person, CaseId, LegId, MessageId, Area, Country, Word, Spoken, Digest, Coded, Cited, Reason, Answered)
"""Strings that hold no words of a person. A kind of string that is not here is not shown."""
_LIMITS = {id(limit) for each in WORDLESS for limit in typing.get_args(each)[1:]}
_PLAIN = (bool, int, datetime, date)

Shape = Mapping[str, "Shape | None"]
"""Which fields may be shown; of one that is an object, which of its own."""


def shown(type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a message's data that may be shown; none of a personal message, or of a type that is not known here."""
    return _only(_known(type), data)


@cache
def _known(type: str) -> Shape:
    """What may be shown of a type, from the types of its fields."""
    cls = MESSAGES.get(type)
    return {} if cls is None or cls.personal else _shape(cls)


def _shape(cls: type) -> Shape:
    found: dict[str, Shape | None] = {}
    for name, hint in hints(cls).items():
        inner = bare(hint)
        if dataclasses.is_dataclass(inner):
            found[name] = _shape(typing.cast(type, inner))
        elif wordless(inner):
            found[name] = None
    return found


def bare(hint: Any) -> Any:
    """The hint without `| None` and without `tuple[…, ...]`."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        (only,) = [each for each in inside if each is not type(None)]
        return bare(only)
    return bare(inside[0]) if origin is tuple else hint


def wordless(hint: Any) -> bool:
    """Whether values of this kind hold no words of a person."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        terms = any(isinstance(each, type) and issubclass(each, Term) for each in inside[1:])
        return terms or inside[0] is int or any(id(each) in _LIMITS for each in inside[1:])
    return origin is Literal or hint in _PLAIN or (isinstance(hint, type) and issubclass(hint, Enum))


def _only(known: Shape, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _part(known[name], value) for name, value in data.items() if name in known}


def _part(known: Shape | None, value: Any) -> Any:
    if isinstance(value, list):
        return [_part(known, each) for each in value]
    return _only(known, value) if known is not None and isinstance(value, dict) else value
