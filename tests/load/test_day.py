"""A small day in memory: it is what the model says, every case comes to its end, and it is decided again without a difference."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.load import day
from tests.load.memory import Day, recorded
from tests.recording.command import run
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader, Writer

CASES, SEED = 120, 5


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Day, Path]:
    path = tmp_path_factory.mktemp("day") / "day.journal"
    return recorded(path, CASES, SEED), path


def test_the_mix_is_that_of_the_published_figures() -> None:
    ways = Counter(each.way for each in day.plans(20_000, 1))
    counts = {name: each["a_year"] for name, each in day.model()["ways"].items()}
    for name, count in counts.items():
        assert ways[name] / 20_000 == pytest.approx(count / sum(counts.values()), abs=0.01)
    agreed = Counter(each.smooth for each in day.plans(20_000, 1) if each.way == "mediation")
    assert agreed[True] / agreed.total() == pytest.approx(0.8, abs=0.02)


def test_the_same_seed_makes_the_same_day() -> None:
    assert list(day.plans(50, 3)) == list(day.plans(50, 3)) != list(day.plans(50, 4))


@pytest.mark.parametrize("way", ["court", "mediation", "adjudication", "penalty"])
@pytest.mark.parametrize("smooth", [True, False])
def test_every_way_comes_to_its_end_and_nothing_is_refused(tmp_path: Path, way: str, smooth: bool) -> None:
    (first,) = day.plans(1, 1)
    plan = replace(first, way=way, smooth=smooth, right="patent")
    with Writer.begin(tmp_path / "one.journal", {"by": "a test", "network": "memory", "chosen": {}}) as writer:
        played = Day([plan], writer)
        played.play()
    assert (played.ended, played.refused) == ({plan.case}, [])


def test_a_day_is_seen_through(played: tuple[Day, Path]) -> None:
    assert len(played[0].ended) == CASES
    assert played[0].refused == []


def test_a_day_is_decided_again_without_a_difference(played: tuple[Day, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "exercise-salt")
    found = json.loads(run("replay", played[1], "--in-process", "--json").output)
    assert (found["differences"], found["left_out"], found["hashes_compared"]) == ([], {}, True)
    assert found["messages"] > 100 * CASES


def test_the_recording_holds_every_case(played: tuple[Day, Path]) -> None:
    assert {face(each).subject for each in Reader(played[1])} >= played[0].plans.keys()
