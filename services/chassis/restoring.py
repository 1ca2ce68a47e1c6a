"""A database that was restored from a backup: what the service had done since is done again before anything is heard.

The journal was told of every commit (`log.committed`) and has the messages: each is decided again, at its moment. What the journal has
of what it says was said, and is not said again; where its hash is the one that was told, it stands where it stood. What was heard and is neither
committed nor parked is taken in once more.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.chassis.commit import Spoken
from services.chassis.delivery import Delivery, delivered
from services.chassis.desk import Desk
from services.chassis.drafting import Draft, Drafter
from services.chassis.looking_through import Looking
from services.chassis.remaking import UNREAD, Recalling, Remaking
from services.chassis.remembering import Remembered
from services.chassis.speaking import speak
from services.chassis.store import Stopped
from xianjie.messages.log import Committed, LogCommitted

RECENT = timedelta(seconds=60)
"""A database in which the service was seen so lately is no older copy: its journal is not read."""
MARGIN = timedelta(minutes=10)
"""From so long before the service was last seen the journal is read: what waited in its queue then was said before."""
SHOWN = 0.2
"""Seconds after which it shows again that it lives."""
PATIENCE = 10.0
"""Seconds without a message after which the journal stands still, or is empty since nothing is bound to it."""
AT_ONCE = 200
"""Commits that are looked up in the database at once."""
LEASE = 30
"""Seconds after which another process may do it, should this one die over it."""
NAMED = 20
"""Commits that are named in the service's log."""


class StandsStill(OSError):
    """The journal did not come to its end. It is begun again."""


@dataclass(slots=True)
class Restored:
    """What became of it: messages of the journal that were read, commits that the database lacked, those that stand as they stood, those
    that were decided to another hash, those whose message is nowhere; and what was heard and is taken in once more."""

    read: int = 0
    lost: int = 0
    made: int = 0
    other: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    taken_in: int = 0


