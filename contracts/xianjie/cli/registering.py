"""`xianjie agency register`: everything that a body needs to join, in order, each step told; the same again changes nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from xianjie import written
from xianjie.cli.handing import Given, Out, hand_out, keep, new_password
from xianjie.cli.leaving import Wait, tell
from xianjie.cli.network import Network, NetworkFile, as_user, find
from xianjie.cli.showing import Fault
from xianjie.cli.standing import Standing, standings
from xianjie.cli.words import Code, DryRun, code_of
from xianjie.definitions import agency_definitions
from xianjie.joining import broker_api
from xianjie.joining.place import Place, steps
from xianjie.messages.org import Body, OrgChanged
from xianjie.topology import AGENCIES_IN, inbox
from xianjie.whole import write_whole

NO_API = (
    "the broker's management API is not known: name it in broker_api of network.json or in {variable} "
    "(http://user:password@host:15672); {else_}"
)


def register(
    code: Code,
    entry: Annotated[
        Path | None,
        typer.Option("--entry", metavar="FILE", help="YAML of one body, as in deploy/directory. Without: the directory has it."),
    ] = None,
    password_file: Given = None,
    out: Out = None,
    definitions: Annotated[
        Path | None,
        typer.Option(
            "--definitions", metavar="FILE", help="Write for rabbitmqctl what the broker needs; the broker itself is not touched."
        ),
    ] = None,
    imported: Annotated[bool, typer.Option("--imported", help="The broker has it by rabbitmqctl: only the directory.")] = False,
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST:PORT", help="The broker as the body reaches it, if otherwise than you.")
    ] = None,
    delivery_limit: Annotated[
        int, typer.Option("--delivery-limit", help="With --definitions: -1 on RabbitMQ 4, 0 (none is named) on 3.")
    ] = -1,
    dry_run: DryRun = False,
    wait: Wait = 10.0,
    network: NetworkFile = None,
) -> None:
    """Let a body join: user, permissions, inbox, directory; then say what its engineers need. The same again changes nothing.

    Example: `xianjie agency register CN-GD-NEW --entry new.yaml --out new.password`
    """
    code_of(code)
    body, found = _entry(code, entry), find(network)
    if definitions and dry_run:
        typer.echo(f"would write {definitions}: what {code} needs on the broker, with a new password")
        return
    if definitions:
        _write(found, code, new_password(password_file), definitions, out, delivery_limit or None)
        return
    _admissible(code, body, standings(found))
    if not imported:
        _place(found, code, password_file, out, dry_run)
    _enter(found, code, body, wait, dry_run)
    address = as_user(found.operator, code, host=host)
    typer.echo(f"address:  {address}\ninbox:    {inbox(code)}\nspeaks:   on {AGENCIES_IN} with keys {code}.<noun>.<verb>.v1")


def place_of(network: Network, code: str, else_: str) -> Place:
    """The body's place on the broker; a Fault where operators allow no management API. `else_`: what to do then."""
    api = network.api()
    if api is None:
        raise Fault(NO_API.format(variable=broker_api.VARIABLE, else_=else_))
    return Place(api, network.vhost, code)


def _entry(code: str, file: Path | None) -> Body | None:
    if file is None:
        return None
    found = written.document(file)
    rows = found if isinstance(found, list) else [found]
    faults: list[str] = []
    bodies = [each for _, each in written.loaded(Body, [(f"{file} /{at}", row) for at, row in enumerate(rows)], faults)]
    if not faults and len(bodies) != 1:
        faults.append(f"{file}: must describe one body, and describes {len(bodies)}")
    faults += [f"{file}: describes {each.code}, and not {code}" for each in bodies if each.code != code]
    faults += [f"{file}: says inbox: false; a body that joins has one" for each in bodies if not each.inbox]
    if faults:
        raise written.bad(file, faults)
    return bodies[0]


def _admissible(code: str, body: Body | None, known: Mapping[str, Standing]) -> None:
    """Whether the directory will have it, asked before anything is made that would stay."""
    if body is None:
        before = known.get(code)
        if before is None or before.state == "left":
            why = "has left, and comes back with its whole entry" if before else "is in no entry that routing knows"
            raise Fault(f"{code} {why}: describe it in a YAML file as in deploy/directory, and name that with --entry FILE")
    elif body.parent:
        parent = known.get(body.parent)
        if parent is None or parent.state == "left":
            why = f"{body.parent} has left" if parent else f"the directory knows no body {body.parent}"
            raise Fault(f"nothing is changed: {why}, which the entry names as its parent")


def _place(network: Network, code: str, password_file: Path | None, out: Path | None, dry_run: bool) -> None:
    """User, permissions, inbox and binding; a user that is there keeps its password."""
    else_ = "or write what the broker needs to a file with --definitions FILE, import that, and say --imported"
    place = place_of(network, code, else_)
    there, differences = place.api.user(code) is not None, place.differences()
    if dry_run:
        typer.echo("\n".join(f"would be {step}" for step in steps(differences)))
        return
    password = None if there else new_password(password_file)
    if password:
        keep(password, out)
    if differences:
        place.make(password)
        if left := place.differences():
            raise Fault("the broker has it otherwise than the contracts say, and it was not mended:\n  " + "\n  ".join(left))
    if network.keys:
        network.keys.joins(code, network.name, password)
    typer.echo("\n".join(steps(differences)))
    typer.echo(hand_out(password, out) if password else f"password: as before (another one: xianjie agency rotate-key {code})")


def _enter(network: Network, code: str, body: Body | None, wait: float, dry_run: bool) -> None:
    if body is None:
        typer.echo(f"directory: {code} is in it")
    elif dry_run:
        typer.echo(f"would enter {code} into the directory")
    else:
        tell(network, OrgChanged(body=body, text="joins"), wait)
        typer.echo(f"directory: {code} is entered")


def _write(network: Network, code: str, password: str, file: Path, out: Path | None, delivery_limit: int | None) -> None:
    """For operators who allow no API: what is to be imported, with the password as a salted hash."""
    keep(password, out)
    content = agency_definitions(network.vhost, code, password, delivery_limit=delivery_limit)
    write_whole(file, json.dumps(content, indent=1))
    if network.keys:
        network.keys.joins(code, network.name, password)
    typer.echo(
        f"{file}: what {code} needs on the broker, the password as a salted hash\n{hand_out(password, out)}\n"
        f"import it beside the broker: rabbitmqctl import_definitions {file}\n"
        f"then enter the body:         xianjie agency register {code} --imported --entry FILE"
    )
