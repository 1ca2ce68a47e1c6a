"""How rules speak: what a decision is given, and what it may answer. Pure values, no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.vocabulary import Ground

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Say:
    """An event: a message, and to whom it is said — a service, an agency's code, or nobody but the journal."""

    message: Message
    to: str | None = None
    subject: str | None = None
    """Another case than the one decided (a child, its parent); None: this one."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The protocol does not allow it: 403 not yours, 410 too late. It is noted, and the agency hears why."""

    status: int
    ground: Ground
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Heard, and it changes nothing. Taken all the same. `text`: composed of codes; `words`: what a person said of it."""

    text: str
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """It speaks of a fact not yet known here; it waits for it, at most ten minutes."""

    awaits: str


Event = Say | Refuse | Note | Hold


@dataclass(frozen=True, slots=True)
class Given:
    """All that a decision may know beside the case and the message."""

    now: datetime
    directory: Any = None
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules(Generic[State]):
    """The rules of one service: everything that the chassis needs to know about it."""

    service: str
    state: type[State]
    initial: Callable[[str], State]
    decide: Callable[[State, Heard, Given], list[Event]]
    evolve: Callable[[State, Message], State]
    due: Callable[[State], datetime | None]
    glance: Callable[[State], Mapping[str, Any]] = field(default=lambda _: {})
    """What lists show of a case: short, nothing personal."""
    index: tuple[str, ...] = ()
    """Fields of the glance that a case is found by; lists do not show them."""
    reference: "Reference | None" = None
    unrouted: Callable[[Heard], Say | None] | None = None
    """For the service that reads the side lane: what follows when one of its own messages comes back, its hearer having no inbox."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A log that decisions on every case look into (the directory): its subject, and how it folds."""

    subject: str
    state: type[Any]
    initial: Callable[[str], Any]
    decide: Callable[[Any, Heard, Given], list[Event]]
    evolve: Callable[[Any, Message], Any]


class Turn(Generic[State]):
    """One decision in the making: what is said so far, and the state after it. Lives within one call of `decide`."""

    __slots__ = ("_evolve", "events", "given", "heard", "state")

    def __init__(self, state: State, evolve: Callable[[State, Message], State], heard: Heard, given: Given) -> None:
        self.state, self._evolve, self.heard, self.given = state, evolve, heard, given
        self.events: list[Event] = []

    @property
    def now(self) -> datetime:
        return self.given.now

    def say(self, message: Message, to: str | None = None, subject: str | None = None) -> None:
        """Say `message` to `to`; what is said of another case changes this one's state no further."""
        self.events.append(Say(message, to, subject))
        if subject is None:
            self.state = self._evolve(self.state, message)

    def tell(self, *messages: Message) -> None:
        """Say events that concern nobody but the journal."""
        for each in messages:
            self.say(each)

    def refuse(self, status: int, ground: Ground, text: str) -> None:
        self.events.append(Refuse(status, ground, text))

    def note(self, text: str) -> None:
        self.events.append(Note(text))
