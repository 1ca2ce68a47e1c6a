"""The test of the way to a peer and back: who is sounded, who may answer, what the asker is told, and what silence means."""

from datetime import timedelta

import pytest

from services.routing.looping import LIMIT
from services.routing.rules import rules, unrouted
from xianjie.deciding import Say
from xianjie.envelope import Attributes, Heard
from xianjie.messages.loop import LoopAnswered, LoopAsked, LoopReturned, LoopSounded, LoopTold
from xianjie.topology import is_case
from xianjie.vocabulary import Ground

from .telling import CENTRE, CITY, COURT, START, Log, accepted, noted, refusal, the, to

ASKED = LoopAsked(peer=COURT, nonce="n1")


def thread(name: str = "loop-1") -> Log:
    """A thread in which nothing was said."""
    log = Log()
    log.state = log.refolded = rules.initial(name)
    return log


def test_the_peer_is_sounded_and_the_asker_is_told_how_long_each_part_took() -> None:
    """By the times in the messages: what is said later by so much took so much."""
    log = thread()
    sounded = the(log.says(CENTRE, ASKED), COURT, LoopSounded)
    assert (sounded.asker, sounded.nonce, sounded.at, sounded.due) == (CENTRE, "n1", START, START + LIMIT)
    told = the(log.after(milliseconds=70).says(COURT, LoopAnswered(nonce="n1")), CENTRE, LoopTold)
    assert (told.peer, told.outcome, told.to_routing_ms) == (COURT, "answered", 0)
    assert (told.to_peer_ms, told.from_peer_ms, told.whole_ms) == (70, 0, 70)
    assert rules.due(log.state) is None
    assert log.state == log.refolded


def test_a_peer_whose_clock_is_behind_shows_by_a_part_below_zero() -> None:
    """The whole is by one clock, and right all the same."""
    log = thread()
    log.says(CENTRE, ASKED)
    log.after(milliseconds=50)
    behind = Attributes(
        specversion="1.0", id="m9", source=f"/agencies/{COURT}", type=LoopAnswered.type, subject="loop-1",
        datacontenttype="application/json", time=log.now - timedelta(seconds=1),
    )  # fmt: skip
    (event,) = rules.decide(log.state, Heard(behind, LoopAnswered(nonce="n1")), log.given())
    assert isinstance(event, Say)
    assert isinstance(event.message, LoopTold)
    assert (event.message.to_peer_ms, event.message.from_peer_ms, event.message.whole_ms) == (-950, 1000, 50)


def test_a_peer_that_does_not_answer_is_silent_after_its_time_and_then_too_late() -> None:
    """The ticker wakes the thread at that moment, and not again."""
    log = thread()
    log.says(CENTRE, ASKED)
    assert rules.due(log.state) == START + timedelta(minutes=5)
    told = the(log.tick(), CENTRE, LoopTold)
    assert (told.outcome, told.whole_ms) == ("silent", None)
    assert refusal(log.says(COURT, LoopAnswered(nonce="n1"))) == (410, Ground.TOO_LATE)
    assert rules.due(log.state) is None


def test_nobody_answers_for_the_peer_and_a_second_answer_is_too_late() -> None:
    log = thread()
    log.says(CENTRE, ASKED)
    assert refusal(log.says(CITY, LoopAnswered(nonce="n1"))) == (403, Ground.NOT_YOURS)
    assert refusal(log.says(COURT, LoopAnswered(nonce="other"))) == (410, Ground.TOO_LATE)
    log.says(COURT, LoopAnswered(nonce="n1"))
    assert refusal(log.says(COURT, LoopAnswered(nonce="n1"))) == (410, Ground.TOO_LATE)


def test_one_test_runs_in_a_thread_at_a_time() -> None:
    """So nobody is sounded without end from one thread."""
    log = thread()
    log.says(CENTRE, ASKED)
    assert refusal(log.says(CENTRE, LoopAsked(peer=COURT, nonce="n2"))) == (403, Ground.DUPLICATE)
    log.says(COURT, LoopAnswered(nonce="n1"))
    assert to(log.says(CENTRE, LoopAsked(peer=COURT, nonce="n2")), COURT, LoopSounded)


@pytest.mark.parametrize(("peer", "asker", "status"), [("NO-BODY", CENTRE, 422), (COURT, "NO-BODY", 403)])
def test_both_sides_must_be_in_the_directory(peer: str, asker: str, status: int) -> None:
    assert refusal(thread().says(asker, LoopAsked(peer=peer, nonce="n1")))[0] == status


def test_a_body_may_test_the_way_to_itself() -> None:
    assert the(thread().says(CENTRE, LoopAsked(peer=CENTRE, nonce="n1")), CENTRE, LoopSounded).asker == CENTRE


def test_a_test_belongs_into_no_case_and_its_thread_is_none() -> None:
    """It is refused where a case is."""
    assert refusal(accepted().says(CENTRE, ASKED)) == (403, Ground.OTHER)
    assert not is_case("loop-1")


def test_a_test_that_came_back_had_no_inbox_to_go_to() -> None:
    """Routing tells itself, and then the asker, at once and not after minutes."""
    log = thread()
    sounded = the(log.says(CENTRE, ASKED), COURT, LoopSounded)
    given = Attributes(
        specversion="1.0", id="m8", source="/services/routing", type=LoopSounded.type, subject="loop-1", datacontenttype="application/json",
        time=START,
    )  # fmt: skip
    back = unrouted(Heard(given, sounded))
    assert back == Say(LoopReturned(nonce="n1"), to="routing")
    told = the(log.hear("/services/routing", back.message), CENTRE, LoopTold)
    assert told.outcome == "no_inbox"
    assert noted(log.hear("/services/routing", back.message))
