"""Every published case as the real network recorded it, played again: the same decisions to the byte, and the same state everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording import pythons
from tests.recording.golden import FOLDER, STATES
from tests.recording.memory import SCENARIOS
from xianjie.cli.again import run
from xianjie.play.scenario import load


def test_another_seed_of_hashing_ends_in_the_same_states() -> None:
    """Other Pythons: python -m tests.recording.pythons."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.recording.pythons", "--states"]
    for seed in pythons.SEEDS:
        done = subprocess.run(
            words, cwd=pythons.ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == json.loads(STATES.read_text())


def test_every_published_case_has_its_recording() -> None:
    kept = {each.stem for each in FOLDER.glob("*.journal")}
    assert kept == {load(each).id for each in SCENARIOS} == set(json.loads(STATES.read_text()))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.journal")), ids=lambda each: each.stem)
def test_a_published_case_is_decided_as_it_was(file: Path) -> None:
    done = run(file)
    compared, state = done.compared, done.state
    assert list(compared.differences()) == []
    assert not compared.left
    assert compared.commits > 10
    assert state == json.loads(STATES.read_text())[file.stem]
