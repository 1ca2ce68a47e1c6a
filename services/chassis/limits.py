"""Who tries keys or codes at a door is slowed down: wrong ones are counted by address, in bounded memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address

Clock = Callable[[], float]


class WrongTries:
    """How many wrong tries came from an address within a minute. After `most`, it waits until the minute is over."""

    def __init__(self, most: int = 20, seconds: float = 60, addresses: int = 10_000, clock: Clock = time.monotonic) -> None:
        self._most, self._seconds, self._addresses, self._clock = most, seconds, addresses, clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 if it may now."""
        until, count = self._current(address)
        return int(until - self._clock()) + 1 if count >= self._most else 0

    def count(self, address: str) -> None:
        """A try from there was wrong."""
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
