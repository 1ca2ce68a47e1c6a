"""The command line `xianjie`: look at cases, speak for a body, check the network, play published cases."""

import logging
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from typer.core import TyperGroup

from xianjie import __version__
from xianjie.cli import (
    agency,
    cases,
    conform,
    contracts,
    directory,
    doctor,
    due,
    explaining,
    figures,
    hears,
    outbox,
    parked,
    play,
    reasons,
    recording,
    register,
    replaying,
    route,
    rules,
    say,
    services,
    simulate,
    timeline,
    verify,
)
from xianjie.cli.network import VARIABLE, choose
from xianjie.cli.showing import Fault
from xianjie.envelope import Invalid
from xianjie.play.rounds import Stuck
from xianjie.trouble import Away, Trouble, WrongAddress
from xianjie.wording import counted
from xianjie.written import BadFile

MENDABLE = (Fault, Trouble, Stuck, BadFile)
"""What ends a command with one message instead of a traceback."""
STATUSES: dict[type[Exception], int] = {BadFile: 2, WrongAddress: 2}


class Patient(TyperGroup):
    """Commands whose faults are said in one message, on standard error."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except MENDABLE as fault:
            typer.echo(f"xianjie: {_told(fault)}", err=True)
            raise typer.Exit(getattr(fault, "status", STATUSES.get(type(fault), 1))) from None
        except BrokenPipeError:
            raise
        except OSError as fault:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still in the buffer would fail once more at the end
            typer.echo(f"xianjie: {fault.filename or 'the output'}: {fault.strerror}", err=True)
            raise typer.Exit(1) from None


def _for_people(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """What the client logs, in words; that the broker is away is said once."""
    if event["event"] == "broker away":
        if event["event"] in _SAID:
            raise structlog.DropEvent
        _SAID.add(event["event"])
        return "xianjie: the broker does not answer; trying again for half a minute"
    return str(structlog.processors.KeyValueRenderer(key_order=["event"])(logger, method, event))


_SAID: set[str] = set()
"""What was said once and is not said again."""


class _Errors:
    """Prints to what is standard error at that moment, which in a test is another thing each time."""

    def msg(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = msg


def _told(fault: Exception) -> str:
    if isinstance(fault, Away):
        return f"{fault}\nIs the broker up? See: xianjie doctor"
    if isinstance(fault, Invalid):
        return f"the message is not valid, {counted(len(fault.faults), 'fault')}\n" + "\n".join(
            f"  {each.pointer or '/'}: {each.says}" for each in fault.faults
        )
    return str(fault)


app = typer.Typer(
    cls=Patient, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode="markdown",
    help="Look at cases, speak for a body, check the network, play published cases, count time limits. "
    "Commands find the network by `.local/xianjie/network.json`, `--network FILE` or `XIANJIE_NETWORK`; `make run` starts one.",
)  # fmt: skip
app.command("timeline")(timeline.show_timeline)
app.command("cases")(cases.show_cases)
app.command("say")(say.say)
app.command("play")(play.play_files)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.command("who-hears")(hears.who_hears)
app.command("due")(due.due)
app.command("route")(route.route)
app.command("figures")(figures.show_figures)
app.command("draw")(figures.draw)
app.command("filing")(figures.filing)
app.command("record")(recording.record)
app.command("anonymise")(recording.anonymise)
app.command("state")(explaining.state)
app.command("why")(explaining.why)
app.command("replay")(replaying.replay)
app.command("conform")(conform.conform)
app.command("simulate")(simulate.simulate)
app.command("refusals")(reasons.show_refusals)
app.command("services")(services.show_services)
app.add_typer(rules.app, name="rules")
app.add_typer(contracts.app, name="contracts")
app.add_typer(parked.app, name="parked")
app.add_typer(agency.app, name="agency")
app.add_typer(directory.app, name="directory")
app.add_typer(register.app, name="register")
app.add_typer(recording.app, name="journal")
app.add_typer(outbox.app, name="outbox")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"xianjie {__version__}")
        raise typer.Exit


@app.callback()
def start(
    network: Annotated[
        Path | None, typer.Option("--network", envvar=VARIABLE, metavar="FILE", help="Where network.json is.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """What holds for every command: which network, and that logs go to standard error."""
    choose(network)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # what it complains of is said in words of our own, or does not matter
    structlog.configure(
        processors=[_for_people],
        logger_factory=lambda *_: _Errors(),
        cache_logger_on_first_use=False,
    )
