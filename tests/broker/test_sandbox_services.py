"""Recorded traffic played again through the four services of a sandbox, and what they say there held against what was said then."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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


@pytest.fixture
def up(machine: Machine, tmp_path: Path) -> Iterator[Callable[..., Network]]:
    """A maker of networks whose services run; nothing is left of them."""
    made: list[Network] = []

    def make(*agencies: str, **kind: object) -> Network:
        network = Network(machine, tmp_path, f"sand{uuid.uuid4().hex[:8]}", **kind)  # type: ignore[arg-type]
        made.append(network)
        network.prepare(agencies)
        network.start()
        return network

    yield make
    for each in made:
        each.clear()


def record(network: Network, out: Path) -> Path:
    result = run("record", "--out", out, "--network", network.file)
    assert result.exit_code == 0, result.output
    return out


@pytest.mark.parametrize("case", EXERCISED)
def test_a_recorded_exercise_led_again_is_the_same_to_the_byte(up: Callable[..., Network], tmp_path: Path, case: str) -> None:
    journal = ROOT / f"tests/journals/{case}.journal"
    sandbox = up(exercise=Reader.about_of(journal)["exercise"], sandbox=True)
    played = run("replay", journal, "--into", sandbox.file)
    assert played.exit_code == 0, played.output
    compared = run("replay", journal, "--in-process", "--against", record(sandbox, tmp_path / "again.journal"))
    assert (compared.exit_code, ", 0 differences, " in compared.output) == (0, True), compared.output


def test_recorded_operation_ends_in_a_sandbox_as_it_ended_then(up: Callable[..., Network], tmp_path: Path) -> None:
    live = up(OFFICE, COURT)
    introduce(live)
    cases = carry(live, (f"sand-{k}" for k in range(4)))
    until(lambda: unsaid(live) == 0, "everything is said", 30)
    file, was = record(live, tmp_path / "live.journal"), ends(live)
    live.stop()
    sandbox = up(sandbox=True)
    played = run("replay", file, "--into", sandbox.file)
    assert played.exit_code == 0, played.output
    until(lambda: ends(sandbox) == was, "every case has come as far as it had", 60)
    assert len(was) == 2 * len(cases)


def unsaid(network: Network) -> int:
    live = seen.find(network.file)
    return sum(int(live.ask(each, "/unsaid")["count"]) for each in SERVICES)


def ends(network: Network) -> dict[tuple[str, str], object]:
    """How each case stands at intake and routing."""
    live = seen.find(network.file)
    return {(each, head["case"]): {**head["glance"]} for each in ("intake", "routing") for head in live.heads(each)}
