"""`xianjie conform`: whether an agency's system keeps to the contracts, tried on any RabbitMQ."""

import json
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from xianjie.cli.showing import AsJson, Fault, console, show_json
from xianjie.cli.verdicts import tell
from xianjie.cli.words import DAY, code_of, seconds
from xianjie.conformance import page, report
from xianjie.conformance.disturbing import ONE_BY_ONE
from xianjie.conformance.findings import Findings
from xianjie.conformance.place import Place
from xianjie.conformance.restarting import restarted
from xianjie.conformance.roles import ROLES
from xianjie.conformance.scripts import TOGETHER
from xianjie.conformance.trial import Trial, now
from xianjie.trouble import Away, Refused, WrongAddress
from xianjie.wording import counted

Agency = Annotated[str, typer.Option("--agency", metavar="CODE", help="The code of the agency.")]
Uri = Annotated[
    str,
    typer.Option("--amqp", metavar="URI", envvar="TRIAL_AMQP", help="A broker: amqp://user:password@host:port/vhost."),
]
RoleName = Annotated[str, typer.Option("--role", metavar="ROLE", help=f"One of {', '.join(ROLES)}.")]
NO_TRIAL, BROKEN_OFF = 3, 130
"""Exit statuses: there was no trial, or none to its end, for want of a broker or a system; somebody pressed Ctrl-C in it."""
ASKED = {
    "stop": "now stop {code}, within {limit:g} s", "start": "now start {code}, within {limit:g} s",
    "stayed": "{code} was not stopped: it still consumes its inbox after {limit:g} s, and what a restart shows was not seen",
}  # fmt: skip


def conform(
    agency: Agency,
    role: RoleName,
    amqp: Uri,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="In which the system must have answered.")
    ] = 10.0,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for the system to come up.", callback=seconds)
    ] = 30.0,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Of the ids of what is said; without it, new ones in every trial.")
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a report for build servers.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a report for people.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the whole report as JSON.")] = None,
    restart: Annotated[
        float | None,
        typer.Option(
            "--restart",
            metavar="SECONDS",
            help="At the end, ask you to stop the system and to start it again; so long each may take.",
        ),
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the exchanges and the inbox, so that the system can be started.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play the network towards a system, and say clause by clause whether it conforms.

    It needs nothing but a broker: any RabbitMQ, in a virtual host where no network runs, with a user who may do everything there. It makes the
    exchanges and the inbox; then start your system, within `--wait` or after a first call with `--prepare`: it consumes `agency.<CODE>` and
    publishes to `xianjie.agencies.in`, as in operation. It should take the legs that it is offered. Whether it acknowledges what it has dealt
    with can only be seen when it is stopped: `--restart 60` asks for that at the end. Exit status 0 if it conforms, 1 if not, 2 for wrong words,
    3 if there was no trial, or none to its end: the broker is away or refuses, or nobody consumes the inbox. A trial that is broken off, by its
    broker or by Ctrl-C (130), reports what was found by then.

    Example: `xianjie conform --agency CN-SH-PD-COURT --role court --amqp amqp://guest:guest@127.0.0.1:5672/ --html report.html`
    """
    checked(agency, role, patience)
    if restart is not None and not 1 <= restart <= 3600:
        raise Fault(f"--restart {restart:g}: give seconds, from 1 to 3600", 2)
    _writable(("--junit", junit), ("--html", html), ("--out", out))
    began = time.monotonic()
    try:
        with Place(amqp, agency) as place:
            if prepare:
                typer.echo(f"exchanges and agency.{agency} are there: start the system, then run this without --prepare")
                return
            trial = Trial(place, ROLES[role], patience, seed)
            broken, status = _played(trial, wait, restart)
    except (Refused, Away) as fault:
        raise Fault(f"no trial: {fault}", 2 if isinstance(fault, WrongAddress) else NO_TRIAL) from None
    about = {
        "agency": agency, "role": role, "at": now().isoformat(timespec="seconds"), "patience": patience,
        "seconds": round(time.monotonic() - began, 1), "broken_off": broken,
    }  # fmt: skip
    if as_json:
        show_json(report.as_json(trial.findings, about))
    else:
        tell(trial.findings, about)
    _write(trial.findings, about, junit, html, out)
    if broken:
        raise Fault(f"the trial was broken off: {broken}; what was not reached is not shown", status)
    if not trial.findings.conforms:
        raise typer.Exit(1)


def _played(trial: Trial, wait: float, restart: float | None) -> tuple[str, int]:
    """Play all scripts; why it was broken off, and the exit status of that, if it was. Raises as `Place` does where nobody comes."""
    code, says = trial.place.code, console(err=True)
    plays = [(f"{counted(len(TOGETHER), 'script')} at once", TOGETHER)]
    plays += [(each.__name__.replace("_", " "), (each,)) for each in ONE_BY_ONE]
    if restart is not None:
        plays.append(("a restart", (restarted(lambda what: says.print(ASKED[what].format(code=code, limit=restart)), restart),)))
    with says.status(f"waiting for {code}") as status:
        says.print(f"the inbox agency.{code} is there: start the system within {wait:g} s")
        trial.attend(wait)
        for words, scripts in plays:
            status.update(f"playing {words}")
            try:
                trial.run(scripts)
            except KeyboardInterrupt:
                return f"Ctrl-C while playing {words}", BROKEN_OFF
            except Away as fault:
                return f"{fault}, while playing {words}", NO_TRIAL
    return "", 0


def checked(agency: str, role: str, patience: float) -> None:
    """Raises `Fault` where a word cannot be meant."""
    code_of(agency, "--agency")
    if role not in ROLES:
        raise Fault(f"--role {role[:80]}: there are {', '.join(ROLES)}", 2)
    if not 0.2 <= patience <= DAY:
        raise Fault(f"--patience {patience:g}: give seconds, 0.2 to {DAY:g}", 2)


def _writable(*reports: tuple[str, Path | None]) -> None:
    """Asked before the trial, which takes a while."""
    for option, file in reports:
        if file and (file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK)):
            raise Fault(f"{option} {file}: cannot be written: name a file in a folder that is there and may be written", 2)


def _write(findings: Findings, about: dict[str, Any], junit: Path | None, html: Path | None, out: Path | None) -> None:
    whole = json.dumps(report.as_json(findings, about), ensure_ascii=False, indent=1)
    reports = ((junit, report.as_junit(findings, about)), (html, page.page(findings, about).encode()), (out, whole.encode()))
    for file, written in reports:
        if file:
            try:
                file.write_bytes(written)
            except OSError as fault:
                raise Fault(f"{file}: the report could not be written: {fault.strerror}", 1) from None
