"""What the tests against a real broker and database have in common."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from deploy.local.machine import Machine
from tests.broker.network import CODE, OTHER, Network
from xianjie.agency import Agency
from xianjie.definitions import definitions, users


@pytest.fixture(scope="session")
def make_network(machine: Machine) -> Callable[..., Network]:
    """A maker of fresh virtual hosts: `make_network(agencies, partitions={…}, exercise=True, …)`."""

    def make(agencies: Sequence[str] = (), **options: Any) -> Network:
        vhost = f"try/{uuid.uuid4().hex[:8]}"
        everybody = users(agencies, exercise=options.get("exercise", False), sandbox=options.get("sandbox", False))
        options = {"partitions": {}, "passwords": {each: machine.password(each) for each in everybody}, **options}
        holds = definitions(vhost, agencies, **options)
        machine.broker.import_definitions(holds)
        return Network(machine, vhost, holds)

    return make


@pytest.fixture(scope="session")
def two_agencies(make_network: Callable[..., Network]) -> Network:
    """Two agencies and everything between them and the services, in an exercise."""
    return make_network((CODE, OTHER), partitions={}, exercise=True)


@pytest.fixture
def network(two_agencies: Network) -> Network:
    """The same with nothing waiting anywhere."""
    two_agencies.empty()
    return two_agencies


@pytest.fixture
def office(network: Network) -> Iterator[Agency]:
    """The first agency, connected."""
    with Agency.connect(network.uri(CODE), CODE) as office:
        yield office
