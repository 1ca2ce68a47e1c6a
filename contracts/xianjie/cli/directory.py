"""`xianjie directory`: the bodies of the network as files, checked, shown, made known."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.bodies import imports, read_bodies
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.say import await_answer
from xianjie.cli.showing import AsJson, Fault, reading, show, show_json, table
from xianjie.figures import count as figures
from xianjie.message import Message, plain
from xianjie.messages.org import Body, OrgDrained, OrgLeft, OrgLoadCounted, OrgResumed
from xianjie.protocol.table import table as protocol
from xianjie.topology import DIRECTORY
from xianjie.vocabulary import CHINA
from xianjie.voice import Operator
from xianjie.wording import counted

FOLDER = Path("deploy/directory")
SUBJECT = DIRECTORY
EARLY = datetime(2000, 1, 1, tzinfo=CHINA)
"""When an exercise begins, so that its bodies are known from the start."""

OVER = protocol("case").ends | {"visit_due", "closed"}
"""Statuses in which a case asks nothing more of the body that answers for it."""

app = typer.Typer(no_args_is_help=True, help="The bodies of the network: check the files, show one, make them known, let one go.")
Leaver = Annotated[str, typer.Argument(metavar="CODE", help="Which body.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="For the log of the directory.")]
Wait = Annotated[float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for routing.")]
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
    bodies = sorted({*legs, *cases, *refused} & _known(found))
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


def _known(network: Network) -> set[str]:
    """The bodies that routing knows, as its log of the directory tells it; no import brings one back that has left."""
    codes, gone = set[str](), set[str]()
    for commit in network.log("routing", SUBJECT):
        for each in commit["said"]:
            name, data = each["type"].removeprefix("xianjie."), each["data"]
            if name.startswith("org.imported."):
                codes |= {body["code"] for body in data["bodies"]} - gone
            elif name.startswith("org.changed."):
                codes.add(data["body"]["code"])
                gone.discard(data["body"]["code"])
            elif name.startswith("org.left."):
                codes.discard(data["code"])
                gone.add(data["code"])
    return codes


@app.command()
def drain(code: Leaver, why: Why, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Let a body get no new legs; those it has go on. The first step before it leaves.

    Example: `xianjie directory drain CN-GD-SXT-STN --why "closes at the end of June"`
    """
    found = find(network)
    tell(found, OrgDrained(code=code, text=why), wait)
    typer.echo(f"{code} gets no new legs; it has {_pending(*_work(found, code))}")


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

    Example: `xianjie directory leave CN-GD-SXT-STN --why "closed"`
    """
    found = find(network)
    legs, cases = _work(found, code)
    tell(found, OrgLoadCounted(code=code, open_legs=len(legs), cases=len(cases)), wait)
    try:
        tell(found, OrgLeft(code=code, text=why), wait)
    except Fault as refused:
        raise Fault("\n".join([str(refused), *(f"  {each}" for each in (*legs, *cases))])) from None
    typer.echo(f"{code} has left {found.name}")


def _work(network: Network, code: str) -> tuple[list[str], list[str]]:
    """The legs that a body has open, and the cases that it answers for."""
    legs = [
        f"{head['case']} {leg}"
        for head in network.heads("routing")
        for leg in head["glance"].get("open_legs", ())
        if leg.split(" ")[2] == code
    ]
    cases = [
        f"{head['case']} {head['glance']['status']}"
        for head in network.heads("intake")
        if head["glance"].get("owner") == code and head["glance"].get("status") not in OVER
    ]
    return legs, cases


def _pending(legs: list[str], cases: list[str]) -> str:
    return f"{counted(len(legs), 'open leg')}, and answers for {counted(len(cases), 'open case')}"


def tell(network: Network, said: Message, wait: float) -> None:
    """Say it to routing as an operator; a Fault if it is not done, with the reason."""
    with Operator(network.operator, "cli", exercise=network.exercise) as operator:
        at = (network.now() or EARLY) if network.exercise else None
        id = operator.say(said, SUBJECT, to="routing", time=at)
    answer = await_answer(network, SUBJECT, id, wait)
    if answer is None:
        raise Fault(
            f"routing did not take {said.name} within {wait:g} s (message {id}). It may still take effect: "
            f"do not repeat it before looking, with xianjie doctor and xianjie timeline {SUBJECT}"
        )
    if answer["outcome"] != "decided":
        raise Fault(f"nothing is changed: {answer['text']}")


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
