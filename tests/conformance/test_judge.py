"""The judge alone: the order of what is said, time to live, and what can have crossed the news and what cannot."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from xianjie import envelope
from xianjie.conformance import planning
from xianjie.conformance.clauses import clauses
from xianjie.conformance.course import SENDER, Course, cancel
from xianjie.conformance.findings import Findings
from xianjie.conformance.judge import FLOOD, Arrival, Judge, shown
from xianjie.conformance.roles import ROLES
from xianjie.conformance.watched import Watched
from xianjie.envelope import CONTENT_TYPE, HEADER, Beside
from xianjie.message import Message, named
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.loop import LoopAnswered
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralDeclined,
    ReferralDelivered,
    ReferralInfoRequested,
    ReferralRecalled,
    ReferralRecallRefused,
    ReferralRedirected,
)
from xianjie.vocabulary import CHINA, Ground, Precision, Track

CODE, CASE = "CN-TRIED", "case-1"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)


class Bench:
    """A judge over one leg, and a system that says what a test tells it to."""

    def __init__(self, role: str = "court") -> None:
        self.findings, self.seconds, self._ids = Findings(), 0.0, count(1)
        self.judge = Judge(CODE, self.findings, lambda: NOW, patience=5, clock=lambda: self.seconds)
        self.leg = self.judge.watched[CASE] = Watched(Course(CASE, CODE, ROLES[role]), "test")

    def says(self, *messages: Message) -> list[int]:
        """The statuses of the receipts of these."""
        return [status for each in messages for status in self.hears(each)]

    def hears(
        self, message: Message, id: str = "", arrival: Callable[[bytes], Arrival] | None = None, **attributes: object
    ) -> list[int]:
        """The statuses of the receipts that this one brings about."""
        given = envelope.attributes(
            message, CASE, f"/agencies/{CODE}", id or f"m-{next(self._ids)}", **{"time": NOW, **attributes}  # type: ignore[arg-type]
        )  # fmt: skip
        body = envelope.write(given, message)
        arrived = arrival(body) if arrival else Arrival(body, key(message), {HEADER: CASE}, CONTENT_TYPE, user="guest")
        return statuses(self.judge.hear(arrived))

    def broken(self) -> dict[str, int]:
        """How often each clause was broken."""
        return dict(self.findings.broken)


def key(message: Message) -> str:
    return f"{CODE}.{message.name}.v1"


def statuses(told: object) -> list[int]:
    """Of the receipts among what is told."""
    return [message.status for _, message in told if isinstance(message, ReceiptGiven)]  # type: ignore[attr-defined]


TAKING = (ReferralDelivered(leg="L1"), ReferralAcknowledged(leg="L1"), ReferralAccepted(leg="L1", recusal_checked=True))
STEP = named("court.progressed")(leg="L1", step="docketed")  # type: ignore[call-arg]
YES, NO = (named("court.cancel_answered")(leg="L1", agreed=agreed) for agreed in (True, False))  # type: ignore[call-arg]


@pytest.fixture
def bench() -> Bench:
    return Bench()


# --- order and time to live


def test_what_follows_the_last_that_was_said_is_taken(bench: Bench) -> None:
    bench.hears(TAKING[0], "m-a")
    assert bench.hears(TAKING[1], "m-b", follows="m-a") == [202]
    assert (bench.findings.met["contract.order"], bench.broken()) == (1, {})


def test_what_comes_before_the_message_it_follows_waits_and_is_taken_behind_it(bench: Bench) -> None:
    assert bench.hears(TAKING[1], "m-b", follows="m-a") == [202]
    assert bench.leg.said == []
    assert bench.hears(TAKING[0], "m-a") == [202]
    assert [each.id for each in bench.leg.said] == ["m-a", "m-b"]
    bench.seconds = 6
    assert (statuses(bench.judge.overdue()), bench.broken()) == ([], {})


def test_what_follows_a_message_that_never_was_is_a_fault_after_the_patience(bench: Bench) -> None:
    """The network holds it and answers 410 after ten minutes; who waits for it never acts."""
    assert bench.hears(TAKING[0], "m-a", follows="nobody-said-this") == [202]
    assert (statuses(bench.judge.overdue()), bench.broken()) == ([], {})
    bench.seconds = 6
    assert (statuses(bench.judge.overdue()), bench.broken()) == ([410], {"contract.order": 1})
    assert not bench.judge.order
    assert bench.leg.said == []


def test_what_follows_an_earlier_message_than_the_last_is_a_fault_too(bench: Bench) -> None:
    """Its hearer has gone on since."""
    bench.hears(TAKING[0], "m-a")
    bench.hears(TAKING[1], "m-b")
    bench.hears(TAKING[2], "m-c", follows="m-a")
    bench.seconds = 6
    assert (statuses(bench.judge.overdue()), bench.broken()) == ([410], {"contract.order": 1})


def test_a_time_to_live_that_is_over_is_a_fault_and_one_that_is_not_is_none(bench: Bench) -> None:
    late = {"time": NOW - timedelta(minutes=2), **Beside(ttl=60).attributes()}
    assert bench.hears(TAKING[0], **{name: value for name, value in late.items() if value is not None}) == [410]
    assert bench.broken() == {"contract.lasting": 1}
    assert bench.hears(TAKING[0], ttl=60) == [202]
    assert bench.findings.met["contract.lasting"] == 1


# --- what the broker says of it


def test_what_is_not_persistent_names_no_user_or_an_unknown_cause_breaks_its_clause(bench: Bench) -> None:
    bench.hears(TAKING[0], arrival=lambda body: Arrival(body, key(TAKING[0]), {HEADER: CASE}, CONTENT_TYPE, durable=False))
    bench.hears(TAKING[1], because="nobody-said-this")
    assert bench.broken() == {"contract.durable": 1, "contract.user": 1, "contract.cause": 1}
    bench.judge.told["kit-1"] = False
    bench.hears(TAKING[2], because="kit-1")
    assert bench.findings.met["contract.cause"] == 1


def test_a_cause_may_be_what_the_system_said_itself(bench: Bench) -> None:
    bench.hears(TAKING[0], "m-a")
    bench.hears(TAKING[1], because="m-a")
    assert bench.broken() == {}


# --- what crosses


def recalled_from(bench: Bench) -> None:
    before = bench.leg.as_it_stands()
    bench.leg.course.recall()
    bench.leg.crosses(before, lambda: True, ("referral.recalled", "referral.recall_refused"), frozenset({"the-recall"}))


def expired_from(bench: Bench) -> None:
    before = bench.leg.as_it_stands()
    bench.leg.course.expire()
    bench.leg.crosses(before, lambda: True)


def asked_to_stop(bench: Bench) -> None:
    before = bench.leg.as_it_stands()
    bench.leg.course.as_sender(cancel(bench.leg.course), NOW)
    bench.leg.crosses(before, lambda: True, (".cancel_answered",), frozenset({"the-request"}))


def test_what_a_system_says_before_it_has_heard_of_an_expiry_crosses_it(bench: Bench) -> None:
    expired_from(bench)
    assert bench.says(*TAKING) == [410, 410, 410]
    assert bench.broken() == {}


def test_the_same_said_twice_under_two_ids_crosses_nothing(bench: Bench) -> None:
    """However the news went: it contradicts the system's own word."""
    expired_from(bench)
    bench.says(*TAKING, TAKING[2])
    assert bench.broken() == {"protocol.turn": 1}


