"""What the knowledge base keeps in one thread: a question with its answers and votes, or the list of a topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xianjie.message import Message
from xianjie.messages.case import Paper
from xianjie.messages.knowledge import (
    Entry,
    KnowledgeAnswerKept,
    KnowledgeEntryKept,
    KnowledgeQuestionKept,
    KnowledgeTeachingKept,
    KnowledgeVoteKept,
)

T = TypeVar("T")
LONGEST = 200
"""A topic remembers so many of its latest questions, and as much material."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer. `votes`: by body, whether it has helped."""

    text: str
    votes: Mapping[str, bool] = field(default_factory=dict)

    @property
    def useful(self) -> int:
        return sum(self.votes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """`answers` by body, `entries` by thread, `materials` by id."""

    question: str = ""
    topics: tuple[str, ...] = ()
    asker: str | None = None
    case: str | None = None
    answers: Mapping[str, Given] = field(default_factory=dict)
    best: str | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    materials: Mapping[str, Paper] = field(default_factory=dict)


Kept = KnowledgeQuestionKept | KnowledgeAnswerKept | KnowledgeVoteKept | KnowledgeEntryKept | KnowledgeTeachingKept


def evolve(shelf: Shelf, said: Message) -> Shelf:
    """The shelf after one event."""
    match said:
        case KnowledgeQuestionKept():
            return replace(shelf, question=said.question, topics=said.topics, asker=said.asker, case=said.case)
        case KnowledgeAnswerKept(body=body, text=text):
            best = None if shelf.best == body else shelf.best
            return replace(shelf, answers={**shelf.answers, body: Given(text=text)}, best=best)
        case KnowledgeVoteKept(answer_of=body, voter=voter, useful=useful, best=best):
            voted = replace(shelf.answers[body], votes={**shelf.answers[body].votes, voter: useful})
            return replace(shelf, answers={**shelf.answers, body: voted}, best=best)
        case KnowledgeEntryKept(entry=entry):
            others = {each: one for each, one in shelf.entries.items() if each != entry}
            made = Entry(entry=entry, question=said.question, answer=said.answer, answer_of=said.answer_of)
            return replace(shelf, entries=_latest({**others, entry: made}))
        case KnowledgeTeachingKept(material=material):
            return replace(shelf, materials=_latest({**shelf.materials, material.id: material}))
        case _:
            return shelf


def _latest(found: dict[str, T]) -> dict[str, T]:
    return dict(list(found.items())[-LONGEST:])
