"""A virtual host of its own on a real broker, as an integrator has one: nothing is in it, and its user may do everything there."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.machine import Machine


@pytest.fixture
def uri(machine: Machine) -> Iterator[str]:
    """Where a system and a trial of it meet."""
    vhost = f"trial-{uuid.uuid4().hex[:8]}"
    machine.broker.import_definitions({"vhosts": [{"name": vhost}]})
    yield machine.broker.uri(vhost)
    machine.broker.delete_vhost(vhost)