def test_once_the_news_must_be_there_nothing_crosses_it(bench: Bench) -> None:
    before = bench.leg.as_it_stands()
    bench.leg.course.expire()
    bench.leg.crosses(before, lambda: False)
    bench.says(TAKING[0])
    assert bench.broken() == {"protocol.turn": 1}


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (ReferralRecalled(leg="L1"), TAKING[2]),
        (ReferralRecalled(leg="L1"), ReferralRecalled(leg="L1")),
        (ReferralRecalled(leg="L1"), ReferralRecallRefused(leg="L1", recusal_checked=True)),
        (ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no room"), TAKING[2]),
    ],
)  # fmt: skip
def test_what_follows_the_answer_to_a_recall_has_not_crossed_it(bench: Bench, answer: Message, then: Message) -> None:
    bench.says(*TAKING[:2])
    recalled_from(bench)
    bench.says(answer)
    assert bench.broken() == {}
    bench.says(then)
    assert bench.broken() == {"protocol.turn": 1}


def test_a_recall_may_cross_delivery_and_acceptance(bench: Bench) -> None:
    recalled_from(bench)
    assert bench.says(*TAKING)[0] == 202
    assert (bench.broken(), bench.leg.course.proceeding is not None) == ({}, True)


@pytest.mark.parametrize(
    ("decision", "answer"),
    [
        (TAKING[2], ReferralRecallRefused(leg="L1", recusal_checked=True)),
        (ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no room"), ReferralRecalled(leg="L1")),
    ],
)
def test_who_has_decided_may_answer_the_recall_that_crossed_it_once(bench: Bench, decision: Message, answer: Message) -> None:
    """It cannot know that its decision has answered it."""
    recalled_from(bench)
    bench.says(*TAKING[:2], decision, answer)
    assert bench.broken() == {}
    bench.says(answer)
    assert bench.broken() == {"protocol.turn": 1}


@pytest.mark.parametrize("then", [STEP, NO, YES])
def test_what_follows_an_agreement_to_stop_has_not_crossed_the_request(bench: Bench, then: Message) -> None:
    """No step, no second answer."""
    bench.says(*TAKING)
    asked_to_stop(bench)
    assert bench.says(YES)[0] == 202
    assert bench.broken() == {}
    bench.says(then)
    assert sum(bench.broken().values()) == 1, bench.findings.faults


def test_a_step_may_cross_a_request_to_stop(bench: Bench) -> None:
    bench.says(*TAKING)
    asked_to_stop(bench)
    bench.says(STEP, YES)
    assert bench.broken() == {}


def test_what_names_the_news_as_its_cause_has_not_crossed_it(bench: Bench) -> None:
    """And the request to stop is answered by what was taken, not by what was refused."""
    bench.says(*TAKING)
    asked_to_stop(bench)
    back = named("court.returned")(leg="L1", ground="capacity", inventory=("none",), text="no room")  # type: ignore[call-arg]
    bench.judge.told["the-request"] = False
    assert bench.hears(back, because="the-request") == [410]
    assert bench.broken() == {"protocol.turn": 1}
    assert bench.leg.has(".returned")
    assert not bench.leg.did(".returned")


# --- beside the leg


def test_a_word_about_a_case_for_which_another_answers_is_not_its_turn(bench: Bench) -> None:
    """Nor is anything shown by it."""
    bench.says(named("case.withdrawal_asked")(text="we would rather not"))  # type: ignore[call-arg]
    assert bench.broken() == {"protocol.turn": 1}
    assert bench.findings.met["protocol.turn"] == 0


def test_what_any_body_in_a_case_may_say_is_taken_and_shows_nothing(bench: Bench) -> None:
    bench.says(named("case.file_asked")(reason="a duty"))  # type: ignore[call-arg]
    assert (bench.broken(), bench.findings.met["protocol.turn"]) == ({}, 0)


def test_a_word_about_a_case_of_which_it_has_no_leg_is_a_fault(bench: Bench) -> None:
    del bench.judge.watched[CASE]
    assert bench.says(named("case.withdrawal_asked")(text="we would rather not")) == [403]  # type: ignore[call-arg]
    assert bench.broken() == {"contract.subject": 1}


def test_who_says_something_to_every_receipt_is_named_and_not_answered_any_more(bench: Bench) -> None:
    """It need not say that the receipt is its cause."""
    told = [bench.hears(CapacityAsked(track=Track.COURT, right="design")) for _ in range(FLOOD + 20)]
    assert [len(each) for each in told] == [1] * FLOOD + [0] * 20
    assert bench.broken() == {"receipt.unanswered": 1}


def test_a_test_of_the_way_is_answered_once_with_its_word(bench: Bench) -> None:
    bench.leg.course.nonce = "word-1"
    assert bench.says(LoopAnswered(nonce="word-2")) == [410]
    assert bench.says(LoopAnswered(nonce="word-1")) == [202]
    assert bench.says(LoopAnswered(nonce="word-1")) == [410]
    assert bench.broken() == {"loop.answered": 2}
    assert bench.leg.did("loop.answered")


# --- whose word, which rule


def test_a_word_of_a_superior_is_not_its_turn(bench: Bench) -> None:
    bench.says(*TAKING, named("court.ordered")(leg="L1", again=True, text="take it up"))  # type: ignore[call-arg]
    assert bench.broken() == {"protocol.turn": 1}


@pytest.mark.parametrize(("role", "to"), [("court", CODE), ("mediation_body", SENDER), ("regulator", "CN-OTHER")])
def test_a_leg_is_not_redirected_to_who_has_it_nor_at_all_where_the_case_itself_came(role: str, to: str) -> None:
    bench = Bench(role)
    assert bench.says(*TAKING[:2], ReferralRedirected(leg="L1", to=to))[-1] == 403
    assert bench.broken() == {"protocol.rule": 1}


def test_papers_are_asked_for_once(bench: Bench) -> None:
    asked = ReferralInfoRequested(leg="L1", gaps=("the power of attorney",))
    assert bench.says(*TAKING[:2], asked, asked) == [202, 202, 202, 403]
    assert bench.broken() == {"protocol.rule": 1}


def test_what_is_said_to_have_happened_before_the_case_came_is_named(bench: Bench) -> None:
    """A clock or a zone is wrong; a few minutes are no matter, nor is what is known to the day alone."""
    bench.leg.since = NOW
    bench.hears(TAKING[0], time=NOW - timedelta(minutes=4))
    bench.hears(TAKING[1], time=NOW - timedelta(days=1), precision=Precision.DAY)
    assert bench.broken() == {}
    bench.hears(TAKING[2], time=NOW - timedelta(hours=8))
    assert bench.broken() == {"contract.time": 1}
    assert "8.0 hours before the system first heard of the case" in bench.findings.faults[0].says


def test_what_it_may_say_instead_is_what_the_state_allows(bench: Bench) -> None:
    bench.says(*TAKING, *planning.told(Track.COURT, "L1"))
    assert bench.says(STEP) == [410]
    (fault,) = bench.findings.faults
    assert fault.expected.endswith("it may say nothing of it")


def test_what_came_too_late_did_not_count_and_is_said_to_the_reader(bench: Bench) -> None:
    bench.hears(TAKING[0], ttl=60, time=NOW - timedelta(minutes=2))
    assert bench.leg.uncounted == 1


def test_what_was_asked_for_and_did_not_arise_is_not_shown() -> None:
    findings = Findings()
    asked = clauses()["inbox.acknowledged"]
    assert findings.verdict(asked) == "not called for"
    findings.owed.add(asked.id)
    assert (findings.verdict(asked), findings.conforms) == ("not shown", False)


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"a": NaN}', b"[" * 1500, b'{"a":' * 900 + b"1" + b"}" * 900, b"\xff"])
def test_whatever_came_can_be_written_into_a_report(body: bytes) -> None:
    json.dumps(shown(body), ensure_ascii=False, allow_nan=False, indent=1).encode()
