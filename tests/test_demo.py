"""The main job: published cases go through four real services, and end as published."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.machine import HOME, Machine
from tests.chassis.ground import until

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted((ROOT / "tests/scenarios").glob("*.yaml"))
FIVE = {
    "sh-markor-design-2020", "cnipa-boehringer-hec-2021", "bj-baili-apple-2014", "gs-jinchang-liquor-2023", "sd-caoxian-12-2025",
}  # fmt: skip


@pytest.mark.broker
@pytest.mark.timeout(1200)
def test_every_published_case_ends_as_published_with_nothing_lost_and_nothing_parked(tmp_path: Path) -> None:
    """`make demo` on all scenarios at once, in order of date; and the table of messages names only scenarios that show them."""
    shown = tmp_path / "shown.json"
    made = subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--brief", "--shown", shown, "--home", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    n = len(SCENARIOS)
    assert made.stdout.rstrip().splitlines()[-1:] == [f"demo: {n} cases played, {n} ended as published, 0 lost, 0 parked"], (
        made.stdout + made.stderr
    )[-6000:]
    assert made.returncode == 0
    kept = json.loads((ROOT / "tests/scenarios/shown.json").read_text())
    seen = json.loads(shown.read_text())
    assert {name: files for name, files in kept.items() if not set(files) <= set(seen.get(name, []))} == {}


HEARING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs in the background deaf to it
runpy.run_module("deploy.demo", run_name="__main__", alter_sys=True)
"""


@pytest.mark.broker
@pytest.mark.timeout(300)
def test_an_interrupted_start_leaves_nothing_behind(tmp_path: Path) -> None:
    """As Ctrl-C does it, while broker and database are coming up."""
    words = [sys.executable, "-c", HEARING, "--home", tmp_path]
    machine = Machine(tmp_path / HOME.name, environ={})
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as made:
        until(lambda: machine.running, "something of it runs")
        made.send_signal(signal.SIGINT)
        _, said = made.communicate(timeout=240)
    assert (made.returncode, "Traceback" in said) == (130, False), said
    assert not machine.running
    assert [each.name for each in tmp_path.iterdir()] == [HOME.name]


def test_progress_that_nobody_reads_hinders_nothing() -> None:
    """Its reader has gone: a pipe that is closed at the other end."""
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-c", "from deploy.demo import say; say('stopping everything'); print('stopped')"]
    made = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=writer, text=True, check=False)
    os.close(writer)
    assert (made.stdout, made.returncode) == ("stopped\n", 0)


def test_there_are_ten_cases_and_those_that_were_asked_for() -> None:
    """At least ten published cases, five of them by name."""
    assert len(SCENARIOS) >= 10
    assert {each.stem for each in SCENARIOS} >= FIVE


@pytest.mark.broker
def test_a_scenario_that_is_none_is_refused_with_every_fault_and_nothing_is_started(tmp_path: Path) -> None:
    """What, where, what to do; exit status 2."""
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "scenario: bad-one\ntitle: x\nsteps: 1\nsays: [{at: 2020-13-01, as: CN-SH-IPO, say: referral.offered}]\nexpect: {owner: CN-SH-IPO}\n"
    )
    made = subprocess.run([sys.executable, "-m", "deploy.demo", bad], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 2
    assert "bad.yaml" in made.stderr
    assert "referral.offered" in made.stderr
    assert "Traceback" not in made.stderr
