"""`xianjie verify`: is every log whole, is everything said, do the services agree?"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from xianjie import journal, timeline
from xianjie.cli import offline, recorded
from xianjie.cli.agreement import Heads, disagreements
from xianjie.cli.cases import parked_at
from xianjie.cli.findings import Findings, tell
from xianjie.cli.network import Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, console, show_json
from xianjie.line import Away, Refused
from xianjie.timeline import broken
from xianjie.topology import is_case
from xianjie.wording import counted

OLD = 30.0
"""Seconds after which something stored and not yet said is a fault: the services look every 10 s."""
SETTLE = 3.0
"""Seconds that a disagreement may last: a message may be on its way."""


def verify(
    case: Annotated[str | None, typer.Argument(help="One case only.")] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            "--journal",
            metavar="FILE",
            help="Without a network: what this recording says of commits.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    database: Annotated[
        list[str] | None,
        typer.Option(
            "--database", metavar="MONGODB_URI", help="Without a network: the log in this database of a service. May be repeated."
        ),
    ] = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Check logs, hash chains, states, outbox, journal, what must hold of every case, and the agreement of the services. Exit status 1
    if anything is wrong.

    Without a network, a recording is checked commit by commit: each is made again, and its hash compared where the operator's salt is in
    `XIANJIE_SALT`. The database of a service that does not run, a restored copy for example, is checked as it is; given both, what the
    recording says of commits is held against the logs.

    Examples: `xianjie verify`, `xianjie verify --journal monday.journal`,
    `xianjie verify --database mongodb://localhost/xianjie_intake --journal monday.journal`
    """
    if recording or database:
        if case:
            raise Fault("a recording or a database is checked whole: leave the case out", 2)
        found = offline.verified(recording, database or [])
    else:
        found = verified(find(network), case)
    if as_json:
        show_json({name: getattr(found, name) for name in Findings.__dataclass_fields__})
    else:
        tell(found)
    if found.faults:
        raise typer.Exit(1)


def verified(network: Network, case: str | None = None) -> Findings:
    """Everything there is to check, of one case or of all."""
    found = Findings()
    network, silent = network.answering()
    found.faults += [f"{why}: nothing of that service was checked" for why in silent]
    logs, strange = _logs(network, case, found)
    _journal(network, logs, case, found)
    if strange and not silent:  # of half a case much looks impossible
        found.faults += _lasting(lambda: [f"{each}: {why}" for each in strange for why in broken(network.timeline(each))])
    _agreement(network, case, found)
    _waiting(network, found)
    return found


def _agreement(network: Network, case: str | None, found: Findings) -> None:
    """Where services see a case differently. While something is stored and not yet said, it may only be on its way."""
    lasting = _lasting(lambda: list(disagreements(_heads(network, case))))
    unsaid = sum(network.ask(service, "/unsaid")["count"] for service in network.doors) if lasting else 0
    if unsaid:
        found.notes.append(
            f"{unsaid} commits are not said yet: what services see differently may be in flight; verify again at rest"
        )
        found.notes += [f"in flight? {each}" for each in lasting]
    else:
        found.faults += lasting


def _logs(network: Network, case: str | None, found: Findings) -> tuple[recorded.Logs, list[str]]:
    """Check every log. Returns what they hold and what they say they have said; and the cases in which something looks impossible."""
    known = _known(network, case)
    found.cases = sum(map(is_case, known))
    logs, strange = recorded.Logs(services=(*network.doors,)), []
    silent = not console(err=True).is_terminal
    for each, services in track(known.items(), "checking logs", console=console(err=True), disable=silent, transient=True):
        there = {service: commits for service in services if (commits := list(network.log(service, each)))}
        for service, commits in there.items():
            found.faults += [f"{each} at {service}: {fault}" for fault in _checked(network, service, each)]
            logs.take(service, each, commits)
        if is_case(each) and any(broken(timeline.build(each, there))):
            strange.append(each)
    found.commits, found.said = logs.commits, len(logs.said)
    if case and not found.commits:
        raise Fault(f"no service knows a case {case}: list the cases with: xianjie cases")
    return logs, strange


def _known(network: Network, case: str | None) -> dict[str, list[str]]:
    """Which services have a log of each subject."""
    known: dict[str, list[str]] = {case: [*network.doors]} if case else {}
    for service in network.doors if case is None else ():
        for each in _cases(network, service):
            known.setdefault(each, []).append(service)
    return known


def _checked(network: Network, service: str, case: str) -> list[str]:
    try:
        return list(network.ask(service, f"/verify/{case}")["faults"])
    except Fault as fault:
        return [f"cannot be checked: {fault}"]


def _cases(network: Network, service: str) -> list[str]:
    """Every subject with a log, registers and the directory too."""
    cases, after = [], ""
    while page := network.ask(service, f"/cases?after={after}" if after else "/cases"):
        cases += [each["case"] for each in page]
        after = cases[-1]
    return cases


def _journal(network: Network, logs: recorded.Logs, case: str | None, found: Findings) -> None:
    """Whether what logs say was said is in the journal, as far back as it reaches; and what the journal was told is in the logs."""
    try:
        seen = recorded.read(journal.read(network.operator))
    except (Refused, Away, Fault) as refused:
        found.faults.append(f"{refused}: the journal was not checked")
        return
    found.recorded = seen.count
    missing = [id for id in logs.said if id not in seen.ids]
    if missing and seen.first > 0:
        found.notes.append(f"{len(missing)} messages are older than the journal, which keeps only so long")
    else:
        found.faults += [f"{logs.said[id]}: message {id} was said and is not in the journal" for id in missing]
    found.faults += recorded.lost(seen, logs, lambda service, each: list(network.log(service, each)), case)


def _waiting(network: Network, found: Findings) -> None:
    """What is parked, kept, or stored and not said."""
    for service in network.doors:
        unsaid = network.ask(service, "/unsaid")
        age = (datetime.now(UTC) - _utc(unsaid["oldest"])).total_seconds() if unsaid["oldest"] else 0.0
        if age > OLD:
            found.faults.append(f"{service}: {unsaid['count']} commits are not said, the oldest for {age:.0f} s")
        parked = parked_at(network, service)
        found.parked += len(parked)
        found.faults += [f"{each} is parked at {service}: xianjie parked list" for each in parked]
        kept = network.ask(service, "/kept")
        found.undelivered += kept["undelivered"]
        found.kept += kept["count"] - kept["undelivered"]
    if found.kept:
        found.notes.append(f"{counted(found.kept, 'invalid message')} kept, and answered where there was a sender to answer")
    if found.undelivered:
        found.notes.append(f"{counted(found.undelivered, 'message')} kept, for nobody who can be reached hears them")


def _utc(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _lasting(look: Callable[[], list[str]]) -> list[str]:
    """Disagreements that are there at every look for `SETTLE` seconds: what is on its way has a moment to arrive."""
    end, found = time.monotonic() + SETTLE, look()
    while found and time.monotonic() < end:
        time.sleep(0.3)
        seen = look()
        found = [each for each in found if each in seen]
    return found


def _heads(network: Network, case: str | None) -> Heads:
    return {
        service: {each["case"]: each.get("glance", {}) for each in network.heads(service) if case in (None, each["case"])}
        for service in network.doors
    }
