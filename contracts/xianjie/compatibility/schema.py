"""Schemas of one document: references followed, parts that hold together laid side by side, values checked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from marshmallow import ValidationError as Refused

from xianjie.fields import Area, CreditCode, IdentityNumber, Timestamp
from xianjie.written import BadFile

Schema = dict[str, Any]
Parts = tuple[Schema, ...]
"""Schemas that all hold for one value, none of them a reference or an `allOf`."""
CHECKS = {limit.error: limit.test for hint in (Area, CreditCode, IdentityNumber) for limit in get_args(hint)[1:]}
"""What no schema can say and is told in words: by these words, the check itself."""
WORDS = (
    "title",
    "examples",
    "$comment",
    "deprecated",
    "readOnly",
    "writeOnly",
    "x-instead",
    "x-said-by",
    "x-heard-by",
    "x-personal",
)
"""What says nothing of the values. `description` too, unless it begins with `must be`."""
BESIDE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
"""Keywords whose schemas speak of the same value."""
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or Timestamp().deserialize(value) is not None


def _is_day(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and date.fromisoformat(value) is not None)


FORMATS = FormatChecker(formats=())
"""The formats of messages, checked as the contracts check them."""
FORMATS.checks("date-time", raises=Refused)(_is_moment)
FORMATS.checks("date", raises=ValueError)(_is_day)


def checked_words(schema: Schema) -> str | None:
    """What is asked of a value in words, as in "must be a division code …"; None if nothing is."""
    says = schema.get("description")
    return says if isinstance(says, str) and says.startswith("must be ") else None


def _by_words(validator: Any, says: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    test = CHECKS.get(checked_words(schema) or "")
    if test and isinstance(value, str) and not test(value):
        yield ValidationError(f"{value!r} {says}")


Checking = extend(Draft202012Validator, {"description": _by_words})
"""JSON Schema 2020-12, formats and the checks in words included."""


class Broken(BadFile):
    """A schema that leads nowhere: a reference to what is not there, or to itself."""

    status = 2


@dataclass(frozen=True, eq=False)
class Schemas:
    """The schemas of one document."""

    document: Mapping[str, Any]
    _validators: dict[str, Any] = field(default_factory=dict)
    _canonical: dict[str, Any] = field(default_factory=dict)

    def at(self, reference: str) -> Any:
        """What a reference within the document leads to; raises `Broken`."""
        found: Any = self.document
        for word in reference.removeprefix("#").split("/")[1:]:
            found = found.get(word.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        if found is None or not reference.startswith("#/"):
            raise Broken(f"the reference {reference} leads nowhere")
        return found

    def spread(self, schema: Any, seen: frozenset[str] = frozenset()) -> Parts:
        """A schema as parts that all hold; `allOf` and references are gone from them (deeper ones are left)."""
        if isinstance(schema, bool):
            return () if schema else ({"not": {}},)
        reference = schema.get("$ref")
        if reference in seen:
            raise Broken(f"the reference {reference} leads to itself")
        own = {name: each for name, each in schema.items() if name not in ("$ref", "allOf")}
        inner = [self.at(reference)] if reference else []
        deeper = [part for each in inner for part in self.spread(each, seen | {reference})]
        deeper += [part for each in schema.get("allOf", ()) for part in self.spread(each, seen)]
        return (*([own] if any(name not in WORDS for name in own) else []), *deeper)

    def ground(self, schema: Any, seen: frozenset[str] = frozenset()) -> None:
        """Raise `Broken` where a reference leads to itself without going a level deeper: no value could ever be checked."""
        if not isinstance(schema, dict):
            return
        reference = schema.get("$ref")
        if reference in seen:
            raise Broken(f"the reference {reference} leads to itself")
        if reference:
            self.ground(self.at(reference), seen | {reference})
        for name in BESIDE:
            found = schema.get(name, ())
            for each in found if isinstance(found, list | tuple) else [found]:
                self.ground(each, seen)

    def refusals(self, parts: Parts, value: Any) -> list[ValidationError]:
        """Everything that is wrong with a value, nothing if it is valid."""
        key = json.dumps(parts, sort_keys=True)
        if key not in self._validators:
            whole = {"allOf": list(parts), "components": self.document.get("components", {})}
            self._validators[key] = Checking(whole, format_checker=FORMATS)
        return list(self._validators[key].iter_errors(value))

    def accepts(self, parts: Parts, value: Any) -> bool:
        """Whether a value is valid."""
        return not self.refusals(parts, value)

    def canonical(self, schema: Any, trail: tuple[str, ...] = ()) -> Any:
        """The same for schemas that say the same: references replaced by what they lead to, words left out."""
        if isinstance(schema, list):
            return [self.canonical(each, trail) for each in schema]
        if not isinstance(schema, dict):
            return schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in trail:
                return {"$ref": len(trail) - trail.index(reference)}
            if not trail and reference in self._canonical and len(schema) == 1:
                return self._canonical[reference]
            led = self.canonical(self.at(reference), (*trail, reference))
            if not trail:
                self._canonical[reference] = led
            rest = {name: each for name, each in schema.items() if name != "$ref"}
            return {"allOf": [led, self.canonical(rest, trail)]} if rest else led
        return {name: self._member(name, each, schema, trail) for name, each in sorted(schema.items()) if _says(name, schema)}

    def _member(self, name: str, value: Any, schema: Schema, trail: tuple[str, ...]) -> Any:
        if name in ("properties", "patternProperties", "$defs", "dependentSchemas") and isinstance(value, dict):
            return {each: self.canonical(inner, trail) for each, inner in sorted(value.items())}
        if name in ("enum", "const", "default"):
            return value
        if name == "required":
            return sorted(value)
        return self.canonical(value, trail)


def _says(name: str, schema: Schema) -> bool:
    return name not in WORDS and (name != "description" or checked_words(schema) is not None)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; 1 and true are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def first(parts: Sequence[Schema], keyword: str) -> Any:
    """What the first part that has this keyword says; None if none has it."""
    return next((each[keyword] for each in parts if keyword in each), None)
