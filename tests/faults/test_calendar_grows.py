"""A service counts weekends alone in a year that is not announced, says so, and counts anew when the calendar has learnt the year."""

import json
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE, application
from tests.chassis.ground import until
from tests.contracts.years import NEXT, TEXT
from tests.faults.lives import Lives
from xianjie.agency import Agency
from xianjie.messages.ops import ClockAdvanced
from xianjie.vocabulary import CHINA
from xianjie.voice import Player

pytestmark = pytest.mark.broker
CASE = "grows"


@pytest.fixture
def later(machine: Machine, tmp_path: Path) -> Iterator[Lives]:
    """An exercise of which nothing runs yet."""
    name = f"grow{uuid.uuid4().hex[:8]}"
    network = Network(machine, tmp_path, name, exercise=name)
    network.prepare([OFFICE, COURT])
    yield Lives(network)
    network.clear()


def limits(network: Network) -> list[dict[str, object]]:
    """What intake said of its clock for the review, in order."""
    try:
        with urllib.request.urlopen(f"{network.doors['intake']}/cases/{CASE}", timeout=5) as answer:
            commits = json.load(answer)
    except OSError:
        return []
    said = [each for commit in commits for each in commit["said"]]
    return [each["data"] for each in said if ".sla." in each["type"] and each["data"]["clock"].endswith("/A1")]


def test_a_clock_in_a_year_that_is_not_announced_is_provisional_until_the_year_is_announced(later: Lives, tmp_path: Path) -> None:
    network = later.network
    network.processes["intake"] = later.start("intake")
    with Player(network.uri("player"), "player", exercise=network.name) as player:
        player.say(ClockAdvanced(to=datetime(NEXT, 9, 20, 9, tzinfo=CHINA), round=1), "clock")
    with Agency(network.uri(OFFICE), OFFICE, exercise=network.name) as office:
        office.say(application(1), CASE, time=datetime(NEXT, 9, 20, 9, tzinfo=CHINA))
        until(lambda: limits(network), "the clock has started", 20)
    (started,) = limits(network)
    assert started["provisional"] is True
    network.processes["intake"].end(20)
    file = tmp_path / "announced.yaml"
    file.write_text(TEXT.format(year=NEXT))
    network.processes["intake"] = later.start("intake", XIANJIE_CALENDAR=str(file))
    until(lambda: len(limits(network)) > 1, "it was counted anew", 20)
    recounted = limits(network)[1]
    assert recounted["provisional"] is False
    assert str(recounted["due"]) > str(started["due"]), "seven days are free"
    network.processes["intake"].end(20)
    network.processes["intake"] = later.start("intake", XIANJIE_CALENDAR=str(file))
    assert len(limits(network)) == 2, "once"


def test_a_service_does_not_start_with_years_that_cannot_be_used(later: Lives, tmp_path: Path) -> None:
    file = tmp_path / "announced.yaml"
    file.write_text(TEXT.format(year=NEXT + 3))
    process = later.start("intake", XIANJIE_CALENDAR=str(file))
    until(lambda: not process.alive(), "it has given up", 20)
    says = later.logs[-1].read_text()
    assert "XIANJIE_CALENDAR" in says
    assert f"must be {NEXT}, and not {NEXT + 3}" in says
