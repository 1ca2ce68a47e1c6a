"""How long to wait before the next try: each time twice as long, and never at the same moment as everybody else."""

import random

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two tries to connect: doubled each time, from the one to the other."""


class Backoff:
    """The pauses of one who tries again, from `first` to `longest` seconds."""

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._first, self._longest, self._pause = first, longest, 0.0

    def failed(self) -> float:
        """It failed once more: seconds until the next try, between half of the pause and all of it."""
        self._pause = min(max(2 * self._pause, self._first), self._longest)
        return self._pause * random.uniform(0.5, 1.0)

    def succeeded(self) -> None:
        """The next pause is the first again."""
        self._pause = 0.0
