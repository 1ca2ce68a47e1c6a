"""Recordings that say something else than what was, in blocks that are whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xianjie.journal import Recorded
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader, Writer
from xianjie.topology import LOG


def changed(file: Path, out: Path, change: Callable[[str, list[Any]], list[Any]]) -> Path:
    """A copy of a recording, whose rows of commits are what `change` makes of them; its blocks are whole."""
    with Writer.begin(out, Reader.about_of(file)) as writer:
        for each in Reader(file):
            writer.add(each if each.exchange != LOG else _with_rows(each, change))
    return out


def _with_rows(message: Recorded, change: Any) -> Recorded:
    body = json.loads(message.body)
    if not body["type"].startswith("xianjie.log.committed."):
        return message
    body["data"]["commits"] = change(body["data"]["service"], body["data"]["commits"])
    return message._replace(body=json.dumps(body).encode())


def renamed(file: Path, out: Path, was: str, now: str) -> Path:
    """A copy in which a type of message has another name."""
    with Writer.begin(out, Reader.about_of(file)) as writer:
        for each in Reader(file):
            writer.add(each._replace(body=each.body.replace(was.encode(), now.encode())))
    return out


def without(file: Path, out: Path, id: str) -> Path:
    """A copy without one message."""
    with Writer.begin(out, Reader.about_of(file)) as writer:
        for each in Reader(file):
            if face(each).id != id:
                writer.add(each)
    return out


def lines(file: Path, out: Path, place: int, line: bytes) -> Path:
    """A copy with one more line behind so many messages."""
    with Writer.begin(out, Reader.about_of(file)) as writer:
        for at, each in enumerate(Reader(file)):
            if at == place:
                writer._lines.append(line)
            writer.add(each)
    return out
