"""JSON Schema 2020-12 of every message, whole with its envelope, each file by itself."""

from typing import Any

from xianjie.envelope import Attributes
from xianjie.json_schema import Schema, Schemas, going
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES, Message
from xianjie.vocabulary import Precision

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BY: dict[str, str] = {
    AGENCY: "agencies/[A-Z0-9][A-Z0-9-]{2,31}", OPERATOR: "operators/[a-z][a-z0-9_]{0,31}", PLAYER: "players/[a-z][a-z0-9_]{0,31}",
    DOOR: f"services/{DOOR}", **{each: f"services/{each}" for each in SERVICES},
}  # fmt: skip
"""By who may say a message: how its `source` goes on behind the first stroke."""
TIMED: Schema = {
    "if": {"properties": {"timeprecision": {"const": Precision.NONE.value}}, "required": ["timeprecision"]},
    "else": {"properties": {"time": {"type": "string"}}, "required": ["time"]},
}
"""A time must be there unless it is said not to be known."""


def id_of(cls: type[Message]) -> str:
    """The identity of a message's schema."""
    return f"urn:xianjie:message:{cls.name}:v{cls.version}"


def whole(cls: type[Message], schemas: Schemas) -> Schema:
    """A message as it travels: attributes of the envelope, and its data. What is referred to goes into `schemas`."""
    envelope = schemas.refer(Attributes, "Envelope")
    sources = "|".join(sorted(BY[each] for each in cls.said_by))
    fixed = {"type": {"const": cls.type}, "source": {"pattern": f"^/(?:{sources})$"}, "data": schemas.refer(cls)}
    required = ["type", "source", "data"]
    return {"allOf": [envelope, TIMED], "type": "object", "properties": fixed, "required": required, **going(cls.deprecated)}


def document(cls: type[Message]) -> Schema:
    """The schema of one message as a file: it refers to nothing outside itself."""
    schemas = Schemas("#/$defs/")
    made = whole(cls, schemas)
    return {
        "$schema": DIALECT, "$id": id_of(cls), "title": f"{cls.name} v{cls.version}", "description": summary(cls), **made,
        "x-said-by": sorted(cls.said_by), "x-heard-by": sorted(cls.heard_by), "x-personal": cls.personal, "$defs": schemas.found,
    }  # fmt: skip


def summary(cls: type[Message]) -> str:
    """What a message says, in a paragraph."""
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())


def documents() -> dict[str, Any]:
    """By file name, the schema of every message."""
    ordered = sorted(MESSAGES.values(), key=lambda each: (each.name, each.version))
    return {f"messages/{each.name}.v{each.version}.json": document(each) for each in ordered}
