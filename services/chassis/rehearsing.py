"""The services in one process, with a desk for each as they have it in operation: a broker and a database of this process's memory.

What is said is handed over in an order that a broker might choose; a life may end between any two steps. For tests, and for playing what
has no record of when each service decided.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from services.chassis import exercise as exercises
from services.chassis import showing
from services.chassis.commit import Spoken, hash_of_states
from services.chassis.delivery import Delivery
from services.chassis.desk import Desk
from services.chassis.parking import LADDER, Parking, Trouble
from services.chassis.replaying import again
from services.chassis.sending import Sender
from services.chassis.settings import Settings
from services.chassis.store import Document, Known, Stopped, Store
from services.chassis.telemetry import Telemetry
from xianjie import topology
from xianjie.deciding import Rules
from xianjie.envelope import HEADER
from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.play.memory import Disorder
from xianjie.recording.choosing import face
from xianjie.vocabulary import CHINA

NOWHERE = "nowhere"
MOST_TICKS = 10_000
"""A case that ticks more often on the way to one moment never comes to rest."""

Lane = tuple[str, str]
"""From whom to whom. What one says to another arrives in order; lanes overtake each other."""


class Died(Exception):
    """The life of a service ended here; what it had not stored or said, it has not."""


class MemoryStore:
    """The database of one service, for as long as the process lives: what the desk asks of `Store`, and nothing else."""

    def __init__(self) -> None:
        self.log: dict[str, list[Document]] = {}
        self._keys: dict[tuple[str, str], Document] = {}
        self._ids: dict[str, Document] = {}
        self._unsent: dict[str, Document] = {}
        self.rows: dict[str, list[Document]] = {}
        self.dies: Callable[[str], None] = lambda _: None
        """Is asked at every step whether the life of the service ends there."""

    def look(self, cases: list[str], cold: list[str]) -> tuple[dict[str, Document], dict[str, int]]:
        """As `Store.look`."""
        return (
            {each: self.log[each][-1] for each in cold if each in self.log},
            {each: self.rows[each][-1]["k"] for each in cases if self.rows.get(each)},
        )

    def known(self, keys: Iterable[tuple[str, str]], *, parked: bool = False) -> dict[tuple[str, str], Known]:
        """As `Store.known`."""
        found: dict[tuple[str, str], Known] = {}
        for each in keys:
            if there := self._keys.get(each):
                found[each] = Known(there["status"], there["cause"]["digest"], there["salt"])
            elif parked and (row := next((row for row in self.rows.get(each[0], ()) if row["key"] == each[1]), None)):
                found[each] = Known(None, row["digest"])
        return found

    def insert(self, documents: list[Document]) -> None:
        """As `Store.insert`."""
        self.dies("before it is stored")
        for at, each in enumerate(documents):
            if (each["case"], each["key"]) in self._keys:
                raise Stopped(at, known=True)
            self.log.setdefault(each["case"], []).append(each)
            self._keys[each["case"], each["key"]] = self._ids[each["_id"]] = self._unsent[each["_id"]] = each
        self.dies("before it is said")

    def clear(self, sent: list[str], overtaken: list[str]) -> None:
        """As `Store.clear`."""
        for id in sent:
            self._ids[id].pop("unsent", None)
            self._unsent.pop(id, None)
        for id in overtaken:
            for name in ("head", "due", "waiting"):
                self._ids[id].pop(name, None)

    def unsent(self, cases: list[str] | None = None, older: datetime | None = None, limit: int = 500) -> list[Document]:
        """As `Store.unsent`."""
        return [each for each in self._unsent.values() if cases is None or each["case"] in cases][:limit]

    def due(self, now: datetime, **_: Any) -> list[Document]:
        """As `Store.due`, all at once."""
        heads = (log[-1] for log in self.log.values())
        return sorted(
            (each for each in heads if "due" in each and each["due"] <= now), key=lambda each: (each["due"], each["_id"])
        )

    def next_due(self) -> datetime | None:
        """As `Store.next_due`."""
        return min((log[-1]["due"] for log in self.log.values() if "due" in log[-1]), default=None)


class MemoryParking(Parking):
    """The parked rows of one service, beside its memory."""

    def __init__(self, store: MemoryStore, service: str) -> None:
        self._store, self._service = store, service

    def insert(self, rows: list[Document]) -> None:
        for each in rows:
            self._store.rows.setdefault(each["case"], []).append(each)

    def rows(self, case: str, limit: int) -> list[Document]:
        return list(self._store.rows.get(case, ()))[:limit]

    def drop(self, row: Document) -> None:
        self._store.rows[row["case"]].remove(row)

    def begin(self, row: Document) -> None:
        row["attempts"] += 1
        row["hold_until"] = datetime.now(UTC) + timedelta(seconds=LADDER[min(row["attempts"], len(LADDER) - 1)])

    def failed(self, row: Document, why: Trouble, ask: str) -> None:
        row.update(fingerprint=why.fingerprint, error=why.error, culprit=why.culprit, failed=ask)

    def amend(self, case: str, k: int, body: bytes) -> None:
        row = self._row(case, k)
        row.update(original=row.get("original", row["body"]), body=body)

    def skip(self, case: str, k: int, text: str) -> None:
        self._row(case, k)["skipped"] = text

    def count(self) -> int:
        return sum(1 for rows in self._store.rows.values() if rows)

    def _row(self, case: str, k: int) -> Document:
        return next(each for each in self._store.rows[case] if each["k"] == k)


class MemorySender:
    """Says at once what it is given to say."""

    def __init__(self, store: MemoryStore, publish: Callable[[Spoken], None]) -> None:
        self._store, self._publish = store, publish

    def send(self, messages: list[Spoken], news: Iterable[Spoken] = ()) -> None:
        """As `Sender.send`. A life may end between two messages."""
        for each in messages:
            self._publish(each)
            self._store.dies("while it is said")
        for each in news:
            self._publish(each)
        self._store.dies("before it is acknowledged")


class MemoryClock:
    """The clock of all services: it goes where it is put."""

    exercise: str | None

    def __init__(self, now: datetime, exercise: str | None) -> None:
        self.moment, self.exercise = now, exercise

    def now(self) -> datetime:
        return self.moment.astimezone(CHINA)


@dataclass(slots=True)
class Service:
    """One service: what outlives its lives, and the desk of this one."""

    rules: Rules[Any]
    store: MemoryStore
    desk: Desk
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message on its way to one hearer."""

    delivery: Delivery
    at: int


