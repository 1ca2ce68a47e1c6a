"""What the tests of the bridge have in common."""

from collections.abc import Iterator

import pytest

from deploy.local.machine import Machine
from tests.bridge.asking import Client
from tests.bridge.house import COURT, OFFICE, House


@pytest.fixture(scope="module")
def house(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A bridge alone, with a short visibility time."""
    if not machine.broker.running:
        machine.up()
    settings = {
        "XIANJIE_BRIDGE_VISIBILITY_SECONDS": "2",
        "XIANJIE_BRIDGE_WEBHOOK_LONGEST_SECONDS": "1",
        "XIANJIE_BRIDGE_WEBHOOK_SECONDS": "2",
        "XIANJIE_BRIDGE_PROXIES": "1",
    }
    house = House(machine, tmp_path_factory.mktemp("bridge"), settings)
    yield house
    house.close()


@pytest.fixture
def empty(house: House) -> House:
    """Nothing is in any inbox."""
    house.empty()
    return house


@pytest.fixture
def office(empty: House) -> Client:
    """An agency with nothing in its inbox."""
    return empty.client(OFFICE)


@pytest.fixture
def court(empty: House) -> Client:
    """Another one."""
    return empty.client(COURT)
