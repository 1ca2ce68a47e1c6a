"""`xianjie figures`, `draw` and `filing`: what bodies have done, which cases are checked, and what is filed of all of them."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from xianjie import figures as counted_figures
from xianjie.bodies import read_bodies
from xianjie.cli.directory import FOLDER
from xianjie.cli.leaving import OVER
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, incomplete, reading, show, show_json, table
from xianjie.drawing import drawn
from xianjie.figures import By, Figures
from xianjie.timeline import Timeline, path
from xianjie.wording import counted

Since = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Only cases that were received on that day or later.")]
Until = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Only cases that were received before that day.")]
Folder = Annotated[Path, typer.Option("--directory", metavar="FOLDER", help="The files of the directory, for the regions.")]
CELLS = (
    "cases",
    "offered",
    "taken",
    "declined",
    "expired",
    "ended",
    "kept",
    "late",
    "on time",
    "days (median)",
    "satisfied",
    "yuan",
)
FILED = ("case", "received", "owner", "owners", "status", "outcome", "legs", "path", "limits_late", "satisfaction", "spent_fen")


def show_figures(
    by: Annotated[By, typer.Option("--by", help="Of whom.")] = "agency",
    since: Since = None,
    until: Until = None,
    directory: Folder = FOLDER,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Count by body, region, track, service, channel or group of applicants: legs taken and declined, limits kept, days, satisfaction, costs.

    Cases that were submitted as tests count nowhere. Example: `xianjie figures --by region --from 2026-01-01`
    """
    bodies = {each.code: each for each in read_bodies(directory)} if by == "region" else {}
    there, silent = find(network).answering()
    found = counted_figures.count(_timelines(there, since, until), by, bodies)
    if as_json:
        show_json([_plain(each) for each in found])
    else:
        show(table((by, *CELLS), (_cells(each) for each in found)))
    incomplete(silent)


def draw(
    percent: Annotated[float, typer.Option("--percent", min=0.01, max=100, help="So many of a hundred cases of each body.")],
    word: Annotated[
        str, typer.Option("--word", metavar="TEXT", help="What decides, as in 2026-Q3: the same word draws the same cases.")
    ],
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Draw ended cases for a check of their quality: of each body some, at least one; nobody can choose which.

    What was found is said by a body above: `xianjie say quality.checked --as CODE --case CASE --set passed=true`

    Example: `xianjie draw --percent 5 --word 2026-Q3`
    """
    there, silent = find(network).answering()
    found = drawn((each for each in _timelines(there, since, until) if each.status in OVER), percent, word)
    if as_json:
        show_json([{"case": each.case, "owner": each.owner, "status": each.status, "checks": each.checks} for each in found])
    else:
        show(
            table(
                ("owner", "case", "status", "checked"), ((each.owner, each.case, each.status, _checked(each)) for each in found)
            )
        )
        typer.echo(counted(len(found), "case"))
    incomplete(silent)


def filing(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The CSV file to write; it must not be there yet.")],
    since: Since = None,
    until: Until = None,
    network: NetworkFile = None,
) -> None:
    """Write one row for every case, for the body that keeps the records (备案): codes, dates and outcomes; nothing personal.

    Example: `xianjie filing --from 2026-01-01 --to 2027-01-01 --out 2026.csv`
    """
    there, silent = find(network).answering()
    incomplete(silent)
    rows = [_row(each) for each in _timelines(there, since, until) if not each.test]
    try:
        with out.open("x", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets read Chinese
            writer = csv.DictWriter(file, FILED)
            writer.writeheader()
            writer.writerows(rows)
    except FileExistsError:
        raise Fault(f"{out} is there already: name another file, or move it away", 2) from None
    typer.echo(f"{counted(len(rows), 'case')} in {out}")


def _timelines(network: Network, since: str | None, until: str | None) -> Iterator[Timeline]:
    """Every case that was received in that time, as all services tell it."""
    first, last = _day("--from", since), _day("--to", until)
    cases = sorted({head["case"] for service in network.doors for head in network.heads(service)})
    for case in reading(cases):
        found = network.timeline(case)
        if found.status is None:  # a thread: somebody asked who has room, or warned
            continue
        received = found.owners[0][0].date() if found.owners else None
        if (first is None or (received and received >= first)) and (last is None or (received and received < last)):
            yield found


def _day(option: str, text: str | None) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        raise Fault(f"{option} {text}: must be a day, as in 2026-01-31", 2) from None


def _cells(each: Figures) -> tuple[Any, ...]:
    share = "" if each.on_time is None else f"{each.on_time:.0%}"
    days = "" if each.middle_days is None else f"{each.middle_days:g}"
    pleased = "" if each.satisfied is None else f"{each.satisfied:.1f}"
    numbers = (each.cases, each.offered, each.taken, each.declined, each.expired, each.ended, each.kept, each.late)
    return each.group, *numbers, share, days, pleased, f"{each.spent_fen / 100:.2f}" if each.spent_fen else ""


def _plain(each: Figures) -> dict[str, Any]:
    fields = {name: getattr(each, name) for name in Figures.__dataclass_fields__}
    return {**fields, "on_time": each.on_time, "median_days": each.middle_days, "satisfied": each.satisfied}


def _checked(each: Timeline) -> str:
    return ", ".join(f"{by} {'passed' if passed else 'not passed'}" for by, passed in sorted(each.checks.items()))


def _row(each: Timeline) -> dict[str, Any]:
    return {
        "case": each.case, "received": f"{each.owners[0][0]:%Y-%m-%d}" if each.owners else "", "owner": each.owner or "",
        "owners": " > ".join(owner for _, owner in each.owners), "status": each.status or "", "outcome": each.outcome or "",
        "legs": len(each.legs), "path": "; ".join(path(each)),
        "limits_late": " ".join(clock.name for clock in each.all_clocks if clock.state == "breached" and not clock.window),
        "satisfaction": each.satisfaction or "", "spent_fen": each.spent_fen,
    }  # fmt: skip
