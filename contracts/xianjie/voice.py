"""Speaking to the network from outside its services: as an agency, the front door, an operator or a player."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self, TypeVar

import pika
import structlog

from xianjie import envelope
from xianjie.backoff import Backoff
from xianjie.envelope import CONTENT_TYPE, HEADER, Actor, Attributes, Beside
from xianjie.line import Away, Line, Refused
from xianjie.message import DOOR, OPERATOR, PLAYER, SERVICES, Message
from xianjie.topology import Address, address
from xianjie.vocabulary import CHINA, Mode, Precision

__all__ = ["Actor", "Away", "Beside", "Door", "Operator", "Player", "Refused", "Voice"]

Result = TypeVar("Result")
log = structlog.get_logger("xianjie")


@dataclass(frozen=True, slots=True)
class Given:
    """What is said where `say` does not name it: the moment, the id, and what follows from the message that is answered."""

    now: datetime
    id: str
    because: str | None = None
    exercise: str | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message as it leaves: where to, its bytes, and what the broker is told of it."""

    id: str
    case: str
    type: str
    to: Address
    body: bytes

    def published(self, user: str) -> tuple[Address, bytes, pika.BasicProperties]:
        """As a line publishes it for that user of the broker."""
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE, delivery_mode=2, headers={HEADER: self.case}, message_id=self.id, type=self.type, user_id=user,
        )  # fmt: skip
        return self.to, self.body, properties


class Voice:
    """Somebody who speaks under a name of their own, over a connection that is made anew whenever it is lost.

    `patience`: seconds during which `say` goes on trying while the broker is away. `exercise`: the name of the exercise that
    everything said belongs to. `actor`: who acts where `say` names nobody; else the system that speaks. Belongs to one thread.
    Use it in a `with`, or `close` it.
    """

    root: ClassVar[str]
    """What stands before the name in `source`."""
    role: ClassVar[str] = "system"
    """As what it acts where no person does."""

    def __init__(
        self, uri: str, name: str, *, speaker: str | None = None, exercise: str | None = None, patience: float = 30.0,
        limit: float = 5.0, actor: Actor | None = None,
    ) -> None:  # fmt: skip
        self.source = f"{self.root}/{name}"
        self.speaker = speaker or name
        self.exercise, self.patience = exercise, patience
        self.actor = actor or Actor(id=name, role=self.role)
        self.said = 0
        """How many messages the broker has confirmed."""
        self._uri, self._limit = uri, limit
        self._line: Line | None = None
        self._backoff, self._next_try = Backoff(), 0.0

    def open(self) -> Self:
        """Connect now rather than with the first message; `Refused` or `Away` at once, without another try."""
        self._ready()
        return self

    def close(self) -> None:
        """Hang up. What was heard and not done stays in the inbox."""
        line, self._line = self._line, None
        if line:
            line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def say(
        self, message: Message, case: str, *, to: str | None = None, time: datetime | None = None,
        precision: Precision = Precision.SECOND, follows: str | None = None, id: str | None = None, because: str | None = None,
        exercise: str | None = None, mode: Mode | None = None, beside: Beside | None = None,
    ) -> str:  # fmt: skip
        """Say it, and return its id when the broker has it for good.

        `time`: when it happened (now, unless precision is none). `because`: the id of the message that it answers. `to`: for
        operators, the service or `all`. `beside`: who acted, references, legal basis, time to live. Said again under the same
        `id` and `time`, in the same words, it is the same message. Raises `envelope.Invalid` with every fault of the content, `Refused` if
        it may not be said, and `Away` if the broker did not confirm it within `patience`: it may have arrived all the same, and the
        fault names the `id` and `time` with which to say it again.
        """
        more = {
            **self.actor.attributes(),
            **{name: value for name, value in (beside or Beside()).attributes().items() if value is not None},
        }
        if not isinstance(message, Message):
            raise TypeError(f"say a message of xianjie.messages, as ReferralAccepted(leg='L1'), and no {type(message).__name__}")
        given = self._given()
        if time is None and precision is not Precision.NONE:
            time = given.now
        attributes = envelope.attributes(
            message, case, self.source, id or given.id, time=time, precision=precision, because=because or given.because,
            follows=follows, exercise=exercise or given.exercise, mode=mode or given.mode, **more,
        )  # fmt: skip
        try:
            self._utter(self._utterance(attributes, message, to))
        except Away as fault:
            fault.id, fault.time = attributes.id, attributes.time
            raise
        return attributes.id

    def _given(self) -> Given:
        return Given(datetime.now(CHINA), str(uuid.uuid4()), exercise=self.exercise)

    def _utterance(self, attributes: Attributes, message: Message, to: str | None = None) -> Utterance:
        body = envelope.write(attributes, message)
        envelope.read(body)  # what is not valid never leaves
        target = address(self.speaker, message.name, message.version, to or _hearer(message))
        return Utterance(attributes.id, attributes.subject, attributes.type, target, body)

    def _utter(self, utterance: Utterance) -> None:
        self._through(lambda line: line.publish(*utterance.published(line.user)), self.patience)
        self.said += 1

    # --- the connection

    def _ready(self) -> Line:
        if self._line is None:
            self._line = self._connect()
        return self._line

    def _connect(self) -> Line:
        """A new line; an agency's listens to its inbox."""
        return Line(self._uri, limit=self._limit)

    def _through(self, act: Callable[[Line], Result], patience: float) -> Result:
        """Do it, on as many connections as it takes within `patience`; `Away` after that."""
        end = time.monotonic() + patience
        while True:
            try:
                if self._next_try > end:
                    raise Away(f"{self.source} has lost the broker and tries again in a moment")
                time.sleep(max(0.0, self._next_try - time.monotonic()))
                result = act(self._ready())
                self._backoff.succeeded()
                self._next_try = 0.0
                return result
            except Refused:
                self.close()
                raise
            except Away as fault:
                self._retreat(fault)
                if self._next_try > end:
                    raise

    def _retreat(self, fault: Away) -> None:
        """Hang up, and try again later: each time twice as late, and never at the same moment as everybody else."""
        self.close()
        if self._next_try <= time.monotonic():
            pause = self._backoff.failed()
            self._next_try = time.monotonic() + pause
            log.warning("broker away", who=self.source, retry_seconds=round(pause, 1), why=str(fault))


def _hearer(message: Message) -> str | None:
    """The one service that hears it; None where there are several, or none."""
    services = [each for each in message.heard_by if each in SERVICES]
    return services[0] if len(services) == 1 else None


class Door(Voice):
    """The front door of intake, speaking for applicants."""

    root = "/services"

    def __init__(self, uri: str, *, exercise: str | None = None, patience: float = 2.0) -> None:
        super().__init__(uri, DOOR, exercise=exercise, patience=patience)


class Operator(Voice):
    """A person who operates the network: changes the directory, frees parked cases."""

    root, role = "/operators", "operator"

    def __init__(self, uri: str, name: str, *, exercise: str | None = None) -> None:
        super().__init__(uri, name, speaker=OPERATOR, exercise=exercise)


class Player(Voice):
    """Who leads an exercise: its clock."""

    root, role = "/players", "player"

    def __init__(self, uri: str, name: str, *, exercise: str) -> None:
        super().__init__(uri, name, speaker=PLAYER, exercise=exercise)
