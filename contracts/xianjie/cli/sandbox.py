"""A recording said again to the services of a sandbox."""

from collections import Counter
from contextlib import nullcontext
from math import inf
from pathlib import Path

import typer

from xianjie.cli.again import progress
from xianjie.cli.network import Network, find
from xianjie.cli.showing import Fault, console, show, table
from xianjie.definitions import REPLAYER
from xianjie.recording import sending
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader
from xianjie.topology import CLOCK
from xianjie.wording import counted


def say_again(file: Path, into: str, speed: str, dry_run: bool, settle: bool) -> None:
    """What came from outside, in its order. `into`: an AMQP URI, or the network.json of a sandbox. Interrupted, it says how far it came."""
    reader, times = Reader(file), _times(speed)
    exercise = Reader.about_of(file).get("exercise")
    uri = into if "://" in into else _user(find(Path(into)), exercise, file)
    led = bool(exercise) and settle
    if dry_run:
        wanted = (each for each in sending.from_outside(reader) if not (led and each.exchange == CLOCK))
        counts = Counter(face(each).name or "unreadable" for each in wanted)
        show(table(("message", "would be said"), counts.most_common()))
        typer.echo(f"replay: {counts.total()} of {counted(reader.messages, 'message')} would be said")
    else:
        _say(file, reader, uri, times, exercise if led else None)
    for each in reader.faults():
        console(err=True).print(f"note: {each}", markup=False)
    if reader.damages:
        raise typer.Exit(1)


def _say(file: Path, reader: Reader, uri: str, times: float | None, exercise: str | None) -> None:
    count = 0
    lead = sending.Lead(uri, exercise, sending.moments(Reader(file))) if exercise else nullcontext()
    with lead as leading, progress(file, "saying") as tell:

        def told(done: int) -> None:
            nonlocal count
            count = done
            tell(done, reader.good)

        try:
            sending.send(uri, sending.from_outside(reader), times, told, lead=leading)
        except KeyboardInterrupt:
            console(err=True).print(f"stopped: {counted(count, 'message')} said; what the sandbox has is this part of {file}")
            raise typer.Exit(130) from None
    typer.echo(f"replay: {count} of {counted(reader.messages, 'message')} said: what came from outside")


def _user(sandbox: Network, exercise: str | None, file: Path) -> str:
    """Where the user replay reaches a sandbox; a Fault if it is none, or if its services would refuse what is of another exercise."""
    set_up = f"set one up with: python -m deploy.local up --name sandbox --sandbox {file}"
    if REPLAYER not in sandbox.amqp:
        raise Fault(f"{sandbox.name} ({sandbox.file}) is no sandbox: its agencies would hear what is said again; {set_up}", 2)
    if sandbox.exercise != exercise:
        was, there = (f"of the exercise {each}" if each else "of no exercise" for each in (exercise, sandbox.exercise))
        raise Fault(f"{file} is {was}, and {sandbox.name} is {there}: {set_up}", 2)
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
