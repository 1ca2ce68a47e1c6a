"""A day in this process: services that are rehearsed, and bodies that answer as the plan of each case has it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from services.chassis.rehearsing import Rehearsal
from tests.load import day
from tests.recording.memory import BODIES, RULES
from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.play.memory import MemoryNetwork
from xianjie.recording.file import Writer
from xianjie.vocabulary import CHINA, Mode

BEGIN = datetime(2025, 3, 3, 9, tzinfo=CHINA)
APART = timedelta(seconds=3)
"""From one application to the next."""


class Day(MemoryNetwork):
    """Plays one case after the other, and knows in the end which were seen through, and what was refused."""

    def __init__(self, plans: Iterable[day.Plan], writer: Writer) -> None:
        super().__init__(
            lambda **given: Rehearsal(RULES, **given), BEGIN, mode=Mode.TEST, record=writer.add,
            inboxes=lambda code: code in day.BODIES,
        )  # fmt: skip
        self.plans = {each.case: each for each in plans}
        self.ended: set[str] = set()
        self.refused: list[ReceiptGiven] = []

    def play(self) -> None:
        """From the directory to the last case."""
        self.know(BODIES)
        for plan in self.plans.values():
            self.engine.clock.moment += APART
            self.speak(plan.receiving, plan.application(), plan.case)
            self.rest()

    def answers(self, code: str, heard: Heard) -> Iterator[Message]:
        """What the plan of the case says."""
        if isinstance(heard.message, ReceiptGiven) and heard.message.status != 202:
            self.refused.append(heard.message)
        if day.ends(heard.message):
            self.ended.add(heard.subject)
        yield from day.replies(self.plans[heard.subject], heard)


def recorded(path: Path, n: int, seed: int) -> Day:
    """A day of so many cases, played and recorded."""
    with Writer.begin(path, {"by": "a test", "network": "memory", "exercise": None, "chosen": {}}) as writer:
        played = Day(day.plans(n, seed), writer)
        played.play()
    return played
