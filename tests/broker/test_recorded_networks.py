"""A network that was recorded and stopped: its traffic played again through the services of a sandbox, its databases checked as they lie."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE
from tests.chassis.ground import until
from tests.faults.lives import carry, introduce
from tests.recording.command import run
from tests.recording.memory import ROOT
from xianjie.cli import network as seen
from xianjie.message import SERVICES
from xianjie.recording.file import Reader

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

EXERCISED = ["sh-markor-design-2020", "ah-wuhu-9-wonton-2024"]
Up = Callable[..., Network]


@pytest.fixture(scope="module")
def up(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A maker of networks whose services run; nothing is left of them."""
    made: list[Network] = []

    def make(*agencies: str, **kind: Any) -> Network:
        network = Network(machine, tmp_path_factory.mktemp("networks"), f"sand{uuid.uuid4().hex[:8]}", **kind)
        made.append(network)
        network.prepare(agencies)
        network.start()
        return network

    yield make
    for each in made:
        each.clear()


def named(machine: Machine, database: str) -> str:
    """The address of one database."""
    return machine.database.uri().replace("/?", f"/{database}?")


@dataclass(frozen=True)
class Stopped:
    """Four cases went through a network, which was recorded and stopped."""

    network: Network
    file: Path
    ends: dict[tuple[str, str], Any]
    """By service and case, how it stood."""

    def database(self, service: str) -> str:
        """Where the log of a service is."""
        return named(self.network.machine, f"{self.network.name}_{service}")

    def verify(self, *words: str | Path) -> list[str]:
        """The faults that are found in the databases."""
        logs = [word for each in SERVICES for word in ("--database", self.database(each))]
        result = run("verify", *logs, *words)
        faults = [line.removeprefix("fault: ") for line in result.output.splitlines() if line.startswith("fault: ")]
        assert result.exit_code == bool(faults), result.output
        return faults


