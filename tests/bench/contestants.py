"""Other ways of checking a message, each as its makers mean it to be used: from bytes, against the same fields and limits."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import fastjsonschema
import pydantic
from jsonschema import Draft202012Validator
from marshmallow import validate

from xianjie import envelope
from xianjie.envelope import Attributes
from xianjie.fields import LONGEST_LIST, TERM, Check
from xianjie.message import Message
from xianjie.vocabulary import Term

SCHEMAS = Path(__file__).parents[2] / "contracts/schemas/messages"
Read = Callable[[bytes], object]
"""Takes the bytes of a message; raises something for what it refuses."""


def ours(cls: type[Message]) -> Read:
    """As the services do: with all limits of the wire, and the message made."""
    return envelope.read


def marshmallow(cls: type[Message]) -> Read:
    """Plain marshmallow: the envelope, then the data; nothing of the limits of the wire."""
    attributes, data = envelope._schema(), cls.schema

    def read(body: bytes) -> object:
        found = json.loads(body)
        made = attributes.load(found), data.load(found["data"])
        if [*envelope._speaking(made[0], cls)] or made[0].type != cls.type:
            raise ValueError
        return made

    return read


def jsonschema(cls: type[Message]) -> Read:
    """The published schema."""
    schema = Draft202012Validator(_published(cls))

    def read(body: bytes) -> object:
        schema.validate(found := json.loads(body))
        return found

    return read


def fast_jsonschema(cls: type[Message]) -> Read:
    """The published schema, compiled. This compiler knows drafts up to 7; nothing that came later is used but the name of the draft."""
    check = fastjsonschema.compile({**_published(cls), "$schema": "http://json-schema.org/draft-07/schema#"})
    return lambda body: check(json.loads(body))


def _published(cls: type[Message]) -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / f"{cls.name}.v{cls.version}.json").read_bytes()))


def pydantic_model(cls: type[Message]) -> Read:
    """A model of the same fields and limits, strict, by the quickest way in: JSON bytes."""

    def speaking(made: Any) -> Any:
        if [*envelope._speaking(made, cls)]:
            raise ValueError
        return made

    parts: dict[str, Any] = {"data": (_model(cls), ...), "type": (typing.Literal[cls.type], ...)}
    whole = pydantic.create_model(
        "Whole",
        __base__=_model(Attributes),
        __validators__={"speaking": pydantic.model_validator(mode="after")(speaking)},
        **parts,
    )
    return whole.model_validate_json


CONTESTANTS: dict[str, Callable[[type[Message]], Read]] = {
    "marshmallow": marshmallow, "pydantic": pydantic_model, "jsonschema": jsonschema, "fastjsonschema": fast_jsonschema,
}  # fmt: skip


@cache
def _model(cls: type) -> Any:
    hints = typing.get_type_hints(cls, include_extras=True)
    members: dict[str, Any] = {
        each.name: (_hint(hints[each.name]), ... if each.default is dataclasses.MISSING else each.default)
        for each in dataclasses.fields(cls)
    }
    return pydantic.create_model(cls.__name__, __config__=pydantic.ConfigDict(strict=True, extra="ignore"), **members)


def _hint(hint: Any) -> Any:
    """The same as pydantic says it."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return Annotated[(_hint(inside[0]), *(_limit(each) for each in inside[1:]))]
    if origin in (types.UnionType, typing.Union):
        return _hint(inside[0]) | None
    if origin is tuple:
        return Annotated[tuple[_hint(inside[0]), ...], pydantic.Field(max_length=LONGEST_LIST)]
    if dataclasses.is_dataclass(hint):
        return _model(typing.cast(type, hint))
    return pydantic.AwareDatetime if hint is datetime else hint


def _limit(limit: Any) -> Any:
    match limit:
        case validate.Regexp():
            return pydantic.StringConstraints(pattern=f"^(?:{limit.regex.pattern.removesuffix(chr(92) + 'Z')})$")
        case validate.Length():
            return pydantic.StringConstraints(min_length=limit.min, max_length=limit.max)
        case validate.Range():
            return pydantic.Field(ge=limit.min, le=limit.max)
        case validate.OneOf() | validate.Equal():
            return _passing(tuple(limit.choices if isinstance(limit, validate.OneOf) else [limit.comparable]).__contains__)
        case Check():
            return _passing(limit.test)
        case type() if issubclass(limit, Term):
            return _limit(TERM)
        case _:
            raise TypeError(f"pydantic has nothing that does what {limit!r} does")


def _passing(test: Callable[[Any], bool]) -> pydantic.AfterValidator:
    def check(value: Any) -> Any:
        if not test(value):
            raise ValueError
        return value

    return pydantic.AfterValidator(check)
