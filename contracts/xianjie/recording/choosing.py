"""Which messages of a journal or a recording are wanted: by when they were said, by case, by type, by agency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from xianjie import envelope
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.messages.log import Committed, LogCommitted
from xianjie.topology import DIRECTORY, LOG
from xianjie.vocabulary import CHINA
from xianjie.written import BadFile


class Face(msgspec.Struct):
    """What is read of a message to tell it from others; the rest of it is not looked at."""

    id: str = ""
    source: str = ""
    type: str = ""
    subject: str = ""
    time: str | None = None
    causationid: str | None = None

    @property
    def name(self) -> str:
        """The type as people say it: `referral.offered`."""
        return self.type.removeprefix("xianjie.").rpartition(".v")[0]

    @property
    def agency(self) -> str | None:
        """The code of the agency that says it, if one does."""
        return self.source.removeprefix("/agencies/") if self.source.startswith("/agencies/") else None


class _Row(msgspec.Struct):
    case: str = ""


class _Rows(msgspec.Struct):
    commits: list[_Row] = []


class _Committed(msgspec.Struct):
    data: _Rows


_faces = msgspec.json.Decoder(Face)
_commits = msgspec.json.Decoder(_Committed)


def face(message: Recorded) -> Face:
    """Of what nobody can read, the case alone, as its header has it."""
    try:
        return _faces.decode(message.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        case = message.headers.get(HEADER)
        return Face(subject=case if isinstance(case, str) else "")


def said_at(seen: Face) -> datetime | None:
    """When it says that it was said; None if it does not, or names no zone."""
    return _moment(seen.time)


def tells_commits(message: Recorded) -> bool:
    """Whether the journal was told of commits by it."""
    return message.exchange == LOG and f".{LogCommitted.name}." in message.key


def committed(message: Recorded) -> tuple[Committed, ...]:
    """What it tells of commits; nothing, if it cannot be read."""
    try:
        told = envelope.read(message.body).message
    except envelope.Invalid:
        return ()
    return told.commits if isinstance(told, LogCommitted) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a message must be to be wanted; what is left empty asks for nothing.

    `since`, `until`: when it was said, as it says itself, the second not included; one that says no time counts as said with the one
    before it. `types`: patterns of names (`referral.*`). `agencies`: said by one of these, or to one. With `cases` come the directory,
    which all decisions look into, what follows from their messages in other logs, and what the journal was told of their commits.
    """

    since: datetime | None = None
    until: datetime | None = None
    cases: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

    @classmethod
    def of(cls, about: Any) -> "Chosen":
        """By case, type and agency as the first block of a recording has it."""
        if not isinstance(about, dict):
            return cls()
        lists = {name: about.get(name, []) for name in ("cases", "types", "agencies")}
        for name, found in lists.items():
            if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
                raise BadFile(f"its first block does not say how it was chosen: {name} is no list of words")
        cases, types, agencies = (tuple(each) for each in lists.values())
        since, until = (_moment(about.get(name)) for name in ("since", "until"))
        return cls(since=since, until=until, cases=cases, types=types, agencies=agencies)

    def about(self) -> dict[str, Any]:
        """For the first block of a recording: only what is asked for."""
        found: dict[str, Any] = {name: list(getattr(self, name)) for name in ("cases", "types", "agencies")}
        times = {name: getattr(self, name) for name in ("since", "until")}
        found |= {name: each.astimezone(CHINA).isoformat() for name, each in times.items() if each}
        return {name: value for name, value in found.items() if value}


class Choice:
    """Looks at one message after the other."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._said: datetime | None = None
        self._heard: set[str] = set()
        """With a choice by case: the ids of what was heard in them; what follows from it in another log is wanted too."""

    def takes(self, message: Recorded) -> bool:
        """Whether it is wanted."""
        seen, chosen = face(message), self._chosen
        self._said = said_at(seen) or self._said
        return (
            self._in_time(seen)
            and (not chosen.cases or self._of_case(message, seen))
            and (not chosen.types or any(fnmatchcase(seen.name, each) for each in chosen.types))
            and (not chosen.agencies or _agency(message, seen, chosen.agencies))
        )

    def _in_time(self, seen: Face) -> bool:
        """The directory is wanted from its beginning: all decisions look into it."""
        since, until, said = self._chosen.since, self._chosen.until, self._said
        begun = since is None or seen.subject == DIRECTORY or (said is not None and said >= since)
        return begun and (until is None or said is None or said < until)

    def _of_case(self, message: Recorded, seen: Face) -> bool:
        cases = self._chosen.cases
        if seen.name == LogCommitted.name:
            rows = _commits.decode(message.body).data.commits
            return any(each.case in cases or each.case == DIRECTORY for each in rows)
        if seen.subject in cases:
            self._heard.add(seen.id)
            return True
        return seen.subject == DIRECTORY or seen.causationid in self._heard


def _agency(message: Recorded, seen: Face, codes: Sequence[str]) -> bool:
    return seen.agency in codes or message.key.split(".", 1)[0] in codes


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except (ValueError, TypeError):
        return None
    return found if found and found.tzinfo else None
