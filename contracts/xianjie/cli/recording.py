"""`xianjie record` and `xianjie journal`: the traffic of a network as a file, and what can be done with such files."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from xianjie.cli.network import NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, console, show, show_json, table
from xianjie.journal import Recorded
from xianjie.recording import recorder
from xianjie.recording.anonymising import Mask
from xianjie.recording.choosing import Choice, Chosen, face, said_at
from xianjie.recording.file import Reader, Writer, line
from xianjie.topology import hearer, is_case
from xianjie.vocabulary import CHINA
from xianjie.wording import counted

SHORTEST = 16
"""Bytes of the secret of pseudonyms."""
STEP = 500
"""Messages between two looks at the progress."""

Since = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Said then or later: 2025-03-03T09:00, or with a zone.")
]
Until = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Said before then.")]
Cases = Annotated[list[str] | None, typer.Option("--case", metavar="ID", help="Of this case; several may be named.")]
Types = Annotated[
    list[str] | None, typer.Option("--type", metavar="GLOB", help="Of such types: 'referral.*'; several may be named.")
]
Agencies = Annotated[
    list[str] | None, typer.Option("--agency", metavar="CODE", help="Said by or to this agency; several may be named.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A recording.", exists=True, dir_okay=False)]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The recording to write.", dir_okay=False)]

app = typer.Typer(no_args_is_help=True, help="Look at recordings, take parts of them, put them together, check them.")


def record(
    out: Out,
    since: Since = None,
    until: Until = None,
    case: Cases = None,
    type: Types = None,
    agency: Agencies = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is said from now on, until Ctrl-C.")] = False,
    network: NetworkFile = None,
) -> None:
    """Record the journal: everything that was said, as it was said, or the part that is chosen. Stopped in the middle, the same command
    goes on where it was. Times are those that messages say; without a zone, of Asia/Shanghai.

    Example: `xianjie record --out monday.journal --from 2025-03-03T00:00 --to 2025-03-04T00:00`
    """
    found, chosen = find(network), _chosen(since, until, case, type, agency)
    what = recorder.about(found.name, found.exercise, chosen)
    with recorder.begin(out, what) as writer, _progress("recording") as tell:
        before = writer.messages
        try:
            gone = recorder.record(found.operator, writer, chosen, lambda seen, taken: tell(seen, f"{taken} taken"), follow)
        except KeyboardInterrupt:
            writer.flush()
            console(err=True).print(f"stopped: {out} has {counted(writer.messages, 'message')}; the same command goes on")
            raise typer.Exit(130) from None
    if gone:
        console(err=True).print(
            f"note: {counted(gone, 'message')} that should follow the first {before} are gone from the journal"
        )
    for note in _unheard(out, chosen):
        console(err=True).print(f"note: {note}", markup=False)
    typer.echo(f"recorded: {counted(writer.messages, 'message')} in {out}, digest {writer.digest}")


def _unheard(out: Path, chosen: Chosen) -> Iterator[str]:
    """What was asked for and is not there."""
    reader, cases = Reader(out), set(chosen.cases)
    for each in reader if cases else ():
        cases.discard(face(each).subject)
    yield from (f"the journal has nothing of a case {each}" for each in sorted(cases))
    if not cases and next(iter(Reader(out)), None) is None:
        yield "nothing in the journal is what was asked for"


@app.command("show")
def show_messages(
    file: File, since: Since = None, until: Until = None, case: Cases = None, type: Types = None, agency: Agencies = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the messages of a recording, or the part that is chosen; with `--json` whole, one a line.

    Example: `xianjie journal show monday.journal --case c-17 --type 'referral.*'`
    """
    reader = Reader(file)
    rows = _taken(reader, _chosen(since, until, case, type, agency))
    if as_json:
        for each in rows:
            typer.echo(line(each))
    else:
        show(table(("offset", "said", "message", "by", "to", "case", "id"), (_row(each) for each in rows)))
    end(reader)


@app.command()
def stat(file: File, as_json: AsJson = False) -> None:
    """Count what is in a recording: messages by type, cases, agencies, the time that it spans.

    Example: `xianjie journal stat monday.journal`
    """
    reader = Reader(file)
    types: Counter[str] = Counter()
    speakers: Counter[str] = Counter()
    cases: set[str] = set()
    times: list[datetime] = []
    size = 0
    for each in reader:
        seen = face(each)
        types[seen.name or "unreadable"] += 1
        speakers[seen.source or "unreadable"] += 1
        cases.update([seen.subject] if seen.subject and is_case(seen.subject) else [])
        if said := said_at(seen):
            times = [min([*times[:1], said]), max([*times[1:], said])]
        size += len(each.body)
    found = {
        "messages": reader.messages, "bytes": size, "blocks": reader.block, "cases": len(cases), "said": [each.isoformat() for each in times],
        "types": dict(types.most_common()), "speakers": dict(speakers.most_common()), "about": reader.about,
        "digest": reader.digest, "whole": not reader.faults(),
    }  # fmt: skip
    if as_json:
        show_json(found)
    else:
        chosen = reader.about.get("chosen") or "everything"
        show(Text(f"{file}: {counted(reader.messages, 'message')} of {counted(len(cases), 'case')}, {size >> 10} kB of bodies"))
        show(Text(f"recorded by {reader.about.get('by')} of {reader.about.get('network')}; chosen: {chosen}"))
        span = " and ".join(each.isoformat() for each in times) or "times that are not known"
        show(Text(f"said between {span}; digest {reader.digest}"))
        show(table(("message", "count"), types.most_common()))
        show(table(("speaker", "count"), speakers.most_common()))
    end(reader)


