"""One leg under the eyes of the judge, and what of the system's words may have crossed the news that it was just told."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from xianjie.conformance.course import TURN, Answer, Course
from xianjie.envelope import Heard


@dataclass(slots=True)
class News:
    """Something that the system was told while it may have been speaking. `unheard`: the leg as it would stand without it.

    `on_its_way`: whether the system may not have heard it yet. `answers`: the names of what answers it. `ids`: of the
    messages that told it, which a word may name as its cause.
    """

    unheard: Course
    on_its_way: Callable[[], bool]
    answers: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    heard: bool = False

    def crossed(self, heard: Heard, answer: Answer, now: datetime) -> bool:
        """Whether this word, answered so, crossed the news: it would have been right without it, or answers it for the first time when
        something else of the system had settled it before. Follows every word of the system.

        Who answers the news, or says what is right only with it, has heard it: what comes after that crosses nothing.
        """
        without = self.unheard.hear(heard, now)
        known, answers, because = self.heard, named_so(heard, self.answers), heard.attributes.causationid in self.ids
        self.heard |= answers or because or (answer.status == 202 and without.status != 202)
        may = answers or (without.status == 202 and not because)
        return answer.breaks == TURN and not known and may and self.on_its_way()


@dataclass(slots=True)
class Watched:
    """One course. `said`: what the system said about it, each identity once; `refused`: what of that the network refused."""

    course: Course
    script: str
    since: datetime | None = None
    """When the system was first told of it; None where it may have known of it before."""
    said: list[Heard] = field(default_factory=list)
    taken: list[Heard] = field(default_factory=list)
    """What of that was answered 202."""
    refused: list[Answer] = field(default_factory=list)
    uncounted: int = 0
    """How many messages about it were none by the contract, or came too late, and so have not been said."""
    last: bytes = b""
    """What it said last about it, as it came."""
    lenient: bool = False
    """Whether answers about legs that were never offered are no fault here."""
    twice: bool = False
    """Whether everything that is said to the system about it comes twice, as after a lost connection."""
    _news: News | None = None

    def hear(self, heard: Heard, body: bytes, now: datetime) -> Answer:
        """What follows from what the system says, with `body` as it came. `breaks` is None where a word that crossed news was refused."""
        self.said.append(heard)
        self.last = body
        answer = self.course.hear(heard, now)
        if answer.status == 202:
            self.taken.append(heard)
        else:
            self.refused.append(answer)
        if self._news and self._news.crossed(heard, answer, now):
            return replace(answer, breaks=None)
        return answer

    def crosses(
        self, before: Course, on_its_way: Callable[[], bool], answers: tuple[str, ...] = (), ids: frozenset[str] = frozenset()
    ) -> None:
        """From now on what the system says may cross what it was just told. `before`: what `as_it_stands` gave before that.

        `answers`: names as `has` takes them. `ids`: of the messages that told it."""
        self._news = News(before, on_its_way, answers, ids)

    def as_it_stands(self) -> Course:
        """The course as the system knows it now."""
        return copy.copy(self.course)

    def has(self, *names: str) -> bool:
        """Whether the system has said any of these about it; a name that begins with a dot stands for any track."""
        return any(named_so(each, names) for each in self.said)

    def did(self, *names: str) -> bool:
        """The same of what was not refused."""
        return any(named_so(each, names) for each in self.taken)

    def spoke_in_track(self) -> list[Heard]:
        """What it said in the proceeding."""
        return [each for each in self.said if each.message.name.startswith(f"{self.course.role.track}.")]


def named_so(heard: Heard, names: tuple[str, ...]) -> bool:
    """Whether the message has one of these names; one that begins with a dot stands for any track."""
    name = heard.message.name
    return name in names or f".{name.split('.')[1]}" in names