class Rehearsal:
    """All services and what is on its way between them. Agencies are told by `tell`; whoever plays them says by `publish`."""

    def __init__(
        self, rules: Mapping[str, Rules[Any]], *, now: datetime, exercise: str | None = "rehearsal", salt: str = "exercise-salt",
        disorder: Disorder | None = None, tell: Callable[[str, Recorded], None] | None = None,
        record: Callable[[Recorded], None] | None = None, inboxes: Callable[[str], bool] = lambda _: True,
    ) -> None:  # fmt: skip
        """`tell`: hears what is said to an agency. `record`: hears everything, as the journal would. `inboxes`: whether a code has one."""
        self.clock = MemoryClock(now, exercise)
        self._settings = Settings(amqp_uri=NOWHERE, mongodb_uri=NOWHERE, database="memory", exercise=exercise, salt=salt)
        self._disorder, self._tell, self._record, self._inboxes = disorder, tell, record, inboxes
        self._lanes: dict[Lane, deque[Waiting]] = {}
        self._count = 0
        self.services: dict[str, Service] = {}
        for name, each in rules.items():
            store = MemoryStore()
            store.dies = self._dies
            self.services[name] = Service(each, store, self._desk(each, store))

    def _desk(self, rules: Rules[Any], store: MemoryStore) -> Desk:
        """A new life."""
        sender = MemorySender(store, self._spoken)
        telemetry = Telemetry.silent(rules.service)
        desk = Desk(
            rules, cast(Store, store), cast(Sender, sender), self._settings, telemetry, MemoryParking(store, rules.service)
        )
        desk.clock = cast(Any, self.clock)
        return desk

    # --- saying

    def publish(self, message: Recorded) -> None:
        """Something is said from outside."""
        self._route(message)

    def _spoken(self, spoken: Spoken) -> None:
        properties = {"message_id": spoken.id}
        message = Recorded(0, spoken.exchange, spoken.key, spoken.id, spoken.body, {HEADER: spoken.case}, properties)
        self._route(message)
        if self._disorder and self._disorder.random.random() < self._disorder.twice:
            self._route(message)

    def _route(self, message: Recorded) -> None:
        message = message._replace(offset=self._count)
        self._count += 1
        if self._record:
            self._record(message)
        source, lane = _speaker(message), ""
        hearers = self._hearers(message)
        if hearers is None:
            hearers, lane = [topology.SIDE_LANE], topology.UNROUTED
        for each in hearers:
            if each in self.services or each not in SERVICES:
                self._lanes.setdefault((source, each), deque()).append(Waiting(again(message, lane), message.offset))

    def _hearers(self, message: Recorded) -> list[str] | None:
        """Who gets it; None if nobody can be reached, so that it comes back by the side lane."""
        if message.exchange == topology.AGENCIES_OUT:
            named = topology.hearer(message.exchange, message.key)
            return [named] if named and self._inboxes(named) else None
        found = topology.services_hearing(message.exchange, message.key, face(message).type)
        return None if not found and message.exchange == topology.AGENCIES_IN else found

    # --- hearing

    def rest(self) -> None:
        """Hand over until nothing is on its way; what a life left unsaid is said by the next, in the end."""
        while self._step() or self._say_what_is_left():
            pass

    def _step(self) -> bool:
        waiting = [lane for lane, queue in self._lanes.items() if queue]
        if not waiting:
            return False
        if self._disorder and self._disorder.shuffle:
            lane = self._disorder.random.choice(sorted(waiting))
        else:
            lane = min(waiting, key=lambda each: self._lanes[each][0].at)
        one = self._lanes[lane].popleft()
        hearer = lane[1]
        if hearer in self.services:
            self._hear(lane, self.services[hearer], one)
        elif self._tell:
            delivery = one.delivery
            self._tell(hearer, Recorded(one.at, delivery.exchange, delivery.key, None, delivery.body, delivery.headers))
        return True

    def _hear(self, lane: Lane, service: Service, one: Waiting) -> None:
        try:
            service.desk.take([one.delivery])
        except Died:
            service.desk = self._desk(service.rules, service.store)
            returned = replace(one.delivery, redelivered=True, count=one.delivery.count + 1)
            self._lanes[lane].appendleft(Waiting(returned, one.at))
        else:
            service.heard += 1

    def _say_what_is_left(self) -> bool:
        said = False
        for each in self.services.values():
            each.desk.settle()
            if left := each.store.unsent():
                try:
                    each.desk.resend(left)
                except Died:
                    each.desk = self._desk(each.rules, each.store)
                said = True
        return said

    def _dies(self, step: str) -> None:
        if self._disorder and self._disorder.random.random() < self._disorder.dies:
            raise Died(step)

    # --- time

    def go_to(self, moment: datetime) -> None:
        """Move on to `moment`, stopping at every moment that is due before, until all is quiet there."""
        self.rest()
        for _ in range(MOST_TICKS):
            due = min((each for each in self._dues() if each < moment), default=None)
            if due is None:
                break
            self._advance(max(due, self.clock.moment) + timedelta(milliseconds=1))
        else:
            raise RuntimeError(f"clocks tick without end before {moment.isoformat()}")
        self._advance(moment)

    def _advance(self, to: datetime) -> None:
        self.clock.moment = max(to, self.clock.moment)
        for each in self.services.values():
            for tick in exercises.ticks(each.desk, each.store.due(self.clock.now())):
                self._spoken(tick)
        self.rest()

    def _dues(self) -> Iterator[datetime]:
        for each in self.services.values():
            if due := each.store.next_due():
                yield due

    # --- looking

    def commits(self, service: str, case: str) -> list[Document]:
        """The log of a case at a service."""
        return list(self.services[service].store.log.get(case, ()))

    def shown(self, service: str, case: str) -> list[Document]:
        """The same as the door of the service shows it."""
        return [json.loads(showing.text(showing.commit(each))) for each in self.commits(service, case)]

    def state(self) -> str:
        """One hash over the last state of every case of every service, as `Replay.state` has it."""
        return hash_of_states(
            (name, case, log[-1]["state"])
            for name, each in sorted(self.services.items())
            for case, log in sorted(each.store.log.items())
            if log[-1]["outcome"] != "kept"
        )

    def parked(self) -> list[tuple[str, str, str]]:
        """Service, case and reason of everything that is parked."""
        return [
            (name, case, rows[0]["error"] or "")
            for name, each in self.services.items()
            for case, rows in each.store.rows.items()
            if rows
        ]


def _speaker(message: Recorded) -> str:
    """Who says it: the sender's word on the broker."""
    word = message.key.split(".", 1)[0]
    return face(message).source.rsplit("/", 1)[-1] or word
