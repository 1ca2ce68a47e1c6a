"""The operators' page says all that there is to set, to watch and to ask, and nothing that is not there."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from services.bridge.counting import TRIES, Counted
from services.bridge.settings import BridgeSettings
from services.chassis.door import ROUTES
from services.chassis.parking import LADDER
from services.chassis.settings import PREFIX, Settings
from services.chassis.telemetry import Telemetry
from services.intake.front import serving
from xianjie import topology
from xianjie.cli import app
from xianjie.definitions import definitions, users
from xianjie.law import calendar
from xianjie.message import SERVICES

HERE = Path(__file__).parents[2] / "deploy"
PAGE = (HERE / "README.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]


def exported(registry: CollectorRegistry) -> set[str]:
    """The names under which a registry's metrics are scraped; of a histogram, its own."""
    return {each.name + ("_total" if each.type == "counter" else "") for each in registry.collect()}


def test_every_setting_is_there_with_its_default_and_no_other() -> None:
    documented = {name.strip("`"): default.strip("`") for name, default, *_ in ROWS if name.startswith(f"`{PREFIX}")}
    unset = (MISSING, None, "exercise-salt", "exercise-door-key")
    expected = {PREFIX + each.name.upper(): "–" if each.default in unset else str(each.default) for each in fields(Settings)}
    expected |= {
        PREFIX + each.name.upper(): "–" if each.default is MISSING else str(each.default)
        for each in fields(BridgeSettings)
        if each.name.startswith("bridge_")
    }
    assert documented == {**expected, PREFIX + "DATABASE": "xianjie_<service>", calendar.VARIABLE: "–"}


def test_the_bridge_has_no_setting_that_is_not_there() -> None:
    """Its own are in its table; the rest it shares with services, and the text names them."""
    shared = [PREFIX + each.name.upper() for each in fields(BridgeSettings) if not each.name.startswith("bridge_")]
    section = PAGE.split("## Agencies without AMQP", 1)[1].split("\n## ", 1)[0]
    assert [each for each in shared if f"`{each}`" not in section] == []
    assert {each.removeprefix(PREFIX).lower() for each in shared} <= {each.name for each in fields(Settings)}


def test_every_metric_is_there_and_no_other() -> None:
    telemetry = Telemetry("intake", 1, "error")
    serving.count_requests(telemetry.registry)
    documented = {row[0].strip("`") for row in ROWS if row[0].startswith("`xianjie_")}
    counted = Counted()
    assert documented == exported(telemetry.registry) | exported(counted.registry)
    outcomes = re.search(r"tries by `outcome`: (.*?) \|", PAGE)
    assert outcomes is not None
    assert tuple(re.sub(r" \(.*?\)", "", outcomes[1]).split(", ")) == TRIES


def test_every_page_of_the_door_is_there() -> None:
    documented = {path for row in ROWS for path in re.findall(r"`(/[^`?]*)`", row[0])}
    assert documented == {rule.rule for rule in ROUTES.iter_rules()}


def test_every_exchange_and_queue_in_the_picture_exists() -> None:
    made = definitions("v", ["CODE"], partitions={}, passwords={})
    there = {each["name"] for kind in ("exchanges", "queues") for each in made[kind]}
    named = set(re.findall(r"xianjie\.(?:events|agencies\.in|agencies\.out|log|ops|journal|unrouted)\b", PAGE))
    assert named == {*topology.JOURNALED, topology.JOURNAL, topology.UNROUTED}
    assert named <= there
    assert {"intake.in", "intake.1", "agency.CODE"} <= there
    assert all(f"`{user}`" in PAGE for user in users(()))


def test_the_steps_of_the_ladder_are_those_of_the_code() -> None:
    text = re.search(r"after (1 s, .*?);", PAGE)
    assert text is not None
    assert text[1] == "1 s, 5 s, 15 s, 1, 5, 15 minutes and 1 hour"
    assert LADDER == (1, 5, 15, 60, 300, 900, 3600)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?m)(?:^| |`)xianjie ([a-z-]+(?: [a-z][a-z-]*)?)(?= |`|$)", PAGE))))
def test_every_command_named_exists(command: str) -> None:
    words, group = command.split(), app
    names = {each.name for each in group.registered_commands}
    groups = {each.name: each.typer_instance for each in group.registered_groups}
    if words[0] in groups:
        inner = {each.name or each.callback.__name__.rstrip("_") for each in groups[words[0]].registered_commands}
        assert words[1] in inner
    else:
        assert words[0] in names


def test_every_file_and_link_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    files = re.findall(r"`([a-z.]+(?:\.py|\.sh|\.example|/))`", PAGE.split("## Files here")[1])
    assert len(files) > 6
    assert [each for each in links + files if not (HERE / each).exists()] == []


def test_the_services_of_compose_are_called_as_on_the_page() -> None:
    compose = yaml.safe_load((HERE.parent / "docker-compose.yml").read_text())["services"]
    named = set(re.findall(r"docker compose (?:stop|up -d|exec|run --rm|up)(?: --[a-z-]+)* ([a-z]+)\b", PAGE))
    assert named <= set(compose)
    assert all(each in PAGE for each in SERVICES)
