"""What the door remembers for a while, in bounded memory: applications that are not on file yet, and requests under way."""

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from eventlet.semaphore import Semaphore

from services.chassis.limits import Clock
from xianjie.message import Message


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the broker has, and that may not be on file yet."""

    case: str
    message: Message
    until: float


class Recent:
    """What was sent through this door in the last ten minutes: applications by the hash of their query codes, all else by message id."""

    def __init__(self, seconds: float = 600, most: int = 10_000, clock: Clock = time.monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._sent: OrderedDict[str, Sent] = OrderedDict()

    def put(self, name: str, case: str, message: Message) -> None:
        self._sent[name] = Sent(case, message, self._clock() + self._seconds)
        while len(self._sent) > self._most:
            self._sent.popitem(last=False)

    def get(self, name: str) -> Sent | None:
        """What was sent under this name, if it was lately."""
        found = self._sent.get(name)
        return found if found and found.until > self._clock() else None

    def drop(self, name: str) -> None:
        """It is on file."""
        self._sent.pop(name, None)


class OneAtATime:
    """Requests under one key wait for each other: the second is compared with the first, and hears what the first heard."""

    def __init__(self) -> None:
        self._turns: dict[str, tuple[Semaphore, int]] = {}

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """A block that nobody else is in under the same key."""
        turn, waiting = self._turns.get(key, (Semaphore(1), 0))
        self._turns[key] = turn, waiting + 1
        try:
            with turn:
                yield
        finally:
            turn, waiting = self._turns.pop(key)
            if waiting > 1:
                self._turns[key] = turn, waiting - 1
