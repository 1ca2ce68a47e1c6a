"""A recording said again on a broker: what came from outside, in its order, to the services of a sandbox."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
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
TICK = timedelta(milliseconds=1)
"""How far behind a due moment an exercise stops."""


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

    def __init__(self, uri: str, exercise: str, moments: dict[tuple[str, str], datetime]) -> None:
        """`moments`: by source and id, when each message from outside was decided."""
        self._rounds = Rounds(uri, exercise)
        self._moments = moments
        self._last = max(moments.values(), default=None)
        self._now: datetime | None = None
        self._due: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rounds.close()

    def before(self, message: Recorded) -> None:
        """Come to the moment of this message."""
        self._rest()
        seen = face(message)
        if moment := self._moments.get((seen.source, seen.id)):
            self._go_to(moment)

    def to_the_end(self) -> None:
        """Come to the last moment at which anything was decided."""
        self._rest()
        if self._last:
            self._go_to(self._last)

    def _go_to(self, moment: datetime) -> None:
        while self._due and self._due < moment:
            self._advance(max(self._due + TICK, self._now or self._due))
        if self._now is None or moment > self._now:
            self._advance(moment)

    def _advance(self, to: datetime) -> None:
        self._now = to
        reached = self._rounds.advance(to)
        self._due = reached.next_due
        if reached.moved:
            self._rest()

    def _rest(self) -> None:
        self._rounds.rest(self._ask)

    def _ask(self) -> int:
        reached = self._rounds.ask(self._now)
        self._due = reached.next_due
        return reached.moved


def moments(messages: Iterable[Recorded]) -> dict[tuple[str, str], datetime]:
    """By source and id, when the first service decided on what came from outside, as the journal was told of its commits; and the last
    moment of all, under no name."""
    found: dict[tuple[str, str], datetime] = {}
    for each in messages:
        if tells_commits(each):
            for row in committed(each):
                if row.source.removeprefix("/services/") not in SERVICES:
                    found.setdefault((row.source, row.id), row.now)
                found["", ""] = max(row.now, found.get(("", ""), row.now))
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
