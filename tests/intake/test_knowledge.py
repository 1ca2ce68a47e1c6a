"""Feature 78: a knowledge base of questions, answers and votes, linked to cases; and teaching material."""

from dataclasses import replace

import pytest

from services.intake.knowledge import BEST
from xianjie.deciding import Event, Refuse, Say
from xianjie.messages.case import CaseWithdrawalAsked
from xianjie.messages.knowledge import (
    KnowledgeAnswered,
    KnowledgeAsked,
    KnowledgeListed,
    KnowledgeSearched,
    KnowledgeTeachingOffered,
    KnowledgeVoted,
)
from xianjie.topology import is_case

from .telling import CENTRE, COURT, OFFICE, Log, body, noted, paper, refusal, to

ASKED = KnowledgeAsked(question="Is a photograph of the stall enough as evidence?", topics=("evidence", "fair"), case="C7")
VOTERS = [f"CN-V{at}" for at in range(BEST + 1)]


def asked() -> Log:
    log = Log("kb-stall")
    log.hear(body(CENTRE), ASKED)
    return log


def answered() -> Log:
    """Two bodies have answered."""
    log = asked()
    for code, text in ((OFFICE, "Yes, with the day on it."), (COURT, "Better a notarised one.")):
        log.hear(body(code), KnowledgeAnswered(text=text))
    return log


def vote(log: Log, of: str, *voters: str, useful: bool = True) -> list[Event]:
    return [each for voter in voters for each in log.hear(body(voter), KnowledgeVoted(answer_of=of, useful=useful))]


def listed(events: list[Event]) -> dict[str, KnowledgeListed]:
    """By topic: what its list hears."""
    found = [each for each in events if isinstance(each, Say) and isinstance(each.message, KnowledgeListed)]
    return {str(each.subject): each.message for each in found}


def test_78_a_question_is_kept_linked_to_its_case_and_listed_under_its_topics() -> None:
    log = Log("kb-stall")
    events = log.hear(body(CENTRE), ASKED)
    assert set(listed(events)) == {"topic-evidence", "topic-fair"}
    assert log.state.shelf
    assert (log.state.shelf.question, log.state.shelf.case, log.state.shelf.asker) == (ASKED.question, "C7", CENTRE)
    assert refusal(log.hear(body(OFFICE), ASKED)).status == 403
    assert refusal(Log("kb-2").hear(body(CENTRE), replace(ASKED, topics=()))).status == 422


def test_78_the_asker_hears_every_answer() -> None:
    log = asked()
    (told,) = to(log.hear(body(OFFICE), KnowledgeAnswered(text="Yes.")), CENTRE, "knowledge.told")
    assert [(each.body, each.text, each.useful) for each in told.answers] == [(OFFICE, "Yes.", 0)]


def test_78_the_answer_that_enough_bodies_found_useful_is_the_best_and_stands_in_the_lists() -> None:
    log = answered()
    assert listed(vote(log, OFFICE, *VOTERS[: BEST - 1])) == {}
    events = vote(log, OFFICE, VOTERS[BEST - 1])
    assert {each.answer for each in listed(events).values()} == {"Yes, with the day on it."}
    (told,) = to(events, CENTRE, "knowledge.told")
    assert (told.best, told.answers[0].body, told.answers[0].useful) == (OFFICE, OFFICE, BEST)
    assert listed(vote(log, COURT, *VOTERS[:BEST])) == {}, "level with it: the best stays"
    assert {each.answer_of for each in listed(vote(log, COURT, VOTERS[BEST])).values()} == {COURT}


def test_78_a_body_votes_once_its_last_word_counts_and_never_on_its_own() -> None:
    log = answered()
    vote(log, OFFICE, *[VOTERS[0]] * BEST)
    assert log.state.shelf
    assert (log.state.shelf.answers[OFFICE].useful, log.state.shelf.best) == (1, None)
    vote(log, OFFICE, VOTERS[0], useful=False)
    assert log.state.shelf.answers[OFFICE].useful == 0
    assert refusal(log.hear(body(OFFICE), KnowledgeVoted(answer_of=OFFICE, useful=True))).status == 403
    assert refusal(log.hear(body(OFFICE), KnowledgeVoted(answer_of="CN-NONE", useful=True))).status == 410


def test_78_votes_that_are_taken_back_take_the_best_away() -> None:
    log = answered()
    vote(log, OFFICE, *VOTERS[:BEST])
    events = vote(log, OFFICE, VOTERS[0], useful=False)
    assert {each.answer_of for each in listed(events).values()} == {None}


def test_78_an_answer_that_is_put_anew_has_no_votes_and_is_the_best_no_more() -> None:
    log = answered()
    vote(log, OFFICE, *VOTERS[:BEST])
    events = log.hear(body(OFFICE), KnowledgeAnswered(text="No, after all."))
    assert {each.answer for each in listed(events).values()} == {""}
    assert log.state.shelf
    assert log.state.shelf.answers[OFFICE].useful == 0


def test_78_a_topic_tells_its_questions_the_answered_first_and_its_teaching_material() -> None:
    log = Log("topic-evidence")
    for at in range(3):
        told = KnowledgeListed(
            entry=f"kb-{at}", question=f"question {at}", answer="so" if at == 1 else "", answer_of=OFFICE if at == 1 else None
        )
        log.hear("/services/intake", told)
    log.hear(body(CENTRE), KnowledgeTeachingOffered(material=paper("slides")))
    (found,) = to(log.hear(body(COURT), KnowledgeSearched()), COURT, "knowledge.found")
    assert [each.entry for each in found.entries] == ["kb-1", "kb-2", "kb-0"]
    assert (found.topic, [each.id for each in found.materials]) == ("evidence", ["p-slides"])


def test_78_what_is_asked_of_a_question_that_is_not_there_is_too_late() -> None:
    for said in (KnowledgeAnswered(text="x"), KnowledgeVoted(answer_of=OFFICE, useful=True), KnowledgeSearched()):
        assert refusal(Log("kb-none").hear(body(COURT), said)).status == 410
    (told,) = to(answered().hear(body(COURT), KnowledgeSearched()), COURT, "knowledge.told")
    assert len(told.answers) == 2


@pytest.mark.parametrize(
    ("thread", "said"), [("kb-1", CaseWithdrawalAsked()), ("topic-law", ASKED), ("topic-law", KnowledgeAnswered(text="x"))]
)
def test_78_what_belongs_to_neither_thread_is_refused(thread: str, said: object) -> None:
    (only,) = Log(thread).hear(body(CENTRE), said)  # type: ignore[arg-type]
    assert isinstance(only, Refuse)
    assert (only.status, is_case(thread)) == (403, False)
    assert noted(Log(thread).hear("/services/routing", CaseWithdrawalAsked()))


@pytest.mark.parametrize("thread", ["topic-Evidence", "topic-", "topic-a b", "topic-" + "x" * 58])
def test_78_a_topic_is_a_word(thread: str) -> None:
    assert refusal(Log(thread).hear(body(COURT), KnowledgeSearched())).status == 422
