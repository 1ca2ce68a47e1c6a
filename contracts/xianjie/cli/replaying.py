"""`xianjie replay`: a recording played again, and what came out differently."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.cli.again import SALT, Replayed, run
from xianjie.cli.other_rules import said_by
from xianjie.cli.recording import File
from xianjie.cli.sandbox import say_again
from xianjie.cli.showing import AsJson, Fault, console, show, show_json
from xianjie.recording.comparing import Difference, summary
from xianjie.wording import counted

MOST_SHOWN = 20
"""Differences that are shown whole."""
FOR_SANDBOX = ("--speed", "--dry-run", "--no-settle")
FOR_PROCESS = ("--against", "--code", "--out", "--trusted", "--json")


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
    given = {
        "--speed": speed != "max", "--dry-run": dry_run, "--no-settle": not settle, "--against": against, "--code": code, "--out": out,
        "--trusted": trusted, "--json": as_json,
    }  # fmt: skip
    if in_process == bool(into):
        raise Fault("say how: --in-process, or --into a sandbox", 2)
    if idle := [name for name in (FOR_PROCESS if into else FOR_SANDBOX) if given[name]]:
        raise Fault(f"{' and '.join(idle)} {'is' if len(idle) == 1 else 'are'} for {'--in-process' if into else '--into'}", 2)
    if into:
        say_again(file, into, speed, dry_run, settle)
        return
    if code and against:
        raise Fault("--code and --against are two things to compare with: name one", 2)
    if out and out.exists():
        raise Fault(f"{out} is there already: name another file", 2)
    with said_by(file, code, trusted) if code else nullcontext(against) as other:
        done = run(file, other, trusted=trusted, out=out, same_salt=bool(code))
    found = list(done.compared.differences())
    if as_json:
        show_json(_content(done, found))
    else:
        if found and other:
            show(Text(f"was: {f'by the rules of {code}' if code else against}; now: by these rules"))
        _tell(done, found)
    for fault in done.faults:
        console(err=True).print(f"note: {fault}; the rest was played", markup=False)
    if not as_json:
        typer.echo(summary(done.compared, len(found), done.state))
    if found or done.faults or not done.compared.commits:
        raise typer.Exit(1)


def _tell(done: Replayed, found: list[Difference]) -> None:
    compared = done.compared
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
        first = compared.first_left[why]
        show(Text(f"left out: {counted(count, 'commit')}: {why}; first commit {first.n} of {first.case} at {first.service}"))
    if (back := compared.first_back) and back.before:
        show(
            Text(
                f"the clock of a service went back {counted(compared.back, 'time')}, first at {back.service}, commit {back.n} of {back.case}: "
                f"from {back.before:%Y-%m-%d %H:%M:%S} to {back.now:%Y-%m-%d %H:%M:%S}; in a log it does not: each counts as of the one before"
            )
        )
    for note in _uncompared(done, found):
        show(Text(note))


def _uncompared(done: Replayed, found: list[Difference]) -> Iterator[str]:
    """What this replay cannot say, and why."""
    compared = done.compared
    if done.causal:
        yield "nothing was compared: the recording does not say when each service decided, so its messages were played in causal order"
    elif not compared.commits:
        yield "nothing was decided again, and so nothing was compared"
    elif compared.masked:
        yield "the recording is anonymised: words and hashes were not compared, nor logs that are named after parties"
    elif not compared.hashed and not os.environ.get(SALT):
        yield f"hashes were not compared: the salt of the operator is not in {SALT}"
    elif not compared.hashed:
        yield "hashes were not compared: what it is compared with does not tell them"
    elif not done.other and no_first_agrees(found):
        yield f"no log agrees from its first commit on: is {SALT} the salt of that network?"


def no_first_agrees(found: list[Difference]) -> bool:
    """Whether in every log that differs, the hash of the first commit does: as with another salt."""
    logs = {(each.service, each.case): each.n for each in reversed(found)}
    return bool(logs) and all(n == 1 for n in logs.values()) and all(each.by_hash for each in found)


def _content(done: Replayed, found: list[Difference]) -> dict[str, Any]:
    compared = done.compared
    return {
        "messages": compared.messages, "commits": compared.commits, "state": done.state, "hashes_compared": compared.hashed,
        "causal": done.causal, "left_out": dict(compared.left), "clock_went_back": compared.back, "faults": done.faults,
        "differences": [
            {
                "case": each.case, "service": each.service, "n": each.n, "cause": each.cause, "heard": each.heard,
                "changes": [{"was": change.was, "now": change.now} for change in each.changes],
            }
            for each in found
        ],
    }  # fmt: skip
