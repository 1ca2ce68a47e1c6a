"""Parking: a message that cannot be decided makes its own case wait, and how the case gets going again."""

import pytest

from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.messages.ops import ParkedAmendAsked, ParkedRetryAsked, ParkedSkipAsked
from xianjie.topology import address

pytestmark = pytest.mark.broker
WHO = {"who": "Ann", "why": "looked at it"}


def test_a_message_that_cannot_be_decided_parks_its_case_and_all_others_go_on(ground: Ground) -> None:
    ground.broken.touch()
    ground.tell(
        ("c-1", "m-1", taken()), ("c-1", "m-2", taken("break")), ("c-2", "n-1", taken()), ("c-1", "m-3", taken()), ("c-2", "n-2", taken())
    )  # fmt: skip
    probe = ground.probe()
    until(lambda: ground.tale("c-2") == ["n-1", "n-2"] and len(ground.parked("c-1")) == 2, "one case waits, the other goes on")
    assert ground.tale("c-1") == ["m-1"]
    first, second = ground.parked("c-1")
    assert [(each["k"], each["head"]) for each in (first, second)] == [(1, 1), (2, 1)]
    assert first["error"] == "ValueError in decide/wobble/boom on routing.leg_taken"
    assert first["hold_until"]
    assert (second["hold_until"], second["fingerprint"]) == (None, None)
    until(
        lambda: probe.metric("cases_parked") == 1 and probe.metric("oldest_undecided_seconds") > 0, "it is counted, with its age"
    )
    assert any(each.type == "xianjie.log.parked.v1" and each.case == "c-1" for each in ground.journal())


def test_the_ladder_tries_again_and_releases_the_successors_in_order(ground: Ground) -> None:
    ground.broken.touch()
    ground.tell(*[("c-1", f"m-{at}", taken("break" if at == 1 else "say 1")) for at in range(1, 6)])
    probe = ground.probe()
    until(
        lambda: (rows := ground.parked("c-1")) and rows[0]["attempts"] >= 1 and len(rows) == 5, "it was tried again, and failed"
    )
    fingerprints = {each["fingerprint"] for each in probe.lines("parked")} | {ground.parked("c-1")[0]["fingerprint"]}
    assert len(fingerprints) == 1, "the same fault has the same name, whoever tries"
    ground.broken.unlink()
    until(lambda: ground.parked("c-1") == [], "the ladder's next step comes after five seconds", 20)
    assert ground.tale("c-1") == [f"m-{at}" for at in range(1, 6)]
    assert [each.data["text"] for each in ground.heard_by("routing.1", 4)] == [f"m-{at}/0" for at in range(2, 6)]
    probe.sound("c-1")
    until(lambda: any(each.type == "xianjie.log.released.v1" for each in ground.journal()), "the journal knows that it goes on")


def test_parking_holds_across_a_restart(ground: Ground) -> None:
    ground.broken.touch()
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("break")))
    until(lambda: ground.parked("c-1"), "it is parked")
    probe.drain()
    ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
    probe.again()
    until(lambda: len(ground.parked("c-1")) == 2, "the next one waits behind it")
    assert ground.commits("c-1") == []


def test_an_operator_retries_by_a_message_and_the_log_says_who_and_why(ground: Ground) -> None:
    ground.broken.touch()
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("break")), ("c-1", "m-2", taken("break")))
    until(lambda: len(ground.parked("c-1")) == 2, "both wait")
    ground.store.parked.update_many({}, {"$set": {"hold_until": None}})  # the ladder is at its end
    ground.broken.unlink()
    ground.order("c-1", ParkedRetryAsked(**WHO))
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"] and not ground.parked(), "both are decided, in order")
    assert [each["outcome"] for each in ground.commits("c-1")] == ["noted", "decided", "decided"]
    assert b"parked.retry_asked by Ann: looked at it" in bytes(ground.commits("c-1")[0]["said"][0]["body"])
    probe.sound("c-1")


def test_an_operator_skips_the_first_and_the_rest_is_decided_in_order(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("raise")), ("c-1", "m-2", taken("say 1")), ("c-1", "m-3", taken("raise")))
    until(lambda: len(ground.parked("c-1")) == 3, "all wait")
    ground.order("c-1", ParkedSkipAsked(k=1, **WHO))
    failing = {"k": 3, "error": {"$regex": "^ValueError"}}
    until(
        lambda: ground.tale("c-1") == ["m-2"] and ground.store.parked.count_documents(failing),
        "the second is decided, the third fails",
    )
    assert len(ground.parked("c-1")) == 1
    ground.order("c-1", ParkedSkipAsked(k=3, **WHO))
    until(lambda: ground.parked() == [], "nothing waits")
    noted = [each for each in ground.commits("c-1") if each["type"] == "routing.leg_taken" and each["outcome"] == "noted"]
    assert [each["cause"]["id"] for each in noted] == ["m-1", "m-3"]
    ground.tell(("c-1", "m-4", taken()), after={"c-1": "m-3"})  # what follows a skipped message need not wait for it
    until(lambda: ground.tale("c-1") == ["m-2", "m-4"], "the case goes on")
    probe.sound("c-1")


def test_an_operator_amends_what_one_of_our_own_said_wrongly(ground: Ground) -> None:
    probe = ground.probe()
    good = encode(taken("say 1"), "c-1", "/services/routing", "m-1")
    said = (*address("routing", taken().name, 1, "mediation"), "c-1", good.replace(b'"L1"', b'"leg one"'))
    ground.publish([said])
    ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
    until(lambda: len(ground.parked("c-1")) == 2, "both wait")
    ground.order("c-1", ParkedAmendAsked(k=1, body=good.decode(), **WHO))
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"] and ground.parked() == [], "both are decided")
    ground.publish([said])  # its sender was not sure whether it had been sent
    ground.tell(("c-1", "m-3", taken()), after={"c-1": "m-2"})
    until(lambda: ground.tale("c-1") == ["m-1", "m-2", "m-3"], "the same message again changes nothing")
    assert len(probe.lines("parked")) == 1
    assert (ground.parked(), len(ground.heard_by("routing.1"))) == ([], 1)
    probe.sound("c-1")


