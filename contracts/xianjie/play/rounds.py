"""The questions that lead an exercise: what have you heard and said, what is due next; until nothing moves any more."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from xianjie import envelope
from xianjie.line import Line
from xianjie.message import SERVICES
from xianjie.messages.ops import ClockAdvanced, ClockAsked, ClockReached
from xianjie.topology import ROUNDS
from xianjie.voice import Player

PATIENCE = 60.0
"""Seconds that one round may take before the exercise is given up."""
QUIET = 2
"""Rounds in succession that must count nothing: what one service said while another was asked is counted by the second."""
TICK = timedelta(milliseconds=1)
"""How far behind a due moment an exercise stops."""


class Stuck(RuntimeError):
    """The network did not come to rest, or somebody did not answer; the text says who."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far all services have come: how much they heard and said since they were asked last, what they put into the inboxes of agencies,
    and how many cases are parked."""

    moved: int
    told: Counter[str]
    parked: int


class Rounds:
    """Asks every partition of every service, and gathers what they answer. `answers`: how many partitions there are in all.

    `now`: where the clock stands, None before it is first set; `next_due`: the least of what was due next when they were asked last.
    Raises `Stuck` where somebody does not answer within `patience` seconds; `Refused` and `Away` as a line does.
    """

    def __init__(self, uri: str, exercise: str, answers: int = len(SERVICES), patience: float = PATIENCE) -> None:
        self._player = Player(uri, "player", exercise=exercise).open()
        self._line = Line(uri, ROUNDS)
        self._answers, self._patience = answers, patience
        self._round = int(time.time())
        self.now: datetime | None = None
        self.next_due: datetime | None = None

    def close(self) -> None:
        """Hang up."""
        self._player.close()
        self._line.close()

    def ask(self) -> Reached:
        """How far they have come."""
        return self._put(ClockAsked(round=self._round + 1))

    def advance(self, to: datetime) -> Reached:
        """It is now `to`; how far they have come then."""
        self.now = to
        return self._put(ClockAdvanced(to=to, round=self._round + 1))

    def stops(self, moment: datetime) -> Iterator[datetime]:
        """Where the clock must stop on its way to `moment`: right behind each that is due before, and there. It never goes back.

        Advance to each, and let all come to rest, before you take the next."""
        while self.next_due and self.next_due < moment:
            yield max(self.next_due + TICK, self.now or self.next_due)
        if self.now is None or moment > self.now:
            yield moment

    def rest(self, ask: Callable[[], int]) -> None:
        """Call `ask`, which returns how much moved, until nothing has in two rounds in succession."""
        quiet, end = 0, time.monotonic() + self._patience
        while quiet < QUIET:
            if time.monotonic() > end:
                raise Stuck(f"the exercise did not come to rest within {self._patience:g} s")
            quiet = 0 if ask() else quiet + 1

    def _put(self, question: ClockAdvanced | ClockAsked) -> Reached:
        self._round = question.round
        self._player.say(question, "clock", time=self.now or datetime.now().astimezone())
        heard: list[ClockReached] = []
        answers: list[ClockReached] = []
        end = time.monotonic() + self._patience
        while len(answers) < self._answers:
            delivery = self._line.next(max(0.0, end - time.monotonic()))
            if delivery is None:
                missing = self._answers - len(answers)
                raise Stuck(
                    f"{missing} of {self._answers} services did not answer round {self._round} within {self._patience:g} s"
                )
            reached = envelope.read(delivery.body).message
            self._line.acknowledge(delivery)
            assert isinstance(reached, ClockReached)
            heard.append(reached)
            answers += [reached] if reached.round == self._round else []
        told = Counter[str]()
        for each in heard:
            told.update({one.agency: one.count for one in each.told})
        moved = sum(each.heard + each.said for each in heard)
        self.next_due = min((each.next_due for each in answers if each.next_due), default=None)
        return Reached(moved, told, sum(each.parked for each in answers))
