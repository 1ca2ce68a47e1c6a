"""The way to an inbox: line after line, and what it means that the inbox is not there."""

import time
from collections.abc import Callable

from xianjie.line import Line
from xianjie.trouble import Away, Refused

GRACE = 30.0
"""Seconds that an inbox which was there may be missing: it is made anew, or its body's user is. After that its body has left."""


class InboxWay:
    """Opens lines that listen to `queue`. `Refused` or `Away`, as `Line`; but an inbox that was there is `Away` for a while first."""

    def __init__(self, uri: str, queue: str, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._uri, self._queue, self._limit, self._clock = uri, queue, limit, clock
        self._was_there = False
        self._missing_since: float | None = None

    def __call__(self) -> Line:
        """A new line."""
        try:
            line = Line(self._uri, self._queue, self._limit)
        except Refused as fault:
            if fault.code != "unknown_agency" or not self._was_there:
                raise
            now = self._clock()
            if self._missing_since is None:
                self._missing_since = now
            if now - self._missing_since >= GRACE:
                raise
            raise Away(f"{fault.says}; it was there, and may be made anew") from fault
        self._was_there, self._missing_since = True, None
        return line
