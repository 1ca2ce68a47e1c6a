"""A recording said again on a broker: what came from outside, in its order, to the services of a sandbox."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import pika

from xianjie.journal import Recorded
from xianjie.line import Line
from xianjie.message import SERVICES
from xianjie.play.rounds import Rounds
from xianjie.recording.choosing import committed, face, said_at, tells_commits
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
    lead: "Lead | None" = None,
) -> int:
    """Say them again, each as it was, when the broker has confirmed the one before; how many there were.

    `times`: so many times as fast as they were said, by the times that they say; None: as fast as the broker takes them. `lead`: who leads
    the exercise in the sandbox; what the player said then is not said again. Raises `Refused` for what that user may not say there, or
    what reaches nobody, and `Away`; with `lead` also `Stuck`.
    """
    line, count, pace = Line(uri), 0, _Pace(times, wait)
    try:
        for each in messages:
            if lead and each.exchange == CLOCK:
                continue
            pace.keep(said_at(face(each)))
            if lead:
                lead.before(each)
            line.publish(Address(each.exchange, each.key), each.body, _properties(each))
            count += 1
            told(count)
        if lead:
            lead.to_the_end()
    finally:
        line.close()
    return count


class Lead:
    """Leads an exercise as it was led when it was recorded: before each message the clock stands where it stood when that was decided,
    stopping at every moment that is due before, and all that follows from the message before has had its effect."""

    def __init__(self, uri: str, exercise: str, moments: "Moments") -> None:
        self._rounds = Rounds(uri, exercise)
        self._moments = moments

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rounds.close()

    def before(self, message: Recorded) -> None:
        """Come to the moment of this message."""
        self._rest()
        seen = face(message)
        self._go_to(self._moments.decided.get((seen.source, seen.id)))

    def to_the_end(self) -> None:
        """Come to the last moment at which anything was decided."""
        self._rest()
        self._go_to(self._moments.last)

    def _go_to(self, moment: datetime | None) -> None:
        if moment:
            for stop in self._rounds.stops(moment):
                if self._rounds.advance(stop).moved:
                    self._rest()

    def _rest(self) -> None:
        self._rounds.rest(lambda: self._rounds.ask().moved)


@dataclass(slots=True)
class Moments:
    """When a recorded exercise decided. `decided`: by source and id, when the first service decided on what came from outside; `last`: when
    anything was decided last, None if nothing was."""

    decided: dict[tuple[str, str], datetime] = field(default_factory=dict)
    last: datetime | None = None


def moments(messages: Iterable[Recorded]) -> Moments:
    """As the journal was told of its commits."""
    found = Moments()
    for each in messages:
        if tells_commits(each):
            for row in committed(each):
                if row.source.removeprefix("/services/") not in SERVICES:
                    found.decided.setdefault((row.source, row.id), row.now)
                found.last = max(row.now, found.last or row.now)
    return found


class _Pace:
    """Waits as long as it was between the first message and this one, so many times shorter."""

    def __init__(self, times: float | None, wait: Callable[[float], None]) -> None:
        self._times, self._wait = times, wait
        self._first: datetime | None = None
        self._began = time.monotonic()

    def keep(self, moment: datetime | None) -> None:
        """Return when a message that was said then is due."""
        if self._times is None or moment is None:
            return
        self._first = self._first or moment
        ahead = (moment - self._first).total_seconds() / self._times - (time.monotonic() - self._began)
        if ahead > 0:
            self._wait(ahead)


def _properties(message: Recorded) -> pika.BasicProperties:
    """Those it had, but for the user: the broker holds that against who says it again."""
    kept = {name: value for name, value in message.properties.items() if name in ("content_type", "message_id", "type")}
    return pika.BasicProperties(headers=dict(message.headers), delivery_mode=2, **kept)
