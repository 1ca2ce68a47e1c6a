"""A recording said again on a broker: what came from outside, in its order, to the services of a sandbox."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import pika

from xianjie.journal import Recorded
from xianjie.line import Line
from xianjie.recording.choosing import face
from xianjie.topology import AGENCIES_IN, CLOCK, OPS, Address

FROM_OUTSIDE = (AGENCIES_IN, OPS, CLOCK)
"""Where everybody but services speaks. What services said, those of the sandbox say for themselves."""


def from_outside(messages: Iterable[Recorded]) -> Iterator[Recorded]:
    """What agencies, the door, operators and players said."""
    return (each for each in messages if each.exchange in FROM_OUTSIDE)


def send(
    uri: str,
    messages: Iterable[Recorded],
    times: float | None,
    told: Callable[[int], object],
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Say them again, each as it was, when the broker has confirmed the one before; how many there were.

    `times`: so many times as fast as they were said, by the times that they say; None: as fast as the broker takes them. Raises `Refused` for
    what that user may not say there, or what reaches nobody, and `Away`.
    """
    line, count, pace = Line(uri), 0, _Pace(times, wait)
    try:
        for count, each in enumerate(messages, 1):
            pace.keep(face(each).time)
            line.publish(Address(each.exchange, each.key), each.body, _properties(each))
            told(count)
    finally:
        line.close()
    return count


class _Pace:
    """Waits as long as it was between the first message and this one, so many times shorter."""

    def __init__(self, times: float | None, wait: Callable[[float], None]) -> None:
        self._times, self._wait = times, wait
        self._first: datetime | None = None
        self._began = time.monotonic()

    def keep(self, said: str | None) -> None:
        """Return when a message that says this time is due."""
        if self._times is None or said is None:
            return
        moment = datetime.fromisoformat(said)
        self._first = self._first or moment
        ahead = (moment - self._first).total_seconds() / self._times - (time.monotonic() - self._began)
        if ahead > 0:
            self._wait(ahead)


def _properties(message: Recorded) -> pika.BasicProperties:
    """Those it had, but for the user: the broker holds that against who says it again."""
    kept = {name: value for name, value in message.properties.items() if name in ("content_type", "message_id", "type")}
    return pika.BasicProperties(headers=dict(message.headers), delivery_mode=2, **kept)
