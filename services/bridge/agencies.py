"""The agencies that are served, as their file has them; read again when it changes."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xianjie.bridge_keys import Served, holder, read_served
from xianjie.written import BadFile

LOOK = 1.0
"""Seconds between two looks at the file."""


class Agencies:
    """What the file says; raises `BadFile` at the start, and later keeps what it said last, and says so in the log."""

    def __init__(self, file: Path, log: Any) -> None:
        self._file, self._log = file, log
        self._served = read_served(file)
        self._stamp = self._look()
        self._asked, self._why = False, ""
        self.changed: Callable[[], object] = int
        """Called when the file was read anew."""

    def __iter__(self) -> Any:
        return iter(self._served)

    def get(self, code: str) -> Served | None:
        """One of them."""
        return next((each for each in self._served if each.code == code), None)

    def holder(self, key: str) -> tuple[str, bool] | None:
        """Whose key it is, and whether it is in force."""
        return holder(self._served, key)

    def ask(self) -> None:
        """Read the file at the next look, changed or not."""
        self._asked = True

    def look(self) -> None:
        """Read the file again if it changed, or if that was asked for."""
        stamp = self._look()
        if stamp == self._stamp and not self._asked:
            return
        try:
            self._served = read_served(self._file)
            self.changed()
        except Exception as fault:  # it is tried until it comes off: a key that was taken away must not stay in force
            why = str(fault) if isinstance(fault, BadFile) else type(fault).__name__
            if why != self._why:
                self._log.error("agencies not read", why=why)
            self._asked, self._why = True, why
            return
        self._stamp, self._asked, self._why = stamp, False, ""
        self._log.info("agencies read", agencies=len(self._served))

    def watch(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Look for ever; for a green thread of its own."""
        while True:
            sleep(LOOK)
            self.look()

    def _look(self) -> tuple[int, int, int, int] | None:
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size, found.st_mode
