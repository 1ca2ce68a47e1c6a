"""`xianjie verify` without a running network: a recording, or the databases of services, held against themselves and each other."""

from contextlib import closing
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from xianjie import envelope
from xianjie.cli import installed, recorded
from xianjie.cli.findings import Findings
from xianjie.cli.replaying import SALT, run
from xianjie.cli.showing import Fault
from xianjie.messages.log import LogCommitted
from xianjie.recording.chains import Chains
from xianjie.recording.choosing import face
from xianjie.recording.comparing import Difference
from xianjie.recording.file import Reader
from xianjie.topology import LOG, is_case
from xianjie.wording import counted


def verified(recording: Path | None, databases: list[str]) -> Findings:
    """Everything there is to check of both."""
    found = Findings()
    logs = recorded.Logs(services=())
    for each in databases:
        _database(each, logs, found)
    if recording:
        _recording(recording, found)
    if recording and databases:
        seen = recorded.read(Reader(recording))
        found.faults += recorded.lost(seen, logs, lambda service, case: _again(logs, service, case))
    return found


def _database(uri: str, logs: recorded.Logs, found: Findings) -> None:
    stored, rules = installed.in_process("stored"), installed.rules()
    shown = f"{urlsplit(uri).hostname}{urlsplit(uri).path}"
    try:
        opened = stored(uri)
    except LookupError as fault:
        raise Fault(f"--database {shown}: {fault}") from None
    with closing(opened) as log:
        logs.services = (*logs.services, log.service)
        for case in log.cases():
            commits, faults = log.checked(rules[log.service], case)
            found.cases += is_case(case)
            found.faults += [f"{case} at {log.service}: {each}" for each in faults]
            logs.take(log.service, case, commits)
    found.commits, found.said = logs.commits, len(logs.said)


def _recording(file: Path, found: Findings) -> None:
    """Its blocks; what it says of commits; and each commit made again."""
    reader, chains = Reader(file), Chains()
    for each in reader:
        if each.exchange == LOG and face(each).name == LogCommitted.name:
            told = cast(LogCommitted, envelope.read(each.body).message)
            for row in told.commits:
                chains.take(told.service, row)
    found.recorded = reader.messages
    found.faults += [*reader.faults(), *chains.faults()]
    found.cases, found.commits = max(found.cases, sum(map(is_case, chains.cases))), max(found.commits, chains.commits)
    if chains.begun_later:
        found.notes.append(
            f"{counted(chains.begun_later, 'log')} began before the recording: their first commits were not checked"
        )
    _made_again(file, chains.broken, found)


def _made_again(file: Path, broken: set[tuple[str, str]], found: Findings) -> None:
    """In a log every commit contains the hash of the one before: only the first that differs says where it was altered."""
    compared, _ = run(file)
    first: dict[tuple[str, str], Difference] = {}
    for each in compared.differences():
        if (each.service, each.case) not in broken:  # what follows from that is no news
            first.setdefault((each.service, each.case), each)
    if first and all(each.n == 1 for each in first.values()):
        found.notes.append(f"no log agrees from its first commit on: is {SALT} the salt of that network?")
    for (service, case), each in sorted(first.items()):
        found.faults.append(
            f"{case} at {service}: commit {each.n}, made again, is another: it was altered, or other rules decided it; see xianjie replay"
        )
    if not compared.hashed and compared.commits:
        found.notes.append(f"hashes were not compared: the salt of the operator is not in {SALT}")
    found.notes += [f"{counted(count, 'commit')} could not be made again: {why}" for why, count in compared.left.most_common()]


def _again(logs: recorded.Logs, service: str, case: str) -> recorded.Commits:
    """A database of which nothing runs does not change."""
    return [{"n": n, "hash": hash} for n, hash in logs.hashes.get((service, case), {}).items()]
