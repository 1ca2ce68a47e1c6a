"""What happens without a message: due clocks tick, parked cases are retried, what was left unsaid is said, and what was counted by weekends
alone is counted anew when the calendar has learnt more years. One holder at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid5

import eventlet
from nameko.extensions import DependencyProvider

from services.chassis.caselog import CaseLog
from services.chassis.commit import NAMESPACE, Spoken
from services.chassis.exercise import ticks
from services.chassis.filling import Filling
from services.chassis.listening import AWAY
from services.chassis.parking import trouble
from services.chassis.sending import Sender
from services.chassis.speaking import again, speak
from services.chassis.store import Document, holder
from xianjie.law import calendar
from xianjie.messages.ops import CalendarExtended, ParkedRetryAsked

UNSAID = timedelta(seconds=10)
"""A commit that is unsaid for longer was left behind by somebody who died."""
PAGE = 500
"""Cases looked at in one turn of all those that are due."""
RETRIES = 10
"""Parked cases tried again in one turn: were a thousand parked by one fault, trying them must not take the time of the healthy ones."""
LEASE = 10
"""Seconds after which another process may take over."""


class Ticker(DependencyProvider):  # type: ignore[misc]
    """Runs in every process; only the holder of the service's lease does anything. Two holders would be harmless."""

    def setup(self) -> None:
        self.log = next(each for each in self.container.dependencies if isinstance(each, CaseLog))
        self.holder = holder()
        self.stopping = False
        self._sent: dict[str, datetime] = {}
        self._after: Document | None = None
        self._provisional: Iterator[Document] | None = None
        self._to_recount = True
        self._looked: datetime | None = None
        self._renewed = -LEASE * 1.0

    def start(self) -> None:
        settings = self.log.settings
        self._filling = Filling(
            self.log.service, self.log.store, settings.amqp_uri, settings.exercise, settings.gap_seconds, self.log.desk.clock.now
        )
        self._sender = Sender(settings.amqp_uri, f"{self.log.service} ticks", settings.confirm_seconds)
        self._finder = Sender(settings.amqp_uri, f"{self.log.service} finds", settings.confirm_seconds)
        self.container.spawn_managed_thread(self._run, identifier="tick")
        self.container.spawn_managed_thread(lambda: self._repeat(self.fill, self._finder), identifier="fill")

    def stop(self) -> None:
        self.stopping = True

    def _run(self) -> None:
        self._repeat(self.turn, self._sender)
        with suppress(*AWAY):
            self.log.store.give_lease("ticker", self.holder)

    def _repeat(self, turn: Callable[[], None], sender: Sender) -> None:
        """One turn after another while the lease is ours."""
        while not self.stopping:
            try:
                if self.log.away is None and self._holds():
                    turn()
            except Exception as fault:
                sender.close()
                why = trouble(fault, "a turn").error if not isinstance(fault, AWAY) else fault.__class__.__name__
                self.log.telemetry.log.warning("ticker", error=why)
            eventlet.sleep(0.5)
        sender.close()

    def _holds(self) -> bool:
        """Whether we hold the lease; renewed when half of it is over."""
        if time.monotonic() - self._renewed > LEASE / 2:
            held = self.log.store.take_lease("ticker", self.holder, LEASE)
            self._renewed = time.monotonic() if held else -LEASE * 1.0
            if held:
                self.log.store.see()
            else:
                self.log.gauge(0, None, 0)  # another process counts
            return held
        return True

    def turn(self) -> None:
        """One look at everything that is due by itself."""
        desk, now = self.log.desk, datetime.now(UTC)
        self._sent = {id: at for id, at in self._sent.items() if now - at < timedelta(minutes=1)}
        if desk.settings.exercise is None:
            self._once(ticks(desk, self._reached(desk.clock.now())))
        self._once([self._retry(each) for each in desk.parking.ready(RETRIES)])
        if self._to_recount:
            self._once(self._recounts())
        left = self.log.store.unsent(older=now - UNSAID)
        self._sender.send(again(self.log.service, left, desk.settings.exercise))
        self.log.store.clear([each["_id"] for each in left], [])
        self._sender.beat()
        self.log.gauge(*self.log.store.waiting(), desk.parking.count(), desk.parking.oldest())

    def fill(self) -> None:
        """One look for gaps, beside the turns: the journal may take a minute to read, and no clock waits for that."""
        self._finder.send(self._filling.look(datetime.now(UTC)))
        self._finder.beat()

    def _reached(self, now: datetime) -> list[Document]:
        """What has come due since the last look, and a page of all that is due, the next one at each look: a parked case stays due,
        and many of them must not keep the others from their turn."""
        fresh = self.log.store.due(now, since=self._looked) if self._looked else []
        page = self.log.store.due(now, after=self._after, limit=PAGE)
        self._looked, self._after = now, page[-1] if len(page) == PAGE else None
        return list({each["_id"]: each for each in (*fresh, *page)}.values())

    def _recounts(self) -> list[Spoken]:
        """Once in a process's life, a page at each turn: the cases whose provisional clocks lie in years that the calendar knows by now."""
        until, service, settings = calendar.last(), self.log.service, self.log.settings
        self._provisional = self._provisional or self.log.store.provisional(until.isoformat())
        try:
            page = list(islice(self._provisional, PAGE))
        except Exception:
            self._provisional = None  # from the beginning, when the database is back
            raise
        self._to_recount = len(page) == PAGE
        now, message = self.log.desk.clock.now(), CalendarExtended(until=until)
        ids = [str(uuid5(NAMESPACE, f"recount|{service}|{each['case']}|{each['n']}|{until}")) for each in page]
        return [
            speak(service, message, service, each["case"], id, now, settings.exercise) for each, id in zip(page, ids, strict=True)
        ]

    def _once(self, messages: list[Spoken]) -> None:
        fresh = [each for each in messages if each.id not in self._sent]
        self._sender.send(fresh)
        self._sent.update({each.id: datetime.now(UTC) for each in fresh})

    def _retry(self, row: Document) -> Any:
        service, settings = self.log.service, self.log.settings
        message = ParkedRetryAsked(who="the ladder", why=f"retry {row['attempts'] + 1}")
        id = str(uuid5(NAMESPACE, f"retry|{row['_id']}|{row['attempts']}"))
        return speak(service, message, service, row["case"], id, self.log.desk.clock.now(), settings.exercise)
