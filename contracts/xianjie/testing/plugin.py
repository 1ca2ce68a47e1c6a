"""The pytest plugin: it is there wherever the contracts are installed, and loads nothing before a test asks for a fixture.

In the ini file, `xianjie_directory` names the folder of bodies that networks begin with.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xianjie.messages.org import Body
    from xianjie.testing.network import Network

DIRECTORY = "xianjie_directory"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Its one setting."""
    parser.addini(DIRECTORY, "The folder of bodies, as the network's directory has them.", type="paths")


@pytest.fixture(scope="session")
def xianjie_bodies(pytestconfig: pytest.Config) -> "list[Body]":
    """The bodies of the folders that `xianjie_directory` names."""
    from xianjie.bodies import read_bodies

    return [body for folder in pytestconfig.getini(DIRECTORY) for body in read_bodies(folder)]


@pytest.fixture
def xianjie_network(xianjie_bodies: "list[Body]") -> "Iterator[Callable[..., Network]]":
    """A maker of networks in memory: `xianjie_network(services=…, at=…, manners=…, seed=…, bodies=…)`, see `xianjie.testing.network.Network`.

    `bodies`: those of the directory, else of `xianjie_bodies`. In the end nothing may be parked or impossible, unless `sound=False`.
    """
    from xianjie.testing.network import Network

    checked: list[Network] = []

    def make(*, bodies: "Iterable[Body] | None" = None, sound: bool = True, **more: Any) -> "Network":
        network = Network(**more)
        network.know(xianjie_bodies if bodies is None else bodies)
        checked.extend([network] if sound else [])
        return network

    yield make
    faults = [fault for each in checked for fault in each.faults()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def xianjie_play(xianjie_bodies: "list[Body]") -> "Callable[..., list[str]]":
    """Plays a scenario file in memory: `xianjie_play(path, seed=…)` lists what went otherwise than it says."""
    from xianjie.testing.scenarios import played

    def play(path: str | Path, seed: int | None = None) -> list[str]:
        return played(Path(path), xianjie_bodies, seed)

    return play
