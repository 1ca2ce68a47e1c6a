"""From type hints to marshmallow fields: the kinds of value that messages are made of, each with its limits."""

import dataclasses
import re
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from xianjie import codes, vocabulary
from xianjie.wire import LARGEST

LONGEST_LIST = 2000
"""Entries of the longest list that is taken."""
DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
"""How a day is written."""
MOMENT = DAY + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
"""How a moment is written: RFC 3339 in capitals, to the second at least, with its offset from UTC; a leap second is none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """A validator: what does not pass `test` is refused in these words. `form`: a pattern of the whole that everything has which passes."""

    test: Callable[[str], bool]
    form: str
    error: str

    def __call__(self, value: str) -> None:
        if not self.test(value):
            raise ValidationError(self.error)


def _matching(pattern: str, says: str) -> validate.Regexp:
    return validate.Regexp(rf"(?:{pattern})\Z", error=says)


Code = Annotated[str, _matching(r"[A-Z0-9][A-Z0-9-]{2,31}", "must be an agency code: 3 to 32 of A-Z, 0-9 and -")]
Person = Annotated[str, _matching(r"[A-Z0-9][A-Z0-9-]{1,31}", "must be a code and no name: 2 to 32 of A-Z, 0-9 and -")]
"""Somebody by a code that their body gives them."""
CaseId = Annotated[str, _matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "must be a case id: 1 to 64 of A-Z, a-z, 0-9, _ and -")]
LegId = Annotated[str, _matching(r"L[1-9][0-9]{0,4}", "must be the id of a leg, as in L1")]
MessageId = Annotated[
    str, _matching(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", "must be a message id: 1 to 64 of A-Z, a-z, 0-9, . _ : and -")
]
Area = Annotated[
    str,
    Check(vocabulary.division_code, vocabulary.DIVISION_CODE, "must be a division code of GB/T 2260 with six digits"),
]
CreditCode = Annotated[
    str,
    Check(codes.credit_code, codes.CREDIT_CODE, "must be a unified social credit code with a right check digit"),
]
IdentityNumber = Annotated[
    str,
    Check(codes.identity_number, codes.IDENTITY_NUMBER, "must be a resident identity number with a right check digit"),
]
Word = Annotated[str, _matching(r"[a-z][a-z0-9_]{0,63}", "must be a lower-case word of at most 64 of a-z, 0-9 and _")]
Spoken = Annotated[
    str, _matching(r"[a-z_]{1,30}\.[a-z_]{1,40}\.v[1-9][0-9]?", "must be <noun>.<verb>.v<major>, as in referral.offered.v1")
]
"""A message's type without the network's name before it."""
Country = Annotated[str, _matching(r"[A-Z]{2}", "must be a country by ISO 3166-1: two capital letters")]
Name = Annotated[str, validate.Length(min=1, max=200), _matching(r"[\s\S]*\S[\s\S]*", "must hold more than blanks")]
Text = Annotated[str, validate.Length(max=4000)]
Digest = Annotated[str, _matching(r"[0-9a-f]{64}", "must be a SHA-256 in lower-case hexadecimal")]
Count = Annotated[int, validate.Range(min=0, max=LARGEST)]
Coded = Annotated[str, validate.Length(min=1, max=200)]
"""What our own rules write from codes and data files, never from anybody's words: the row of a table, the name of a clock."""
Cited = Annotated[str, validate.Length(max=4000)]
"""Source and article of a rule, as the data file has them."""
Reason = Annotated[str, validate.Length(max=4000)]
"""Why something is refused or changes nothing, in a line that our own rules compose from codes."""
Answered = Annotated[str, validate.Length(max=80)]
"""The id of the message that a receipt answers, as far as it could be read."""


