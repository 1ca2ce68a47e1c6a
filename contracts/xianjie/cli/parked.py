"""`xianjie parked`: cases whose next message could not be decided, and how a person gets them going again."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from xianjie.cli.cases import pages
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.message import Message
from xianjie.messages.ops import ParkedAmendAsked, ParkedRetryAsked, ParkedSkipAsked
from xianjie.vocabulary import Precision
from xianjie.voice import Operator

app = typer.Typer(no_args_is_help=True, help="Cases that wait for a person: list them, retry, skip or amend what they wait at.")

Case = Annotated[str, typer.Argument(help="The case's id.")]
Service = Annotated[str | None, typer.Option("--service", help="Where it is parked; found by itself if it is one place.")]
Who = Annotated[str, typer.Option("--who", help="Who asks; kept in the case's log.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept in the case's log.")]


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@app.command("list")
def list_(as_json: AsJson = False, network: NetworkFile = None) -> None:
    """List parked cases, grouped by what went wrong.

    Example: `xianjie parked list`
    """
    found = find(network)
    rows = [{"service": service, **each} for service in found.doors for each in pages(found, service)]
    groups = [{"service": each, **group} for each in found.doors for group in found.ask(each, "/parked")["groups"]]
    if as_json:
        show_json({"groups": groups, "cases": rows})
        return
    if not rows:
        typer.echo("nothing is parked")
        return
    show(table(("fingerprint", "service", "cases", "what went wrong"), _groups(groups)))
    show(table(("case", "service", "k", "since", "tries", "next try", "fingerprint"), (_row(each) for each in rows)))


def _groups(groups: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for each in sorted(groups, key=lambda each: -each["cases"]):
        yield each["_id"], each["service"], each["cases"], each["error"]


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
    service: Service = None,
    who: Who = "",
    network: NetworkFile = None,
) -> None:
    """Decide the parked messages of a case again, in order; or of all cases parked for one reason, the first of them first.

    Example: `xianjie parked retry c-17 --why "the rule is mended"`
    """
    if (case is None) == (fingerprint is None):
        raise Fault("name either a case or a --fingerprint: xianjie parked list shows both", 2)
    found = find(network)
    rows = [
        each
        for each in _rows(found, service)
        if (case and each["case"] == case) or (fingerprint and each["fingerprint"] == fingerprint)
    ]
    for place, row in enumerate(_some(rows, case or f"--fingerprint {fingerprint}")):
        _ask(found, row, ParkedRetryAsked(who=who or _me(), why=why))
        if place == 0 and len(rows) > 1 and not _gone(found, row):
            raise Fault(f"{row['case']} is parked again at {row['service']}: the other {len(rows) - 1} were left alone")
    _report(found, rows)


@app.command()
def skip(case: Case, why: Why, service: Service = None, who: Who = "", network: NetworkFile = None) -> None:
    """Note the first parked message of a case as skipped, then decide the rest.

    Example: `xianjie parked skip c-17 --why "sent twice by mistake"`
    """
    found = find(network)
    row = _one(found, case, service)
    _ask(found, row, ParkedSkipAsked(who=who or _me(), why=why, k=row["k"]))
    _report(found, [row])


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
    _ask(found, row, ParkedAmendAsked(who=who or _me(), why=why, k=row["k"], body=body.read_text("utf-8")))
    _report(found, [row])


def _rows(network: Network, service: str | None) -> list[dict[str, Any]]:
    if service and service not in network.doors:
        raise Fault(f"there is no service {service}: {', '.join(network.doors)}", 2)
    return [{"service": each, **row} for each in network.doors if service in (None, each) for row in pages(network, each)]


def _some(rows: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    if not rows:
        raise Fault(f"nothing is parked for {what}: xianjie parked list")
    return rows


def _one(network: Network, case: str, service: str | None) -> dict[str, Any]:
    rows = _some([each for each in _rows(network, service) if each["case"] == case], case)
    if len(rows) > 1:
        raise Fault(f"{case} is parked at {', '.join(each['service'] for each in rows)}: say where with --service", 2)
    return rows[0]


def _ask(network: Network, row: dict[str, Any], message: Message) -> None:
    with Operator(network.operator, "cli", exercise=network.exercise_name) as operator:
        precision = Precision.NONE if network.exercise else Precision.SECOND
        operator.say(message, row["case"], to=row["service"], precision=precision)


def _gone(network: Network, row: dict[str, Any], seconds: float = 5.0) -> bool:
    """Whether the row is no longer what its case waits at, within `seconds`."""
    import time

    end = time.monotonic() + seconds
    while any((each["case"], each["k"]) == (row["case"], row["k"]) for each in pages(network, row["service"])):
        if time.monotonic() >= end:
            return False
        time.sleep(0.1)
    return True


def _report(network: Network, rows: list[dict[str, Any]]) -> None:
    left = [each for each in rows if not _gone(network, each)]
    for each in left:
        typer.echo(f"{each['case']} still waits at {each['service']}: look with xianjie parked list", err=True)
    typer.echo(f"{len(rows) - len(left)} of {len(rows)} got going again")
    if left:
        raise typer.Exit(1)
