"""What all tests have in common: one broker and database for a whole run, on which each test finds a clean ground."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from deploy.local.machine import Machine
from tests.chassis.ground import Ground

pytest_plugins = ["pytester"]
set_hypothesis_home_dir(Path(__file__).parents[1] / ".local/hypothesis")
settings.register_profile("xianjie", deadline=None)  # how long an example takes says more of the machine than of the code
settings.load_profile("xianjie")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those on a real broker and database go first: they are the long ones, and two processes that share the tests end together then."""
    items.sort(key=lambda item: item.get_closest_marker("broker") is None)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A broker and a database of our own. A test that stops one starts it again."""
    machine = Machine(tmp_path_factory.mktemp("machine"), environ={})
    machine.up()
    yield machine
    machine.down()


@pytest.fixture(scope="session")
def prepared(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The virtual host of the probe, which its tests share."""
    Ground(machine, "probe", tmp_path_factory.mktemp("prepared")).prepare()
    return "probe"


@pytest.fixture
def ground(machine: Machine, prepared: str, tmp_path: Path) -> Iterator[Ground]:
    """Nothing waits in it, nothing is stored, no probe runs."""
    if not (machine.broker.running and machine.database.running):
        machine.up()  # a test that stopped one of them failed before it started it again
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
