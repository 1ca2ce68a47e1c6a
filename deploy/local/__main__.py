"""The command line of the local machine: `python -m deploy.local`."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.machine import HOME, Machine
from deploy.local.network import Network
from deploy.local.process import MachineError, Process
from deploy.local.running import NETWORKS, bring_up, take_down
from xianjie.recording.file import Reader
from xianjie.written import BadFile

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Run the network on this machine: private, on loopback, everything under one folder. "
    "Two checkouts, or two folders, run side by side.",
)
parts = typer.Typer(
    no_args_is_help=True,
    help="The broker (RabbitMQ) and the database (MongoDB) alone, without the services. "
    "Set AMQP_URI or MONGODB_URI to use one that runs elsewhere: it is then neither started nor stopped.",
)
app.add_typer(parts, name="broker-and-database")

Home = Annotated[Path, typer.Option("--home", help="The folder that holds all of it.")]


Name = Annotated[str, typer.Option("--name", help="The network's name: its virtual host, and the prefix of its databases.")]


@app.command("up")
def network_up(
    name: Name = "xianjie",
    homes: Annotated[Path, typer.Option("--home", help="The folder that holds all of it.")] = NETWORKS,
    exercise: Annotated[bool, typer.Option("--exercise", help="With a clock of its own, for: xianjie play.")] = False,
    sandbox: Annotated[
        Path | None,
        typer.Option(
            "--sandbox",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="For this recording, to be played again there: no agency is in it, and it is an exercise of the same name if that was one.",
        ),
    ] = None,
    bridge: Annotated[
        list[str] | None,
        typer.Option(
            "--bridge", metavar="CODE", help="Serve this agency over HTTP; once for each. Its key goes to network.json."
        ),
    ] = None,
) -> None:
    """Start the whole network (about 10 s) and say what listens where. It stays up until: down. What has died of broker and database is
    started again; the services find it."""
    if sandbox and exercise:
        raise MachineError("--sandbox is an exercise if the recording is of one: leave --exercise out")
    if sandbox and bridge:
        raise MachineError("--bridge is for a network with agencies, and in a sandbox there is none: leave one of them out")
    up = (homes / name / "network.json").exists() and all(each.alive() for each in _processes(name, homes))
    if not up:
        if sandbox:
            bring_up(name, exercise=Reader.about_of(sandbox).get("exercise"), sandbox=True, homes=homes)
        else:
            bring_up(name, exercise=name if exercise else None, homes=homes, bridged=bridge or ())
    network = Network.attach(Machine(homes / HOME.name), homes, name)
    if up:
        _start_again(network)
        typer.echo(f"{name} is up already")
        _say_unused(network)
        if bridge and set(bridge) != set(network.bridge.codes):
            raise MachineError(f"{name} runs, and its bridge serves {', '.join(network.bridge.codes) or 'nobody'}: stop it first")
    for service, door in network.doors.items():
        typer.echo(f"{service:<20} {door}  (/ready /metrics /cases /parked)  log: {network.log(service)}")
    typer.echo(f"{'front door':<20} {network.front}  (for applicants: /openapi.json)")
    if network.bridge.codes:
        typer.echo(f"{'bridge':<20} {network.bridge.address}  (for {', '.join(network.bridge.codes)}: /openapi.json)")
    for part, address in network.parts.items():
        typer.echo(f"{part:<20} {address}")
    there = "" if name == "xianjie" else f" --network {network.file}"
    stop = "make stop" if name == "xianjie" else f".venv/bin/python -m deploy.local down --name {name}"
    do = f"replay {sandbox} --into {network.file}" if sandbox else f"cases{there}"
    typer.echo(f"passwords and addresses: {network.file} (for you alone)\ntry: .venv/bin/xianjie {do}\nstop it with: {stop}")


def _start_again(running: Network) -> None:
    """Broker or database, where one of them is not there any more; the services have waited for it."""
    dead = [part["name"] for part in running.machine.status() if part["ours"] and not part["running"]]
    if dead:
        running.machine.up()
        for service in running.processes:
            running.wait_ready(service)
        typer.echo(f"{' and '.join(dead)} had died, and {'is' if len(dead) == 1 else 'are'} started again")


def _say_unused(running: Network) -> None:
    """Name the part that the environment names, and that is another than the running network uses."""
    for part, address in running.machine.addresses().items():
        if address != running.parts.get(part, address):
            typer.echo(
                f"xianjie: the {part} that your environment names ({address}) is not used: {running.name} was started with another, "
                f"and keeps it until: make stop",
                err=True,
            )


def _processes(name: str, homes: Path) -> list[Process]:
    return list(Network.attach(Machine(homes / HOME.name), homes, name).processes.values())


@app.command("down")
def network_down(
    name: Name = "xianjie", homes: Annotated[Path, typer.Option("--home", help="The folder that holds all of it.")] = NETWORKS
) -> None:
    """Drain and stop the services, then broker and database. Their data stay for the next start."""
    take_down(name, homes)
    typer.echo(f"{name} is down; its data stay in {homes}")


@parts.command()
def up(home: Home = HOME) -> None:
    """Start both and return when both are ready (3 to 10 s). What runs already stays as it is."""
    began = time.monotonic()
    Machine(home).up()
    typer.echo(f"broker and database are up after {time.monotonic() - began:.1f} s; stop them with: down --home {home}")


@parts.command()
def down(home: Home = HOME) -> None:
    """Stop both, whoever started them. Their data stay in the folder for the next start."""
    Machine(home).down()
    typer.echo("broker and database are down; their data stay in " + str(home))


@parts.command()
def status(
    home: Home = HOME,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a list of objects.")] = False,
) -> None:
    """Say what runs, where, and how much memory it takes. Exit code 3 when something does not run."""
    found = Machine(home).status()
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    else:
        table = Table("part", "runs", "whose", "address", "memory")
        for part in found:
            runs, whose = ("yes" if part["running"] else "no"), ("ours" if part["ours"] else "given")
            table.add_row(part["name"], runs, whose, part["address"], f"{part['memory_mib']} MiB")
        Console().print(table)
    if not all(part["running"] for part in found):
        raise typer.Exit(3)


@parts.command()
def trial(name: Annotated[str, typer.Argument(metavar="NAME", help="The virtual host.")] = "trial", home: Home = HOME) -> None:
    """Make an empty virtual host on the running broker, for trials of a system (xianjie conform), and print its address, with the password.
    One that is there stays as it is."""
    machine = Machine(home)
    if not machine.broker.running:
        raise MachineError(f"the broker does not run: start it with: up --home {home}")
    machine.broker.import_definitions({"vhosts": [{"name": name}]})
    typer.echo(machine.broker.uri(name))


def main() -> None:
    """Run the command line; what a person can mend is said in one message, without a traceback."""
    try:
        app()
    except (MachineError, BadFile) as error:
        typer.echo(f"xianjie: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
