"""A recording decided again, in one process: each service hears what its log heard, in that order, at those moments, by those versions.

What the journal was told of every commit (`log.committed`) says which message, when, and by which directory; the rules and the writing of
commits are those of the services. Batches, partitions and load of the day that was recorded make no difference.
"""

import sqlite3
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, cast

import msgspec

from services.chassis import commit
from services.chassis.commit import Head
from services.chassis.delivery import Delivery, clean
from services.chassis.drafting import Drafter
from services.chassis.remaking import UNREAD, Recalling, Remaking
from services.chassis.store import Store
from services.chassis.writing import Failed
from xianjie import envelope, topology
from xianjie.deciding import Rules
from xianjie.envelope import CONTENT_TYPE, HEADER
from xianjie.journal import Recorded
from xianjie.message import MESSAGES
from xianjie.messages.log import Committed, LogCommitted
from xianjie.messages.ops import ParkedAmendAsked
from xianjie.recording.choosing import Face, face
from xianjie.recording.comparing import Left, Made
from xianjie.vocabulary import CHINA

KEPT = 2000
"""Cases of one service that are kept as objects; the others wait in a file that goes with the process."""
UNKNOWN = (
    "the message that it decides is of a type that this release does not know, {type}: replay it by a release that does (--code)"
)
NO_DIRECTORY = "the directory that it looks into is not in the recording"
ABSENT = "the message that it decides is not in the recording"
UNTOLD = "what the journal was told of commits at offset {offset} cannot be read by this release: {why}"
BEHIND = "commits before it are not in the recording, or were left out"
RETURNED = 2000
"""Messages to agencies that are remembered: one may come back, its hearer having no inbox."""
DIRECTORIES = 500
"""Versions of the directory that are remembered."""

Key = tuple[str, str, str, str]
"""Service, case, source and id: a message as one service hears it."""


class Recall(Recalling):
    """The cases of one service in a replay. Any number of them, in flat memory."""

    def __init__(self, rules: Rules[Any], cases: int = KEPT) -> None:
        super().__init__(rules, cast(Store, None), cases, lambda _: None)
        self._away = sqlite3.connect("", isolation_level=None)  # "": a file of its own that is gone with the process
        self._away.execute("pragma journal_mode = off")
        self._away.execute("create table heads (name text primary key, document blob) without rowid")
        self._directories: OrderedDict[int, Any] = OrderedDict()

    def get(self, case: str) -> Head | None:
        """The last commit of a case, wherever it is kept."""
        found = super().get(case)
        if found is None and (row := self._away.execute("select document from heads where name = ?", (case,)).fetchone()):
            sheets = self._sheets if self.is_case(case) else self._reference
            found = sheets.head(msgspec.msgpack.decode(row[0]))
            self.put(found)
        return found

    def put(self, head: Head) -> None:
        """This is its last commit now."""
        super().put(head)
        if not self.is_case(head.case):
            self._directories[head.n] = head.sheet.state
            if len(self._directories) > DIRECTORIES:
                self._directories.popitem(last=False)

    def trim(self) -> None:
        """Put away the cases that were not used for longest."""
        while len(self._heads) > self._most:
            self._put_away(self._heads.popitem(last=False)[1])

    def _put_away(self, head: Head) -> None:
        self._away.execute("insert or replace into heads values (?, ?)", (head.case, msgspec.msgpack.encode(_stored(head))))

    def knows(self, version: int) -> bool:
        """Whether the directory has come so far."""
        return not version or bool(self._directories and next(reversed(self._directories)) >= version)

    def directory(self) -> Any:
        """As it was when the commit at hand was decided."""
        if self.rules.reference is None:
            return None
        version = _version(self.named, self.rules.reference.subject)
        found = self._directories.get(version)
        return found if found is not None else self.rules.reference.initial(self.rules.reference.subject)

    def states(self) -> Iterator[tuple[str, bytes]]:
        """The last state of every case, as it would be stored, by name."""
        for head in self._heads.values():
            self._put_away(head)
        for case, document in self._away.execute("select name, document from heads order by name"):
            yield case, msgspec.msgpack.decode(document)["state"]


def _stored(head: Head) -> dict[str, Any]:
    """The parts of a commit's document that its successor needs."""
    waits = [{"id": id, "at": at} for id, at in head.waits.items()]
    return {
        "format": commit.FORMAT, "case": head.case, "n": head.n, "hash": head.hash, "now": head.now, "due": head.due,
        "state": commit.stored(head.sheet), "waits": waits,
    }  # fmt: skip


