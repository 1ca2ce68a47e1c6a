"""Speaking to the network from outside its services: as an agency, the front door, an operator or a player."""

import random
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Self, TypeVar

import pika
import structlog

from xianjie import envelope
from xianjie.envelope import CONTENT_TYPE, HEADER, Actor, Attributes, Beside
from xianjie.line import Away, Line, Refused
from xianjie.message import DOOR, OPERATOR, PLAYER, SERVICES, Message
from xianjie.topology import address
from xianjie.vocabulary import CHINA, Mode, Precision

__all__ = ["Actor", "Away", "Beside", "Door", "Operator", "Player", "Refused", "Voice"]

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two tries to connect: doubled each time, from the one to the other."""

Result = TypeVar("Result")
log = structlog.get_logger("xianjie")


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
        self._queue: str | None = None
        self._pause = self._next_try = 0.0

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
        `id`, in the same words, it is the same message. Raises `envelope.Invalid` with every fault of the content, `Refused` if
        it may not be said, and `Away` if the broker did not confirm it within `patience`: it may have arrived all the same.
        """
        more = {
            **self.actor.attributes(),
            **{name: value for name, value in (beside or Beside()).attributes().items() if value is not None},
        }
        if time is None and precision is not Precision.NONE:
            time = datetime.now(CHINA)
        attributes = envelope.attributes(
            message, case, self.source, id or str(uuid.uuid4()), time=time, precision=precision, because=because, follows=follows,
            exercise=exercise or self.exercise, mode=mode, **more,
        )  # fmt: skip
        self._say(attributes, message, to)
        return attributes.id

    def _say(self, attributes: Attributes, message: Message, to: str | None) -> None:
        body = envelope.write(attributes, message)
        envelope.read(body)  # what is not valid never leaves
        target = address(self.speaker, message.name, message.version, to or _hearer(message))

        def publish(line: Line) -> None:
            properties = pika.BasicProperties(
                content_type=CONTENT_TYPE, delivery_mode=2, headers={HEADER: attributes.subject}, message_id=attributes.id,
                type=attributes.type, user_id=line.user,
            )  # fmt: skip
            line.publish(target, body, properties)

        self._through(publish, self.patience)
        self.said += 1

    # --- the connection

    def _ready(self) -> Line:
        if self._line is None:
            self._line = Line(self._uri, self._queue, self._limit)
        return self._line

    def _through(self, act: Callable[[Line], Result], patience: float) -> Result:
        """Do it, on as many connections as it takes within `patience`; `Away` after that."""
        end = time.monotonic() + patience
        while True:
            try:
                if self._next_try > end:
                    raise Away(f"{self.source} has lost the broker and tries again in a moment")
                time.sleep(max(0.0, self._next_try - time.monotonic()))
                result = act(self._ready())
                self._pause = self._next_try = 0.0
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
            self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
            self._next_try = time.monotonic() + self._pause * random.uniform(0.5, 1.0)
            log.warning("broker away", who=self.source, retry_seconds=round(self._pause, 1), why=str(fault))


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
