"""Every published case as the real network recorded it, played again: the same decisions to the byte, and the same state everywhere."""

import json
from pathlib import Path

import pytest

from tests.recording.golden import FOLDER, STATES
from tests.recording.memory import SCENARIOS
from xianjie.cli.replaying import run
from xianjie.play.scenario import load


def test_every_published_case_has_its_recording() -> None:
    kept = {each.stem for each in FOLDER.glob("*.journal")}
    assert kept == {load(each).id for each in SCENARIOS} == set(json.loads(STATES.read_text()))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.journal")), ids=lambda each: each.stem)
def test_a_published_case_is_decided_as_it_was(file: Path) -> None:
    compared, state = run(file)
    assert list(compared.differences()) == []
    assert not compared.left
    assert compared.commits > 10
    assert state == json.loads(STATES.read_text())[file.stem]