def test_an_operator_skips_what_nobody_can_read_and_its_bytes_stay_in_the_log(ground: Ground) -> None:
    probe = ground.probe()
    broken = encode(taken(), "c-1", "/services/routing", "m-1").replace(b'"L1"', b'"leg one"')
    ground.publish([(*address("routing", taken().name, 1, "mediation"), "c-1", broken)])
    ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
    until(lambda: len(ground.parked("c-1")) == 2, "both wait")
    ground.order("c-1", ParkedSkipAsked(k=1, **WHO))
    until(lambda: ground.tale("c-1") == ["m-2"] and ground.parked() == [], "what follows it is decided")
    assert broken in [bytes(each["heard"]) for each in ground.commits("c-1")]
    probe.sound("c-1")


def test_an_agencys_message_that_is_parked_is_answered_when_it_is_decided_and_its_repetition_with_409(ground: Ground) -> None:
    ground.broken.touch()
    ground.probe()
    for _ in range(2):
        body = ground.report("c-1", "m-1", progressed("break"), time=None, timeprecision="none")
        until(lambda: ground.parked("c-1"), "it waits")
    assert body
    (again,) = ground.receipts(1)["m-1"]
    assert (again["status"], "first" in again) == (409, False)
    ground.broken.unlink()
    assert ground.receipts(1)["m-1"][0]["status"] == 202
    assert len(ground.commits("c-1")) == 1


def test_a_released_case_with_hundreds_of_successors_comes_through_whole_and_in_order(ground: Ground) -> None:
    ground.broken.touch()
    ground.tell(("c-1", "m-0", taken("break")), *[("c-1", f"m-{at}", taken()) for at in range(1, 250)])
    probe = ground.probe()
    until(lambda: len(ground.parked("c-1")) == 250, "all wait")
    ground.broken.unlink()
    ground.order("c-1", ParkedRetryAsked(**WHO))
    ground.tell(("c-1", "m-250", taken()), ("c-2", "n-1", taken()), after={"c-1": "m-249"})
    until(lambda: len(ground.tale("c-1")) == 251 and ground.parked() == [], "nothing waits", 120)
    assert ground.tale("c-1") == [f"m-{at}" for at in range(251)]
    probe.sound("c-1")


def test_a_row_that_was_decided_and_not_deleted_is_not_decided_again(ground: Ground) -> None:
    ground.broken.touch()
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("break")))
    (row,) = until(lambda: ground.parked("c-1"), "it waits")
    ground.broken.unlink()
    ground.order("c-1", ParkedRetryAsked(**WHO))
    until(lambda: ground.parked("c-1") == [], "it is decided")
    probe.drain()
    ground.store.parked.insert_one(row)  # as if we had died between the commit and the deletion
    probe.again()
    ground.order("c-1", ParkedRetryAsked(**WHO))
    until(lambda: ground.parked("c-1") == [], "the row goes")
    assert ground.tale("c-1") == ["m-1"]


def test_a_clock_does_not_tick_into_a_parked_case_and_does_when_it_is_released(ground: Ground) -> None:
    ground.broken.touch()
    ground.probe()
    ground.tell(("c-1", "m-1", taken("due 2")), ("c-1", "m-2", taken("break")))
    until(lambda: len(ground.parked("c-1")) == 1, "it is parked")
    ground.store.parked.update_many({}, {"$set": {"hold_until": None}})
    until(lambda: ground.store.log.count_documents({"due": {"$exists": True}}) == 1, "a clock runs")
    ground.tell(("c-2", "n-1", taken("due 2")))
    until(lambda: "ticked" in ground.tale("c-2"), "its own clock ticks")
    assert [each["k"] for each in ground.parked("c-1")] == [1], "no tick waits behind it"
    ground.broken.unlink()
    ground.order("c-1", ParkedRetryAsked(**WHO))
    until(lambda: ground.tale("c-1") == ["m-1", "m-2", "ticked"], "the clock ticks after all", 90)


def test_a_state_of_an_unknown_shape_makes_its_case_wait_for_a_release_that_knows_it(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "the first is decided")
    probe.drain()
    known = ground.commits("c-1")[0]["state"]
    ground.store.log.update_one({"_id": "c-1/1"}, {"$set": {"state": known.replace(b'"steps":[', b'"steps":3,"s":[')}})
    ground.tell(("c-1", "m-2", taken()), ("c-2", "n-1", taken()), after={"c-1": "m-1"})
    probe.again()
    until(lambda: ground.tale("c-2") == ["n-1"] and ground.parked("c-1"), "only its own case waits")
    ground.store.log.update_one({"_id": "c-1/1"}, {"$set": {"state": known}})
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "the ladder tries again")
    probe.sound("c-1")


def test_parked_cases_are_listed_by_what_went_wrong_longest_waiting_first(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(*[(f"c-{at}", f"m-{at}", taken("raise" if at < 4 else "nobody")) for at in range(6)])
    until(lambda: len(ground.parked()) == 6, "all wait")
    status, page = probe.get("/parked?limit=4")
    assert (status, len(page["cases"]), sorted(each["cases"] for each in page["groups"])) == (200, 4, [2, 4])
    assert not any(BODY in str(each) or "13800138000" in str(each) for each in page["cases"])
