"""`xianjie directory`: the bodies of the network as files, checked, shown, made known."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.bodies import imported, read_bodies
from xianjie.cli.network import NetworkFile, find
from xianjie.cli.say import await_answer
from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.message import plain
from xianjie.messages.org import Body
from xianjie.vocabulary import CHINA
from xianjie.voice import Operator

FOLDER = Path("deploy/directory")
SUBJECT = "directory"
EARLY = datetime(2000, 1, 1, tzinfo=CHINA)
"""When an exercise begins, so that its bodies are known from the start."""

app = typer.Typer(no_args_is_help=True, help="The bodies of the network: check the files, show one, make them known.")
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
    wait: Annotated[float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for routing.")] = 10.0,
    network: NetworkFile = None,
) -> None:
    """Make the bodies of a folder known to the network. Known codes are replaced, others added, none removed.

    Example: `xianjie directory import deploy/directory`
    """
    bodies = _read(folder)
    found = find(network)
    with Operator(found.operator, "cli", exercise=found.exercise_name) as operator:
        at = (found.now() or EARLY) if found.exercise else None
        id = operator.say(imported(bodies, f"{folder.name} by hand"), SUBJECT, to="routing", time=at)
    answer = await_answer(found, SUBJECT, id, wait)
    if answer is None:
        raise Fault(f"routing did not take the directory within {wait:g} s (message {id}): see xianjie doctor")
    typer.echo(f"{len(bodies)} bodies are known to {found.name}")


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
