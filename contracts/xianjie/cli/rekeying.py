"""`xianjie agency rotate-key`: a new password, handed out once; the old one opens nothing any more, and nothing in the inbox is lost."""

import time
from typing import Annotated

import typer

from xianjie.cli.handing import Given, Out, hand_out, keep, new_password
from xianjie.cli.network import NetworkFile, find
from xianjie.cli.registering import place_of
from xianjie.cli.showing import Fault
from xianjie.cli.words import Code, DryRun, code_of
from xianjie.joining.place import Place
from xianjie.wording import counted

CLOSING = 10.0
"""Seconds that connections are given to say good-bye."""
PAUSE = 0.1


def rotate_key(
    code: Code,
    password_file: Given = None,
    out: Out = None,
    keep_connections: Annotated[
        bool, typer.Option("--keep-connections", help="Let those go on that are open; they were let in by the old password.")
    ] = False,
    dry_run: DryRun = False,
    network: NetworkFile = None,
) -> None:
    """Give a body another password. The old one is refused from then on, what is open under it is closed, the inbox stays as it is.

    Example: `xianjie agency rotate-key CN-SH-IPO --out new.password`
    """
    found = find(network)
    place = place_of(found, code_of(code), f"or, beside the broker: rabbitmqctl change_password {code}")
    if place.api.user(code) is None:
        raise Fault(f"{code} has no user on the broker: let it join with xianjie agency register {code}")
    open_now = place.api.connections(None, code)
    if dry_run:
        kept = "would stay open" if keep_connections else "would be closed"
        typer.echo(f"{code} would get another password; {counted(len(open_now), 'connection')} {kept}")
        return
    password = new_password(password_file)
    keep(password, out)
    place.api.set_password(code, password)
    if found.keys:
        found.keys.changes(code, password)
    typer.echo(f"{code} has another password, and the old one opens nothing any more\n{hand_out(password, out)}")
    if not found.keys:
        typer.echo("if the broker loads definitions at its start, put the new password into the agencies file as well")
    if not keep_connections:
        typer.echo(f"closed: {closed(place, everywhere=True)}")  # a password holds in all of them


def closed(place: Place, *, everywhere: bool) -> str:
    """End what the body has open here, or in every virtual host; in words, how many connections there were, and how many have not gone yet."""
    where = None if everywhere else place.vhost
    before = place.api.connections(where, place.code)
    if everywhere:
        place.api.close_connections(place.code)
    else:
        place.api.close(before)
    end = time.monotonic() + CLOSING
    while (left := {*place.api.connections(where, place.code)} & {*before}) and time.monotonic() < end:
        time.sleep(PAUSE)
    still = f"; {len(left)} of them did not say good-bye within {CLOSING:g} s, and can do nothing more" if left else ""
    return counted(len(before), "connection") + still
