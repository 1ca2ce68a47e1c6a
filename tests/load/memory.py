"""A day in this process: services that are rehearsed, and bodies that answer as the plan of each case has it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from services.chassis.rehearsing import Rehearsal
from tests.load import day
from tests.recording.memory import BODIES, RULES
from xianjie import envelope
from xianjie.bodies import imports
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.message import OPERATOR, Message
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.recording.file import Writer
from xianjie.topology import address
from xianjie.vocabulary import CHINA, Mode

BEGIN = datetime(2025, 3, 3, 9, tzinfo=CHINA)
APART = timedelta(seconds=3)
"""From one application to the next."""


class Day:
    """Plays one case after the other, and knows in the end which were seen through, and what was refused."""

    def __init__(self, plans: Iterable[day.Plan], writer: Writer) -> None:
        self.plans = {each.case: each for each in plans}
        self.ended: set[str] = set()
        self.refused: list[ReceiptGiven] = []
        self._count = 0
        self._rehearsal = Rehearsal(
            RULES, now=BEGIN, exercise=None, tell=self._told, record=writer.add, inboxes=lambda code: code in day.BODIES
        )

    def play(self) -> None:
        """From the directory to the last case."""
        for each in imports(BODIES, "the directory as the files have it"):
            self._say(f"/operators/{OPERATOR}", OPERATOR, each, "directory", to="routing")
        for plan in self.plans.values():
            self._rehearsal.clock.moment += APART
            self._say(f"/agencies/{plan.receiving}", plan.receiving, plan.application(), plan.case)
            self._rehearsal.rest()

    def _told(self, code: str, message: Recorded) -> None:
        heard = envelope.read(message.body)
        if isinstance(heard.message, ReceiptGiven) and heard.message.status != 202:
            self.refused.append(heard.message)
        if day.ends(heard.message):
            self.ended.add(heard.subject)
        if isinstance(heard.message, ReferralOffered):
            self._say(f"/agencies/{code}", code, ReferralDelivered(leg=heard.message.leg), heard.subject, heard.id)
        for each in day.replies(self.plans[heard.subject], heard):
            self._say(f"/agencies/{code}", code, each, heard.subject, heard.id)

    def _say(
        self, source: str, speaker: str, message: Message, case: str, because: str | None = None, to: str | None = None
    ) -> None:
        self._count += 1
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, str(self._count)))
        given = envelope.attributes(message, case, source, id, time=self._rehearsal.clock.now(), because=because, mode=Mode.TEST)
        where = address(speaker, message.name, message.version, to)
        self._rehearsal.publish(Recorded(0, *where, id, envelope.write(given, message), {HEADER: case}, {"message_id": id}))


def recorded(path: Path, n: int, seed: int) -> Day:
    """A day of so many cases, played and recorded."""
    with Writer.begin(path, {"by": "a test", "network": "memory", "exercise": None, "chosen": {}}) as writer:
        played = Day(day.plans(n, seed), writer)
        played.play()
    return played
