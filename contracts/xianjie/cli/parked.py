"""`xianjie parked`: cases whose next message could not be decided, and how a person gets them going again."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from xianjie.cli.cases import pages, place
from xianjie.cli.freeing import RATE, Freed, Freeing, gone, kinds, rate, say
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, incomplete, show, show_json, table
from xianjie.message import Message
from xianjie.messages.ops import ParkedAmendAsked, ParkedRetryAsked, ParkedSkipAsked
from xianjie.voice import Operator

app = typer.Typer(no_args_is_help=True, help="Cases that wait for a person: list them, retry, skip or amend what they wait at.")

Case = Annotated[str, typer.Argument(help="The case's id.")]
Service = Annotated[str | None, typer.Option("--service", help="Where it is parked; found by itself if it is one place.")]
Who = Annotated[str, typer.Option("--who", help="Who asks; kept in the case's log.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept in the case's log.")]


SOME = 20
"""So many cases that still wait are named."""


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@app.command("list")
def list_(
    fingerprint: Annotated[str | None, typer.Option("--fingerprint", help="Only cases parked for this reason.")] = None,
    service: Service = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="So many cases.")] = 50,
    after: Annotated[str, typer.Option("--after", help="Go on behind this place, as the page before names it.")] = "",
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """List parked cases, longest waiting first, a page at a time; on the first page all of them, grouped by what went wrong.

    Example: `xianjie parked list`
    """
    found, silent = find(network).answering()
    asked = urlencode({"limit": limit + 1, "after": after} | ({"fingerprint": fingerprint} if fingerprint else {}))
    answers = {each: found.ask(each, f"/parked?{asked}") for each in _services(found, service)}
    groups = [{"service": each, **group} for each, answer in answers.items() for group in answer["groups"]]
    groups = [each for each in groups if fingerprint in (None, each["_id"])]
    rows = [{"service": each, **row} for each, answer in answers.items() for row in answer["cases"]]
    rows.sort(key=lambda row: (row["at"], f"{row['case']}/{row['k']}"))
    more = place(rows[limit - 1]) if len(rows) > limit else None
    if as_json:
        show_json({"groups": groups, "cases": rows[:limit], "next": more})
    elif rows:
        _tell(groups, rows[:limit], more)
    else:
        typer.echo("nothing more is parked" if after else "nothing is parked")
    incomplete(silent)


def _tell(groups: list[dict[str, Any]], rows: list[dict[str, Any]], more: str | None) -> None:
    if groups:
        show(table(("fingerprint", "service", "cases", "since", "what went wrong"), _groups(groups)))
    show(table(("case", "service", "k", "since", "tries", "next try", "fingerprint"), (_row(each) for each in rows)))
    if more:
        typer.echo(f"more with: --after {more}")


def _groups(groups: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for each in sorted(groups, key=lambda each: -each["cases"]):
        yield each["_id"], each["service"], each["cases"], each["oldest"][:16], each["error"]


def _row(row: dict[str, Any]) -> tuple[Any, ...]:
    hold = row.get("hold_until")
    return (
        row["case"],
        row["service"],
        row["k"],
        row["at"][:16],
        row["attempts"],
        hold[:19] if hold else "by a person",
        row["fingerprint"],
    )


@app.command()
def retry(
    why: Why,
    case: Annotated[str | None, typer.Argument(help="The case's id.")] = None,
    fingerprint: Annotated[str | None, typer.Option("--fingerprint", help="All cases parked for this reason instead.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All parked cases instead.")] = False,
    per_second: Annotated[str, typer.Option("--rate", metavar="N/s", help="At most so many cases a second.")] = f"{RATE:g}/s",
    service: Service = None,
    who: Who = "",
    network: NetworkFile = None,
) -> None:
    """Decide the parked messages of a case again, in order; or of all cases parked for one reason, or of all.

    Of each reason one case goes first; if it is parked again, the others are left alone.

    Example: `xianjie parked retry c-17 --why "the rule is mended"`
    """
    if (case is not None) + (fingerprint is not None) + everything != 1:
        raise Fault("name a case, or a --fingerprint, or --all: xianjie parked list shows them", 2)
    allowed, found, message = rate(per_second), find(network), ParkedRetryAsked(who=who or _me(), why=why)
    if case:
        _act(found, _one(found, case, service), message)
        return
    chosen = kinds(found, service and _services(found, service)[0], fingerprint)
    if not chosen:
        raise Fault(f"nothing is parked{f' for --fingerprint {fingerprint}' if fingerprint else ''}: xianjie parked list")
    _say_freed(Freeing(found, message, allowed).retry(chosen))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Fault(f"{file} is not UTF-8, as every message is", 2) from None


def _say_freed(freed: Freed) -> None:
    for kind in freed.spared:
        typer.echo(
            f"the first of {kind.fingerprint} at {kind.service} is parked again: its other {kind.cases - 1} were left alone",
            err=True,
        )
    for service, case, _ in sorted(freed.left)[:SOME]:
        typer.echo(f"{case} still waits at {service}", err=True)
    if len(freed.left) > SOME:
        typer.echo(f"and {len(freed.left) - SOME} more: look with xianjie parked list", err=True)
    typer.echo(f"{len(freed.asked) - len(freed.left)} of {len(freed.asked)} got going again")
    if freed.left or freed.spared:
        raise typer.Exit(1)


@app.command()
def skip(case: Case, why: Why, service: Service = None, who: Who = "", network: NetworkFile = None) -> None:
    """Note the first parked message of a case as skipped, then decide the rest.

    Example: `xianjie parked skip c-17 --why "sent twice by mistake"`
    """
    found = find(network)
    row = _one(found, case, service)
    _act(found, row, ParkedSkipAsked(who=who or _me(), why=why, k=row["k"]))


@app.command()
def amend(
    case: Case,
    why: Why,
    body: Annotated[Path, typer.Option("--body", help="The file with the whole message as it should be (CloudEvents JSON).")],
    service: Service = None,
    who: Who = "",
    network: NetworkFile = None,
) -> None:
    """Put another message in the place of the first parked one of a case, then decide again.

    Example: `xianjie parked amend c-17 --body right.json --why "the code was misspelt"`
    """
    if not body.is_file():
        raise Fault(f"--body {body} is not there: name the file that holds the message as it should be", 2)
    found = find(network)
    row = _one(found, case, service)
    _act(found, row, ParkedAmendAsked(who=who or _me(), why=why, k=row["k"], body=_text(body)))


def _services(network: Network, service: str | None) -> list[str]:
    """The one that is named, or all."""
    if service and service not in network.doors:
        raise Fault(f"there is no service {service}: {', '.join(network.doors)}", 2)
    return [service] if service else list(network.doors)


def _one(network: Network, case: str, service: str | None) -> dict[str, Any]:
    rows = [{"service": each, **row} for each in _services(network, service) for row in pages(network, each, case=case)]
    if not rows:
        raise Fault(f"nothing is parked for {case}: xianjie parked list")
    if len(rows) > 1:
        raise Fault(f"{case} is parked at {', '.join(each['service'] for each in rows)}: say where with --service", 2)
    return rows[0]


def _act(network: Network, row: dict[str, Any], message: Message) -> None:
    """Ask it of the one case, and say what came of it."""
    with Operator(network.operator, "cli", exercise=network.exercise) as operator:
        asked = say(operator, network, message, row["case"], row["service"])
    if not gone(network, row["service"], row, asked):
        typer.echo(f"{row['case']} still waits at {row['service']}: look with xianjie parked list", err=True)
        raise typer.Exit(1)
    typer.echo(f"{row['case']} got going again")
