"""A recording decided again in this process, and held against itself or against another."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from xianjie import envelope
from xianjie.cli import installed
from xianjie.cli.showing import Fault, console
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.messages.log import Committed, LogCommitted
from xianjie.messages.ops import ClockAdvanced
from xianjie.recording.choosing import Choice, Chosen, face, tells_commits
from xianjie.recording.comparing import Comparison, Left, Made, Said
from xianjie.recording.file import Reader, Writer
from xianjie.recording.sending import FROM_OUTSIDE
from xianjie.topology import address
from xianjie.vocabulary import CHINA

SALT = "XIANJIE_SALT"
SAID_AGAIN = "said again"
"""In the first block of what a replay writes."""
STEP = 1000
EPOCH = datetime(1990, 1, 1, tzinfo=CHINA)


@dataclass(slots=True)
class Replayed:
    """What a replay came to: the comparison, the hash of all states after it, the faults of the files, and whether it was in causal order
    alone, where nothing is compared."""

    compared: Comparison
    state: str
    faults: list[str]
    causal: bool
    other: bool
    """Whether it is compared with something else than itself."""


def run(
    file: Path, against: Path | None = None, *, trusted: bool = False, out: Path | None = None, same_salt: bool = False
) -> Replayed:
    """Play a recording again. `against`: what it is compared with, if not with itself; with `same_salt` its hashes too, else only where the
    operator's salt is known. `out`: where what is said again is written, and the hash of every commit."""
    about = Reader.about_of(file)
    if about.get(SAID_AGAIN):
        raise Fault(f"{file} is what a replay said again, and has nothing that was heard: name it with --against", 2)
    chosen = Chosen.of(about.get("chosen"))
    causal = not _has_commits(file)
    if causal and against:
        raise Fault(f"{file} does not say when each service decided (it has no log.committed): there is nothing to compare")
    playing = Causal(about) if causal else engine(about, frozenset(chosen.cases), trusted)
    compared = Comparison(frozenset(chosen.cases), masked=bool(about.get("anonymised")))
    compared.others = bool(against) and (same_salt or bool(os.environ.get(SALT)))
    reader, other = Reader(file), Reader(against) if against else None
    beside = iter(other or ())
    with progress(file, "replaying") as tell, Writer.begin(out, {**about, SAID_AGAIN: True}) if out else nullcontext() as writer:
        for at, message in enumerate(reader, 1):
            if other is None and not causal:
                compared.recorded(message)
            for each in playing.take(message):
                _take(compared, each, chosen, writer, silent=causal, other=bool(other))
                if isinstance(each, Made):  # as much is read of the other, so that neither runs far ahead
                    _read(compared, beside, len(each.said))
            tell(at, reader.good)
        for each in playing.end():
            compared.left_out(each)
        for message in beside:
            compared.recorded(message)
    compared.messages = reader.messages
    return Replayed(
        compared, playing.state(), [fault for each in (reader, other) if each for fault in each.faults()], causal, bool(other)
    )


def _read(compared: Comparison, messages: Iterator[Recorded], count: int) -> None:
    """So many of what is compared with, as far as it is what commits say."""
    while count > 0 and (message := next(messages, None)):
        count -= compared.recorded(message)


def _take(
    compared: Comparison, each: Made | Left, chosen: Chosen, writer: Writer | None, *, silent: bool, other: bool
) -> None:  # fmt: skip
    """One commit: compared with what was recorded, as far as that was chosen to be recorded; `silent`: counted alone. `other`: its hash in
    the recording says nothing of what it is compared with."""
    if isinstance(each, Left):
        compared.left_out(each)
        return
    said = each.said
    if silent:
        each = replace(each, said=())
    elif chosen.types or chosen.agencies:
        choice = Choice(Chosen(types=chosen.types, agencies=chosen.agencies))
        each = replace(each, said=tuple(one for one in said if choice.takes(_recorded(one))))
    compared.made(replace(each, same=None) if other else each)
    if writer is not None:
        for one in said:
            writer.add(_recorded(one, writer.messages))
        if each.hash:
            writer.add(_committed(each, writer.messages))


