"""The guide for those who join, done as it is written: from the built wheel in an empty environment to the first accepted message."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from joined import CITY, Joined

from xianjie import __version__

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "contracts/site/pages" / name for name in ("joining.md", "joining.zh.md")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\S+)\n")
STEPS = 10

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]


def blocks(guide: Path) -> list[tuple[str, str]]:
    """Its blocks of code, each with its language."""
    return BLOCK.findall(guide.read_text("utf-8"))


def script(guide: Path, folder: Path, given: dict[str, str]) -> str:
    """All that is to be typed, in order; the files that are to be written are written. `given`: what each reader has of his own."""
    typed = ["set -eu"]
    for language, text in blocks(guide):
        if language == "sh":
            typed.append(text)
        elif language == "json":
            (folder / "accepted.json").write_text(text)
        else:
            name = NAMED.match(text)
            assert name, "a file begins with its name"
            (folder / name[1]).write_text(text)
    own = "\n".join(f"export {name}={value!r}" for name, value in given.items())
    return "\n".join([typed[0], typed[1], own, *typed[2:]])


def test_both_languages_have_the_same_ten_steps_and_the_same_code() -> None:
    """Who reads Chinese types the same."""
    first, second = GUIDES
    assert blocks(first) == blocks(second)
    assert f"export WHEEL=xianjie-{__version__}-py3-none-any.whl" in blocks(first)[0][1]
    assert [len(re.findall(r"^## \d+\. ", each.read_text("utf-8"), re.MULTILINE)) for each in GUIDES] == [STEPS, STEPS]


def wheel(folder: Path) -> Path:
    """The distribution of the contracts, built."""
    source = folder / "source"
    ignored = ("--exclude=site", "--exclude=node_modules", "--exclude=*.egg-info", "--exclude=build")
    source.mkdir()
    packed = subprocess.run(
        ["tar", "-C", str(ROOT / "contracts"), *ignored, "-c", "xianjie", "pyproject.toml"], capture_output=True, check=True
    )
    subprocess.run(["tar", "-C", str(source), "-x"], input=packed.stdout, check=True)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(source),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (made,) = folder.glob("xianjie-*.whl")
    return made


def test_the_ten_steps_lead_from_the_wheel_to_the_first_accepted_message(network: Joined, tmp_path: Path) -> None:
    """In a folder with nothing in it; the operators' part is done beside it, with their own command line."""
    trial = f"trial-{uuid.uuid4().hex[:8]}"
    broker = network.network.machine.broker
    broker.import_definitions({"vhosts": [{"name": trial}]})
    address = broker.uri(network.network.name, "$CODE", "x").replace("%24CODE:x", "$CODE:$(cat new.password)")
    folder = tmp_path / "new office"
    folder.mkdir()
    text = script(GUIDES[0], folder, {"TRIAL": broker.uri(trial), "WHEEL": str(wheel(tmp_path))})
    text = text.replace("venv/bin/xianjie who-hears", f'export AMQP="{address}"\nvenv/bin/xianjie who-hears', 1)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "XIANJIE_NETWORK": str(network.file),
    }  # fmt: skip
    with network.answering(CITY):
        done = subprocess.run(
            ["bash", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=360, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    for each in (
        "inbox:    agency.CN-GD-NEW",
        "accepted.json: ok",
        "ok: CN-GD-NEW as mediation_body conforms",
        "CN-GD-NEW has answered",
        "202",
    ):
        assert each in said.splitlines() or any(line.startswith(each) for line in said.splitlines()), said
    broker.delete_vhost(trial)
