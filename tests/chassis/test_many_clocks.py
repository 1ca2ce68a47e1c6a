"""Clocks in numbers: ten thousand open ones make none late, and none fires after what it waited for has happened; ten times that in the soak."""

import pytest

from tests.chassis import clocks
from tests.chassis.ground import Ground

pytestmark = [pytest.mark.broker, pytest.mark.alone]
OPEN, RACES = 10_000, 10_000
LATE = 1.0


def test_clocks_fire_within_a_second_of_their_moment_among_ten_thousand_open_ones(ground: Ground) -> None:
    ground.probe()
    clocks.open_clocks(ground, OPEN)
    late = clocks.lateness(ground)
    assert min(late) >= 0, "none fires before its moment"
    assert max(late) <= LATE, f"the latest of {len(late)} came {max(late):.2f} s late"


@pytest.mark.timeout(600)
def test_no_clock_fires_after_it_was_met_in_ten_thousand_races(ground: Ground) -> None:
    ground.probe()
    fired, afterwards = clocks.races(ground, RACES)
    assert afterwards == 0
    assert RACES // 20 < fired < RACES * 19 // 20, "it was a race: now the clock came first, now what it waited for"
