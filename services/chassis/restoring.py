"""A database that was restored from a backup: what the service had committed since is made again before anything is heard.

The journal was told of every commit (`log.committed`) and has the messages: each is decided again at its moment, and where its hash is the one
that was told, it stands where it stood, and what it said is not said again. What comes out otherwise is decided anew, like any message.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from services.chassis.connecting import connect
from services.chassis.delivery import Delivery, delivered
from services.chassis.desk import Desk
from services.chassis.drafting import Draft, Drafter
from services.chassis.memory import Memory
from services.chassis.remaking import UNREAD, Remaking
from services.chassis.speaking import speak
from xianjie import envelope, wire
from xianjie.envelope import HEADER
from xianjie.messages.log import Committed, LogCommitted
from xianjie.topology import AGENCIES_IN, AGENCIES_OUT, ALL, EVENTS, JOURNAL, LOG, OPS, SIDE_LANE, UNROUTED, hearer

RECENT = timedelta(seconds=60)
"""A database in which the service was seen so lately is no older copy: its journal is not read."""
MARGIN = timedelta(seconds=30)
"""From so long before the service was last seen the journal is read."""
PREFETCH = 500
PATIENCE = 5.0
"""Seconds without a message of the journal after which it is given up: it is not bound, or stands still."""
KEPT = 100_000
"""Messages that are kept for the commits that the journal was told of after them."""
AT_ONCE = 200
"""Commits that are looked up in the database at once."""
LEASE = 30
"""Seconds after which another process may do it, should this one die over it."""


@dataclass(slots=True)
class Restored:
    """What became of it: messages of the journal that were read, commits that the database lacked, those that stand again as they stood,
    and those that were decided anew; the others lack their message."""

    read: int = 0
    lost: int = 0
    made: int = 0
    anew: int = 0


class Recalling(Memory):
    """Memory that names the versions by which the commit at hand was decided."""

    named: tuple[str, ...] = ()

    def versions(self) -> tuple[str, ...]:
        """Those that the journal was told."""
        return self.named


class Restoring:
    """Does it for one service, in one process at a time. Raises as broker and database do: then it is begun again."""

    def __init__(self, desk: Desk, holder: str, beat: Callable[[], None]) -> None:
        """`beat`: is called now and then, since it may take minutes."""
        self._desk, self._holder, self._beat = desk, holder, beat
        self._service, self._settings, self._store = desk.rules.service, desk.settings, desk.store
        self._memory = Recalling(desk.rules, desk.store, desk.settings.cached_cases, desk.resend)
        drafter = Drafter(desk.rules, self._memory, desk.settings.exercise, desk.settings.salt.encode())
        self._remaking = Remaking(desk.rules, drafter, desk.settings.exercise)
        self._heard: OrderedDict[tuple[str, str, str], Delivery] = OrderedDict()
        """By case, source and id: what this service may have decided."""
        self._astray: set[str] = set()
        """Cases of which a commit came out otherwise: the rest of them is decided anew."""
        self._held = -LEASE * 1.0
        self.found = Restored()

    def take_back(self) -> None:
        """Return when nothing is lost of what the journal has."""
        while not self._hold():
            time.sleep(0.2)
        try:
            seen = self._store.seen()
            if seen is None or datetime.now(UTC) - seen > RECENT:
                self._read(seen - MARGIN if seen else None)
            self._store.see()
        finally:
            self._store.give_lease("restoring", self._holder)
        if self.found.lost:
            self._desk.telemetry.log.warning(
                "restored", read=self.found.read, lost=self.found.lost, made=self.found.made, anew=self.found.anew,
                missing=self.found.lost - self.found.made - self.found.anew,
            )  # fmt: skip

    def _hold(self) -> bool:
        """Whether it is ours to do; the loop is alive meanwhile."""
        self._beat()
        if time.monotonic() - self._held > LEASE / 3:
            held = self._store.take_lease("restoring", self._holder, LEASE)
            self._held = time.monotonic() if held else -LEASE * 1.0
            return held
        return True

    def _read(self, since: datetime | None) -> None:
        rows: list[Committed] = []
        for each in self._journal(since):
            self.found.read += 1
            told = _told(self._service, each)
            if told is None:
                self._keep(each)
                continue
            rows += told
            if len(rows) >= AT_ONCE:
                self._compare(rows)
                rows = []
        self._compare(rows)

    def _journal(self, since: datetime | None) -> Iterator[Delivery]:
        """Everything in the journal since then, up to a word of our own that is said now."""
        mark = str(uuid4())
        news = LogCommitted(service=self._service, commits=())
        now = self._desk.clock.now()
        self._desk.sender.send([speak(self._service, news, None, "clock", mark, now, self._settings.exercise)])
        received: list[Any] = []
        connection = connect(self._settings.amqp_uri, f"{self._service} looks what it has lost")
        try:
            channel = connection.channel()
            channel.auto_decode = False
            channel.basic_qos(0, PREFETCH, False)
            channel.basic_consume(JOURNAL, callback=received.append, arguments={"x-stream-offset": since or "first"})
            ended = False
            while not ended:
                connection.drain_events(timeout=PATIENCE)
                batch, received[:] = [*received], []
                for each in batch:
                    ended |= each.properties.get("message_id") == mark
                    yield delivered(each)
                if batch:
                    channel.basic_ack(batch[-1].delivery_tag, multiple=True)
                self._hold()
        except TimeoutError:
            self._desk.telemetry.log.warning("the journal stands still", seconds=PATIENCE)
        finally:
            with suppress(Exception):
                connection.collect()

    def _keep(self, delivery: Delivery) -> None:
        if not _for(self._service, delivery):
            return
        self._heard.setdefault(_identity(delivery), delivery)
        if len(self._heard) > KEPT:
            self._heard.popitem(last=False)

    def _compare(self, rows: list[Committed]) -> None:
        """Make again what the database lacks of these."""
        there = self._store.there([(each.case, each.n) for each in rows])
        lost: list[tuple[Committed, Delivery | None]] = []
        for each in rows:
            delivery = self._taken(each)
            if (each.case, each.n) not in there:
                there.add((each.case, each.n))  # it may have been told twice
                lost.append((each, delivery))
        if lost:
            self._take_back(lost)

    def _take_back(self, lost: list[tuple[Committed, Delivery | None]]) -> None:
        self.found.lost += len(lost)
        self._memory.load({each.case for each, _ in lost})
        drafts: list[Draft] = []
        for each, delivery in lost:
            draft = self._made(each, delivery) if delivery and each.case not in self._astray else None
            if draft:
                drafts.append(draft)
                continue
            self._astray.add(each.case)
            if delivery:
                self._insert(drafts)
                drafts = []
                self._anew(each, delivery)
        self._insert(drafts)
        self._memory.trim()

    def _taken(self, row: Committed) -> Delivery | None:
        """The message of a commit; what nobody could read is known by its digest."""
        if row.source != UNREAD:
            return self._heard.pop((row.case, row.source, row.id), None)
        return next((each for each in self._heard.values() if each.digest == row.id), None)

    def _made(self, row: Committed, delivery: Delivery) -> Draft | None:
        """The commit as the journal was told of it; None if it comes out otherwise."""
        self._memory.named = row.versions
        head = self._memory.get(row.case)
        if row.n != (head.n + 1 if head else 1):
            return None
        try:
            draft, _ = self._remaking.draft(row, delivery)
        except Exception:
            return None
        return draft if draft.document["hash"] == row.hash else None

    def _insert(self, drafts: list[Draft]) -> None:
        """In one write; what they say was said. Where another has written meanwhile, this raises, and is begun again."""
        self._store.insert([{name: value for name, value in each.document.items() if name != "unsent"} for each in drafts])
        self._store.clear([], [each.overtakes for each in drafts if each.overtakes])
        self.found.made += len(drafts)

    def _anew(self, row: Committed, delivery: Delivery) -> None:
        """As if it came now; it may have been answered before."""
        lane = UNROUTED if delivery.exchange == AGENCIES_OUT else ""
        self._desk.memory.drop(row.case)
        self._desk.take([replace(delivery, redelivered=True, lane=lane)])
        self._memory.drop(row.case)
        self.found.anew += 1


def _told(service: str, delivery: Delivery) -> tuple[Committed, ...] | None:
    """The commits that this service tells the journal of; None if it is another message."""
    if delivery.exchange != LOG or not delivery.key.startswith(f"{service}.{LogCommitted.name}."):
        return None
    try:
        return cast(LogCommitted, envelope.read(delivery.body).message).commits
    except envelope.Invalid:  # of a later release
        return ()


def _for(service: str, delivery: Delivery) -> bool:
    """Whether this service may have decided it, by its address; what came back from the side lane among it."""
    if delivery.exchange in (EVENTS, OPS):
        return hearer(delivery.exchange, delivery.key) in (service, ALL)
    return delivery.exchange == AGENCIES_IN or (delivery.exchange == AGENCIES_OUT and service == SIDE_LANE)


def _identity(delivery: Delivery) -> tuple[str, str, str]:
    try:
        found = wire.loads(delivery.body)
    except wire.Unreadable:
        return str(delivery.headers.get(HEADER, "")), "", ""
    return tuple(str(found.get(name, "")) for name in ("subject", "source", "id"))  # type: ignore[return-value]
