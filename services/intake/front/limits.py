"""What the door remembers for a while, in bounded memory: wrong codes by address, and applications that are not on file yet."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from eventlet.semaphore import Semaphore

from xianjie.message import Message

Clock = Callable[[], float]


class WrongCodes:
    """How many wrong codes came from an address within a minute. After `most`, it waits until the minute is over."""

    def __init__(self, most: int = 20, seconds: float = 60, addresses: int = 10_000, clock: Clock = time.monotonic) -> None:
        self._most, self._seconds, self._addresses, self._clock = most, seconds, addresses, clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until this address may ask again; 0 if it may now."""
        until, count = self._current(address)
        return int(until - self._clock()) + 1 if count >= self._most else 0

    def count(self, address: str) -> None:
        """A code from there was wrong."""
        until, count = self._current(address)
        self._seen[_network(address)] = (until, count + 1)
        while len(self._seen) > self._addresses:
            self._seen.popitem(last=False)

    def _current(self, address: str) -> tuple[float, int]:
        now = self._clock()
        until, count = self._seen.get(_network(address), (0.0, 0))
        return (until, count) if until > now else (now + self._seconds, 0)


def _network(address: str) -> str:
    """The address; of IPv6 the first 64 bits, for one house has all the rest."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64]
    return address if known.version == 4 else known.exploded[:19]


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
