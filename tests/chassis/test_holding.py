"""Order: a message ahead of the one it follows, or of the fact that it speaks about, waits in the log of its case."""

from datetime import datetime, timedelta

import pytest

from services.chassis.writing import MOST_HELD
from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.messages.ops import ClockAdvanced, ClockAsked, ParkedSkipAsked
from xianjie.topology import CLOCK
from xianjie.vocabulary import CHINA

pytestmark = pytest.mark.broker


def test_what_comes_before_the_one_it_follows_is_held_and_released_in_order_within_one_commit(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-3", taken("say 1")), after={"c-1": "m-2"})
    ground.tell(("c-1", "m-2", taken("say 1")), after={"c-1": "m-1"})
    until(lambda: len(ground.commits("c-1")) == 2, "both are held")
    assert [each["outcome"] for each in ground.commits("c-1")] == ["held", "held"]
    until(lambda: probe.metric("cases_held") == 1 and probe.metric("oldest_undecided_seconds") > 0, "it is counted, with its age")
    ground.tell(("c-1", "m-1", taken("say 1")))
    until(lambda: ground.tale("c-1") == ["m-1", "m-2", "m-3"], "all are decided")
    assert len(ground.commits("c-1")) == 3
    assert [each.data["text"] for each in ground.heard_by("routing.1", 3)] == ["m-1/0", "m-2/0", "m-3/0"]
    until(lambda: probe.metric("cases_held") == 0, "nothing waits")
    probe.sound("c-1")


def test_what_is_held_survives_a_restart(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
    until(lambda: ground.commits("c-1"), "it is held")
    probe.kill()
    ground.tell(("c-1", "m-1", taken()))
    probe.again()
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "both are decided")
    probe.sound("c-1")


def test_an_early_message_of_an_agency_is_answered_202_and_decided_when_the_fact_comes(ground: Ground) -> None:
    probe = ground.probe()
    ground.report("c-1", "m-1", progressed("hold"))
    (answer,) = ground.receipts(1)["m-1"]
    assert (answer["status"], answer["text"]) == (202, "it waits for the fact")
    assert ground.tale("c-1") == []
    ground.tell(("c-1", "fact-1", taken()))
    until(lambda: ground.tale("c-1") == ["fact", "m-1"], "it is decided")
    assert ground.heard_by(f"agency.{BODY}") == [], "it was answered already"
    probe.sound("c-1")


def test_a_message_held_behind_another_and_then_early_goes_on_waiting(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-2", taken("hold")), after={"c-1": "m-1"})
    until(lambda: ground.commits("c-1"), "it waits for the one it follows")
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "now it waits for the fact")
    ground.report("c-1", "fact-1", progressed())
    until(lambda: ground.tale("c-1") == ["m-1", "fact", "m-2"], "it is decided")
    probe.sound("c-1")


def test_a_held_message_that_cannot_be_decided_parks_its_case_and_skipping_skips_that_one(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-2", taken("raise")), after={"c-1": "m-1"})
    until(lambda: ground.commits("c-1"), "it is held")
    ground.tell(("c-1", "m-1", taken()))
    (row,) = until(lambda: ground.parked("c-1"), "what would release it cannot be decided with it")
    assert row["culprit"] == "/services/routing m-2"
    ground.order("c-1", ParkedSkipAsked(k=1, who="Ann", why="known fault"))
    until(lambda: ground.tale("c-1") == ["m-1"] and ground.parked() == [], "the one at fault is noted, the other decided")
    probe.sound("c-1")


def test_an_early_message_whose_fact_does_not_come_within_ten_minutes_is_too_late(exercise: Ground) -> None:
    probe = exercise.probe()
    start = datetime(2024, 5, 6, 9, tzinfo=CHINA)
    _clock(exercise, ClockAdvanced(to=start, round=1))
    exercise.report("c-1", "m-1", progressed("hold"), time=start, mode="exercise")
    assert exercise.receipts(1)["m-1"][0]["status"] == 202
    _clock(exercise, ClockAdvanced(to=start + timedelta(minutes=9), round=2))
    assert len(exercise.commits("c-1")) == 1
    _clock(exercise, ClockAdvanced(to=start + timedelta(minutes=10), round=3))
    (answer,) = exercise.receipts(1)["m-1"]
    assert (answer["status"], answer["ground"]) == (410, "too_late")
    exercise.tell(("c-1", "fact-1", taken()), time=start, mode="exercise")
    until(lambda: exercise.tale("c-1")[-1] == "fact", "the fact comes, too late")
    assert "m-1" not in exercise.tale("c-1")
    probe.sound("c-1")


def test_what_an_agency_says_too_early_and_too_often_is_refused_to_it_and_the_case_goes_on(ground: Ground) -> None:
    probe = ground.probe()
    for number in range(MOST_HELD + 1):
        ground.report("c-1", f"m-{number}", progressed("hold"))
    answers = {id: each[0] for id, each in ground.receipts(MOST_HELD + 1).items()}
    assert [answers[f"m-{number}"]["status"] for number in range(MOST_HELD)] == [202] * MOST_HELD
    refused = answers[f"m-{MOST_HELD}"]
    assert (refused["status"], refused["ground"]) == (403, "capacity")
    ground.tell(("c-1", "fact-1", taken()))
    until(lambda: ground.tale("c-1") == ["fact", *(f"m-{number}" for number in range(MOST_HELD))], "the others are decided")
    assert ground.parked() == []
    probe.sound("c-1")


def test_an_agency_is_not_waited_for_longer_than_ten_minutes_for_what_it_should_have_said_before(exercise: Ground) -> None:
    probe = exercise.probe()
    start = datetime(2024, 5, 6, 9, tzinfo=CHINA)
    _clock(exercise, ClockAdvanced(to=start, round=1))
    exercise.report("c-1", "m-2", progressed(), time=start, mode="exercise", follows="m-1")
    assert exercise.receipts(1)["m-2"][0]["text"] == "it waits for the message it follows"
    exercise.tell(("c-1", "s-2", taken()), after={"c-1": "s-1"}, time=start, mode="exercise")
    until(lambda: len(exercise.commits("c-1")) == 2, "one of our own waits as well")
    _clock(exercise, ClockAdvanced(to=start + timedelta(minutes=10), round=2))
    (answer,) = exercise.receipts(1)["m-2"]
    assert (answer["status"], answer["ground"], answer["text"]) == (
        410, "too_late", "the message it follows did not come within ten minutes"
    )  # fmt: skip
    exercise.report("c-1", "m-3", progressed(), time=start, mode="exercise", follows="m-2")
    until(lambda: exercise.tale("c-1")[-1] == "m-3", "what follows the one that was too late need not wait")
    exercise.tell(("c-1", "s-1", taken()), time=start, mode="exercise")
    until(lambda: exercise.tale("c-1")[-2:] == ["s-1", "s-2"], "our own waits as long as it takes")
    probe.sound("c-1")


def test_in_an_exercise_the_service_says_how_far_it_has_come_and_what_is_due_next(exercise: Ground) -> None:
    exercise.probe()
    start = datetime(2024, 5, 6, 9, tzinfo=CHINA)
    _clock(exercise, ClockAdvanced(to=start, round=1))
    exercise.tell(("c-1", "m-1", taken("due 3600")), ("c-1", "m-2", taken("say 2")), time=start, mode="exercise")
    until(lambda: exercise.tale("c-1") == ["m-1", "m-2"], "both are decided")
    answer = _clock(exercise, ClockAsked(round=2))
    assert (answer["heard"], answer["parked"], datetime.fromisoformat(answer["next_due"])) == (2, 0, start + timedelta(hours=1))
    assert _clock(exercise, ClockAsked(round=3))["heard"] == 0
    _clock(exercise, ClockAdvanced(to=start + timedelta(hours=1), round=4))
    until(lambda: exercise.tale("c-1")[-1] == "ticked", "its clock ticks")
    assert "next_due" not in _clock(exercise, ClockAsked(round=5))


def _clock(exercise: Ground, message: ClockAdvanced | ClockAsked) -> dict[str, object]:
    """Say it as the player, and wait for the probe's answer."""
    exercise.publish([(CLOCK, f"player.{message.name}.v1", "clock", encode(message, "clock", "/players/test", exercise="drill"))])

    def answered() -> list[dict[str, object]]:
        return [each.data for each in exercise.heard_by("xianjie.rounds", 1) if each.data["round"] == message.round]

    return dict(until(answered, "the probe answers")[0])
