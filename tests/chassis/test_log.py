"""The log as it is kept: its clocks, its format, what of it can be erased, and what is not taken into it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.commit import FORMAT
from services.chassis.ticking import PAGE
from services.chassis.verifying import Check
from tests.chassis import orders
from tests.chassis.ground import BODY, Ground, progressed, taken, until
from xianjie.messages.ops import ParkedRetryAsked
from xianjie.messages.tracks import MEDIATION
from xianjie.topology import address
from xianjie.vocabulary import Mode

pytestmark = pytest.mark.broker


def faults(commits: list[dict[str, Any]]) -> list[str]:
    """What is wrong with these commits of one case."""
    check = Check(orders.rules)
    for each in commits:
        check.take(each)
    return check.faults()


def test_many_parked_cases_whose_clocks_are_due_do_not_keep_the_others_from_their_turn(ground: Ground) -> None:
    ground.tell(("c-1", "m-1", taken("due 2")))
    probe = ground.probe()
    until(lambda: ground.tale("c-1") == ["m-1"], "a clock runs")
    (commit,) = ground.commits("c-1")
    long_ago = datetime.now(UTC) - timedelta(days=1)
    waiting = [f"a-{at:04d}" for at in range(PAGE + 100)]
    row = {"k": 1, "key": "x", "body": b"{}", "digest": "", "headers": [], "exchange": "", "routing_key": "", "attempts": 7}
    ground.store.parked.insert_many(
        [{**row, "_id": f"{case}/1", "case": case, "at": long_ago, "hold_until": None, "fingerprint": "f"} for case in waiting]
    )
    ground.store.log.insert_many([{**commit, "_id": f"{case}/1", "case": case, "due": long_ago} for case in waiting])
    ground.tell(("c-2", "n-1", taken("due 0")))
    until(lambda: "ticked" in ground.tale("c-2") and "ticked" in ground.tale("c-1"), "all other clocks tick")
    until(lambda: probe.metric("heard_total", outcome="stale") >= PAGE, "those of the parked cases are looked at, and wait")
    assert len(ground.parked()) == len(waiting)


def test_bodies_can_be_erased_and_the_chain_still_verifies_and_shows_what_was_altered(ground: Ground) -> None:
    probe = ground.probe()
    said = ground.report("c-1", "m-1", progressed("tell"))
    ground.tell(("c-1", "s-1", taken("say 1")))
    until(lambda: len(ground.tale("c-1")) == 2, "both are decided")
    commits = ground.commits("c-1")
    assert faults(commits) == []
    erased = [
        {**each, "heard": None, "state": None, "salt": None, "said": [{**said, "body": None} for said in each["said"]]}
        for each in commits
    ]
    assert faults(erased) == []
    assert faults([erased[0], commits[1]]) == []
    assert b"m-1" not in str({**erased[0], "cause": None, "key": None}).encode(), "nothing of the message is left"
    for name, value in (("heard", b"{}"), ("state", b"{}"), ("now", commits[0]["now"] + timedelta(seconds=1))):
        assert faults([{**commits[0], name: value}, commits[1]]) == ["commit 1 was altered"]
    assert faults([{**commits[0], "said": commits[0]["said"][:-1]}, commits[1]]) == ["commit 1 was altered"]
    probe.drain()
    ground.store.log.replace_one({"_id": "c-1/1"}, erased[0])
    probe.again().sound("c-1")
    (shown, *_) = probe.get("/cases/c-1")[1]
    assert (shown["heard"], {bool(each["erased"]) for each in shown["said"]}) == ({"erased": True, "data": {}}, {True})
    ground.publish([(*address(BODY, MEDIATION.progressed.name, 1, None), "c-1", said)])
    assert [each["status"] for each in ground.receipts(2)["m-1"]] == [202, 409], "its identity is known all the same"


def test_a_commit_of_a_later_release_makes_its_case_wait_for_that_release(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "the first is decided")
    probe.drain()
    ground.store.log.update_one({"_id": "c-1/1"}, {"$set": {"format": FORMAT + 1}})
    ground.tell(("c-1", "m-2", taken()), ("c-2", "n-1", taken()), after={"c-1": "m-1"})
    probe.again()
    until(lambda: ground.tale("c-2") == ["n-1"] and ground.parked("c-1"), "only its own case waits")
    assert ground.parked("c-1")[0]["error"].startswith("UnknownFormat")
    ground.store.log.update_one({"_id": "c-1/1"}, {"$set": {"format": FORMAT}})
    ground.order("c-1", ParkedRetryAsked(who="Ann", why="the release is there"))
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "it goes on")
    probe.sound("c-1")


def test_what_is_said_in_an_exercise_is_not_taken_in_operation_nor_the_reverse(ground: Ground, exercise: Ground) -> None:
    for there, other, time in ((ground, "drill", datetime.now(UTC)), (exercise, None, datetime(1999, 12, 31, tzinfo=UTC))):
        there.probe()
        there.exercise = other
        there.report("c-1", "m-1", progressed(), time=time)
        (answer,) = there.receipts(1)["m-1"]
        assert (answer["status"], [each.split()[0] for each in answer["faults"]]) == (422, ["/exercise"])
        assert there.commits("c-1") == []


def test_test_messages_are_handled_like_any_other_and_counted_nowhere(ground: Ground) -> None:
    probe = ground.probe()
    ground.report("c-1", "m-1", progressed("tell"), mode=Mode.TEST)
    said = ground.heard_by(f"agency.{BODY}", 2)
    assert {(each.type.split(".")[1], each.attributes["mode"]) for each in said} == {("receipt", "test"), ("proceeding", "test")}
    ground.report("c-2", "n-1", progressed())
    until(lambda: ground.tale("c-2") == ["n-1"], "the other is decided")
    until(lambda: probe.metric("heard_total", outcome="decided") == 1, "one is counted")
    assert probe.metric("said_total") == len(ground.commits("c-2")[0]["said"])
    assert [each["mode"] for each in probe.lines("message")] == ["test", "ops"]


def test_while_nothing_can_be_decided_the_age_of_the_oldest_undecided_message_grows(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "it is at work")
    assert probe.metric("oldest_undecided_seconds") == 0
    ground.machine.database.kill()
    try:
        ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
        until(lambda: probe.metric("oldest_undecided_seconds") > 1, "the alarm's figure grows")
        first = probe.metric("oldest_undecided_seconds")
        until(lambda: probe.metric("oldest_undecided_seconds") > first + 1, "and goes on growing")
    finally:
        ground.machine.database.start()
    until(lambda: probe.metric("oldest_undecided_seconds") == 0, "it is over")