def _recorded(said: Said, offset: int = 0) -> Recorded:
    """What is said again, as a recording has it."""
    return Recorded(offset, said.exchange, said.key, said.id, said.body, {HEADER: said.case})


def _committed(made: Made, offset: int) -> Recorded:
    """News of a commit that was made again."""
    row = Committed(case=made.case, n=made.n, source=made.source, id=made.id, now=made.now, versions=(), hash=made.hash or "")
    told = LogCommitted(service=made.service, commits=(row,))
    id = f"again-{offset}"
    given = envelope.attributes(told, made.case, f"/services/{made.service}", id, time=made.now)
    where = address(made.service, told.name, told.version, None)
    return Recorded(offset, *where, id, envelope.write(given, told), {HEADER: made.case})


def _has_commits(file: Path) -> bool:
    """Whether the recording says when each service decided what."""
    return any(tells_commits(each) for each in Reader(file))


class Causal:
    """Plays what was said from outside, each message when all that follows from the one before it has had its effect."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._made: list[Made] = []
        self._rehearsal = installed.in_process("rehearsal")(
            installed.rules(), now=EPOCH, exercise=about.get("exercise"), salt=os.environ.get(SALT) or "none", record=self._record
        )

    def take(self, message: Recorded) -> list[Made]:
        """What follows from the next message of the recording."""
        if message.exchange not in FROM_OUTSIDE:
            return []
        seen = face(message)
        if seen.name == ClockAdvanced.name:
            self._go_to(msgspec.json.decode(message.body)["data"]["to"])
        else:
            self._go_to(seen.time)
            self._rehearsal.publish(message)
        self._rehearsal.rest()
        made, self._made = self._made, []
        return made

    def end(self) -> list[Left]:
        """Nothing is left out."""
        return []

    def state(self) -> str:
        """One hash over the last state of every case of every service."""
        return str(self._rehearsal.state())

    def _go_to(self, text: str | None) -> None:
        moment = datetime.fromisoformat(text) if text else None
        if moment and moment.tzinfo and moment > self._rehearsal.clock.now():
            self._rehearsal.go_to(moment)

    def _record(self, message: Recorded) -> None:
        seen = face(message)
        if seen.name == LogCommitted.name:
            rows = cast(LogCommitted, envelope.read(message.body).message).commits
            now = self._rehearsal.clock.now()
            self._made += [
                Made(seen.source.rsplit("/", 1)[1], each.case, each.n, each.source, each.id, "", (), now, b"") for each in rows
            ]
        elif seen.source.startswith("/services/") and message.exchange not in FROM_OUTSIDE:
            service, case, cause = seen.source.rsplit("/", 1)[1], seen.subject, seen.causationid or ""
            now = self._rehearsal.clock.now()
            self._made.append(
                Made(service, case, 0, "", cause, "", (Again(seen.id, *message[1:3], case, message.body),), now, b"")
            )


@dataclass(slots=True)
class Again:
    """A message that is said again."""

    id: str
    exchange: str
    key: str
    case: str
    body: bytes


def engine(about: Mapping[str, Any], cases: frozenset[str], trusted: bool = False) -> Any:
    """What decides a recording again, of which the first block says `about`."""
    salt = None if about.get("anonymised") else os.environ.get(SALT)
    more = {"exercise": about.get("exercise"), "salt": salt}
    return installed.in_process("replay")(installed.rules(), cases=cases, trusted=trusted, **more)


@contextmanager
def progress(file: Path, what: str) -> Iterator[Any]:
    """A bar on a terminal, as far as the file was read."""
    out = console(err=True)
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.fields[done]} messages"), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=file.stat().st_size, done=0)

        def tell(done: int, byte: int) -> None:
            if done % STEP == 0:
                bar.update(task, completed=byte, done=f"{done} ({done / (time.monotonic() - began):.0f}/s)")

        yield tell