def _version(versions: Iterable[str], subject: str) -> int:
    numbers = (each.partition(":")[2] for each in versions if each.startswith(f"{subject}:"))
    return next((int(each) for each in numbers if each.isdecimal()), 0)


@dataclass(slots=True)
class Side:
    """One service in a replay."""

    rules: Rules[Any]
    memory: Recall
    remaking: Remaking
    rows: dict[str, deque[Committed]] = field(default_factory=dict)
    """By case: commits that wait, in order, for a message or for the directory."""
    early: list[str] = field(default_factory=list)
    """Cases whose next commit looks into a directory that has not come so far."""
    broken: set[str] = field(default_factory=set)
    """Cases of which a commit was left out: what follows it cannot be decided."""
    awaited: dict[Key, str] = field(default_factory=dict)
    """By the message that the next commit of a case needs: the case."""


class Replay:
    """Takes the messages of a recording one after another, and yields each commit as it is made again."""

    def __init__(
        self, rules: Mapping[str, Rules[Any]], *, exercise: str | None, salt: str | None, cases: frozenset[str] = frozenset(),
        trusted: bool = False,
    ) -> None:  # fmt: skip
        """`salt`: the operator's secret, without which hashes cannot be compared. `cases`: those that the recording was chosen by; of others
        nothing is decided. `trusted`: the messages were checked against their contracts before, and are not checked again."""
        self._exercise, self._salted, self._cases, self._trusted = exercise, salt is not None, cases, trusted
        self._sides = {name: self._side(each, salt or "") for name, each in rules.items()}
        self._pending: OrderedDict[Key, Delivery] = OrderedDict()
        self._gone: deque[Delivery] = deque(maxlen=RETURNED)
        self._unknown: dict[tuple[str, str, str], str] = {}
        """By case, source and id: the type of a message that this release does not know."""

    def _side(self, rules: Rules[Any], salt: str) -> Side:
        memory = Recall(rules)
        drafter = Drafter(rules, memory, self._exercise, salt.encode(), checked=not self._trusted)
        return Side(rules, memory, Remaking(rules, drafter, self._exercise, trusted=self._trusted))

    def take(self, message: Recorded) -> Iterator[Made | Left]:
        """What follows from the next message of the recording."""
        seen = face(message)
        if seen.name == LogCommitted.name and message.exchange == topology.LOG:
            try:
                told = cast(LogCommitted, envelope.read(message.body).message)
            except envelope.Invalid as fault:
                why = UNTOLD.format(offset=message.offset, why=fault)
                yield Left(message.key.split(".", 1)[0], seen.subject, 0, seen.source, seen.id, why)
                return
            if told.service in self._sides:
                for row in told.commits:
                    yield from self._row(told.service, row)
            return
        if seen.type and seen.type not in MESSAGES:
            self._unknown[seen.subject, seen.source, seen.id] = seen.type
        for service in self._hearers(message, seen):
            key = (service, seen.subject, seen.source, seen.id)
            self._pending.setdefault(key, again(message))
            side = self._sides[service]
            if case := side.awaited.pop(key, None):
                yield from self._run(service, side, case)

    def end(self) -> Iterator[Left]:
        """What could not be decided, since something that it needs is not in the recording."""
        for name, side in self._sides.items():
            for rows in side.rows.values():
                for at, row in enumerate(rows):
                    type = self._unknown.get((row.case, row.source, row.id))
                    why = UNKNOWN.format(type=type) if type else NO_DIRECTORY if row.case in side.early else ABSENT
                    yield self._left(name, row, BEHIND if at else why)

    def last(self, service: str, case: str) -> bytes | None:
        """The state of a case at a service after its last commit so far, as it would be stored; None if it has none."""
        head = self._sides[service].memory.get(case)
        return commit.stored(head.sheet) if head else None

    def state(self) -> str:
        """One hash over the last state of every case of every service."""
        sides = sorted(self._sides.items())
        return commit.hash_of_states((name, case, state) for name, side in sides for case, state in side.memory.states())

    # --- one commit

    def _row(self, service: str, row: Committed) -> Iterator[Made | Left]:
        side = self._sides[service]
        if self._cases and row.case not in self._cases and row.case != topology.DIRECTORY:
            return
        side.rows.setdefault(row.case, deque()).append(row)
        if len(side.rows[row.case]) == 1:
            yield from self._run(service, side, row.case)

    def _run(self, service: str, side: Side, case: str) -> Iterator[Made | Left]:
        """Decide what waits in this case, as far as what it needs is there."""
        rows = side.rows.get(case)
        while rows:
            row = rows[0]
            if self._is_made(side, row):
                rows.popleft()
                continue
            reference = side.rules.reference
            if reference and case != reference.subject and not side.memory.knows(_version(row.versions, reference.subject)):
                side.early.append(case)
                return
            key = (service, row.case, row.source, row.id)
            delivery = self._taken(key, row)
            if delivery is None:
                side.awaited[key] = case
                return
            rows.popleft()
            yield self._decide(service, side, row, delivery)
            if reference and case == reference.subject:
                early, side.early = side.early, []
                for each in early:
                    yield from self._run(service, side, each)
        side.rows.pop(case, None)

    def _is_made(self, side: Side, row: Committed) -> bool:
        """Whether the journal was told of it before: what a service did not see confirmed, it says again."""
        head = side.memory.get(row.case)
        return row.case not in side.broken and head is not None and row.n <= head.n

    def _taken(self, key: Key, row: Committed) -> Delivery | None:
        """The message of a commit."""
        if row.source != UNREAD:
            return self._pending.pop(key, None)
        service = key[0]
        heard = ((each, delivery) for each, delivery in self._pending.items() if each[0] == service)
        for each, delivery in chain(heard, ((None, one) for one in reversed(self._gone))):
            if delivery.digest == row.id:
                if each:
                    del self._pending[each]
                return delivery
        return None

    def _decide(self, service: str, side: Side, row: Committed, delivery: Delivery) -> Made | Left:
        head = side.memory.get(row.case)
        if row.case in side.broken or row.n != (head.n + 1 if head else 1):
            side.broken.add(row.case)
            return self._left(service, row, BEHIND)
        if (
            (type := self._unknown.get((row.case, row.source, row.id)))
            and row.source != UNREAD
            and not side.remaking.awaits(row.case)
        ):
            side.broken.add(row.case)
            return self._left(service, row, UNKNOWN.format(type=type))
        side.memory.named = tuple(row.versions)
        now = row.now.astimezone(CHINA)
        try:
            draft, reading = side.remaking.draft(row, delivery)
        except Exception as fault:
            side.broken.add(row.case)
            side.memory.drop(row.case)
            cause = fault.__cause__ if isinstance(fault, Failed) and fault.__cause__ else fault
            name, why = face_of(delivery).name, f"{cause.__class__.__name__}: {cause}"
            return Made(service, row.case, row.n, row.source, row.id, name, (), now, delivery.body, failed=why)
        said = reading.heard.message if reading.heard else None
        if isinstance(said, ParkedAmendAsked):
            self._amend(side.rules.service, said)
        side.memory.trim()
        name = said.name if said else "unreadable"
        same = draft.document["hash"] == row.hash if self._salted else None
        before = head.now if head and head.now > now else None
        about = (service, row.case, row.n, row.source, row.id, name, tuple(draft.said), now, delivery.body)
        return Made(*about, same, hash=draft.document["hash"], before=before)

    def _amend(self, service: str, said: ParkedAmendAsked) -> None:
        """What an operator puts in the place of a parked message is heard in its stead."""
        body = said.body.encode()
        seen = face(Recorded(0, "", "", None, body))
        key = (service, seen.subject, seen.source, seen.id)
        first = self._pending.get(key)
        if first:
            self._pending[key] = replace(first, body=body, first=first.came)
        else:
            agency = seen.agency
            exchange = topology.AGENCIES_IN if agency else topology.EVENTS
            word = agency or seen.source.rsplit("/", 1)[-1]
            self._pending[key] = Delivery(body, exchange=exchange, key=f"{word}.{seen.name}", headers={HEADER: seen.subject})

    def _left(self, service: str, row: Committed, why: str) -> Left:
        return Left(service, row.case, row.n, row.source, row.id, why, row.now)

    def _hearers(self, message: Recorded, seen: Face) -> list[str]:
        """The services that heard it, or may have."""
        if message.exchange == topology.AGENCIES_OUT:
            self._gone.append(again(message))
        found = topology.services_hearing(message.exchange, message.key, seen.type)
        if not found and message.exchange == topology.AGENCIES_IN:
            found = [topology.SIDE_LANE]
        return [each for each in found if each in self._sides]


def again(message: Recorded, lane: str = "") -> Delivery:
    """A recorded message as the broker would hand it over. Not beside `Delivery`: recordings bring pika, which no service loads."""
    headers = {clean(name): value for name, value in message.headers.items()}
    kind = clean(message.properties.get("content_type", CONTENT_TYPE))
    return Delivery(message.body, exchange=message.exchange, key=message.key, headers=headers, lane=lane, content_type=kind)


def face_of(delivery: Delivery) -> Face:
    """What is read of a message to name it."""
    return face(Recorded(0, delivery.exchange, delivery.key, None, delivery.body, delivery.headers))