class StrictBoolean(fields.Boolean):
    """true or false; not 1, not "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value is not True and value is not False:
            raise self.make_error("invalid", input="value")
        return bool(value)


class Timestamp(fields.AwareDateTime):
    """A moment as `MOMENT` has it. Text only: a number is no moment."""

    default_error_messages = dict.fromkeys(  # marshmallow's own name neither the offset nor the form
        ("invalid", "invalid_awareness"), "must be a moment with seconds and the offset of its zone, as 2026-03-02T09:30:00+08:00"
    )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not re.fullmatch(MOMENT, value):
            raise self.make_error("invalid", input=None, obj_type=self.OBJ_TYPE)
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(vocabulary.CHINA)
        except (OverflowError, ValueError) as fault:
            if isinstance(fault, ValidationError):
                raise
            raise self.make_error("invalid", input=None, obj_type=self.OBJ_TYPE) from None


class Day(fields.Date):
    """A day as `DAY` has it."""

    default_error_messages = {"invalid": "must be a day, as 2026-03-02"}  # noqa: RUF012  (marshmallow's way)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(DAY, value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number, written as one: 10, not 10.0 and not "10"."""

    default_error_messages = {"invalid": "must be a whole number, written without a point"}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)


TERM = _matching(r"[a-z][a-z0-9_]{0,63}", "must be a term: lower-case, at most 64 characters")
"""What a term of an open list looks like."""


class OpenTerm(fields.String):
    """A term of an open list: a value not yet listed here is taken as it is, if it looks like a term."""

    def __init__(self, terms: type[vocabulary.Term], **options: Any) -> None:
        super().__init__(validate=TERM, **options)
        self.terms = terms


Right = Annotated[str, vocabulary.RightType]
Service = Annotated[str, vocabulary.ServiceKind]

_PLAIN: dict[type, type[fields.Field[Any]]] = {
    str: fields.String, bool: StrictBoolean, datetime: Timestamp, date: Day,
}  # fmt: skip


def field_for(hint: Any, **options: Any) -> fields.Field[Any]:
    """The marshmallow field for one type hint; raises TypeError for a hint that messages do not use."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        base, *limits = inside
        if isinstance(limits[0], type) and issubclass(limits[0], vocabulary.Term):
            return OpenTerm(limits[0], **options)
        return field_for(base, validate=limits, **options)
    if origin in (types.UnionType, typing.Union):
        (only,) = [each for each in inside if each is not type(None)]
        return field_for(only, allow_none=True, **options)
    if origin is Literal:
        one_of = validate.OneOf(inside)
        return Whole(validate=one_of, **options) if isinstance(inside[0], int) else fields.String(validate=one_of, **options)
    if origin is tuple:
        return fields.List(field_for(inside[0]), **_longest(options))
    if dataclasses.is_dataclass(hint):
        return fields.Nested(schema_for(typing.cast(type, hint)), **options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.Enum(hint, by_value=True, **options)
    if hint is int:
        return Whole(**_within(options))
    if hint in _PLAIN:
        return _PLAIN[hint](**options)
    raise TypeError(f"messages have no field of type {hint!r}")


def _longest(options: dict[str, Any]) -> dict[str, Any]:
    return {"validate": [validate.Length(max=LONGEST_LIST)], **options}


def _within(options: dict[str, Any]) -> dict[str, Any]:
    return {"validate": [validate.Range(min=-LARGEST, max=LARGEST)], **options}


def _options(field: "dataclasses.Field[Any]") -> dict[str, Any]:
    if field.default is not dataclasses.MISSING:
        return {"load_default": field.default}
    return {"required": True}


def schema_for(cls: type) -> Schema:
    """The schema of a dataclass: it takes plain JSON values, ignores unknown fields and makes the object."""
    found = typing.get_type_hints(cls, include_extras=True)

    def make(self: Schema, data: dict[str, Any], **_: Any) -> Any:
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})

    members: dict[str, Any] = {each.name: field_for(found[each.name], **_options(each)) for each in dataclasses.fields(cls)}
    meta = type("Meta", (), {"unknown": EXCLUDE})
    return typing.cast(
        type[Schema], type(f"{cls.__name__}Schema", (Schema,), {**members, "Meta": meta, "make": post_load(make)})
    )()
