"""Power cuts: the process is killed at each step of a message's way, and begins again. Nothing is lost, nothing is doubled."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from tests.chassis.ground import BODY, Ground, Said, progressed, taken, until
from xianjie.messages.ops import ParkedSkipAsked

pytestmark = pytest.mark.broker
CASES, TURNS = 8, 4
STEPS = [f"{when} {what}" for what in ("insert", "send") for when in ("before", "midway", "after")]
STEPS += [f"{when} {what}" for what in ("clear", "ack") for when in ("before", "after")]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_nothing_is_lost_and_nothing_doubled(ground: Ground, step: str) -> None:
    cases = [f"c-{at}" for at in range(CASES)]
    ground.tell(*[(case, f"m-{case}-{turn}", taken("say 2")) for turn in range(TURNS) for case in cases])
    for case in cases:
        ground.report(case, f"a-{case}", progressed("say 1"))
    probe = ground.probe_that_dies(step)
    probe.again()
    until(lambda: ground.decided() == CASES * (TURNS + 1), "everything is decided")
    until(lambda: ground.store.log.count_documents({"unsent": True}) == 0, "everything is said")
    for case in cases:
        assert sorted(ground.tale(case)) == sorted([f"m-{case}-{turn}" for turn in range(TURNS)] + [f"a-{case}"])
    _said_once(ground, ground.heard_by("routing.1", CASES * (2 * TURNS + 1)), cases)
    answers = ground.heard_by(f"agency.{BODY}", CASES)
    assert {each.data["to"]: each.data["status"] for each in answers} == {f"a-{case}": 202 for case in cases}
    assert len({each.id for each in answers}) == CASES, "one receipt each, the same to the byte if it came twice"
    probe.sound(*cases)
    assert (ground.parked(), ground.kept(), ground.depth()) == ([], [], 0)
    _journalled(ground)


def _said_once(ground: Ground, heard: list[Said], cases: list[str]) -> None:
    """What was said twice was the same to the byte; and each names the one before it, so that nobody can miss one."""
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for each in heard:
        bodies[each.id].add(each.body)
    assert all(len(each) == 1 for each in bodies.values())
    for case in cases:
        once = {each.id: each for each in heard if each.case == case}
        before = [None, *once]
        assert [each.attributes.get("follows") for each in once.values()] == before[:-1]
        assert len({each.data["text"] for each in once.values()}) == 2 * TURNS + 1


def _journalled(ground: Ground) -> None:
    """The journal names every commit, with its hash."""
    stored = {(each["case"], each["n"], each["hash"]) for each in ground.store.log.find({}, {"case": 1, "n": 1, "hash": 1})}
    named = {
        (row["case"], row["n"], row["hash"])
        for each in ground.journal()
        if each.type == "xianjie.log.committed.v1"
        for row in each.data["commits"]
    }
    assert stored <= named


@pytest.mark.parametrize("step", ["before insert", "midway insert", "after insert"])
def test_killed_while_a_message_that_its_sender_says_again_is_refused_nothing_is_doubled(ground: Ground, step: str) -> None:
    at = datetime.now(UTC)
    ground.tell(("c-1", "m-1", taken("say 1")), time=at)
    probe = ground.probe()
    until(lambda: ground.tale("c-1") == ["m-1"], "it is decided")
    probe.drain()
    ground.tell(
        ("c-1", "m-1", taken("say 1")), ("c-1", "m-2", taken("say 1")), time=at
    )  # the same bytes, and not by the broker again
    probe = ground.probe_that_dies(step)
    probe.again()
    until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "the next is decided")
    assert [each.data["text"] for each in ground.heard_by("routing.1", 2)] == ["m-1/0", "m-2/0"]
    probe.sound("c-1")
    assert (ground.parked(), ground.kept(), ground.depth()) == ([], [], 0)


def test_what_was_left_unsaid_is_said_within_seconds_though_nobody_speaks_of_its_case_again(ground: Ground) -> None:
    ground.tell(("c-1", "m-1", taken("say 3")))
    probe = ground.probe_that_dies("before send")
    ground.empty()  # its message never comes again: a disaster took the queue
    probe.again()
    assert [each.data["text"] for each in ground.heard_by("routing.1", 3, seconds=25)] == ["m-1/0", "m-1/1", "m-1/2"]
    until(lambda: ground.store.log.count_documents({"unsent": True}) == 0, "its mark is taken away")


def test_a_mark_that_a_dead_process_left_on_an_old_commit_makes_no_clock_tick(ground: Ground) -> None:
    ground.tell(("c-1", "m-1", taken("due 3")))
    probe = ground.probe()
    until(lambda: ground.tale("c-1") == ["m-1"], "a clock runs")
    probe.drain()
    ground.tell(("c-1", "m-2", taken("due 6")), after={"c-1": "m-1"})
    probe = ground.probe_that_dies("before clear")
    assert ground.store.log.count_documents({"due": {"$exists": True}}) == 2
    probe.again()
    until(lambda: "ticked" in ground.tale("c-1"), "the later clock ticks", 30)
    assert ground.tale("c-1") == ["m-1", "m-2", "ticked"]
    until(lambda: ground.store.log.count_documents({"due": {"$exists": True}}) == 0, "the marks are cleared after what was said")
    assert ground.store.log.count_documents({"case": "c-1", "head": True}) == 1


def test_a_message_that_kills_the_process_is_parked_after_three_marks_and_all_others_are_decided(ground: Ground) -> None:
    ground.broken.touch()
    others = [(f"c-{at}", f"m-{at}", taken("say 1")) for at in range(20)]
    ground.tell(*others[:10], ("deadly", "d-1", taken("die")), *others[10:])
    probe = ground.probe_that_dies("")
    lives = 1
    while lives < 12 and not ground.parked("deadly"):
        probe.revive()
        lives += 1
        until(lambda: not probe.process.alive() or ground.parked("deadly"), "it dies again, or the message is parked")
    (row,) = ground.parked("deadly")
    assert (row["fingerprint"], row["hold_until"]) == ("unfinished", None)
    assert lives <= 6, "two deaths until it goes alone, three marks, and the life that parks it"
    until(lambda: ground.decided() == 20, "all others are decided")
    assert len(ground.heard_by("routing.1", 20)) >= 20
    assert ground.store.suspects.count_documents({}) == 0
    assert probe.process.alive()


def test_a_parked_message_that_kills_the_process_climbs_the_ladder_all_the_same(ground: Ground) -> None:
    ground.broken.touch()
    probe = ground.probe()
    ground.report("c-1", "m-1", progressed("raise"))
    ground.report("c-1", "m-2", progressed("die"))
    until(lambda: len(ground.parked("c-1")) == 2, "both wait")
    ground.order("c-1", ParkedSkipAsked(k=1, who="Ann", why="known fault"))
    until(lambda: not probe.process.alive(), "it is tried, and kills")
    row = ground.parked("c-1")[0]
    assert (row["attempts"], row["fingerprint"]) == (1, "unfinished"), "the attempt is counted though nobody lived to say so"
    ground.broken.unlink()
    probe.revive()
    until(lambda: ground.parked() == [], "its retry comes again, and nobody dies")


def test_an_outage_leaves_no_mark_on_the_message_that_it_interrupts(ground: Ground) -> None:
    probe = ground.probe()
    probe.process.pause()
    ground.tell(("c-1", "m-1", taken("say 1")))
    for _ in range(6):
        ground.machine.broker.cut("mediation", "an outage")
        probe.process.send(18)
        until(lambda: ground.tale("c-1") == ["m-1"] or probe.ready(), "it is back")
    until(lambda: ground.tale("c-1") == ["m-1"], "it is decided")
    assert (ground.parked(), ground.store.suspects.count_documents({})) == ([], 0)
