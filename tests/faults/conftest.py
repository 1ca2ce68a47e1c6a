"""Broker and database for the tests of the chassis: one machine for the session, a clean ground for each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE
from tests.chassis.ground import Ground
from tests.faults.lives import Lives


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A broker and a database of our own. A test that stops one starts it again."""
    machine = Machine(tmp_path_factory.mktemp("machine"), environ={})
    machine.up()
    yield machine
    machine.down()


@pytest.fixture(scope="session")
def prepared(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The virtual host that all tests share."""
    Ground(machine, "probe", tmp_path_factory.mktemp("prepared")).prepare()
    return "probe"


@pytest.fixture
def ground(machine: Machine, prepared: str, tmp_path: Path) -> Iterator[Ground]:
    """Nothing waits in it, nothing is stored, no probe runs."""
    ground = Ground(machine, prepared, tmp_path)
    ground.empty()
    yield ground
    ground.close()


@pytest.fixture(scope="session")
def prepared_exercise(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The virtual host of an exercise."""
    Ground(machine, "drill", tmp_path_factory.mktemp("prepared"), "drill").prepare()
    return "drill"


@pytest.fixture
def exercise(machine: Machine, prepared_exercise: str, tmp_path: Path) -> Iterator[Ground]:
    """The same in an exercise, with a clock of its own."""
    ground = Ground(machine, prepared_exercise, tmp_path, "drill")
    ground.empty()
    yield ground
    ground.close()


@pytest.fixture(scope="session")
def lives_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Another machine: a user has one password on a broker, and the services of a network are the same users as the probe."""
    machine = Machine(tmp_path_factory.mktemp("lives"), environ={})
    machine.up()
    yield machine
    machine.down()


@pytest.fixture
def lives(lives_machine: Machine, tmp_path: Path) -> Iterator[Lives]:
    """A network of which nothing runs yet."""
    machine = lives_machine
    network = Network(machine, tmp_path, f"roll{uuid.uuid4().hex[:8]}")
    network.prepare([OFFICE, COURT])
    yield Lives(network)
    network.stop()
    machine.broker.delete_vhost(network.name)
