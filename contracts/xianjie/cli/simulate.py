"""`xianjie simulate`: an agency to try a network, a kit or an idea against."""

import random
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from xianjie.cli.conform import Agency, RoleName, Uri, checked
from xianjie.cli.showing import AsJson, Fault, console, show, show_json, table
from xianjie.conformance import scripted
from xianjie.conformance.roles import ROLES
from xianjie.conformance.simulated import WRONGS, Manner, Simulated, Stumbled
from xianjie.trouble import Refused
from xianjie.wording import counted

INBOX = 30.0
"""Seconds in which the inbox of a simulated agency must have come into being."""


def simulate(
    agency: Agency = "",
    role: RoleName = "",
    amqp: Uri = "",
    wrong: Annotated[
        list[str] | None,
        typer.Option("--wrong", metavar="WHAT", help="What it does wrong; may be given several times. See --list."),
    ] = None,
    by_chance: Annotated[bool, typer.Option("--random", help="Now and then it declines, disputes, asks for papers.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of --random: the same seed, the same decisions.")] = 1,
    script: Annotated[
        Path | None,
        typer.Option(
            "--script",
            metavar="FILE",
            help="What it answers, as YAML: a list of {hears, nth, say: [{message, with}]}.",
            dir_okay=False,
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List what it can do wrong, and which clause says so.")] = False,
    as_json: AsJson = False,
) -> None:
    """Be an agency in one of the roles, well-behaved or not, until Ctrl-C: to try a network, a kit, or an idea against.

    Example: `xianjie simulate --agency CN-SH-PD-COURT --role court --amqp amqp://guest:guest@127.0.0.1:5672/ --wrong acts_twice`
    """
    if listing:
        if as_json:
            show_json({name: list(named) for name, named in WRONGS.items()})
        else:
            show(table(("wrong", "named by"), [(name, ", ".join(named)) for name, named in WRONGS.items()]))
        return
    if not (agency and role and amqp):
        raise Fault("say who it is, and where: --agency CODE --role ROLE --amqp URI", 2)
    checked(agency, role, 1.0)
    unknown = [each for each in wrong or () if each not in WRONGS]
    if unknown:
        raise Fault(f"--wrong {unknown[0][:80]}: there are {', '.join(WRONGS)}", 2)
    manner = Manner(
        ROLES[role], frozenset(wrong or ()), random.Random(seed) if by_chance else None, scripted.read(script) if script else None
    )
    with Simulated(amqp, agency, manner) as simulated:
        _open(simulated)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: simulated.stop())
        console(err=True).print(f"{agency} answers as {role}; Ctrl-C ends it")
        try:
            simulated.attend()
        except Stumbled as fault:
            raise Fault(f"{agency} stumbled over {fault}, as it was told to") from None
    console(err=True).print(f"{agency} said {counted(simulated.said, 'message')}")


def _open(simulated: Simulated) -> None:
    """Connect, and wait for an inbox that a trial is just about to make."""
    end, told = time.monotonic() + INBOX, False
    while True:
        try:
            simulated.open()
            return
        except Refused as fault:
            if fault.code != "unknown_agency":
                raise
            if time.monotonic() > end:
                remedy = "make it with xianjie conform --prepare, or in a network with xianjie agency register"
                raise Refused(fault.says, fault.code, remedy) from None
            if not told:
                console(err=True).print(f"agency.{simulated.code} is not there yet; waiting for it up to {INBOX:g} s")
            told = True
            time.sleep(0.3)
