"""`xianjie directory`: the bodies of the network as files, checked, shown, made known."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.bodies import imports, read_bodies
from xianjie.cli import leaving
from xianjie.cli.leaving import OVER, Wait, Why, tell
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, reading, show, show_json, table
from xianjie.cli.standing import standings
from xianjie.figures import count as figures
from xianjie.message import plain
from xianjie.messages.org import Body, OrgLoadCounted, OrgResumed
from xianjie.wording import counted

FOLDER = Path("deploy/directory")
app = typer.Typer(no_args_is_help=True, help="The bodies of the network: check the files, show one, make them known, let one go.")
Leaver = Annotated[str, typer.Argument(metavar="CODE", help="Which body.")]
Folder = Annotated[Path, typer.Argument(help="The folder of YAML files.")]


@app.command()
def check(folder: Folder = FOLDER) -> None:
    """Check a folder of bodies as a whole; every fault is listed.

    Example: `xianjie directory check deploy/directory`
    """
    bodies = _read(folder)
    typer.echo(f"{folder}: {len(bodies)} bodies, no faults")


@app.command("show")
def show_body(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="Which body; all, if none is named.")] = None,
    folder: Annotated[Path, typer.Option("--folder", help="The folder of YAML files.")] = FOLDER,
    as_json: AsJson = False,
) -> None:
    """Show a body as the files have it: kind, place, superior, what it may take and what says so. Without CODE, all.

    Example: `xianjie directory show CN-SH-IPO`
    """
    bodies = _read(folder)
    chosen = [each for each in bodies if code in (None, each.code)]
    if not chosen:
        raise Fault(f"{folder} has no body {code}{_near(code or '', bodies)}")
    if as_json:
        show_json([plain(each) for each in chosen])
    elif code:
        _describe(chosen[0], bodies)
    else:
        show(table(("code", "name", "kind", "level", "area", "superior", "takes"), (_row(each) for each in chosen)))


@app.command("import")
def import_(
    folder: Folder = FOLDER,
    wait: Wait = 10.0,
    network: NetworkFile = None,
) -> None:
    """Make the bodies of a folder known to the network. Known codes are replaced, others added, none removed; who has left stays out.

    Example: `xianjie directory import deploy/directory`
    """
    bodies = _read(folder)
    found = find(network)
    for each in imports(bodies, f"{folder.name} by hand"):
        tell(found, each, wait)
    typer.echo(f"{len(bodies)} bodies are known to {found.name}, without those that have left")


@app.command()
def count(
    record: Annotated[
        bool,
        typer.Option("--record", help="Also how many of the legs that were offered to each it did not take; reads every case."),
    ] = False,
    wait: Wait = 10.0,
    network: NetworkFile = None,
) -> None:
    """Count the load of every body, and tell routing, which asks the least loaded of those that are equally near. To be run now and then.

    Example: `xianjie directory count --record`
    """
    found = find(network)
    legs = Counter(leg.split(" ")[2] for head in found.heads("routing") for leg in head["glance"].get("open_legs", ()))
    cases = Counter(
        head["glance"]["owner"]
        for head in found.heads("intake")
        if head["glance"].get("owner") and head["glance"].get("status") not in OVER
    )
    refused = _refusals(found) if record else {}
    bodies = sorted({*legs, *cases, *refused} & {each.code for each in standings(found).values() if each.state != "left"})
    for code in bodies:
        tell(found, OrgLoadCounted(code=code, open_legs=legs[code], cases=cases[code], refused=refused.get(code)), wait)
    typer.echo(f"{counted(legs.total(), 'open leg')} and {counted(cases.total(), 'open case')} of {len(bodies)} bodies counted")


def _refusals(network: Network) -> dict[str, int]:
    """Of a hundred legs that were offered to each body and are decided, how many it did not take."""
    every = sorted({head["case"] for head in network.heads("routing")})
    told = map(network.timeline, reading(every))
    shares = {
        each.group: (each.declined + each.expired, each.taken + each.declined + each.expired)
        for each in figures(told, "agency", {})
    }
    return {code: round(100 * refused / decided) for code, (refused, decided) in shares.items() if decided}


@app.command()
def drain(code: Leaver, why: Why, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Let a body get no new legs; those it has go on. The first step before it leaves.

    Example: `xianjie directory drain CN-GD-SXT-STN --why "closes at the end of June"`
    """
    typer.echo(leaving.drained(find(network), code, why, wait))


@app.command()
def resume(code: Leaver, why: Why, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Let a drained body get new legs again.

    Example: `xianjie directory resume CN-GD-SXT-STN --why "stays open"`
    """
    found = find(network)
    tell(found, OrgResumed(code=code, text=why), wait)
    typer.echo(f"{code} gets new legs again")


@app.command()
def leave(code: Leaver, why: Why, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Take a body out of the network: it must be drained, without an open leg, and answer for no open case. What is in the way is listed.

    What it has on the broker stays; `xianjie agency leave` takes that away as well.

    Example: `xianjie directory leave CN-GD-SXT-STN --why "closed"`
    """
    found = find(network)
    leaving.left(found, code, why, wait)
    typer.echo(f"{code} has left {found.name}")


def _read(folder: Path) -> list[Body]:
    if not folder.is_dir():
        raise Fault(f"{folder} is no folder: name the one with the YAML files of the bodies, as in deploy/directory", 2)
    return read_bodies(folder)


def _near(code: str, bodies: list[Body]) -> str:
    import difflib

    found = difflib.get_close_matches(code, [each.code for each in bodies], n=3)
    return f"; near: {', '.join(found)}" if found else ""


def _row(body: Body) -> tuple[Any, ...]:
    tracks = ", ".join(dict.fromkeys(each.track.value for each in body.capabilities))
    return body.code, body.name, body.kind.value, body.level.value, body.area, body.parent, tracks


def _describe(body: Body, bodies: list[Body]) -> None:
    names = {each.code: each.name for each in bodies}
    show(Text.assemble((body.code, "bold"), f"  {body.name}  {body.english or ''}"))
    show(
        Text(f"{body.kind.value} {body.kind.chinese} · {body.level.value} · {body.area} · inbox {'yes' if body.inbox else 'no'}")
    )
    if body.parent:
        show(Text(f"superior: {body.parent} {names.get(body.parent, '')}"))
    below = [each.code for each in bodies if each.parent == body.code]
    if below:
        show(Text(f"below it: {', '.join(below)}"))
    rows = [
        (each.track.value, ", ".join(each.rights) or "all rights", each.source, "yes" if each.verified else "no")
        for each in body.capabilities
    ]
    if rows:
        show(table(("takes", "rights", "source", "verified"), rows))
