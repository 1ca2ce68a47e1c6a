"""`xianjie verify`: is every log whole, is everything said, do the services agree?"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.text import Text

from xianjie import journal
from xianjie.cli.cases import parked_at
from xianjie.cli.network import NO_CASES, Network, NetworkFile, find
from xianjie.cli.showing import AsJson, Fault, console, show, show_json
from xianjie.line import Away, Refused
from xianjie.tracks.track import BUILT, service_of
from xianjie.vocabulary import Track

OLD = 30.0
"""Seconds after which something stored and not yet said is a fault: the services look every 10 s."""
SETTLE = 3.0
"""Seconds that a disagreement may last: a message may be on its way."""

Heads = dict[str, dict[str, dict[str, Any]]]
"""By service and case: what its last commit shows."""


@dataclass(slots=True)
class Findings:
    """What was looked at, what is wrong, and what could not be looked at."""

    cases: int = 0
    commits: int = 0
    said: int = 0
    recorded: int | None = None
    parked: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(
    case: Annotated[str | None, typer.Argument(help="One case only.")] = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Check logs, hash chains, states, outbox, journal and the agreement of the services. Exit status 1 if anything is wrong.

    Example: `xianjie verify`
    """
    found = verified(find(network), case)
    if as_json:
        show_json({name: getattr(found, name) for name in Findings.__dataclass_fields__})
    else:
        _tell(found)
    if found.faults:
        raise typer.Exit(1)


def verified(network: Network, case: str | None = None) -> Findings:
    """Everything there is to check, of one case or of all."""
    found = Findings()
    ids = _logs(network, case, found)
    _journal(network, ids, found)
    _waiting(network, found)
    found.faults += _settled(lambda: list(disagreements(_heads(network, case))))
    return found


def _logs(network: Network, case: str | None, found: Findings) -> dict[str, str]:
    """Check every log; returns what they say they have said: by message id, the case and service."""
    known = {service: [case] if case else _cases(network, service) for service in network.doors}
    found.cases = len({each for cases in known.values() for each in cases if not each.startswith(NO_CASES)})
    ids: dict[str, str] = {}
    pairs = [(service, each) for service, cases in known.items() for each in cases]
    silent = not console(err=True).is_terminal
    for service, each in track(pairs, "checking logs", console=console(err=True), disable=silent, transient=True):
        commits = network.ask(service, f"/cases/{each}") or []
        found.faults += [f"{each} at {service}: {fault}" for fault in _checked(network, service, each)]
        found.commits += len(commits)
        ids |= {said["id"]: f"{each} at {service}" for commit in commits if not commit["unsent"] for said in commit["said"]}
    if case and not found.commits:
        raise Fault(f"no service knows a case {case}: list the cases with: xianjie cases")
    found.said = len(ids)
    return ids


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


def _journal(network: Network, ids: dict[str, str], found: Findings) -> None:
    """Whether everything that logs say was said is in the journal, as far back as it reaches."""
    missing, first, count = dict(ids), 0, 0
    try:
        for count, each in enumerate(journal.read(network.operator), 1):
            first = each.offset if count == 1 else first
            missing.pop(each.id or "", None)
    except (Refused, Away, Fault) as refused:
        found.notes.append(f"the journal was not checked: {refused}")
        return
    found.recorded = count
    if missing and first > 0:
        found.notes.append(f"{len(missing)} messages are older than the journal, which keeps only so long")
    else:
        found.faults += [f"{where}: message {id} was said and is not in the journal" for id, where in missing.items()]


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
        kept = network.ask(service, "/kept")["count"]
        found.kept += kept
    if found.kept:
        found.notes.append(f"{found.kept} unreadable messages were kept, and answered where they had a sender")


def _utc(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _settled(look: Callable[[], list[str]]) -> list[str]:
    """Disagreements that last: what is on its way has a moment to arrive."""
    end = time.monotonic() + SETTLE
    while faults := look():
        if time.monotonic() >= end:
            return faults
        time.sleep(0.3)
    return []


def _heads(network: Network, case: str | None) -> Heads:
    return {
        service: {each["case"]: each.get("glance", {}) for each in network.heads(service) if case in (None, each["case"])}
        for service in network.doors
    }


def disagreements(heads: Heads) -> Iterator[str]:
    """Where services see a case differently: its owner; a taken leg without proceeding, a proceeding whose leg is not taken."""
    intake, routing = heads.get("intake", {}), heads.get("routing", {})
    for case, seen in routing.items():
        owner = seen.get("owner")
        if owner and (answering := intake.get(case, {}).get("owner")) != owner:
            yield f"{case}: intake says that {answering or 'nobody'} answers for it, routing says {owner}"
    keepers = {service_of(each) for each in BUILT}
    for case in sorted(set(routing).union(*(heads.get(each, {}) for each in keepers))):
        yield from _legs(case, routing.get(case, {}), {each: heads.get(each, {}).get(case, {}) for each in sorted(keepers)})


def _legs(case: str, routing: dict[str, Any], tracks: dict[str, dict[str, Any]]) -> Iterator[str]:
    taken = {leg: track for leg, track, _, state in map(str.split, routing.get("open_legs", [])) if state == "taken"}
    for leg, kind in taken.items():
        keeper = service_of(Track(kind)) if kind in BUILT else None
        if keeper and leg not in tracks[keeper].get("taken", []):
            yield f"{case}: {leg} is taken, and {keeper} has no proceeding of it"
    for service, seen in tracks.items():
        for leg in (each.split(" ", 1)[0] for each in seen.get("proceedings", [])):
            if leg not in taken:
                yield f"{case}: {leg} is a proceeding at {service}, and routing does not hold it taken"


def _tell(found: Findings) -> None:
    recorded = f", {found.recorded} messages in the journal" if found.recorded is not None else ""
    show(Text(f"{found.cases} cases, {found.commits} commits, {found.said} messages said{recorded}"))
    for each in found.notes:
        show(Text(f"note: {each}", style="yellow"))
    for each in found.faults:
        show(Text(f"fault: {each}", style="red"))
    show(Text(f"verify: {len(found.faults)} faults, {found.parked} parked", style="red" if found.faults else "green"))
