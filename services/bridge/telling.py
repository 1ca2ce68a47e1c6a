"""Webhooks: the inbox of an agency goes to its own address, one message after another, each until it is taken."""

import hashlib
import random
import time
from collections.abc import Callable
from math import inf
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import eventlet
from eventlet.event import Event

from services.bridge.counting import Counted
from services.bridge.inbox import Box, Held
from services.bridge.reaching import Reach
from services.bridge.signing import headers
from xianjie.bridge_keys import Webhook

IDLE = 5.0
"""Seconds between two looks at whether anything has changed."""
FIRST = 1.0
"""Seconds before the second try; each further step is twice as long, up to the longest."""


def step(failures: int, longest: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try after so many failures in a row: doubled each time, up to the longest; between three quarters and all of it."""
    return min(longest, FIRST * 2.0 ** min(failures - 1, 20)) * (0.75 + 0.25 * chance())


class Telling:
    """What tells one agency. Nothing is dropped and nothing overtakes: what is not taken is tried until it is."""

    def __init__(
        self, code: str, hook: Callable[[], Webhook | None], box: Callable[[], Box | None], done: Callable[[Held], None], reach: Reach,
        longest: float, counted: Counted, log: Any,
    ) -> None:  # fmt: skip
        """`hook`, `box`: the webhook and the box of the agency at this moment; `done`: acknowledges."""
        self._code, self._hook, self._box, self._done, self._reach = code, hook, box, done, reach
        self._longest, self._counted, self._log = longest, counted, log
        self.failures = 0
        """Tries in a row that were not taken."""
        self._not_before, self._gone, self._stopping = 0.0, False, False
        self._changed: Event = Event()

    def changed(self) -> None:
        """The file was read anew: the next try is made at once, also if the address was gone."""
        self._gone, self._not_before = False, 0.0
        self._wake()

    def stop(self) -> None:
        """Make no further try."""
        self._stopping = True
        self._wake()

    def run(self) -> None:
        """Tell the agency until it has no webhook any more; for a green thread of its own."""
        while not self._stopping and self._hook():
            wait = self._not_before - time.monotonic()
            if self._gone or wait > 0:
                self._sleep(IDLE if self._gone else min(wait, IDLE))
                continue
            box = self._box()
            if box is None:
                self._sleep(IDLE)
                continue
            for held in box.next(1, IDLE, lambda: not self._stopping, inf):
                self._tell(box, held)
        self._count(0)

    def _tell(self, box: Box, held: Held) -> None:
        """Try one message; it stays the first until it is taken, or acknowledged in another way."""
        hook = self._hook()
        if hook is None:
            return box.release(held)
        began = time.monotonic()
        outcome, status = self._reach.post(hook.url, headers(_id(held), int(time.time()), held.body, hook.secret), held.body)
        ms = round((time.monotonic() - began) * 1000, 1)
        self._counted.tries.labels(outcome).inc()
        self._log.info("webhook", agency=self._code, id=held.id, outcome=outcome, status=status, failures=self.failures, ms=ms)
        if outcome == "taken":
            self._count(0)
            self._counted.handed.labels("webhook").inc()
            return self._done(held)
        self._count(self.failures + 1)
        self._gone = outcome == "gone"
        self._not_before = time.monotonic() + step(self.failures, self._longest)
        box.release(held)

    def _count(self, failures: int) -> None:
        self._counted.failing.inc(bool(failures) - bool(self.failures))
        self.failures = failures

    def _sleep(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, Event()
        changed.send(None)


def _id(held: Held) -> str:
    """The same whenever this message comes, and without a full stop, which ids of messages may hold."""
    name = f"{held.source} {held.id}" if held.id else hashlib.sha256(held.body).hexdigest()
    return str(uuid5(NAMESPACE_URL, name))
