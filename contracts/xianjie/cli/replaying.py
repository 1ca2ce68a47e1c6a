"""`xianjie replay`: a recording played again, in this process, and what came out differently."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from xianjie import envelope
from xianjie.cli import installed
from xianjie.cli.network import Network, find
from xianjie.cli.recording import File
from xianjie.cli.showing import AsJson, Fault, console, show, show_json, table
from xianjie.definitions import REPLAYER
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.messages.log import LogCommitted
from xianjie.messages.ops import ClockAdvanced
from xianjie.recording import sending
from xianjie.recording.choosing import Choice, Chosen, face
from xianjie.recording.comparing import Comparison, Difference, Left, Made, Said, summary
from xianjie.recording.file import Reader, Writer
from xianjie.recording.sending import FROM_OUTSIDE
from xianjie.topology import LOG
from xianjie.vocabulary import CHINA
from xianjie.wording import counted

SALT = "XIANJIE_SALT"
MOST_SHOWN = 20
"""Differences that are shown whole."""
STEP = 1000
EPOCH = datetime(1990, 1, 1, tzinfo=CHINA)


def replay(
    file: File,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Decide it again in this process: no broker, no database, no waiting.")
    ] = False,
    into: Annotated[
        str | None,
        typer.Option(
            "--into",
            metavar="AMQP_URI|FILE",
            help="Say again what came from outside, in this sandbox: where its user replay reaches it, or its network.json.",
        ),
    ] = None,
    speed: Annotated[
        str, typer.Option("--speed", metavar="N|max|recorded", help="With --into: so many times as fast as it was said.")
    ] = "max",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --into: only count what would be said.")] = False,
    settle: Annotated[
        bool,
        typer.Option(
            "--settle/--no-settle",
            help="With --into, of an exercise: lead its clock, and say each message when the one before it has had its effect.",
        ),
    ] = True,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="FILE", help="Compare with what this recording says, not with FILE itself.", exists=True
        ),
    ] = None,
    code: Annotated[
        str | None,
        typer.Option(
            "--code", metavar="REV", help="Compare with what the rules of this revision, or of a checkout, make of FILE."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write what is said again into this recording.", dir_okay=False)
    ] = None,
    trusted: Annotated[bool, typer.Option("--trusted", help="Do not check messages against their contracts: they were.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play a recording again and compare what is said with what was said then. Exit status 1 if anything differs.

    In process, every service decides the messages that its log had, in the same order, at the same moments. With the operator's salt in
    `XIANJIE_SALT` the hashes of all commits are compared too.

    Example: `xianjie replay monday.journal --in-process`
    """
    if in_process == bool(into):
        raise Fault("say how: --in-process, or --into a sandbox", 2)
    if into:
        _send(file, into, speed, dry_run, settle)
        return
    if code and against:
        raise Fault("--code and --against are two things to compare with: name one", 2)
    if out and out.exists():
        raise Fault(f"{out} is there already: name another file", 2)
    with _by_other_rules(file, code, trusted) if code else nullcontext(against) as other:
        compared, state = run(file, other, trusted, out)
    found = list(compared.differences())
    if as_json:
        show_json(_content(compared, found, state))
    else:
        _tell(compared, found)
        typer.echo(summary(compared, len(found), state))
    if found:
        raise typer.Exit(1)


def _send(file: Path, into: str, speed: str, dry_run: bool, settle: bool) -> None:
    reader = Reader(file)
    times = _times(speed)
    if dry_run:
        counts = Counter(face(each).name or "unreadable" for each in sending.from_outside(reader))
        show(table(("message", "would be said"), counts.most_common()))
        typer.echo(f"replay: {counts.total()} of {counted(reader.messages, 'message')} would be said")
    else:
        exercise = Reader.about_of(file).get("exercise")
        uri = into if "://" in into else _user(find(Path(into)), exercise, file)
        leads = sending.Lead(uri, exercise, sending.moments(Reader(file))) if exercise and settle else nullcontext()
        with leads as lead, _progress(file) as tell:
            said = sending.send(uri, sending.from_outside(reader), times, lambda done: tell(done, reader.good), lead=lead)
        typer.echo(f"replay: {said} of {counted(reader.messages, 'message')} said: what came from outside")
    for each in reader.faults():
        console(err=True).print(f"note: {each}", markup=False)


