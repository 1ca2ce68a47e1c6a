"""`xianjie agency drain` and `leave`: out of the directory as everywhere, and off the broker once nothing is left to be read."""

import typer

from xianjie.cli import leaving
from xianjie.cli.leaving import Wait, Why
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.registering import place_of
from xianjie.cli.rekeying import closed
from xianjie.cli.showing import Fault
from xianjie.cli.standing import Standing, standings
from xianjie.cli.words import Code, DryRun, code_of
from xianjie.joining.place import Place, look, nothing
from xianjie.topology import inbox
from xianjie.wording import counted


def drain(code: Code, why: Why, dry_run: DryRun = False, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Let a body get no new legs; those it has go on. The first step before it leaves.

    Example: `xianjie agency drain CN-GD-SXT-STN --why "closes at the end of June"`
    """
    found = find(network)
    if dry_run:
        standing = _known(found, code)
        typer.echo(f"{code} ({standing.state}) would get no new legs; it has {leaving.pending(*leaving.work(found, code))}")
    else:
        typer.echo(leaving.drained(found, code_of(code), why, wait))


def leave(code: Code, why: Why, dry_run: DryRun = False, wait: Wait = 10.0, network: NetworkFile = None) -> None:
    """Take a body out of the directory and off the broker. Refused while anything is pending, which is listed: nothing is lost.

    What is refused half-way is gone on with by the same command.

    Example: `xianjie agency leave CN-GD-SXT-STN --why "closed"`
    """
    found = find(network)
    standing = _known(found, code)
    place = place_of(found, code, f"or: xianjie directory leave {code}, then rabbitmqctl delete_queue and delete_user")
    if standing.state == "left" and nothing(place.differences()):
        typer.echo(f"{code} has left {found.name} before, and the broker has nothing of it")
        return
    pending = _pending(found, standing, place)
    if pending:
        raise Fault(f"{code} cannot leave {found.name} yet:\n" + "\n".join(f"  {each}" for each in pending))
    if dry_run:
        typer.echo(f"nothing is pending: {code} would leave the directory; its inbox and its user would be taken away")
        return
    if standing.state != "left":
        leaving.left(found, code, why, wait)
        typer.echo(f"directory: {code} has left {found.name}")
    _off(found, place)


def _known(network: Network, code: str) -> Standing:
    standing = standings(network).get(code_of(code))
    if standing is None:
        raise Fault(f"no body has the code {code} in {network.name}: all of the files are listed by xianjie directory show")
    return standing


def _pending(network: Network, standing: Standing, place: Place) -> list[str]:
    """Everything that is in the way, in a line each."""
    found: list[str] = []
    if standing.state == "in":
        found.append(f"it gets new legs: xianjie agency drain {place.code} first")
    if standing.state != "left":
        legs, cases = leaving.work(network, place.code)
        found += [*(f"open leg: {each}" for each in legs), *(f"open case that it answers for: {each}" for each in cases)]
    waiting = _waiting(network, place)
    if waiting:
        found.append(f"inbox {inbox(place.code)}: {counted(waiting, 'message')} not dealt with; its system must take them")
    return found


def _waiting(network: Network, place: Place) -> int:
    """Messages in its inbox, those among them that its system has in hand and has not acknowledged."""
    depth = look(network.operator, inbox(place.code))
    if depth is None:
        return 0
    queue = place.api.queue(place.vhost, inbox(place.code)) or {}
    return depth.ready + int(queue.get("messages_unacknowledged") or 0)


def _off(network: Network, place: Place) -> None:
    """First nothing more comes in, then nobody takes anything out; only an inbox that is empty then is taken away."""
    name = inbox(place.code)
    place.api.unbind(place.vhost, name)
    place.api.shut_out(place.vhost, place.code)
    gone = closed(place, everywhere=False)
    depth = look(network.operator, name)
    if depth and depth.ready:
        place.make(None)
        place.api.unbind(place.vhost, name)
        raise Fault(
            f"{place.code} has left the directory, but {counted(depth.ready, 'message')} came into {name} meanwhile: nothing more comes; "
            f"let its system take them, then run this again"
        )
    place.api.delete_queue(place.vhost, name)
    elsewhere = place.api.elsewhere(place.vhost, place.code)
    if not elsewhere:
        place.api.delete_user(place.code)
    if network.keys:
        network.keys.leaves(place.code, network.name)
    user = f"its user stays, for {', '.join(elsewhere)}" if elsewhere else "its user is deleted"
    typer.echo(f"broker:    closed {gone}; inbox {name} is taken away, {user}")
