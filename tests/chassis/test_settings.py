"""The settings of a service: every error at once, nothing misspelt taken for a default, no secret printed."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.settings import OTHERS, PREFIX, BadSettings, Settings, read_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy/README.md").read_text()
GOOD = {
    "XIANJIE_AMQP_URI": "amqp://intake:pw@b/x",
    "XIANJIE_MONGODB_URI": "mongodb://d/?replicaSet=rs0",
    "XIANJIE_SALT": "salt of ours",
}


def refused(service: str = "routing", **more: str) -> list[str]:
    """The lines of what is said against an environment."""
    with pytest.raises(BadSettings) as found:
        read_settings(service, {**GOOD, **more})
    return str(found.value).splitlines()


def test_every_error_is_said_at_once_each_with_the_variable_to_set() -> None:
    with pytest.raises(BadSettings) as found:
        read_settings(
            "intake",
            {
                "XIANJIE_AMQP_URI": "http://b", "XIANJIE_PARTITION": "0", "XIANJIE_BATCH": "many", "XIANJIE_DATABASE": "Big Base",
                "XIANJIE_DOOR_KEY": "short",
                                "XIANJIE_LOG_LEVEL": "loud", "XIANJIE_FRONT_PORT": "8000", "XIANJIE_EXERCISE": "", "XIANJIE_BATCHES": "100",
            },
        )  # fmt: skip
    first, *lines = str(found.value).splitlines()
    assert first == "intake cannot start; set these in its environment:"
    assert {line.split(":")[0].strip() for line in lines} == {
        "XIANJIE_AMQP_URI", "XIANJIE_MONGODB_URI", "XIANJIE_PARTITION", "XIANJIE_BATCH", "XIANJIE_DATABASE", "XIANJIE_DOOR_KEY",
        "XIANJIE_LOG_LEVEL",
        "XIANJIE_FRONT_AMQP_URI", "XIANJIE_SALT", "XIANJIE_BATCHES",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("XIANJIE_BATCHES", "XIANJIE_BATCH"),
        ("XIANJIE_PARTITON", "XIANJIE_PARTITION"),
        ("XIANJIE_MONGO_URI", "XIANJIE_MONGODB_URI"),
        ("XIANJIE_DOORPORT", "XIANJIE_DOOR_PORT"),
    ],
)
def test_a_name_that_is_misspelt_is_refused_and_the_nearest_is_named(wrong: str, right: str) -> None:
    assert refused(**{wrong: "1"})[1:] == [f"  {wrong}: is no setting; the nearest is {right}"]


def test_a_service_that_is_set_wrongly_ends_with_status_2_before_it_touches_anything() -> None:
    command = [sys.executable, "-m", "services.routing"]
    made = subprocess.run(command, cwd=ROOT, env={**GOOD, "XIANJIE_BATCHES": "1"}, capture_output=True, text=True, timeout=60)
    assert (made.returncode, made.stdout) == (2, "")
    assert "XIANJIE_BATCHES: is no setting" in made.stderr
    assert "Traceback" not in made.stderr


def test_what_compose_the_local_machine_and_the_command_line_use_is_let_alone() -> None:
    """The names under our prefix that other files here use, beside the settings, are those and no others; the page lists them."""
    files = ["docker-compose.yml", "deploy/compose.env.example", "deploy/bootstrap.sh", "Makefile", "deploy/docker/Dockerfile"]
    code = [*(ROOT / "deploy").rglob("*.py"), *(ROOT / "contracts/xianjie").rglob("*.py"), *(ROOT / each for each in files)]
    used = {name for file in code for name in re.findall(rf"{PREFIX}[A-Z_]+", file.read_text("utf-8"))}
    settings = {PREFIX + each.upper() for each in Settings.__dataclass_fields__}
    assert {next((each for each in OTHERS if name.startswith(each)), name) for name in used - settings} == set(OTHERS)
    read_settings("routing", {**GOOD, **dict.fromkeys(used - settings, "x"), f"{PREFIX}PASSWORD_INTAKE": "x"})
    assert [each for each in OTHERS if f"`{each}" not in PAGE] == []


PASSWORDS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=6, max_size=20).map(
    lambda text: f"Geheim{text}"
)


@given(PASSWORDS, st.sampled_from(["amqp", "amqps"]), st.sampled_from(["intake", ""]))
def test_no_password_and_no_secret_is_printed(password: str, scheme: str, user: str) -> None:
    settings = Settings(
        amqp_uri=f"{scheme}://{user}:{password}@broker:5672/xianjie", front_amqp_uri=f"{scheme}://door:{password}@broker/xianjie",
        mongodb_uri=f"mongodb://u:{password}@one,two/base?replicaSet=rs0&tlsCertificateKeyFilePassword={password.replace('&', '')}",
        database="x", salt=f"salt {password}", door_key=f"key of ours {password}",
    )  # fmt: skip
    shown = settings.redacted()
    assert "Geheim" not in str(shown)
    assert shown.keys() == set(Settings.__dataclass_fields__), "everything else is there"


def test_where_broker_and_database_are_is_printed() -> None:
    shown = read_settings(
        "routing", {**GOOD, "XIANJIE_AMQP_URI": "amqp://routing:pw@broker:5672/xianjie?heartbeat=10"}
    ).redacted()
    assert shown["amqp_uri"] == "amqp://routing:***@broker:5672/xianjie?heartbeat=10"
    assert shown["mongodb_uri"] == "mongodb://d/?replicaSet=rs0"
    assert shown["salt"] == "***"


def test_an_address_that_cannot_be_listened_on_ends_a_service_with_status_2_and_names_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {
            "PATH": os.environ["PATH"], "XIANJIE_AMQP_URI": "amqp://mediation:x@127.0.0.1:1/v", "XIANJIE_DOOR_PORT": str(port),
            "XIANJIE_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0", "XIANJIE_SALT": "salt of the tests",
        }  # fmt: skip
        ended = subprocess.run(
            [sys.executable, "-m", "services.mediation"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            cwd=ROOT,
        )
    assert ended.returncode == 2
    assert f"127.0.0.1 port {port} cannot be listened on" in ended.stderr
    assert "XIANJIE_DOOR_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
