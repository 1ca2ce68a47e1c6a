"""The network in memory ends every scenario as the real one does, in whatever order messages come and whoever dies between two steps."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.recording.memory import SCENARIOS, TRAPS, staged
from xianjie.play.memory import Disorder
from xianjie.play.scenario import load

ONE = next(each for each in SCENARIOS if each.stem == "sh-markor-design-2020")
Play = Callable[..., list[str]]


@pytest.mark.parametrize("file", [*SCENARIOS, *TRAPS], ids=lambda each: each.stem)
def test_every_scenario_ends_as_it_says(xianjie_play: Play, file: Path) -> None:
    assert xianjie_play(file) == []


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("file", SCENARIOS[::5], ids=lambda each: each.stem)
def test_in_whatever_order_messages_come_and_whoever_dies_it_ends_the_same(xianjie_play: Play, file: Path, seed: int) -> None:
    assert xianjie_play(file, seed=seed) == []


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
