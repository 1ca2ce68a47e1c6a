"""How a parked case gets going again: retry, amend and skip are messages, asked by an operator or by the ladder."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis import parking
from services.chassis.commit import Spoken, said_id
from services.chassis.delivery import Reading, read
from services.chassis.drafting import Draft, Drafter
from services.chassis.memory import Memory
from services.chassis.parking import Parking, Trouble
from services.chassis.speaking import speak
from services.chassis.store import Document, Stopped, Store
from services.chassis.writing import Failed
from xianjie.messages.log import LogReleased
from xianjie.messages.ops import ClockTicked, ParkedAmendAsked, ParkedRetryAsked, ParkedSkipAsked

ASKS = ParkedRetryAsked | ParkedAmendAsked | ParkedSkipAsked
PAGE = 100
"""So many rows are decided for one ask; then the service asks itself for the rest, and others have their turn."""


class StillInvalid(Exception):
    """It was parked because it is not valid, and that has not changed."""


def words(message: Any) -> str:
    """What is noted of what an operator asked: what, who, why."""
    return f"{message.name} by {message.who}: {message.why}"[:4000]


class Draining:
    """Decides parked rows in order: commit first, row deleted after."""

    def __init__(
        self, service: str, store: Store, rows: Parking, memory: Memory, drafter: Drafter, exercise: str | None,
        now: Callable[[], datetime], say: Callable[[list[Draft], list[Spoken]], None],
    ) -> None:  # fmt: skip
        self._service, self._store, self._rows, self._memory, self._drafter = service, store, rows, memory, drafter
        self._exercise, self._now, self._say = exercise, now, say

    def answer(self, ask: Reading) -> None:
        """Do what is asked. An operator's word is committed first; coming again by a redelivery, it is not obeyed twice."""
        assert ask.heard is not None
        rows = self._rows.rows(ask.case, PAGE + 1)
        if rows and ask.heard.source.startswith("/operators/") and not self._store.known([(ask.case, ask.key)]):
            self._obey(ask, ask.heard.message)
            rows = self._rows.rows(ask.case, PAGE + 1)
        for row in rows[:PAGE]:
            if not self._row(row, ask.heard.id):
                return
            self._rows.drop(row)
        if rows:
            self._tell(ask, f"{ask.key} {rows[-1]['key']}", more=len(rows) > PAGE)

    def _tell(self, ask: Reading, cause: str, more: bool) -> None:
        """Ask for the rest, or let the journal know that the case goes on."""
        rest, gone = ParkedRetryAsked(who="the service", why="the rest"), LogReleased(service=self._service)
        id = said_id(self._service, ask.case, cause, "drained")
        to = self._service if more else None
        self._say([], [speak(self._service, rest if more else gone, to, ask.case, id, self._now(), self._exercise)])

    def _obey(self, ask: Reading, message: Any) -> None:
        text = words(message)
        if isinstance(message, ParkedAmendAsked):
            self._rows.amend(ask.case, message.k, message.body.encode())
        elif isinstance(message, ParkedSkipAsked):
            self._rows.skip(ask.case, message.k, text)
        broken, _ = self._memory.load({ask.case})
        if not broken:
            with suppress(Failed):  # of a message held in this case: the row that it fails is tried next, and says so
                self._stands(self._drafter.decide(ask, self._now(), skips={ask.key: text}))

    def _row(self, row: Document, ask: str) -> bool:
        """Decide one parked message now, or note it as skipped; false if it fails again. `ask`: the id of the message that asked for it."""
        reading = read(parking.delivery_of(row), self._service, self._now(), self._exercise, ahead=False)
        broken, _ = self._memory.load({row["case"]})
        if self._store.known([(row["case"], reading.key)]) or self._stale(reading):
            return True
        self._rows.begin(row)
        name = reading.heard.message.name if reading.heard else "unreadable"
        try:
            if broken:
                raise broken[row["case"]]
            if "original" in row and row["key"] != reading.key:
                self._keep_original(row)
            draft = self._draft(row, reading)
        except Exception as fault:
            return self._failed(row, parking.trouble(fault, name), ask)
        return self._stands(draft) or self._failed(row, parking.REFUSED, ask)

    def _draft(self, row: Document, reading: Reading) -> Draft:
        text = row.get("skipped")
        if reading.heard and reading.case == row["case"]:
            skips = {row["culprit"] or reading.key: text} if text else None
            return self._drafter.decide(reading, self._now(), skips=skips)
        if not text:
            raise StillInvalid
        unread = reading if reading.invalid else reading.refused("/subject", "is not the case that it was parked in", "amended")
        return self._drafter.pass_over(replace(unread, case=row["case"]), self._now(), text)

    def _keep_original(self, row: Document) -> None:
        """What nobody could read and an operator amended stays in the log as it came: it may come again."""
        came = read(parking.delivery_of(row, amended=False), self._service, self._now(), self._exercise, ahead=False)
        if not self._store.known([(row["case"], row["key"])]):
            self._stands(self._drafter.pass_over(came, self._now(), "amended by an operator", named=False))

    def _failed(self, row: Document, why: Trouble, ask: str) -> bool:
        self._memory.drop(row["case"])
        self._rows.failed(row, why, ask)
        return False

    def _stands(self, draft: Draft) -> bool:
        """Stored, said; false if the database refuses it."""
        try:
            self._store.insert([draft.document])
        except Stopped as stopped:
            self._memory.drop(draft.document["case"])
            return stopped.known
        self._say([draft], [])
        return True

    def _stale(self, reading: Reading) -> bool:
        """A tick counts if the commit that armed it is still the last."""
        head, heard = self._memory.get(reading.case), reading.heard
        return heard is not None and isinstance(heard.message, ClockTicked) and (head is None or head.n != heard.message.n)