class Restoring:
    """Does it for one service, in one process at a time. Raises as broker and database do: then it is begun again."""

    def __init__(self, desk: Desk, holder: str, beat: Callable[[], None]) -> None:
        """`beat`: is called now and then, since it may take minutes."""
        self._desk, self._holder, self._beat = desk, holder, beat
        self._service, self._settings, self._store, self._parking = desk.rules.service, desk.settings, desk.store, desk.parking
        self._memory = Recalling(desk.rules, desk.store, desk.settings.cached_cases, desk.resend)
        drafter = Drafter(desk.rules, self._memory, desk.settings.exercise, desk.settings.salt.encode())
        self._remaking = Remaking(desk.rules, drafter, desk.settings.exercise)
        self._journal = Remembered(self._service, desk.settings.exercise)
        self._held, self._shown = -LEASE * 1.0, 0.0
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
        found = self.found
        if found.lost or found.taken_in:
            self._desk.telemetry.log.warning(
                "restored", read=found.read, lost=found.lost, made=found.made, other=len(found.other), missing=len(found.missing),
                taken_in=found.taken_in, named=[*found.missing, *found.other][:NAMED],
            )  # fmt: skip

    def _hold(self) -> bool:
        """Whether it is ours to do; the loop is alive meanwhile."""
        self._beat()
        if time.monotonic() - self._held > LEASE / 3:
            held = self._store.take_lease("restoring", self._holder, LEASE)
            self._held = time.monotonic() if held else -LEASE * 1.0
            return held
        return True

    # --- the journal

    def _read(self, since: datetime | None) -> None:
        while self._seeks(since):
            pass
        if self._journal.clock:
            self._desk.clock.advance(self._journal.clock)
        self._take_in()

    def _seeks(self, since: datetime | None) -> bool:
        """Read the journal, and make again what is lost. Whether it must be read once more, for what was not kept and is needed: then from the
        first such commit on nothing was made."""
        self._journal.begin()
        rows: list[Committed] = []
        for each in self._messages(since):
            rows += self._journal.told(each)
            if len(rows) >= AT_ONCE:
                self._compare(rows)
                rows = []
        self._compare(rows)
        self.found.read = self._journal.read
        return self._journal.seeking

    def _messages(self, since: datetime | None) -> Iterator[Delivery]:
        """Everything in the journal since then, up to a word of our own that is said now."""
        mark = str(uuid4())
        news = LogCommitted(service=self._service, commits=())
        now = self._desk.clock.now()
        self._desk.sender.send([speak(self._service, news, None, "clock", mark, now, self._settings.exercise)])
        last = time.monotonic()
        with Looking(self._settings.amqp_uri, f"{self._service} looks what it has lost", since) as looking:
            for each in looking.messages():
                self._alive()
                if each is not None:
                    yield delivered(each)
                    last = time.monotonic()
                    if each.properties.get("message_id") == mark:
                        return
                elif time.monotonic() - last > PATIENCE:
                    if looking.waiting():
                        raise StandsStill("the journal did not come to its end")
                    self._desk.telemetry.log.warning("no journal", seconds=PATIENCE)  # nothing is bound to it
                    return

    def _alive(self) -> None:
        """Show now and then that we are: to the supervisor, to who stands by, and to the broker."""
        if time.monotonic() - self._shown > SHOWN:
            self._hold()
            self._desk.sender.beat()
            self._shown = time.monotonic()

    # --- what is lost

    def _compare(self, rows: list[Committed]) -> None:
        """Make again what the database lacks of these."""
        there = self._store.there([(each.case, each.n) for each in rows])
        lost: list[tuple[Committed, Delivery | None]] = []
        for each in rows:
            heard = self._journal.taken(each)
            if (each.case, each.n) not in there:
                there.add((each.case, each.n))  # it may have been told twice
                lost.append((each, heard or self._parking.waiting(each.case, _key(each)[1])))
        known = self._store.known([_key(each) for each, _ in lost])  # under another number, if it was decided anew since
        lost = [each for each in lost if _key(each[0]) not in known]
        self._journal.seek(row for row, delivery in lost if delivery is None)
        if lost and not self._journal.seeking:
            self._make(lost)

    def _make(self, lost: list[tuple[Committed, Delivery | None]]) -> None:
        self.found.lost += len(lost)
        self._memory.load({each.case for each, _ in lost})
        drafts: list[tuple[Draft, Delivery]] = []
        for row, delivery in lost:
            name = f"{row.case}/{row.n}"
            if delivery is None:
                self.found.missing.append(name)
                continue
            self._memory.named = row.versions
            try:
                draft, _ = self._remaking.draft(row, delivery)
            except Exception:  # it is parked, as any message that the rules fail on
                self._insert(drafts)
                drafts = []
                self._desk_takes(row.case, delivery)
                self.found.other.append(name)
                continue
            drafts.append((draft, delivery))
            if draft.document["hash"] == row.hash:
                self.found.made += 1
            else:
                self.found.other.append(name)
        self._insert(drafts)
        self._memory.trim()

    def _insert(self, made: list[tuple[Draft, Delivery]]) -> None:
        """In one write; only what the journal has not is said. Where another has written meanwhile, this raises, and is begun again."""
        drafts, refused = [draft for draft, _ in made], 0
        if not drafts:
            return
        try:
            self._store.insert([{name: value for name, value in each.document.items() if name != "unsent"} for each in drafts])
        except Stopped as stopped:  # what stands before it stands; from there on all goes the usual way
            refused = len(drafts) - stopped.at
            drafts = drafts[: stopped.at]
            self._memory.forget()
        self._store.clear([], [each.overtakes for each in drafts if each.overtakes])
        self._parking.decided({(each.document["case"], each.document["key"]) for each in drafts})
        unsaid = [said for each in drafts for said in each.said if not self._journal.said(said.id)]
        if unsaid:
            self._desk.sender.send(_once(unsaid))
        for draft, delivery in made[len(made) - refused :] if refused else ():
            self._desk_takes(draft.document["case"], delivery)

    def _take_in(self) -> None:
        """What was heard and not committed is heard once more."""
        self._desk.memory.forget()
        before = self._done()
        for delivery in self._journal.uncommitted():
            self._desk.take([replace(delivery, redelivered=True)])
            self._hold()
        self.found.taken_in = self._done() - before

    def _done(self) -> int:
        """How much the database holds, parked and committed."""
        return self._store.log.estimated_document_count() + self._store.parked.estimated_document_count()

    def _desk_takes(self, case: str, delivery: Delivery) -> None:
        self._desk.memory.drop(case)
        self._desk.take([replace(delivery, redelivered=True)])
        self._memory.drop(case)
        self._memory.load({case})


def _key(row: Committed) -> tuple[str, str]:
    """Case and cause, as the log has them."""
    return row.case, f"unread {row.id}" if row.source == UNREAD else f"{row.source} {row.id}"


def _once(said: list[Spoken]) -> list[Spoken]:
    return list({each.id: each for each in said}.values())
