"""From type hints to JSON Schema (2020-12): the same limits that `fields` checks, written down for others."""

import dataclasses
import inspect
import types
import typing
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

from marshmallow import validate

from xianjie.fields import DAY, LONGEST_LIST, MOMENT, TERM, Check
from xianjie.message import DEPRECATED, plain
from xianjie.vocabulary import Term
from xianjie.wire import LARGEST

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
    datetime: {"type": "string", "format": "date-time", "pattern": f"^(?:{MOMENT})$"},
    date: {"type": "string", "format": "date", "pattern": f"^(?:{DAY})$"},
}  # fmt: skip


class Schemas:
    """Schemas in the making. `found` collects those of dataclasses by their names; others refer to them under `root`."""

    def __init__(self, root: str = "#/components/schemas/") -> None:
        self.root = root
        self.found: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of one type hint; raises TypeError for a hint that messages do not use."""
        origin, inside = typing.get_origin(hint), typing.get_args(hint)
        if origin is Annotated:
            return _limited(self.of(inside[0]), inside[1:])
        if origin in (types.UnionType, typing.Union):
            return {"anyOf": [self.of(each) for each in inside if each is not type(None)] + [{"type": "null"}]}
        if origin is Literal:
            return {"enum": list(inside)}
        if origin is tuple:
            return {"type": "array", "items": self.of(inside[0]), "maxItems": LONGEST_LIST}
        if dataclasses.is_dataclass(hint):
            return self.refer(typing.cast(type, hint))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"type": "string", "enum": [each.value for each in hint], **_labels(hint)}
        if hint in _PLAIN:
            return dict(_PLAIN[hint])
        raise TypeError(f"messages have no field of type {hint!r}")

    def refer(self, cls: type, name: str = "", without: frozenset[str] = frozenset()) -> Schema:
        """A reference to the schema of a dataclass, which is made if it is not there yet. `without`: fields left out."""
        name = name or cls.__name__
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = self._object(cls, without)
        return {"$ref": self.root + name}

    def _object(self, cls: type, without: frozenset[str]) -> Schema:
        hints = typing.get_type_hints(cls, include_extras=True)
        members = [each for each in dataclasses.fields(cls) if each.name not in without]
        made: Schema = {
            "type": "object",
            "description": inspect.cleandoc(cls.__doc__ or ""),
            "properties": {each.name: self._member(each, hints[each.name]) for each in members},
        }
        required = [each.name for each in members if each.default is dataclasses.MISSING]
        return {**made, "required": required} if required else made

    def _member(self, each: "dataclasses.Field[Any]", hint: Any) -> Schema:
        made = {**self.of(hint), **going(each.metadata.get(DEPRECATED))}
        if each.default is dataclasses.MISSING or each.default is None:
            return made
        return {**made, "default": plain(each.default)}


def going(instead: str | None) -> Schema:
    """What a schema says of that which is to go; nothing of what stays."""
    return {"deprecated": True, "x-instead": instead} if instead else {}


def _labels(hint: type[Enum]) -> Schema:
    if not issubclass(hint, Term):
        return {}
    return {"description": "; ".join(f"{each.value}: {each.english} {each.chinese}".rstrip() for each in hint)}


def _limited(made: Schema, limits: tuple[Any, ...]) -> Schema:
    """The schema with the limits of an annotation added."""
    for limit in limits:
        made = {**made, **_limit(made, limit)}
    return made


def _limit(made: Schema, limit: Any) -> Schema:
    match limit:
        case validate.Regexp():
            return {"pattern": "^" + str(limit.regex.pattern).removeprefix("^").removesuffix(r"\Z") + "$"}
        case validate.Length():
            kind = "Items" if made.get("type") == "array" else "Length"
            return _present({f"min{kind}": limit.min, f"max{kind}": limit.max})
        case validate.Range():
            return _present({"minimum": limit.min, "maximum": limit.max})
        case validate.OneOf():
            return {"enum": list(limit.choices)}
        case validate.Equal():
            return {"const": limit.comparable}
        case type() if issubclass(limit, Term):
            known = ", ".join(f"{each.value} ({each.english} {each.chinese})" for each in limit)
            return {**_limit(made, TERM), "description": f"an open list; known now: {known}"}
        case Check(form=form, error=says):
            return {"pattern": f"^(?:{form})$", "description": says}
        case _:
            raise TypeError(f"no JSON Schema says what {limit!r} does")


def _present(pairs: Schema) -> Schema:
    return {name: value for name, value in pairs.items() if value is not None}
