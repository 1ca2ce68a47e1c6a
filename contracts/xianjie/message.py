"""What a message is: a class that is the single source of its fields, its validation, its speaker and its hearers."""

import dataclasses
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, dataclass_transform

from marshmallow import Schema

from xianjie.fields import schema_for
from xianjie.quick import Take, whole

AGENCY = "agency"
"""Any body of the network, under its own code."""
DOOR = "door"
"""The front door of intake, which speaks for applicants."""
OPERATOR = "operator"
"""A person who operates the network."""
PLAYER = "player"
"""Who leads an exercise."""
SERVICES = ("intake", "routing", "mediation", "enforcement_liaison")

_NAME = re.compile(r"[a-z_]+\.[a-z_]+")


class _OnFirstUse:
    """Builds what checks a message when it is first asked for: a process needs few of them, and starts sooner."""

    def __init__(self, make: Callable[[type], Any]) -> None:
        self.make = make

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    def __get__(self, _: object, owner: type) -> Any:
        made = self.make(owner)
        setattr(owner, self.name, made)
        return made


class Message:
    """Base of all messages: what the class promises, beside its typed fields."""

    __slots__ = ()

    name: ClassVar[str]
    version: ClassVar[int]
    type: ClassVar[str]
    said_by: ClassVar[tuple[str, ...]]
    heard_by: ClassVar[tuple[str, ...]]
    personal: ClassVar[bool]
    deprecated: ClassVar[str | None] = None
    """Where it is to go: what to say instead."""
    schema: ClassVar[Schema] = typing.cast(Schema, _OnFirstUse(schema_for))
    quick: ClassVar[Take] = typing.cast(Take, _OnFirstUse(whole))
    """Takes plain data as `schema.load` does, or raises `quick.Unsure`: then it is for the schema."""


MESSAGES: dict[str, type[Message]] = {}
"""Every known message class by its full type, for example `xianjie.referral.declined.v1`."""


def _names(who: str | tuple[str, ...]) -> tuple[str, ...]:
    return (who,) if isinstance(who, str) else who


DEPRECATED = "deprecated"
"""How the metadata of a field say that it is to go."""


def going(default: Any, *, instead: str) -> Any:
    """A field that is to go: `instead` says what to say in its place. It has a default, since it may be left out already."""
    return dataclasses.field(default=default, metadata={DEPRECATED: instead})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(going, dataclasses.field))
def message(
    name: str, *, said_by: str | tuple[str, ...], heard_by: str | tuple[str, ...] = (), version: int = 1, personal: bool = False,
    deprecated: str | None = None,
) -> Callable[[type], type]:  # fmt: skip
    """Declare a message class: frozen, keyword-only, with its schema made from its type hints.

    `heard_by` empty means that nobody acts on it: it goes to the journal only. `personal`: it carries names or the file;
    its envelope says so (`dataclass`), and nothing of it is shown at a service's door. `deprecated`: it is to go; what to say instead.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"a message is named <noun>.<verb>, not {name!r}")

    def declare(cls: type) -> type:
        made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.name, made.version = name, version
        made.type = f"xianjie.{name}.v{version}"
        made.said_by, made.heard_by, made.personal = _names(said_by), _names(heard_by), personal
        made.deprecated = deprecated
        if made.type in MESSAGES:
            raise ValueError(f"{made.type} is declared twice")
        MESSAGES[made.type] = made
        return typing.cast(type, made)

    return declare


def plain(value: Any) -> Any:
    """A message or a part of one as plain JSON values, fields without a value left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        pairs = ((name, getattr(value, name)) for name in value.__dataclass_fields__)
        return {name: plain(each) for name, each in pairs if each is not None}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def named(name: str, version: int = 1) -> type[Message]:
    """The class of `referral.declined`; raises KeyError with the nearest names where there is none."""
    found = MESSAGES.get(f"xianjie.{name}.v{version}")
    if found is None:
        import difflib

        near = difflib.get_close_matches(name, sorted({each.name for each in MESSAGES.values()}), n=3)
        raise KeyError(f"no message is named {name!r}" + (f"; near: {', '.join(near)}" if near else ""))
    return found


def hints(cls: type) -> dict[str, Any]:
    """The type hints of a message's own fields, with their limits."""
    found = typing.get_type_hints(cls, include_extras=True)
    return {name: found[name] for name in cls.__dataclass_fields__}  # type: ignore[attr-defined]