@app.command("filter")
def filter_messages(
    file: File, out: Out, since: Since = None, until: Until = None, case: Cases = None, type: Types = None, agency: Agencies = None,
) -> None:  # fmt: skip
    """Write the part of a recording that is chosen into another; without a choice, all that is good in it.

    Example: `xianjie journal filter monday.journal --case c-17 --out c-17.journal`
    """
    reader, chosen = Reader(file), _chosen(since, until, case, type, agency)
    _write(out, _taken(reader, chosen), {**Reader.about_of(file), "chosen": chosen.about()})
    end(reader)


@app.command()
def merge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Recordings of one journal.", exists=True, dir_okay=False)],
    out: Out,
) -> None:
    """Put recordings of one journal together: every message once, in the order of the journal.

    Example: `xianjie journal merge monday.journal tuesday.journal --out both.journal`
    """
    readers = [Reader(each) for each in files]
    abouts = [Reader.about_of(each) for each in files]
    if len({(each.get("network"), each.get("exercise")) for each in abouts}) > 1:
        raise Fault(f"{' and '.join(map(str, files))} are of different networks: {[each.get('network') for each in abouts]}", 2)
    _write(
        out,
        recorder.merged(readers),
        {**abouts[0], "chosen": _together([Chosen.of(each.get("chosen")) for each in abouts]).about()},
    )
    for each in readers:
        end(each)


def _together(parts: list[Chosen]) -> Chosen:
    """How what is put together was chosen: by all cases and the whole time of the parts, which must be alike in the rest."""
    if len({(bool(each.cases), each.types, each.agencies) for each in parts}) > 1:
        raise Fault("they were chosen in different ways, by case, type or agency: filter all of them alike, then merge", 2)
    cases = tuple(sorted({case for each in parts for case in each.cases}))
    since, until = [each.since for each in parts], [each.until for each in parts]
    return replace(
        parts[0], cases=cases, since=None if None in since else min(filter(None, since)),
        until=None if None in until else max(filter(None, until)),
    )  # fmt: skip


def anonymise(
    file: File,
    out: Out,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The secret of the pseudonyms: 16 bytes or more.", exists=True)
    ] = None,
) -> None:
    """Write a recording without anybody in it: names, numbers, telephones and words become pseudonyms, the same for the same value under
    the same key; routes, identities of messages and cases, codes, terms and moments stay. It is valid as the one it was made of.

    Example: `xianjie anonymise monday.journal --out shared.journal`
    """
    secret = key.read_bytes().strip() if key else secrets.token_bytes(32)
    if len(secret) < SHORTEST:
        raise Fault(f"--key {key} holds {counted(len(secret), 'byte')}: a secret of at least {SHORTEST} is needed", 2)
    reader, mask = Reader(file), Mask(secret)
    _write(out, (mask.message(each) for each in reader), {**Reader.about_of(file), "anonymised": True})
    if key is None:
        console(err=True).print(
            "note: the key was made for this file and is kept nowhere; for the same pseudonyms again, give --key FILE"
        )
    end(reader)


@app.command("verify")
def verify_recording(file: File) -> None:
    """Check every block and the digest of a recording; exit status 1, and every damage with its place, if it is not whole.

    Example: `xianjie journal verify monday.journal`
    """
    reader = Reader(file)
    for _ in reader:
        pass
    end(reader)
    typer.echo(
        f"{file}: whole: {counted(reader.messages, 'message')} in {counted(reader.block, 'block')}, digest {reader.digest}"
    )


def _chosen(
    since: str | None, until: str | None, case: list[str] | None, type: list[str] | None, agency: list[str] | None
) -> Chosen:
    begin, end = moment("--from", since), moment("--to", until)
    if begin and end and begin >= end:
        raise Fault(f"--from {since} is not before --to {until}", 2)
    return Chosen(
        since=begin, until=end, cases=tuple(case or ()), types=tuple(type or ()),
        agencies=tuple(agency or ()),
    )  # fmt: skip


def moment(option: str, text: str | None) -> datetime | None:
    """A time that somebody wrote, of Asia/Shanghai if it names no zone; a Fault that names the option for what is none."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Fault(f"{option} {text}: is no time: write it as in 2025-03-03T09:00", 2) from None
    return found.replace(tzinfo=CHINA) if found and not found.tzinfo else found


def _taken(reader: Reader, chosen: Chosen) -> Iterator[Recorded]:
    choice = Choice(chosen)
    return (each for each in reader if choice.takes(each))


def _write(out: Path, messages: Iterator[Recorded], about: dict[str, Any]) -> None:
    if out.exists():
        raise Fault(f"{out} is there already: name another file", 2)
    try:
        with Writer.begin(out, about) as writer, _progress("writing") as tell:
            for each in messages:
                writer.add(each)
                tell(writer.messages, "")
    except BaseException:  # a part of it would be in the way the next time
        out.unlink()
        raise
    typer.echo(f"{out}: {counted(writer.messages, 'message')}, digest {writer.digest}")


def end(reader: Reader) -> None:
    """Say what is wrong with a recording that was read, and end with status 1."""
    for each in reader.faults():
        console(err=True).print(f"xianjie: {each}", markup=False)
    if reader.damages:
        console(err=True).print(f"{counted(reader.messages, 'message')} of it are good, and were read", markup=False)
        raise typer.Exit(1)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, str], None]]:
    out = console(err=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} messages {task.fields[more]}"))
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        task = progress.add_task(what, total=None, more="")

        def tell(done: int, more: str) -> None:
            if done % STEP == 0:
                progress.update(task, completed=done, more=more)

        yield tell


def _row(message: Recorded) -> tuple[Any, ...]:
    seen = face(message)
    by, to = seen.source.rsplit("/", 1)[-1], hearer(message.exchange, message.key)
    return message.offset, seen.time or "", seen.name or "unreadable", by, to or "", seen.subject, seen.id
