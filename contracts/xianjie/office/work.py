"""Working through the inbox: each message is handled and answered in one transaction, or tried again, or set aside."""

import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from xianjie.backoff import Backoff
from xianjie.envelope import Heard, Invalid
from xianjie.office.desk import Desk
from xianjie.office.inbox import Kept
from xianjie.office.outbox import moment
from xianjie.office.thread import LOOK
from xianjie.received import Received
from xianjie.trouble import StoreFault
from xianjie.voice import Given, Utterance, log


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a message is handled that fails, and how long, in seconds, is waited in between: doubled each time, up to `longest`.

    After the last it is set aside, and what follows in its case waits behind it; other cases go on.
    """

    times: int = 5
    first: float = 1.0
    longest: float = 60.0

    def pause(self, tries: int) -> float:
        """Seconds after the try of this number."""
        return min(self.first * 2.0 ** (tries - 1), self.longest)


@dataclass(slots=True)
class Turn:
    """One message being handled, and what was said to it so far: it leaves when the handler has returned.

    Ids follow from who says it, what is answered and the place; the moment is that of the first try. So a second run says the same.
    """

    source: str
    heard: Heard
    now: datetime
    said: list[Utterance] = field(default_factory=list)
    _place: int = 0

    def given(self) -> Given:
        """What the next thing said is given: exercise and mode are those of what it answers."""
        about, self._place = self.heard.attributes, self._place + 1
        name = f"{self.source} said {self._place} {self.heard.source} {self.heard.id}"
        return Given(self.now, str(uuid.uuid5(uuid.NAMESPACE_URL, name)), self.heard.id, about.exercise, about.mode)


class Work:
    """Hands out what is in the inbox, one message at a time, each case in order, until `stopped()`."""

    def __init__(self, desk: Desk, source: str, retries: Retries, limit: float, stopped: Callable[[], bool]) -> None:
        """`limit`: seconds that what was said is given, after the end, to go out."""
        self._desk, self._source, self._retries, self._limit, self._stopped = desk, source, retries, limit, stopped
        self._local = threading.local()

    @property
    def turn(self) -> Turn | None:
        """What is being handled in this thread."""
        return getattr(self._local, "turn", None)

    def run(self, handler: Callable[[Received[Any]], object]) -> None:
        """Handle until stopped or closed, then let what was said go out. While the file takes nothing, it waits; what handlers raise
        never ends it."""
        if self._desk.closed:
            raise StoreFault(f"{self._desk.store.path}: it was closed: open the agency anew")
        try:
            while not self._stopped():
                kept = self._insist(lambda: self._desk.next(LOOK, self._stopped))
                if kept and kept.tries > self._retries.times:
                    self._aside(kept, f"the process ended while it was handled, {self._retries.times} times")
                elif kept:
                    self._handle(kept, handler)
            self._desk.drain(self._limit)
        except StoreFault as fault:  # stopped while the file takes nothing: what was at hand is handled again in the next life
            if not self._desk.closed:
                log.error("file in trouble", who=self._source, why=str(fault))

    def _handle(self, kept: Kept, handler: Callable[[Received[Any]], object]) -> None:
        turn = Turn(self._source, kept.heard, moment(kept.first))
        try:
            with self._at_hand(turn):
                handler(Received(kept.heard, kept.tries > 1, kept))
        except Exception as fault:
            self._failed(kept, _place(fault))
        except BaseException:
            self._desk.give_back(kept)
            raise
        else:
            self._settle(kept, turn)

    def _settle(self, kept: Kept, turn: Turn) -> None:
        try:
            self._insist(lambda: self._desk.say(turn.said, kept))
        except Invalid as fault:
            self._failed(kept, str(fault))

    def _failed(self, kept: Kept, why: str) -> None:
        if kept.tries >= self._retries.times:
            self._aside(kept, why)
            return
        pause = self._retries.pause(kept.tries)
        log.warning("handler failed", **self._about(kept), tries=kept.tries, retry_seconds=pause, why=why)
        self._insist(lambda: self._desk.hold(kept, pause, why))

    def _aside(self, kept: Kept, why: str) -> None:
        log.error("set aside, its case waits", **self._about(kept), why=why)
        self._insist(lambda: self._desk.set_aside(kept, why))

    def _about(self, kept: Kept) -> dict[str, str]:
        return {"who": self._source, "id": kept.heard.id, "case": kept.heard.subject, "type": kept.heard.attributes.type}

    @contextmanager
    def _at_hand(self, turn: Turn) -> Iterator[None]:
        self._local.turn = turn
        try:
            yield
        finally:
            self._local.turn = None

    def _insist(self, act: Callable[[], Any]) -> Any:
        """Do it; while the file takes nothing, again and again, until stopped."""
        backoff = Backoff()
        while True:
            try:
                return act()
            except StoreFault as fault:
                pause = backoff.failed()
                log.error("file in trouble", who=self._source, retry_seconds=round(pause, 1), why=str(fault))
                if self._desk.changed.wait(self._stopped, pause):
                    raise


def _place(fault: Exception) -> str:
    """What was raised and where. Not its words: they may repeat what the message holds, a name for instance."""
    frames = traceback.extract_tb(fault.__traceback__)
    last = frames[-1] if frames else None
    return f"{type(fault).__name__} at {Path(last.filename).name}:{last.lineno} in {last.name}" if last else type(fault).__name__
