"""Gaps: what never came to the service and is in the journal is taken in by itself."""

import pika
import pytest

from services.chassis.filling import _identity
from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.topology import address

pytestmark = pytest.mark.broker
AT_ONCE = {"XIANJIE_GAP_SECONDS": "1"}


def lost(ground: Ground, *numbers: int, case: str = "c-1") -> None:
    """Messages of routing's chain that are said and never come: a disaster takes the queue."""
    ground.tell(*[(case, f"{case}-m-{at}", taken("say 1")) for at in numbers], after={case: f"{case}-m-{numbers[0] - 1}"})
    until(lambda: ground.depth() == len(numbers), "they wait in the queue")
    with ground.channel() as channel:
        channel.queue_purge("mediation.1")


def test_messages_that_never_came_are_found_in_the_journal_and_decided_in_order(ground: Ground) -> None:
    ground.tell(("c-1", "c-1-m-1", taken("say 1")), ("c-2", "c-2-m-1", taken()))
    probe = ground.probe(**AT_ONCE)
    until(lambda: ground.decided() == 2, "the first are decided")
    probe.drain()
    ground.publish(
        [(*address("routing", "routing.leg_taken", 1, "mediation"), "c-1", encode(taken("raise"), "c-1", "/services/routing"))]
    )
    with ground.channel() as channel:  # of the same case, and no part of the gap
        channel.queue_purge("mediation.1")
    for odd in (["c-1"], {"case": "c-1"}, 7, None):  # in the journal, before what is looked for
        ground.publish([("xianjie.agencies.in", "CN-PROBE.odd.thing.v1", pika.BasicProperties(headers={"case": odd}), b"{}")])
    lost(ground, 2, 3, 4)
    lost(ground, 2, case="c-2")
    ground.tell(("c-1", "c-1-m-5", taken("say 1")), after={"c-1": "c-1-m-4"})
    ground.tell(("c-2", "c-2-m-3", taken()), after={"c-2": "c-2-m-2"})
    ground.tell(("c-1", "c-1-m-6", taken("say 1")), after={"c-1": "c-1-m-5"})
    probe.again()
    until(lambda: ground.tale("c-1") == [f"c-1-m-{at}" for at in range(1, 7)], "all are decided, in order", 40)
    until(lambda: ground.tale("c-2") == [f"c-2-m-{at}" for at in range(1, 4)], "in the other case too", 40)
    said = [each.data["text"] for each in ground.heard_by("routing.1", 7) if each.case == "c-1"]
    assert said == [f"c-1-m-{at}/0" for at in range(1, 7)]
    assert (ground.parked(), ground.kept()) == ([], [])
    probe.sound("c-1", "c-2")


def test_a_service_restored_from_a_backup_takes_in_what_it_has_lost(ground: Ground) -> None:
    ground.tell(*[("c-3", f"c-3-m-{at}", taken("say 1")) for at in range(1, 6)])
    probe = ground.probe(**AT_ONCE)
    until(lambda: ground.decided() == 5, "all are decided")
    probe.drain()
    ground.store.log.delete_many({"case": "c-3", "n": {"$gt": 2}})
    ground.store.log.update_one({"_id": "c-3/2"}, {"$set": {"head": True}})
    probe.again()
    ground.tell(("c-3", "c-3-m-6", taken("say 1")), after={"c-3": "c-3-m-5"})
    until(lambda: ground.tale("c-3") == [f"c-3-m-{at}" for at in range(1, 7)], "what was lost is there again", 40)
    said = {each.id for each in ground.heard_by("routing.1", 6)}
    assert said == {each["id"] for commit in ground.commits("c-3") for each in commit["said"] if each["k"].endswith(".routing")}
    probe.sound("c-3")


def test_what_an_agency_said_and_what_nobody_recorded(ground: Ground) -> None:
    ground.report("c-4", "c-4-w-1", progressed())
    with ground.channel() as channel:
        channel.queue_purge("mediation.1")
    ground.report("c-4", "c-4-w-2", progressed(), follows="c-4-w-1")
    ground.tell(("c-5", "c-5-m-2", taken()), after={"c-5": "c-5-m-1"})
    probe = ground.probe(**AT_ONCE)
    until(lambda: ground.tale("c-4") == ["c-4-w-1", "c-4-w-2"], "the agency's word was in the journal")
    answers = ground.receipts(2)
    assert [answers[id][0]["status"] for id in ("c-4-w-1", "c-4-w-2")] == [202, 202], "each is answered once"
    until(lambda: probe.metric("oldest_undecided_seconds") > 3, "the other goes on waiting, and its age is told")
    assert ground.tale("c-5") == []
    assert probe.lines("ticker") == []
    assert f"agency.{BODY}" not in str(probe.lines("outage"))


def test_bytes_that_no_message_could_carry_fill_no_gap() -> None:
    """They lie in the journal as any others; a gap is said in a message, and all gaps that were found with this one wait for that."""
    assert _identity(b'{"source": "/agencies/CN-PROBE", "id": "m-1", "data": {"text": "\xff"}}') == ("", "", "")
    assert _identity(b'{"source": "/agencies/CN-PROBE", "id": "m-1", "data": {}}') == ("/agencies/CN-PROBE", "m-1", "")
