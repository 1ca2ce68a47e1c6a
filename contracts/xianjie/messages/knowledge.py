"""The knowledge base 知识库: questions with their answers and votes, the best of each topic, teaching material. Nothing personal belongs here.

A question has a thread of its own, `kb-` and a name of the asker's choice; a topic has one too, `topic-` and its word, as in `topic-evidence`.
"""

from dataclasses import dataclass
from typing import Annotated

from marshmallow import validate

from xianjie.fields import CaseId, Code, Count, MessageId, Text, Word
from xianjie.message import AGENCY, Message, message
from xianjie.messages.case.application import Paper

Question = Annotated[str, validate.Length(min=5, max=500)]


@message("knowledge.asked", said_by=AGENCY, heard_by="intake")
class KnowledgeAsked(Message):
    """A question that others will have too, without anything that tells whose it was. `case`: the case in which it came up."""

    question: Question
    topics: tuple[Word, ...]
    case: CaseId | None = None


@message("knowledge.answered", said_by=AGENCY, heard_by="intake")
class KnowledgeAnswered(Message):
    """An answer to the question of this thread. Several bodies may answer; each may put its own answer anew."""

    text: Text


@message("knowledge.voted", said_by=AGENCY, heard_by="intake")
class KnowledgeVoted(Message):
    """Whether the answer of that body has helped. A body votes once on each, and never on its own; its last word counts."""

    answer_of: Code
    useful: bool


@message("knowledge.teaching_offered", said_by=AGENCY, heard_by="intake")
class KnowledgeTeachingOffered(Message):
    """Teaching material 教材 for the topic of this thread, by reference."""

    material: Paper


@message("knowledge.searched", said_by=AGENCY, heard_by="intake")
class KnowledgeSearched(Message):
    """What is known on the topic of this thread? Said in the thread of a question: how does it stand?"""


@message("knowledge.question_kept", said_by="intake")
class KnowledgeQuestionKept(Message):
    """The question is on the shelf."""

    question: Question
    topics: tuple[Word, ...]
    asker: Code
    case: CaseId | None = None


@message("knowledge.answer_kept", said_by="intake")
class KnowledgeAnswerKept(Message):
    """The answer of this body is on the shelf, in the place of the one it gave before, whose votes are gone."""

    body: Code
    text: Text


@message("knowledge.vote_kept", said_by="intake")
class KnowledgeVoteKept(Message):
    """The vote counts. `best`: whose answer has helped most by now, once enough have said so."""

    answer_of: Code
    voter: Code
    useful: bool
    best: Code | None = None


@message("knowledge.listed", said_by="intake", heard_by="intake")
class KnowledgeListed(Message):
    """The question is in the list of a topic; with its best answer, once there is one. Its subject is the topic."""

    entry: CaseId
    question: Question
    answer: Text = ""
    answer_of: Code | None = None


@message("knowledge.entry_kept", said_by="intake")
class KnowledgeEntryKept(Message):
    """The list of the topic has this entry, or has it anew."""

    entry: CaseId
    question: Question
    answer: Text = ""
    answer_of: Code | None = None


@message("knowledge.teaching_kept", said_by="intake")
class KnowledgeTeachingKept(Message):
    """The list of the topic has this material, from that body."""

    material: Paper
    body: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question of a topic: its thread, and its best answer, once there is one."""

    entry: CaseId
    question: Question
    answer: Text = ""
    answer_of: Code | None = None


@message("knowledge.found", said_by="intake", heard_by=AGENCY)
class KnowledgeFound(Message):
    """What the topic holds: those with a best answer first, then the latest; and its teaching material."""

    topic: Word
    entries: tuple[Entry, ...]
    materials: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, and how many said that it has helped, or has not."""

    body: Code
    text: Text
    useful: Count
    useless: Count


@message("knowledge.told", said_by="intake", heard_by=AGENCY)
class KnowledgeTold(Message):
    """How a question stands: its answers, the most useful first. `best`: whose is the best 优秀问答. `latest`: the message that changed it."""

    question: Question
    answers: tuple[Answer, ...]
    best: Code | None = None
    latest: MessageId | None = None
