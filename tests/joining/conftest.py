"""One real network for all tests of joining: four services, a broker with its management API, three bodies that were there from the start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from joined import HERE, Joined

from deploy.local.machine import Machine
from deploy.local.network import Network
from xianjie.messages.org import OrgImported
from xianjie.voice import Operator


@pytest.fixture(scope="session")
def network(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    """Up, with its bodies in the directory."""
    made = Network(machine, tmp_path_factory.mktemp("joining"), "joining")
    try:
        made.prepare([each.code for each in HERE])
        made.start()
        with Operator(made.uri("operator"), "setup") as operator:
            id = operator.say(OrgImported(bodies=HERE), "directory", to="routing")
        made.wait_known("routing", "directory", id)
        yield Joined(made)
    finally:
        made.clear()


@pytest.fixture
def new(network: Joined, tmp_path: Path) -> Path:
    """The entry of a body that is not in the network yet."""
    return network.entry(tmp_path / "new.yaml")
