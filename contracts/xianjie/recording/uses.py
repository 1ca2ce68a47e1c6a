"""Who still uses a message or a field of one, counted from what was said: who says it, and which agencies are told it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xianjie.journal import Recorded
from xianjie.message import Message
from xianjie.recording.choosing import Face, face, said_at
from xianjie.topology import AGENCIES_OUT, hearer


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message, or (`path`) a field of what it says, through objects and lists."""

    cls: type[Message]
    path: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As people write it: `referral.declined.v1.text`."""
        return ".".join((f"{self.cls.name}.v{self.cls.version}", *self.path))


@dataclass(frozen=True, slots=True)
class Use:
    """How often somebody `says` or `hears` it, and when first and last, as the messages say; None where none of them says when."""

    wanted: Wanted
    who: str
    does: str
    count: int
    first: datetime | None
    last: datetime | None


def uses(messages: Iterable[Recorded], wanted: Sequence[Wanted]) -> list[Use]:
    """Every use of what is wanted, by what and by who; what cannot be read is used by nobody."""
    found: dict[tuple[Wanted, str, str], Use] = {}
    by_type: dict[str, list[Wanted]] = {}
    for each in wanted:
        by_type.setdefault(each.cls.type, []).append(each)
    for message in messages:
        seen = face(message)
        for each in by_type.get(seen.type, ()):
            if not each.path or _says(message.body, each.path):
                for who, does in _parties(message, seen):
                    key = (each, who, does)
                    found[key] = _once_more(found.get(key), key, said_at(seen))
    return sorted(found.values(), key=lambda use: (use.wanted.name, use.does, use.who))


def _parties(message: Recorded, seen: Face) -> Iterator[tuple[str, str]]:
    yield seen.source.rsplit("/", 1)[-1], "says"
    to = hearer(message.exchange, message.key) if message.exchange == AGENCIES_OUT else None
    if to:
        yield to, "hears"


def _once_more(use: Use | None, key: tuple[Wanted, str, str], said: datetime | None) -> Use:
    if use is None:
        return Use(*key, 1, said, said)
    first, last = (
        pick([each for each in (there, said) if each], default=None) for pick, there in ((min, use.first), (max, use.last))
    )
    return Use(*key, use.count + 1, first, last)


def _says(body: bytes, path: tuple[str, ...]) -> bool:
    """Whether a message says something there; null says nothing."""
    try:
        return any(True for _ in _at(json.loads(body).get("data"), path))
    except (ValueError, AttributeError, RecursionError):
        return False


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        yield from [value] if value is not None else []
    elif isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])
