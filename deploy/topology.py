"""What the broker is to hold, written down for its start, and where operators find the network: `python -m deploy.topology`."""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from xianjie.definitions import definitions, users
from xianjie.message import OPERATOR, SERVICES

VHOST = "xianjie"
MOST = 1024
"""Partitions that a service may have."""
PREFIX = "XIANJIE_PASSWORD_"
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}\Z")
_PASSWORD = re.compile(r"[A-Za-z0-9_-]{16,200}\Z")


class Unusable(ValueError):
    """The passwords or agencies cannot be used; the text lists everything that is wrong."""


def read_passwords(environment: Mapping[str, str], agencies: str) -> dict[str, str]:
    """By user, the password. `agencies`: lines `CODE password`; # begins a comment.

    Raises `Unusable` with every fault; no password is in its text.
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    for user in users(()):
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
    passwords: Mapping[str, str], delivery_limit: int | None, partitions: Mapping[str, int] = MappingProxyType({})
) -> dict[str, Any]:
    """The definitions of the virtual host; passwords only as salted hashes. `partitions`: by service, 1 where it is not named."""
    agencies = [each for each in passwords if each not in users(())]
    return definitions(VHOST, agencies, partitions=partitions, passwords=passwords, delivery_limit=delivery_limit)


def network(passwords: Mapping[str, str], host: str, port: int) -> dict[str, Any]:
    """`network.json` for the command line: doors of the services, and how operators and agencies reach the broker."""
    speakers = [OPERATOR, *(each for each in passwords if each not in users(()))]
    return {
        "name": VHOST,
        "exercise": None,
        "doors": {service: f"http://{service.replace('_', '-')}:{port}" for service in SERVICES},
        "amqp": {user: f"amqp://{user}:{passwords[user]}@{host}/{VHOST}" for user in speakers},
    }


def render(
    agencies: Annotated[Path, typer.Option(help="Lines `CODE password`.")],
    definitions_file: Annotated[Path, typer.Option("--definitions", help="Where the broker's definitions go.")],
    network_file: Annotated[Path, typer.Option("--network", help="Where network.json goes; it holds passwords.")],
    host: Annotated[str, typer.Option(help="The broker, as host:port.")] = "broker:5672",
    door_port: Annotated[int, typer.Option(help="The port of every service's read-only door.")] = 8080,
    partitions: Annotated[
        list[str] | None, typer.Option(help="<service>=<number>, once for each that has more than one.")
    ] = None,
    delivery_limit: Annotated[int, typer.Option(help="-1 on RabbitMQ 4, which has a limit by default; 0: none is named.")] = -1,
) -> None:
    """Write both files. The passwords come from XIANJIE_PASSWORD_<USER>."""
    try:
        passwords = read_passwords(os.environ, agencies.read_text("utf-8"))
        spread = read_partitions(partitions or ())
    except (Unusable, OSError) as refused:
        print(f"the broker's definitions cannot be written:\n{refused}", file=sys.stderr)
        raise typer.Exit(2) from None
    _write(definitions_file, broker(passwords, delivery_limit or None, spread), 0o644)
    _write(network_file, network(passwords, host, door_port), 0o600)
    print(f"{definitions_file}: {len(passwords)} users, {len(passwords) - len(users(()))} of them agencies")


def _write(path: Path, content: Any, mode: int) -> None:
    """Whole or not at all."""
    beside = path.with_suffix(".new")
    beside.touch(mode=mode)
    beside.chmod(mode)
    beside.write_text(json.dumps(content, indent=1))
    beside.replace(path)


if __name__ == "__main__":
    typer.run(render)
