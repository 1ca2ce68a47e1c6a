"""`xianjie verify` without a running network: a recording, or the databases of services, held against themselves and each other."""

from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from xianjie.cli import installed, recorded
from xianjie.cli.again import SALT, run
from xianjie.cli.findings import Findings
from xianjie.cli.replaying import no_first_agrees
from xianjie.cli.showing import Fault
from xianjie.recording.chains import Chains
from xianjie.recording.choosing import Chosen, committed, tells_commits
from xianjie.recording.comparing import Difference
from xianjie.recording.file import Reader
from xianjie.topology import DIRECTORY, is_case
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
    parts = urlsplit(uri)
    shown = f"{parts.hostname}{parts.path}" if parts.scheme.startswith("mongodb") else "(no mongodb:// address)"
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
    about = Reader.about_of(file)
    chosen = Chosen.of(about.get("chosen"))
    reader, chains, first = Reader(file), Chains(), None
    for each in reader:
        first = each.offset if first is None else first
        if tells_commits(each):
            for row in committed(each):
                if not chosen.cases or row.case in chosen.cases or row.case == DIRECTORY:  # told in one breath with others
                    chains.take(each.key.split(".", 1)[0], row)
    found.recorded = reader.messages
    found.faults += [*reader.faults(), *chains.faults()]
    found.cases, found.commits = max(found.cases, sum(map(is_case, chains.cases))), max(found.commits, chains.commits)
    whole = first == 0 and not chosen.since
    (found.faults if whole else found.notes).extend(
        f"{case} at {service}: its first {counted(n - 1, 'commit')} {'are' if n > 2 else 'is'} not told of"
        + (": dropped" if whole else ": older than the recording, or dropped")
        for service, case, n in chains.begun_later()
    )
    _made_again(file, chains.broken, found, complete=not (chosen.since or chosen.types or chosen.agencies))


def _made_again(file: Path, broken: set[tuple[str, str]], found: Findings, *, complete: bool) -> None:
    """In a log every commit contains the hash of the one before: only the first that differs says where it was altered."""
    done = run(file)
    compared, differences = done.compared, list(done.compared.differences())
    if done.causal:
        found.notes.append(
            "the recording does not say when each service decided (it has no log.committed): nothing was made again"
        )
        return
    first: dict[tuple[str, str], Difference] = {}
    for each in differences:
        if (each.service, each.case) not in broken:  # what follows from that is no news
            first.setdefault((each.service, each.case), each)
    if compared.hashed and no_first_agrees(differences):
        found.notes.append(f"no log agrees from its first commit on: is {SALT} the salt of that network?")
    for (service, case), each in sorted(first.items()):
        if each.n is None:
            found.faults.append(f"{case} at {service}: what it said on {each.cause} is here, and no commit that said it: dropped")
            continue
        found.faults.append(
            f"{case} at {service}: commit {each.n}, made again, is another: it was altered, or other rules decided it; see xianjie replay"
        )
    for left in compared.lefts:
        if (left.service, left.case) not in broken:
            where = f"{left.case} at {left.service}: " + (f"commit {left.n}" if left.n else "something")
            (found.faults if complete else found.notes).append(f"{where} cannot be made again: {left.why}")
    if compared.masked:
        found.notes.append("the recording is anonymised: words and hashes were not compared")
    elif not compared.hashed and compared.commits:
        found.notes.append(f"hashes were not compared: the salt of the operator is not in {SALT}")


def _again(logs: recorded.Logs, service: str, case: str) -> recorded.Commits:
    """A database of which nothing runs does not change."""
    return [{"n": n, "hash": hash} for n, hash in logs.hashes.get((service, case), {}).items()]
