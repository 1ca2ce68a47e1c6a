"""What is to go from the contracts: messages and fields that are deprecated, each with what to say instead."""

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.message import DEPRECATED, MESSAGES, Message


def deprecated() -> Iterator[tuple[type[Message], tuple[str, ...], str]]:
    """Every deprecated message and field, sorted by message: its class, the path of the field (empty: the message), what to say instead."""
    for cls in sorted(MESSAGES.values(), key=lambda each: each.type):
        if cls.deprecated:
            yield cls, (), cls.deprecated
        for path, instead in fields(cls):
            yield cls, path, instead


def fields(cls: type, within: tuple[type, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The deprecated fields of a dataclass and of those within it."""
    if cls in within:
        return
    hints = typing.get_type_hints(cls)
    for each in dataclasses.fields(cls):
        if instead := each.metadata.get(DEPRECATED):
            yield (each.name,), instead
        for inner in _shapes(hints[each.name]):
            yield from (((each.name, *path), words) for path, words in fields(inner, (*within, cls)))


def _shapes(hint: Any) -> Iterator[type]:
    """The dataclasses in a type hint."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for each in typing.get_args(hint):
        yield from _shapes(each)