def _user(sandbox: Network, exercise: str | None, file: Path) -> str:
    """Where the user replay reaches a sandbox; a Fault if its services would refuse what is of another exercise."""
    if sandbox.exercise != exercise:
        was, there = (f"of the exercise {each}" if each else "of no exercise" for each in (exercise, sandbox.exercise))
        raise Fault(
            f"{file} is {was}, and {sandbox.name} is {there}: set one up with: python -m deploy.local up --sandbox {file}", 2
        )
    return sandbox.uri(REPLAYER)


def _times(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        times = 1.0 if speed == "recorded" else float(speed)
    except ValueError:
        times = 0.0
    if not 0 < times < inf:
        raise Fault(f"--speed {speed} is none: give max, recorded, or a number above 0", 2)
    return times


def run(file: Path, against: Path | None = None, trusted: bool = False, out: Path | None = None) -> tuple[Comparison, str]:
    """Play a recording again; the comparison, and the hash of all states after it. Faults of the files are said on standard error.

    `out`: where what is said again is written."""
    about = Reader.about_of(file)
    chosen = Chosen.of(about.get("chosen"))
    causal = not _has_commits(file)
    if causal and against:
        raise Fault(f"{file} does not say when each service decided (it has no log.committed): there is nothing to compare")
    playing = Causal(about) if causal else engine(about, frozenset(chosen.cases), trusted)
    compared, reader, other = Comparison(part=bool(chosen.cases)), Reader(file), Reader(against) if against else None
    beside = iter(other or ())
    with _progress(file) as tell, Writer.begin(out, about) if out else nullcontext() as writer:
        for at, message in enumerate(reader, 1):
            if other is None and not causal:
                compared.recorded(message)
            for each in playing.take(message):
                _take(compared, each, chosen, writer, silent=causal)
                if isinstance(each, Made):  # as much is read of the other, so that neither runs far ahead
                    _read(compared, beside, len(each.said))
            tell(at, reader.good)
        for each in playing.end():
            compared.left_out(each)
        for message in beside:
            compared.recorded(message)
    compared.messages = reader.messages
    for damaged in (reader, *([other] if other else [])):
        for fault in damaged.faults():
            console(err=True).print(f"note: {fault}; the rest was played", markup=False)
    return compared, playing.state()


def _read(compared: Comparison, messages: Iterator[Recorded], count: int) -> None:
    """So many of what is compared with, as far as it is what commits say."""
    while count > 0 and (message := next(messages, None)):
        count -= compared.recorded(message)


def _take(compared: Comparison, each: Made | Left, chosen: Chosen, writer: Writer | None, silent: bool) -> None:
    """One commit: compared with what was recorded, as far as that was chosen to be recorded; `silent`: counted alone."""
    if isinstance(each, Left):
        compared.left_out(each)
        return
    said = each.said
    if silent:
        each = replace(each, said=())
    elif chosen.types or chosen.agencies:
        choice = Choice(Chosen(types=chosen.types, agencies=chosen.agencies))
        each = replace(each, said=tuple(one for one in said if choice.takes(_recorded(one))))
    compared.made(each)
    if writer is not None:
        for one in said:
            writer.add(_recorded(one, writer.messages))


def _recorded(said: Said, offset: int = 0) -> Recorded:
    """What is said again, as a recording has it."""
    return Recorded(offset, said.exchange, said.key, said.id, said.body, {HEADER: said.case})


@contextmanager
def _by_other_rules(file: Path, code: str, trusted: bool) -> Iterator[Path]:
    """What the rules of another revision, or of another checkout, say again, as a recording."""
    with TemporaryDirectory(prefix="xianjie-") as folder:
        said = Path(folder) / "said.journal"
        with nullcontext(Path(code)) if Path(code).is_dir() else _checkout(code, Path(folder) / "code") as root:
            paths = os.pathsep.join(map(str, (root.absolute() / "contracts", root.absolute())))
            words = [sys.executable, "-m", "xianjie", "replay", str(file.absolute()), "--in-process", "--out", str(said)]
            done = subprocess.run(
                [*words, *(["--trusted"] if trusted else [])], env={**os.environ, "PYTHONPATH": paths}, cwd=folder, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
        if done.returncode not in (0, 1) or not said.exists():
            raise Fault(
                f"the rules of {code} cannot replay this: {_reason(done.stderr)}. It must have the command xianjie replay, and run with the "
                f"libraries that are installed here"
            )
        yield said


def _reason(stderr: str) -> str:
    """Why a process failed: what was raised and where, or the last that it says."""
    lines = [line for each in stderr.splitlines() if (line := each.strip(" │╭╮╰╯─"))]
    last = lines[-1] if lines else "it says nothing"
    places = [each for each in lines if each.startswith("File ")]
    return f"{last} ({places[-1]})" if places else last


@contextmanager
def _checkout(revision: str, folder: Path) -> Iterator[Path]:
    root = Path(__file__).parents[3]
    git = ["git", "-C", str(root), "worktree"]
    made = subprocess.run([*git, "add", "--detach", "--quiet", folder, revision], capture_output=True, text=True, check=False)
    if made.returncode:
        why = (made.stderr.strip().splitlines() or ["git says nothing"])[-1]
        raise Fault(f"--code {revision} is no revision of {root}, and no folder: {why}", 2)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", folder], capture_output=True, check=False)


def _has_commits(file: Path) -> bool:
    """Whether the recording says when each service decided what."""
    return any(each.exchange == LOG and face(each).name == LogCommitted.name for each in Reader(file))


class Causal:
    """Plays what was said from outside, each message when all that follows from the one before it has had its effect."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._made: list[Made] = []
        self._rehearsal = installed.in_process("rehearsal")(
            installed.rules(), now=EPOCH, exercise=about.get("exercise"), salt=os.environ.get(SALT) or "none", record=self._record
        )
        console(err=True).print(
            "note: the recording does not say when each service decided: its messages are played in causal order"
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
        if text and (moment := datetime.fromisoformat(text)) > self._rehearsal.clock.now():
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
    more = {"exercise": about.get("exercise"), "salt": os.environ.get(SALT)}
    return installed.in_process("replay")(installed.rules(), cases=cases, trusted=trusted, **more)


def _tell(compared: Comparison, found: list[Difference]) -> None:
    for each in found[:MOST_SHOWN]:
        place = f"commit {each.n} at {each.service}" if each.n else f"at {each.service}"
        show(Text(f"{each.case}: {place}, on {each.heard or 'a message'} {each.cause}", style="bold"))
        for change in each.changes:
            show(Text(f"  was: {change.was or 'nothing'}", style="red"))
            show(Text(f"  now: {change.now or 'nothing'}", style="green"))
    if len(found) > MOST_SHOWN:
        cases = len({each.case for each in found})
        show(Text(f"and {len(found) - MOST_SHOWN} more; {counted(cases, 'case')} in all differ: see all with --json"))
    for why, count in compared.left.most_common():
        show(Text(f"left out: {counted(count, 'commit')}: {why}"))
    if (back := compared.first_back) and back.before:
        show(
            Text(
                f"the clock of a service went back {counted(compared.back, 'time')}, first at {back.service}, commit {back.n} of {back.case}: "
                f"from {back.before:%Y-%m-%d %H:%M:%S} to {back.now:%Y-%m-%d %H:%M:%S}; in a log it does not: each counts as of the one before"
            )
        )
    if not compared.hashed and compared.commits:
        why = "" if os.environ.get(SALT) else f": the salt of the operator is not in {SALT}"
        show(Text(f"hashes were not compared{why}"))


def _content(compared: Comparison, found: list[Difference], state: str) -> dict[str, Any]:
    return {
        "messages": compared.messages, "commits": compared.commits, "state": state, "hashes_compared": compared.hashed,
        "left_out": dict(compared.left), "clock_went_back": compared.back,
        "differences": [
            {
                "case": each.case, "service": each.service, "n": each.n, "cause": each.cause, "heard": each.heard,
                "changes": [{"was": change.was, "now": change.now} for change in each.changes],
            }
            for each in found
        ],
    }  # fmt: skip


@contextmanager
def _progress(file: Path) -> Iterator[Any]:
    out = console(err=True)
    columns = (TextColumn("replaying"), BarColumn(), TextColumn("{task.fields[done]} messages"), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=file.stat().st_size, done=0)

        def tell(done: int, byte: int) -> None:
            if done % STEP == 0:
                progress.update(task, completed=byte, done=f"{done} ({done / (time.monotonic() - began):.0f}/s)")

        yield tell
