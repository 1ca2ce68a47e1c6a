"""The fields of a message, each with what it takes: its kind, its limits, its list of terms, whether it must be there."""

import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

from marshmallow import validate

from handbook.meanings import meanings, paragraphs, unit
from xianjie.fields import Check
from xianjie.json_schema import Schemas
from xianjie.message import plain
from xianjie.vocabulary import Term

PLAIN = {str: "text", bool: "truth", int: "number", datetime: "moment", date: "day"}
"""By type, the key under which words/chrome.yaml says what kind of value it is."""
LARGEST = Schemas().of(int)["maximum"]
LONGEST = Schemas().of(tuple[str, ...])["maxItems"]
"""The largest number, and the entries of the longest list, that are taken."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a field takes. `kind`: a key of words.yaml. `many`: a list of it. `nullable`: it may be null."""

    kind: str
    limits: tuple[str, ...] = ()
    terms: type[Term] | None = None
    choices: tuple[str, ...] = ()
    made_of: type | None = None
    many: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One field, as its page shows it. `default`: as JSON has it, empty where there is none."""

    name: str
    taken: Taken
    required: bool
    default: str
    meaning: str
    deprecated: bool

    @property
    def conditional(self) -> bool:
        """Whether it must be there on a condition, which its meaning says."""
        return "Must be there" in self.meaning

    @property
    def unit(self) -> str:
        """In what it is counted, where its meaning says so."""
        return unit(self.meaning) if self.taken.kind in ("number", "moment") else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one object, and what is said of the whole."""

    name: str
    remarks: list[str]
    rows: tuple[Row, ...]


def shape(cls: type, deprecated: frozenset[str] = frozenset()) -> Shape:
    """The fields of a dataclass in their order."""
    hints, means = typing.get_type_hints(cls, include_extras=True), meanings(cls)
    taking = ((each, taken(hints[each.name])) for each in dataclasses.fields(cls))
    rows = (
        Row(
            each.name, takes, each.default is dataclasses.MISSING, _default(each),
            means.get(each.name) or _of_list(takes.terms), each.name in deprecated,
        )
        for each, takes in taking
    )  # fmt: skip
    return Shape(cls.__name__, paragraphs(cls), tuple(rows))


def _of_list(terms: type[Term] | None) -> str:
    """What a code means as its list says it, without the Chinese word that stands beside the field anyway."""
    said = paragraphs(terms)[0].split(". ")[0].removesuffix(".") if terms else ""
    said = said.partition(": ")[2] if said and said[0] > "\u2e80" else said
    return f"{said[0].upper()}{said[1:]}." if said else ""


def within(cls: type) -> list[type]:
    """The dataclasses that a message is made of, in the order in which they come up, each once."""
    found: dict[type, None] = {}
    _gather(cls, found)
    return list(found)


def _gather(cls: type, found: dict[type, None]) -> None:
    for hint in typing.get_type_hints(cls, include_extras=True).values():
        part = taken(hint).made_of if _is_field(hint) else None
        if part and part not in found:
            found[part] = None
            _gather(part, found)


def _is_field(hint: Any) -> bool:
    return typing.get_origin(hint) is not typing.ClassVar


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING or field.default is None:
        return ""
    value = plain(field.default)
    return json.dumps(value, ensure_ascii=False) if value in ("", []) or not isinstance(value, str) else value


def taken(hint: Any) -> Taken:
    """What a field of this type takes; raises TypeError for a type that messages do not use."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _limited(taken(inside[0]), inside[1:])
    if origin in (types.UnionType, typing.Union):
        (only,) = [each for each in inside if each is not type(None)]
        return dataclasses.replace(taken(only), nullable=True)
    if origin is Literal:
        return Taken("one_of", choices=tuple(str(each) for each in inside))
    if origin is tuple:
        found = taken(inside[0])
        return dataclasses.replace(found, many=True, limits=(*found.limits, f"at most {LONGEST} entries"))
    if dataclasses.is_dataclass(hint):
        return Taken("object", made_of=typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, Term):
        return Taken("code", terms=hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Taken("one_of", choices=tuple(str(each.value) for each in hint))
    if hint in PLAIN:
        return Taken(PLAIN[hint])
    raise TypeError(f"messages have no field of type {hint!r}")


def _limited(found: Taken, limits: tuple[Any, ...]) -> Taken:
    for limit in limits:
        if isinstance(limit, type) and issubclass(limit, Term):
            return dataclasses.replace(found, kind="open_code", terms=limit)
        if isinstance(limit, validate.OneOf):
            found = dataclasses.replace(found, kind="one_of", choices=tuple(str(each) for each in limit.choices))
        else:
            found = dataclasses.replace(found, limits=(*found.limits, *_said(limit)))
    return found


def _said(limit: Any) -> Iterator[str]:
    """A limit in words."""
    match limit:
        case validate.Length(min=low, max=high):
            yield f"{low}–{high} characters" if low else f"at most {high} characters"
        case validate.Range(min=low, max=high):
            yield f"{low}–2^53" if high == LARGEST else f"{low}–{high}"
        case validate.Regexp(error=says) if str(says).startswith("must "):
            yield str(says).removeprefix("must be ").removeprefix("must ")
        case validate.Regexp(regex=regex):
            yield str(regex.pattern).removesuffix(r"\Z")
        case validate.Equal(comparable=value):
            yield f"always {value}"
        case Check(error=says):
            yield says.removeprefix("must be ")
        case _:
            raise TypeError(f"nobody can read the limit {limit!r}")
