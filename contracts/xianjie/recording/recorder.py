"""From the journal into a recording, and from recordings into another."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xianjie import __version__, journal
from xianjie.journal import Recorded
from xianjie.recording.choosing import Choice, Chosen
from xianjie.recording.file import Reader, Writer
from xianjie.written import BadFile

Told = Callable[[int, int], object]
"""Is told how many messages were looked at, and how many of them taken."""


def about(network: str, exercise: str | None, chosen: Chosen) -> dict[str, Any]:
    """What the first block says: who recorded, of which network, and what was chosen."""
    return {"by": f"xianjie {__version__}", "network": network, "exercise": exercise, "chosen": chosen.about()}


def begin(path: Path, what: Mapping[str, Any]) -> Writer:
    """A new recording, or one that is gone on with where it stopped. Raises `BadFile` for a file that is something else."""
    if not path.exists():
        return Writer.begin(path, what)
    there = Reader.about_of(path)
    same = {name: there.get(name) for name in ("network", "exercise", "chosen")}
    if same != {name: what[name] for name in same}:
        raise BadFile(f"{path}: is there already, of another network or with other messages chosen: name another file")
    return Writer.resume(path)


def record(uri: str, writer: Writer, chosen: Chosen, told: Told, follow: bool = False) -> int | None:
    """Write what is chosen of the journal behind what is there; how many messages before that are gone from the journal, if any are.

    Raises as `journal.read` does; what was written by then stands.
    """
    start = journal.FIRST if writer.last is None else writer.last + 1
    choice, gone = Choice(chosen), None
    for seen, each in enumerate(journal.read(uri, start=start, follow=follow), 1):
        if seen == 1 and isinstance(start, int) and each.offset > start:
            gone = each.offset - start
        if choice.takes(each):
            writer.add(each)
        told(seen, writer.messages)
    return gone


def merged(readers: Iterable[Reader]) -> Iterator[Recorded]:
    """The messages of several recordings of one journal, each once, in the order of the journal. Raises `BadFile` where two differ."""
    before: Recorded | None = None
    for each in heapq.merge(*readers, key=lambda message: message.offset):
        if before is not None and each.offset == before.offset:
            if each != before:
                raise BadFile(f"offset {each.offset} is not the same in all: they are not of one journal")
            continue
        before = each
        yield each
