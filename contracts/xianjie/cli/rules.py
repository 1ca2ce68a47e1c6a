"""`xianjie rules`: the time limits as data: listed, shown with their versions, a file of them checked."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.law import catalogue, competence, deadlines, roles
from xianjie.law.reading import read
from xianjie.law.rule import UNITS, Deadline
from xianjie.shipped import shipped
from xianjie.wording import counted
from xianjie.written import documents

app = typer.Typer(
    no_args_is_help=False,
    invoke_without_command=True,
    help="The time limits of the law, with their versions and sources; alone: list.",
)


@app.callback()
def rules(context: typer.Context, as_json: AsJson = False) -> None:
    """The time limits of the law, with their versions and sources; alone: list.

    Example: `xianjie rules`
    """
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@app.command("list")
def list_(
    unverified: Annotated[bool, typer.Option("--unverified", help="Only those whose text was not read.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every version of every limit.

    Example: `xianjie rules list --unverified`
    """
    found = [each for each in deadlines.deadlines() if not (unverified and each.verified)]
    if as_json:
        show_json([_plain(each) for each in found])
        return
    show(table(("version", "what", "length", "when it passes", "source", "read"), (_row(each) for each in found)))


@app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Which limit, as in B4.")], as_json: AsJson = False
) -> None:
    """Show one limit: each of its versions, how it is counted, what stops and lengthens it, and what says so.

    Example: `xianjie rules show B4`
    """
    found = deadlines.versions(rule)
    if not found:
        raise Fault(f"no limit has the id {rule}: all are listed by: xianjie rules", 2)
    if as_json:
        show_json([_plain(each) for each in found])
        return
    show(Text(f"{rule}: {found[0].title}", style="bold"))
    show(Text(f"when it passes: {found[0].lapse}" + ("; a party's chance, no duty of a body" if found[0].window else "")))
    for each in found:
        show(Text(f"\n{each.version}", style="bold"))
        for line in _lines(each):
            show(Text(f"  {line}"))


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The file; else those that are shipped.")] = None,
) -> None:
    """Check a file of limits, of rules of competence, of services or of the parts of people, as a whole: every fault is listed with its place.

    Example: `xianjie rules check contracts/xianjie/law/deadlines.yaml`
    """
    if file is None:
        _checked(shipped(deadlines.FILE), deadlines.FILE)
        _checked(shipped(competence.FILE), competence.FILE)
        _checked(shipped(catalogue.FILE), catalogue.FILE)
        _checked(shipped(roles.FILE), roles.FILE)
    else:
        _checked(documents(file), str(file))


def _checked(found: list[Any], where: str) -> None:
    """Say what a file holds: three documents are limits; one is parts of people where rows have steps, rules of competence where they
    have tracks, else services."""
    if len(found) == 1:
        keys = {key for row in found[0] or () if isinstance(row, dict) for key in row}
        read_one = roles.read if "steps" in keys else competence.read if "tracks" in keys else catalogue.read
        kind = "part" if "steps" in keys else "competence rule" if "tracks" in keys else "service"
        rows = read_one(found, where)
        unread = sum(not each.verified for each in rows)
        typer.echo(f"{where}: {counted(len(rows), kind)}, {unread} of them not verified, no faults")
        return
    law = read(found, where)
    limits, versions = (
        counted(len(each), name) for each, name in (({each.id for each in law.deadlines}, "limit"), (law.deadlines, "version"))
    )
    unread = sum(not each.verified for each in law.deadlines)
    typer.echo(f"{where}: {limits}, {versions}, {unread} of them not verified, no faults")


def _row(each: Deadline) -> tuple[str, ...]:
    return (each.version, each.title, each.span, each.lapse, each.cited, "" if each.verified else "not read")


def _lines(each: Deadline) -> list[str]:
    counting = deadlines.counting(each)
    lines = [
        each.span + (" at least" if each.least else ""),
        f"counted by {counting.id}: {counting.title} ({counting.source}{f' {counting.article}' if counting.article else ''})",
        f"in force: {_span(each.valid_from, each.valid_to)}",
        f"says so: {each.cited} ({'read' if each.verified else 'not read'}; confidence {each.confidence})",
    ]
    if each.region or each.level:
        lines.insert(
            1,
            f"only: {' '.join([*([f'area {each.region}'] if each.region else []), *([each.level.english] if each.level else [])])}",
        )
    for stop in each.stops:
        most = f", {stop.at_most.length} {UNITS[stop.at_most.unit]} at most" if stop.at_most else ""
        lines.append(f"stands still: {stop.ground.english}{most}")
    if each.extend:
        times = f", up to {each.extend.times} times" if each.extend.times > 1 else ""
        lines.append(f"may be extended: {each.extend.length} {UNITS[each.extend.unit]}{times}, by: {each.extend.by}")
    if each.warn:
        lines.append(f"a warning: {each.warn} calendar days before the end")
    return [*lines, *([f"note: {each.note}"] if each.note else [])]


def _span(first: date | None, last: date | None) -> str:
    return f"{f'from {first}' if first else 'since when is not known'}{f' to {last}' if last else ''}"


def _plain(each: Deadline) -> dict[str, Any]:
    extend = each.extend
    return {
        "id": each.id, "version": each.version, "trigger": each.trigger, "must": each.must, "length": each.length,
        "unit": each.unit, "counting": each.counting, "lapse": each.lapse, "window": each.window, "least": each.least,
        "warn": each.warn, "region": each.region or None, "level": each.level and str(each.level),
        "stops": [
            {"ground": str(stop.ground), "at_most": f"{stop.at_most.length} {stop.at_most.unit}" if stop.at_most else None}
            for stop in each.stops
        ],
        "extend": {"length": extend.length, "unit": extend.unit, "times": extend.times, "by": extend.by} if extend else None,
        "valid_from": each.valid_from, "valid_to": each.valid_to, "article": each.article, "source": each.source,
        "confidence": each.confidence, "verified": each.verified, "note": each.note,
    }  # fmt: skip
