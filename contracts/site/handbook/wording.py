"""The words of the site in English and Chinese: its chrome, and the Chinese names of messages, fields and lists, from `words/`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from xianjie.message import Message
from xianjie.vocabulary import Track

FOLDER = Path(__file__).parents[1] / "words"


@dataclass(frozen=True, slots=True)
class Both:
    """The same in both languages."""

    english: str
    chinese: str


@cache
def _file(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def chrome(key: str) -> Both:
    """What the site itself says, by its key; a KeyError for one that is not there."""
    return Both(*_file("chrome")[key])


def field(name: str, kind: str) -> Both | None:
    """What a field of that name is, where it is that kind of value; None if nobody wrote it down."""
    found = _file("fields").get(f"{name}.{kind}") or _file("fields").get(name)
    return Both(*found) if found else None


def message(cls: type[Message]) -> str:
    """The Chinese name of a message; empty if nobody wrote it down."""
    noun, verb = cls.name.split(".")
    if noun in {*Track} and verb in _file("messages")["verbs"]:
        return f"{Track(noun).chinese}：{_file('messages')['verbs'][verb]}"
    return str(_file("messages")["messages"].get(cls.name, ""))


def noun(name: str) -> str:
    """The Chinese name of a noun; empty if nobody wrote it down."""
    return Track(name).chinese if name in {*Track} else str(_file("messages")["nouns"].get(name, ""))


def state(name: str, within: str) -> str:
    """The Chinese name of a state or a stage of that protocol or track; empty if nobody wrote it down."""
    return str(_file("states").get(f"{within}.{name}") or _file("states").get(name, ""))


def code_list(name: str) -> str:
    """The Chinese name of a code list; empty if nobody wrote it down."""
    return str(_file("lists").get(name, ""))


def bodies() -> list[dict[str, Any]]:
    """Who joins: kinds of body by what they do, as words/bodies.yaml has them."""
    return list(_file("bodies"))
