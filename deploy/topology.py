"""What the broker is to hold, written down for its start, and where operators find the network: `python -m deploy.topology`."""

import json
import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from xianjie.bridge_keys import read_served
from xianjie.definitions import definitions, users
from xianjie.message import OPERATOR, SERVICES
from xianjie.whole import write_whole
from xianjie.written import BadFile

VHOST = "xianjie"
MOST = 1024
"""Partitions that a service may have."""
PREFIX = "XIANJIE_PASSWORD_"
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}\Z")
_PASSWORD = re.compile(r"[A-Za-z0-9_-]{16,200}\Z")


class Unusable(ValueError):
    """The passwords or agencies cannot be used; the text lists everything that is wrong."""


def read_passwords(environment: Mapping[str, str], agencies: str, *, bridge: bool = False) -> dict[str, str]:
    """By user, the password. `agencies`: lines `CODE password`; # begins a comment. `bridge`: whether there is one.

    Raises `Unusable` with every fault; no password is in its text.
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    for user in users((), bridge=bridge):
        found[user] = environment.get(PREFIX + user.upper(), "")
        if not _PASSWORD.match(found[user]):
            faults.append(f"{PREFIX}{user.upper()} must be at least 16 of A-Z, a-z, 0-9, _ and -")
    for number, line in enumerate(agencies.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if words:
            faults += [f"line {number} of the agencies {fault}" for fault in _wrong(words, found)]
            found[words[0]] = words[-1]
    if faults:
        raise Unusable("\n".join(faults))
    return found


def _wrong(words: list[str], found: Mapping[str, str]) -> list[str]:
    if len(words) != 2:
        return ["must be a code and a password"]
    says = ("names no agency code", "names a code twice", "has a password that is not at least 16 of A-Z, a-z, 0-9, _ and -")
    wrong = (not _CODE.match(words[0]), words[0] in found, not _PASSWORD.match(words[1]))
    return [text for text, true in zip(says, wrong, strict=True) if true]


def read_partitions(words: Sequence[str]) -> dict[str, int]:
    """By service, how many partitions it has, from `mediation=2`; raises `Unusable` for anything else."""
    found: dict[str, int] = {}
    for word in words:
        service, _, number = word.partition("=")
        if service not in SERVICES or not re.fullmatch(r"[1-9][0-9]{0,3}", number) or int(number) > MOST:
            raise Unusable(f"--partitions {word} must be <service>=<1 to {MOST}>, of {', '.join(SERVICES)}")
        found[service] = int(number)
    return found


def broker(
    passwords: Mapping[str, str], delivery_limit: int | None, partitions: Mapping[str, int] = MappingProxyType({}),
    bridged: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The definitions of the virtual host; passwords only as salted hashes.

    `partitions`: by service, 1 where it is not named. `bridged`: agencies that come by HTTP.
    """
    return definitions(
        VHOST, _agencies(passwords), partitions=partitions, passwords=passwords, delivery_limit=delivery_limit, bridged=bridged
    )


def _agencies(passwords: Mapping[str, str]) -> list[str]:
    return [each for each in passwords if each not in users((), bridge=True)]


def network(passwords: Mapping[str, str], host: str, port: int, *, bridge: bool = False) -> dict[str, Any]:
    """`network.json` for the command line: doors of services and bridge, and how operators and agencies reach the broker."""
    speakers = [OPERATOR, *_agencies(passwords)]
    return {
        **({"bridge": {"address": "http://bridge:8000", "door": f"http://bridge:{port}"}} if bridge else {}),
        "name": VHOST,
        "exercise": None,
        "doors": {service: f"http://{service.replace('_', '-')}:{port}" for service in SERVICES},
        "amqp": {user: f"amqp://{user}:{passwords[user]}@{host}/{VHOST}" for user in speakers},
    }


def render(
    agencies: Annotated[Path, typer.Option(help="Lines `CODE password`.")],
    definitions_file: Annotated[Path, typer.Option("--definitions", help="Where the broker's definitions go.")],
    network_file: Annotated[Path, typer.Option("--network", help="Where network.json goes; it holds passwords.")],
    bridged: Annotated[
        Path | None, typer.Option(help="The file of agencies that come by HTTP; none do where it is not there.")
    ] = None,
    host: Annotated[str, typer.Option(help="The broker, as host:port.")] = "broker:5672",
    door_port: Annotated[int, typer.Option(help="The port of every service's read-only door.")] = 8080,
    partitions: Annotated[
        list[str] | None, typer.Option(help="<service>=<number>, once for each that has more than one.")
    ] = None,
    delivery_limit: Annotated[int, typer.Option(help="-1 on RabbitMQ 4, which has a limit by default; 0: none is named.")] = -1,
) -> None:
    """Write both files. The passwords come from XIANJIE_PASSWORD_<USER>."""
    try:
        codes = [each.code for each in read_served(bridged, private=False)] if bridged and bridged.exists() else []
        passwords = read_passwords(os.environ, agencies.read_text("utf-8"), bridge=bool(codes))
        spread = read_partitions(partitions or ())
    except (Unusable, BadFile, OSError) as refused:
        print(f"the broker's definitions cannot be written:\n{refused}", file=sys.stderr)
        raise typer.Exit(2) from None
    write_whole(definitions_file, json.dumps(broker(passwords, delivery_limit or None, spread, codes), indent=1), 0o644)
    write_whole(network_file, json.dumps(network(passwords, host, door_port, bridge=bool(codes)), indent=1))
    come = f"; {len(codes)} come by HTTP" if codes else ""
    print(f"{definitions_file}: {len(passwords)} users, {len(_agencies(passwords))} of them agencies{come}")


if __name__ == "__main__":
    typer.run(render)
