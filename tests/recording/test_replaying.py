"""In-process replay: the same input gives the same output, whatever was in the way; a changed rule shows where it decides otherwise."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.replaying import Replay
from tests.recording.memory import EXERCISE, ROOT, RULES, SCENARIOS, TRAPS, recorded
from xianjie.deciding import Event, Given, Rules, Say
from xianjie.envelope import Heard
from xianjie.journal import Recorded
from xianjie.messages.referral import ReferralAccepted
from xianjie.messages.routing import RoutingFileDue
from xianjie.recording.choosing import face
from xianjie.recording.comparing import Comparison, Difference, Left
from xianjie.recording.file import Reader
from xianjie.vocabulary import Track

SALT = "exercise-salt"


def replayed(
    messages: list[Recorded], rules: Mapping[str, Rules[Any]] = RULES, **more: Any
) -> tuple[Comparison, list[Difference], str]:
    engine, compared = Replay(rules, exercise=EXERCISE, salt=SALT, **more), Comparison()
    for message in messages:
        compared.recorded(message)
        for each in engine.take(message):
            compared.left_out(each) if isinstance(each, Left) else compared.made(each)
    for each in engine.end():
        compared.left_out(each)
    return compared, list(compared.differences()), engine.state()


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Recorded]:
    """All published cases and many traps, played together in memory."""
    return list(Reader(recorded(tmp_path_factory.mktemp("replaying") / "all.journal", *SCENARIOS)))


def test_every_commit_of_every_service_is_made_again_with_its_hash(every: list[Recorded]) -> None:
    compared, differences, _ = replayed(every)
    assert differences == []
    assert not compared.left
    assert compared.hashed
    assert compared.commits > 1000


def test_nothing_is_kept_of_what_is_the_same(every: list[Recorded]) -> None:
    compared, _, _ = replayed(every)
    assert [compared._was, compared._now, compared._made] == [{}, {}, {}]


def test_a_message_that_comes_after_its_commit_is_waited_for(every: list[Recorded]) -> None:
    """A stream may be behind the queue that a service reads."""
    late = [each for pair in zip(every[1::2], every[::2], strict=False) for each in pair]
    compared, differences, state = replayed(late)
    assert (differences, dict(compared.left)) == ([], {})
    assert state == replayed(every[: len(late)])[2]


def test_what_began_before_the_recording_is_left_out_and_counted(every: list[Recorded]) -> None:
    compared, differences, _ = replayed(every[len(every) // 2 :])
    assert differences == []
    assert sum(compared.left.values()) > 10


def changed(decide: Any) -> dict[str, Rules[Any]]:
    """The rules, with a planted change in those of routing."""
    return {**RULES, "routing": replace(RULES["routing"], decide=decide)}


def test_a_planted_change_is_found_and_only_in_the_cases_that_it_touches(every: list[Recorded]) -> None:
    right = RULES["routing"].decide
    touched: set[str] = set()

    def decide(state: Any, heard: Heard, given: Given) -> list[Event]:
        events: list[Event] = right(state, heard, given)
        kept = [each for each in events if not (isinstance(each, Say) and isinstance(each.message, RoutingFileDue))]
        if (
            isinstance(heard.message, ReferralAccepted)
            and state.legs[heard.message.leg].track is Track.MEDIATION
            and kept != events
        ):
            touched.add(heard.subject)
            return kept
        return events

    _, differences, _ = replayed(every, changed(decide))
    named = {each.case for each in differences}
    assert named == touched
    assert 0 < len(named) < len({face(each).subject for each in every}) / 2
    assert {each.service for each in differences} == {"routing"}
    for case in named:
        first = next(each for each in differences if each.case == case)
        assert first.heard == "referral.accepted"
        assert [each for each in first.changes if str(each.was).startswith("routing.file_due ") and each.now is None]


def test_rules_that_fail_are_named_with_the_case_and_what_follows_it_is_left_out(every: list[Recorded]) -> None:
    right = RULES["routing"].decide

    def decide(state: Any, heard: Heard, given: Given) -> list[Event]:
        if heard.subject == "sh-markor-design-2020" and heard.message.name == "referral.accepted":
            raise LookupError("no such leg")
        events: list[Event] = right(state, heard, given)
        return events

    compared, differences, _ = replayed(every, changed(decide))
    assert [(each.case, each.service, each.heard) for each in differences] == [
        ("sh-markor-design-2020", "routing", "referral.accepted")
    ]
    assert differences[0].changes[0].now == "the rules fail: LookupError: no such leg"
    assert list(compared.left) == ["commits before it are not in the recording, or were left out"]


PROGRAM = """
import sys
from pathlib import Path
from xianjie.cli.again import run
print(run(Path(sys.argv[1])).state)
"""


def test_two_processes_with_other_hash_seeds_come_to_the_same_state(tmp_path: Path) -> None:
    path = recorded(tmp_path / "one.journal", *SCENARIOS[:3])
    states = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": f"{ROOT / 'contracts'}:{ROOT}"},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(states) == 1


def test_of_a_recording_that_was_chosen_by_case_only_that_case_is_decided(every: list[Recorded], tmp_path: Path) -> None:
    from xianjie.recording.choosing import Choice, Chosen

    choice = Choice(Chosen(cases=("sh-markor-design-2020",)))
    some = [each for each in every if choice.takes(each)]
    compared, differences, _ = replayed(some, cases=frozenset({"sh-markor-design-2020"}))
    assert (differences, dict(compared.left)) == ([], {})
    assert 20 < compared.commits < 200


def test_traps_are_made_again_too(tmp_path: Path) -> None:
    compared, differences, _ = replayed(list(Reader(recorded(tmp_path / "traps.journal", *TRAPS))))
    assert differences == []
    assert compared.hashed
