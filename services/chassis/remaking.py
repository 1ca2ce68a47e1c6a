"""One commit made again: out of the message that the journal has, at the moment and by the versions that the journal was told of."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.delivery import Delivery, Reading, read
from services.chassis.drafting import Draft, Drafter
from services.chassis.draining import ASKS, words
from services.chassis.memory import Memory
from xianjie import envelope, topology
from xianjie.deciding import Rules
from xianjie.messages.log import Committed
from xianjie.messages.ops import ParkedSkipAsked
from xianjie.vocabulary import CHINA

UNREAD = "/unread"
"""The source of commits that keep what nobody could read."""


class Recalling(Memory):
    """Memory that names the versions by which the commit at hand was decided."""

    named: tuple[str, ...] = ()

    def versions(self) -> tuple[str, ...]:
        """Those that the recorded commit names."""
        return self.named


class Remaking:
    """Makes the commits of one service again, those of each case in their order."""

    def __init__(self, rules: Rules[Any], drafter: Drafter, exercise: str | None, *, trusted: bool = False) -> None:
        """`trusted`: the messages were checked against their contracts before, and are not checked again."""
        self._rules, self._drafter, self._exercise, self._trusted = rules, drafter, exercise, trusted
        self._skips: dict[str, str] = {}
        """By case: an operator's word that the next parked message is to be noted."""

    def awaits(self, case: str) -> bool:
        """Whether the next message of this case is noted by an operator's word."""
        return case in self._skips

    def draft(self, row: Committed, delivery: Delivery) -> tuple[Draft, Reading]:
        """The commit of this row, and what was read; raises what the rules raise."""
        now = row.now.astimezone(CHINA)
        if row.source == UNREAD:
            return self._unread(row, delivery, now)
        reading = self._read(delivery, now)
        heard = reading.heard
        if heard is None:
            return self._drafter.pass_over(replace(reading, case=row.case), now, self._skips.pop(row.case, "")), reading
        said = heard.message
        asked = words(said) if isinstance(said, ASKS) and heard.source.startswith("/operators/") else None
        text = asked or self._skips.pop(row.case, None)
        if isinstance(said, ParkedSkipAsked) and asked:
            self._skips[row.case] = asked
        return self._drafter.decide(reading, now, skips={reading.key: text} if text else None), reading

    def _unread(self, row: Committed, delivery: Delivery, now: datetime) -> tuple[Draft, Reading]:
        for lane in ("", topology.UNROUTED):
            reading = read(replace(delivery, lane=lane), self._rules.service, now, self._exercise, ahead=False)
            if reading.invalid and reading.case == row.case and row.case.startswith("kept-"):
                return self._drafter.keep(reading, now), reading
        return self._drafter.pass_over(replace(reading, case=row.case), now, "amended by an operator", named=False), reading

    def _read(self, delivery: Delivery, now: datetime) -> Reading:
        if self._trusted and (heard := envelope.believed(delivery.body)):
            return Reading(delivery, heard.subject, heard)
        return read(delivery, self._rules.service, now, self._exercise, ahead=False)
