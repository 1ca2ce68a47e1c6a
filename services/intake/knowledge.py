"""The knowledge base: what bodies ask, answer and find useful (feature 78)."""

import re

from services.intake.case import QUESTION, TOPIC
from services.intake.moving import CaseTurn, from_outside
from services.intake.shelf import Given, Shelf
from xianjie.law import deadlines
from xianjie.messages.knowledge import (
    Answer,
    KnowledgeAnswered,
    KnowledgeAnswerKept,
    KnowledgeAsked,
    KnowledgeEntryKept,
    KnowledgeFound,
    KnowledgeListed,
    KnowledgeQuestionKept,
    KnowledgeSearched,
    KnowledgeTeachingKept,
    KnowledgeTeachingOffered,
    KnowledgeTold,
    KnowledgeVoted,
    KnowledgeVoteKept,
)
from xianjie.vocabulary import Ground

Said = KnowledgeAsked | KnowledgeAnswered | KnowledgeVoted | KnowledgeSearched | KnowledgeTeachingOffered | KnowledgeListed
BEST = deadlines.count("best_answer")
"""So many bodies must have found an answer useful before it can be the best."""
WORD = re.compile(r"[a-z][a-z0-9_]{0,56}")
MOST = 20
"""Of each list that is told, at most so many."""


def hear(turn: CaseTurn) -> None:
    """What is said in the thread of a question, or of a topic."""
    shelf = turn.state.shelf or Shelf()
    topic, asked = turn.state.case.startswith(TOPIC), turn.state.case.startswith(QUESTION)
    if topic and not WORD.fullmatch(turn.state.case.removeprefix(TOPIC)):
        turn.refuse(
            422, Ground.OTHER, f"/subject: a topic is {TOPIC} and a lower-case word of a-z, 0-9 and _, as in {TOPIC}evidence"
        )
        return
    match turn.heard.message:
        case KnowledgeAsked() as said if asked:
            _ask(turn, shelf, said)
        case KnowledgeAnswered() | KnowledgeVoted() | KnowledgeSearched() if asked and not shelf.question:
            turn.refuse(410, Ground.TOO_LATE, "no question was asked in this thread")
        case KnowledgeAnswered(text=text) if asked:
            _answer(turn, text)
        case KnowledgeVoted() as said if asked:
            _vote(turn, shelf, said)
        case KnowledgeSearched() if topic:
            _find(turn, shelf)
        case KnowledgeSearched() if asked:
            _tell(turn, turn.heard.speaker)
        case KnowledgeTeachingOffered(material=material) if topic:
            turn.say(KnowledgeTeachingKept(material=material, body=turn.heard.speaker))
        case KnowledgeListed() as said if topic:
            kept = KnowledgeEntryKept(entry=said.entry, question=said.question, answer=said.answer, answer_of=said.answer_of)
            turn.say(kept)
        case _ if from_outside(turn.heard):
            turn.refuse(
                403, Ground.OTHER, f"{QUESTION}… is the thread of a question, {TOPIC}… that of a topic: this belongs to neither"
            )
        case _:
            turn.note("nothing follows from this in the knowledge base")


def _ask(turn: CaseTurn, shelf: Shelf, said: KnowledgeAsked) -> None:
    if shelf.question:
        turn.refuse(403, Ground.DUPLICATE, "this thread has its question: ask another in a thread of its own")
    elif not said.topics:
        turn.refuse(422, Ground.OTHER, "/data/topics: name one at least")
    else:
        kept = KnowledgeQuestionKept(question=said.question, topics=said.topics, asker=turn.heard.speaker, case=said.case)
        turn.say(kept)
        _list(turn)


def _list(turn: CaseTurn) -> None:
    """The question, with its best answer, in the list of each of its topics."""
    shelf = _shelf(turn)
    answer = shelf.answers[shelf.best].text if shelf.best else ""
    listed = KnowledgeListed(entry=turn.state.case, question=shelf.question, answer=answer, answer_of=shelf.best)
    for topic in dict.fromkeys(shelf.topics):
        turn.say(listed, to="intake", subject=f"{TOPIC}{topic}")


def _shelf(turn: CaseTurn) -> Shelf:
    assert turn.state.shelf is not None, "something is on the shelf"
    return turn.state.shelf


def _answer(turn: CaseTurn, text: str) -> None:
    was_best = _shelf(turn).best == turn.heard.speaker
    turn.say(KnowledgeAnswerKept(body=turn.heard.speaker, text=text))
    if was_best:
        _list(turn)
    _tell_asker(turn)


def _vote(turn: CaseTurn, shelf: Shelf, said: KnowledgeVoted) -> None:
    voter, given = turn.heard.speaker, shelf.answers.get(said.answer_of)
    if given is None:
        turn.refuse(410, Ground.TOO_LATE, f"{said.answer_of} has not answered this question")
    elif voter == said.answer_of:
        turn.refuse(403, Ground.CONFLICT, "nobody votes on its own answer")
    else:
        now = {**shelf.answers, said.answer_of: Given(text=given.text, votes={**given.votes, voter: said.useful})}
        best = _best(now, shelf.best)
        turn.say(KnowledgeVoteKept(answer_of=said.answer_of, voter=voter, useful=said.useful, best=best))
        if best != shelf.best:
            _list(turn)
            _tell_asker(turn)


def _best(answers: dict[str, Given], before: str | None) -> str | None:
    """Whose answer most bodies found useful, if enough did; of two that are level the one that was the best before, else the first."""
    able = [body for body, each in answers.items() if each.useful >= BEST]
    return max(able, key=lambda body: (answers[body].useful, body == before), default=None)


def _find(turn: CaseTurn, shelf: Shelf) -> None:
    latest = list(shelf.entries.values())[::-1]
    ordered = sorted(latest, key=lambda each: each.answer_of is None)
    topic = turn.state.case.removeprefix(TOPIC)
    found = KnowledgeFound(topic=topic, entries=tuple(ordered[:MOST]), materials=tuple(shelf.materials.values())[::-1][:MOST])
    turn.say(found, to=turn.heard.speaker)


def _tell_asker(turn: CaseTurn) -> None:
    asker = _shelf(turn).asker
    if asker and asker != turn.heard.speaker:
        _tell(turn, asker)


def _tell(turn: CaseTurn, whom: str) -> None:
    shelf = _shelf(turn)
    ordered = sorted(shelf.answers.items(), key=lambda each: -each[1].useful)
    answers = tuple(
        Answer(body=body, text=each.text, useful=each.useful, useless=len(each.votes) - each.useful)
        for body, each in ordered[:MOST]
    )
    turn.say(KnowledgeTold(question=shelf.question, answers=answers, best=shelf.best, latest=turn.heard.id), to=whom)
