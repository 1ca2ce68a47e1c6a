"""The network in memory ends every scenario as the real one does, in whatever order messages come and whoever dies between two steps."""

from pathlib import Path
from random import Random

import pytest

from services.chassis.rehearsing import Disorder
from tests.recording.memory import SCENARIOS, TRAPS, staged
from xianjie.play.compare import differences
from xianjie.play.scenario import load

ONE = next(each for each in SCENARIOS if each.stem == "sh-markor-design-2020")
SEEDS = range(8)


def faults(file: Path, **more: object) -> list[str]:
    """What is otherwise than the scenario says."""
    scenario = load(file)
    stage, wrong = staged([scenario], **more)
    children = {each: stage.timeline(each) for each in scenario.cases - {scenario.id}}
    found = [*wrong[scenario.id], *differences(scenario, stage.timeline(scenario.id), children)]
    return [*found, *(f"parked: {each}" for each in stage.engine.parked())]


@pytest.mark.parametrize("file", [*SCENARIOS, *TRAPS], ids=lambda each: each.stem)
def test_every_scenario_ends_as_it_says(file: Path) -> None:
    assert faults(file) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("file", SCENARIOS[::5], ids=lambda each: each.stem)
def test_in_whatever_order_messages_come_and_whoever_dies_it_ends_the_same(file: Path, seed: int) -> None:
    assert faults(file, disorder=Disorder(Random(seed), dies=0.05, twice=0.05)) == []


def test_lives_do_end_and_messages_do_come_twice() -> None:
    """Else the test above would test nothing."""
    scenario = load(ONE)
    died: list[str] = []

    class Counting(Random):
        def random(self) -> float:
            found = super().random()
            died.extend(["x"] if found < 0.05 else [])
            return found

    staged([scenario], disorder=Disorder(Counting(1), dies=0.05, twice=0.05))
    assert len(died) > 10
