"""What the two threads of an agency have in common: a line of their own, made anew when it is lost, until they are told to end."""

import threading
import time
from collections.abc import Callable

from xianjie.backoff import LONGEST_PAUSE, Backoff
from xianjie.line import Line
from xianjie.trouble import Away, Refused, StoreFault, Trouble
from xianjie.voice import log

LOOK = 5.0
"""Seconds after which it looks into the file though nobody has called: an operator may have changed something."""


class Changed:
    """Wakes whoever waits for something to change. Safe in a signal's handler, as what `threading.Event` has is not."""

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self._times = 0

    def tell(self) -> None:
        """Something has."""
        with self._condition:
            self._times += 1
            self._condition.notify_all()

    def wait(self, until: Callable[[], bool], timeout: float, look: Callable[[], float] = lambda: LOOK) -> bool:
        """Whether it came true within `timeout` seconds; asked at each change, and after `look()` seconds."""
        end = time.monotonic() + timeout
        while True:
            seen = self._times
            if until():
                return True
            pause = min(end - time.monotonic(), look())
            if time.monotonic() >= end:
                return False
            with self._condition:  # nothing is asked while it is held: a signal's handler may want it
                if self._times == seen:
                    self._condition.wait(max(0.0, pause))


class LineThread:
    """A thread that does `turn(line)` over and over. `trouble`: why it cannot, since it last could."""

    name = "line"

    def __init__(self, connect: Callable[[], Line], source: str, changed: Changed) -> None:
        self._connect, self._source, self._changed = connect, source, changed
        self._line: Line | None = None
        self._stopping = False
        self._backoff = Backoff()
        self._thread: threading.Thread | None = None
        self._one = threading.Lock()
        self.trouble: Trouble | None = None
        self.ended: Exception | None = None
        """What it could not go on after."""

    @property
    def why(self) -> str | None:
        """In words, why it does nothing at the moment."""
        fault = self.ended or self.trouble
        return str(fault) or repr(fault) if fault else None

    def turn(self, line: Line) -> None:
        """One thing after another; raises `Away`, `Refused` or `StoreFault`, and then it is done again later, on another line."""
        raise NotImplementedError

    def start(self, line: Line | None = None) -> None:
        """Begin, once; on a line that is there already, if one is given and needed."""
        with self._one:
            if self._thread is None:
                self._line, line = line, None
                self._thread = threading.Thread(target=self._live, name=f"xianjie {self.name} {self._source}", daemon=True)
                self._thread.start()
        if line:
            line.close()

    def nudge(self) -> None:
        """There is something to do."""
        if line := self._line:
            line.nudge()

    def stop(self) -> None:
        """End after the turn at hand, and hang up; returns when it has."""
        self._stopping = True
        self._changed.tell()
        self.nudge()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _live(self) -> None:
        try:
            while not self._stopping:
                self._try()
        except Exception as fault:
            self.ended = fault
        finally:
            self._hang_up()
            self._changed.tell()

    def _try(self) -> None:
        try:
            if self._line is None:
                self._line = self._connect()
            if not self._stopping:  # asked after there is a line: who stops nudges that one
                self.turn(self._line)
        except (Away, Refused, StoreFault) as fault:
            self._hang_up()
            self._mind(fault)
        else:
            self._backoff.succeeded()
            self.trouble = None

    def _mind(self, fault: Away | Refused | StoreFault) -> None:
        """Say so, and wait: what one may mend only by hand, no less than the longest pause."""
        self.trouble = fault
        pause = LONGEST_PAUSE if isinstance(fault, Refused) else self._backoff.failed()
        what = "broker away" if isinstance(fault, Away) else "not let in" if isinstance(fault, Refused) else "file in trouble"
        log.warning(what, who=self._source, retry_seconds=round(pause, 1), why=str(fault))
        self._changed.tell()
        self._changed.wait(lambda: self._stopping, pause)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()
