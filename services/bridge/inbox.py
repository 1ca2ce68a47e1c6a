"""What the bridge has in hand of one agency's inbox: handed out one by one, until it is acknowledged. The broker keeps all of it meanwhile."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf

import eventlet
from eventlet.event import Event

from xianjie import wire

Clock = Callable[[], float]
NOW, NEVER = -inf, inf
Entry = str | tuple[str, str]
"""How a message is named: by the handle of its delivery, or by source and id."""


@dataclass(slots=True)
class Held:
    """One message of the inbox. `free`: the moment from which it may be handed out (again)."""

    tag: int
    handle: str
    body: bytes
    came: float
    source: str = ""
    id: str = ""
    """Both empty where the bytes are no message; that is for the agency to say."""
    free: float = NOW


class Box:
    """The messages of one agency in the order of its inbox. Lost with the connection they came by, and then they come again."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        """`seconds`: after which what was handed out and not acknowledged is handed out again."""
        self._seconds, self._clock = seconds, clock
        self._held: dict[int, Held] = {}
        self._life = secrets.token_hex(4)
        self._looking: list[Event] = []
        self._shut = False
        self.again: Callable[[], object] = int
        """Called for each message that is handed out once more."""

    @property
    def life(self) -> str:
        """Changes with each connection: a tag says nothing in another life."""
        return self._life

    def put(self, tag: int, body: bytes) -> None:
        """The next message of the inbox."""
        source, id = _identity(body)
        self._held[tag] = Held(tag, f"{self._life}-{tag}", body, self._clock(), source, id)
        self._wake()

    def forget(self) -> None:
        """The connection is lost: the broker has all of it, and hands it over anew."""
        self._held, self._life = {}, secrets.token_hex(4)
        self._wake()

    def shut(self) -> None:
        """Nothing more is handed out, and nobody waits any longer."""
        self._shut = True
        self._wake()

    def take(self, limit: int, seconds: float | None = None) -> list[Held]:
        """The oldest messages that nobody has; kept from others for `seconds` (by default those of the box)."""
        if self._shut:
            return []
        now = self._clock()
        found = [each for each in self._held.values() if each.free <= now][:limit]
        for each in found:
            if each.free != NOW:
                self.again()
            each.free = now + (self._seconds if seconds is None else seconds)
        return found

    def next(
        self, limit: int, patience: float, here: Callable[[], bool] = lambda: True, seconds: float | None = None
    ) -> list[Held]:
        """As `take`, but waits for the first for so many seconds. `here`: whether there is still somebody who would get them."""
        end = self._clock() + patience
        while here():
            found = self.take(limit, seconds)
            left = end - self._clock()
            if found or left <= 0 or self._shut:
                return found
            back = min((each.free for each in self._held.values()), default=NEVER) - self._clock()
            self._wait(max(0.01, min(left, back, 1.0)))
        return []

    def release(self, held: Held) -> None:
        """It was not delivered after all: the next who asks gets it."""
        if self.has(held):
            held.free = NOW
            self._wake()

    def has(self, held: Held) -> bool:
        """Whether it is still to be acknowledged by the way it came."""
        return self._held.get(held.tag) is held

    def done(self, entries: Sequence[Entry]) -> tuple[list[int], list[int]]:
        """Let go of messages, named by handle or by source and id: the tags to acknowledge, and the positions of those not in hand."""
        tags, unknown = list[int](), list[int]()
        for position, entry in enumerate(entries):
            found = next(self._named(entry), None)
            if found is None:
                unknown.append(position)
            else:
                tags.append(found.tag)
                del self._held[found.tag]
        return tags, unknown

    def oldest(self) -> float:
        """For how many seconds the oldest is in hand; 0 if none is."""
        return self._clock() - min(each.came for each in self._held.values()) if self._held else 0.0

    def _named(self, entry: Entry) -> Iterator[Held]:
        return (each for each in self._held.values() if entry in (each.handle, (each.source, each.id)))

    def _wake(self) -> None:
        looking, self._looking = self._looking, []
        for each in looking:
            each.send(None)

    def _wait(self, seconds: float) -> None:
        event: Event = Event()
        self._looking.append(event)
        with eventlet.Timeout(seconds, False):
            event.wait()
        with suppress(ValueError):
            self._looking.remove(event)


def _identity(body: bytes) -> tuple[str, str]:
    try:
        found = wire.loads(body)
    except wire.Unreadable:
        return "", ""
    source, id = found.get("source"), found.get("id")
    return (source, id) if isinstance(source, str) and isinstance(id, str) and source and id else ("", "")
