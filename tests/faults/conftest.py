"""Four real services for the tests that take them away."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE
from tests.faults.lives import Lives


@pytest.fixture
def lives(machine: Machine, tmp_path: Path) -> Iterator[Lives]:
    """A network of which nothing runs yet."""
    network = Network(machine, tmp_path, f"roll{uuid.uuid4().hex[:8]}")
    network.prepare([OFFICE, COURT])
    yield Lives(network)
    network.clear()