@pytest.fixture(scope="module")
def stopped(up: Up, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    live = up(OFFICE, COURT)
    introduce(live)
    carry(live, (f"sand-{k}" for k in range(4)))
    until(lambda: unsaid(live) == 0, "everything is said", 30)
    file, was = record(live, tmp_path_factory.mktemp("recorded") / "live.journal"), ends(live)
    live.stop()
    return Stopped(live, file, was)


def record(network: Network, out: Path) -> Path:
    result = run("record", "--out", out, "--network", network.file)
    assert result.exit_code == 0, result.output
    return out


def unsaid(network: Network) -> int:
    live = seen.find(network.file)
    return sum(int(live.ask(each, "/unsaid")["count"]) for each in SERVICES)


def ends(network: Network) -> dict[tuple[str, str], Any]:
    """How each case stands at intake and routing."""
    live = seen.find(network.file)
    return {(each, head["case"]): {**head["glance"]} for each in ("intake", "routing") for head in live.heads(each)}


@pytest.mark.parametrize("case", EXERCISED)
def test_a_recorded_exercise_led_again_is_the_same_to_the_byte(up: Up, tmp_path: Path, case: str) -> None:
    journal = ROOT / f"tests/journals/{case}.journal"
    sandbox = up(exercise=Reader.about_of(journal)["exercise"], sandbox=True)
    led_again(journal, sandbox.file, tmp_path)


def led_again(journal: Path, sandbox: Path, folder: Path) -> None:
    """A recording is played in a sandbox, which says what was said then."""
    played = run("replay", journal, "--into", sandbox)
    assert played.exit_code == 0, played.output
    again = folder / "again.journal"
    assert run("record", "--out", again, "--network", sandbox).exit_code == 0
    compared = run("replay", journal, "--in-process", "--against", again)
    assert (compared.exit_code, ", 0 differences, " in compared.output) == (0, True), compared.output


def test_one_command_sets_up_a_sandbox_for_a_recording(tmp_path: Path) -> None:
    journal = ROOT / "tests/journals/ah-huangshan-online-tm.journal"
    local = [sys.executable, "-m", "deploy.local"]
    where = ["--name", "sandbox", "--home", str(tmp_path)]
    try:
        up = subprocess.run([*local, "up", *where, "--sandbox", journal], capture_output=True, text=True, check=False, cwd=ROOT)
        assert up.returncode == 0, up.stderr
        file = tmp_path / "sandbox/network.json"
        assert f"try: .venv/bin/xianjie replay {journal} --into {file}" in up.stdout
        led_again(journal, file, tmp_path)
    finally:
        down = subprocess.run([*local, "down", *where], capture_output=True, text=True, check=False, cwd=ROOT)
    assert down.returncode == 0, down.stderr


def test_recorded_operation_ends_in_a_sandbox_as_it_ended_then(up: Up, stopped: Stopped) -> None:
    sandbox = up(sandbox=True)
    played = run("replay", stopped.file, "--into", sandbox.file)
    assert played.exit_code == 0, played.output
    until(lambda: ends(sandbox) == stopped.ends, "every case has come as far as it had", 60)
    assert len(stopped.ends) == 8


@pytest.fixture
def log(stopped: Stopped) -> Iterator[Any]:
    """The log of intake, which a test may spoil; mended afterwards."""
    with MongoClient[dict[str, Any]](stopped.database("intake"), tz_aware=True) as client:
        log = client.get_default_database()["log"]
        whole = list(log.find({"case": "sand-1"}))
        yield log
        log.delete_many({"case": "sand-1"})
        log.insert_many(whole)


def test_logs_lie_whole_in_their_databases_and_agree_with_the_recording(
    stopped: Stopped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANJIE_SALT", stopped.network.secrets["XIANJIE_SALT"])
    assert stopped.verify() == []
    assert stopped.verify("--journal", stopped.file) == []


def test_a_commit_that_is_altered_where_it_lies_is_named(stopped: Stopped, log: Any) -> None:
    log.update_one({"case": "sand-1", "n": 3}, {"$set": {"cause.id": "another"}})
    assert stopped.verify() == ["sand-1 at intake: commit 3 was altered"]


def test_a_commit_that_is_dropped_is_named(stopped: Stopped, log: Any) -> None:
    log.delete_one({"case": "sand-1", "n": 3})
    assert stopped.verify() == ["sand-1 at intake: commit 3 is missing; 4 stands in its place"]


def test_commits_in_another_order_are_named(stopped: Stopped, log: Any) -> None:
    third, fourth = (log.find_one_and_delete({"case": "sand-1", "n": n}) for n in (3, 4))
    log.insert_many([{**third, "n": 4, "_id": "sand-1/4"}, {**fourth, "n": 3, "_id": "sand-1/3"}])
    found = stopped.verify()
    assert "sand-1 at intake: commit 3 does not follow the hash of 2" in found
    assert "sand-1 at intake: commit 4 was altered" in found


def test_the_last_commit_that_is_dropped_shows_against_the_recording(stopped: Stopped, log: Any) -> None:
    last = log.find_one({"case": "sand-1"}, sort=[("n", -1)])
    log.delete_one({"_id": last["_id"]})
    assert stopped.verify() == []
    (found,) = stopped.verify("--journal", stopped.file)
    assert found.startswith(f"sand-1 at intake: commit {last['n']} is in the journal and not in the log")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=100", "the database does not answer"),
        ("mongodb://127.0.0.1:1", "it names no database"),
        ("nonsense", "it is no address of a database"),
    ],
)
def test_what_is_no_database_of_a_service_is_said(address: str, why: str) -> None:
    result = run("verify", "--database", address)
    assert (result.exit_code, why in result.output) == (1, True), result.output


def test_a_database_without_a_log_is_said(stopped: Stopped) -> None:
    result = run("verify", "--database", named(stopped.network.machine, "empty"))
    assert (result.exit_code, "empty holds no log of a service" in result.output) == (1, True)
