"""A restored database: what comes out as it was told stands again unsaid; what comes out otherwise, or cannot be read, hinders nothing."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.machine import Machine
from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.messages.ops import ParkedSkipAsked
from xianjie.topology import LOG

pytestmark = pytest.mark.broker


@pytest.fixture
def ground(machine: Machine, tmp_path: Path) -> Iterator[Ground]:
    """With a journal of its own: in that of the others are commits that this database never had."""
    ground = Ground(machine, f"restoring{uuid.uuid4().hex[:8]}", tmp_path)
    ground.prepare()
    ground.empty()
    yield ground
    ground.close()
    machine.broker.delete_vhost(ground.vhost)


def restored(ground: Ground, keeps: int) -> None:
    """The database is an older copy, of two hours ago: of every case it has so many commits, and nothing that was kept."""
    ground.store.log.delete_many({"$or": [{"n": {"$gt": keeps}, "outcome": {"$ne": "kept"}}, {"outcome": "kept"}]})
    for each in ground.store.log.find({"n": keeps}):
        ground.store.log.update_one({"_id": each["_id"]}, {"$set": {"head": True}})
    ground.store.leases.update_one({"_id": "seen"}, {"$set": {"at": datetime.now(UTC) - timedelta(hours=2)}})


def decided(ground: Ground, case: str, count: int) -> Any:
    """A probe that has decided so many messages of a case, some of them unreadable, and has ended."""
    ground.tell(*[(case, f"{case}-m-{at}", taken("say 1")) for at in range(1, count + 1)])
    ground.report(case, f"{case}-w-1", progressed())
    ground.publish([("xianjie.agencies.in", f"{BODY}.mediation.progressed.v1", case, b"no JSON at all " + case.encode())])
    probe = ground.probe()
    until(lambda: ground.decided() == count + 1 and len(ground.kept()) == 1, "all are decided")
    probe.drain()
    return probe


def hashes(ground: Ground) -> dict[str, str]:
    return {each["_id"]: each["hash"] for each in ground.store.log.find()}


def test_what_was_lost_stands_again_and_is_not_said_again(ground: Ground) -> None:
    probe = decided(ground, "r-1", 5)
    before, said = hashes(ground), len(ground.journal())
    ground.heard_by("routing.1", 5)
    restored(ground, 2)
    probe.again()
    assert hashes(ground) == before, "what nobody could read among it"
    (line,) = probe.lines("restored")
    assert (line["lost"], line["made"], line["other"], line["missing"], line["taken_in"]) == (5, 5, 0, 0, 0)
    assert ground.depth("routing.1") == 0
    assert len(ground.journal()) == said + 1, "the word by which it found the end of the journal"
    probe.sound("r-1")


def test_a_copy_that_is_not_old_is_not_looked_through(ground: Ground) -> None:
    probe = decided(ground, "r-2", 3)
    said = len(ground.journal())
    probe.again()
    assert len(ground.journal()) == said
    assert not probe.lines("restored")


def test_what_waits_in_the_queue_after_a_long_absence_comes_by_the_queue(ground: Ground) -> None:
    """Many at a time, as always; it is not taken in from the journal, one by one."""
    probe = decided(ground, "r-7", 3)
    restored(ground, 9)
    ground.tell(*[(f"r-8-{at}", f"r-8-m-{at}", taken("say 1")) for at in range(30)])
    probe.again()
    until(lambda: ground.decided() == 4 + 30, "all are decided")
    assert not [each for each in probe.lines("restored") if each["taken_in"]]
    probe.drain()


def test_what_comes_out_otherwise_is_decided_anew(ground: Ground) -> None:
    """As by other rules, or under another salt."""
    probe = decided(ground, "r-3", 4)
    restored(ground, 1)
    probe.again(XIANJIE_SALT="another salt than before")
    until(lambda: ground.tale("r-3")[:4] == [f"r-3-m-{at}" for at in range(1, 5)], "all is decided again", 30)
    (line,) = probe.lines("restored")
    assert (line["made"], line["other"], line["named"][0]) == (0, line["lost"], "r-3/2")
    probe.sound("r-3")


def test_news_of_a_later_release_hinders_no_start(ground: Ground) -> None:
    probe = decided(ground, "r-4", 3)
    ground.publish([(LOG, "mediation.log.committed.v9", "r-4", b'{"type": "xianjie.log.committed.v9"}')])
    restored(ground, 1)
    probe.again()
    (line,) = probe.lines("restored")
    assert line["made"] == line["lost"]


def test_a_message_that_the_journal_has_not_is_missed_and_said(ground: Ground) -> None:
    probe = decided(ground, "r-5", 3)
    probe.again()
    past_the_journal = encode(taken("say 1"), "r-5", "/services/routing", "r-5-m-4", "r-5-m-3")
    ground.publish([("", "mediation.1", "r-5", past_the_journal)])
    until(lambda: ground.decided() == 5, "it is decided")
    probe.drain()
    restored(ground, 2)
    probe.again()
    (line,) = probe.lines("restored")
    assert (line["lost"], line["made"], line["missing"]) == (4, 3, 1)
    assert ground.tale("r-5") == ["r-5-m-1", "r-5-m-2", "r-5-m-3", "r-5-w-1"]


def test_what_was_parked_in_the_copy_and_is_decided_since_is_not_parked_any_more(ground: Ground) -> None:
    ground.tell(("r-6", "r-6-m-1", taken("say 1")), ("r-6", "r-6-m-2", taken("raise")), ("r-6", "r-6-m-3", taken("say 1")))
    probe = ground.probe()
    until(lambda: len(ground.parked("r-6")) == 2, "one is parked, and one behind it")
    copy = ground.parked()
    ground.order("r-6", ParkedSkipAsked(who="ann", why="never meant", k=1))
    until(lambda: not ground.parked(), "the operator has let it go")
    probe.drain()
    before = hashes(ground)
    restored(ground, 1)
    ground.store.parked.insert_many(copy)
    probe.again()
    assert hashes(ground) == before
    assert ground.parked() == []
    (line,) = probe.lines("restored")
    assert (line["other"], line["missing"]) == (0, 0)
    probe.sound("r-6")
