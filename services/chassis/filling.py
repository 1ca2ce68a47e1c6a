"""Gaps: where a message waits for one that never came, the journal is read for it and for everything between.

It is what a service needs that was restored from a backup, or whose queue was lost: the journal has what the queue has not.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.chassis.commit import Held, Spoken, said_id
from services.chassis.delivery import Delivery, delivered
from services.chassis.looking_through import Looking
from services.chassis.speaking import TooLong, speak
from services.chassis.store import Document, Store
from services.chassis.writing import FOLLOWS
from xianjie import wire
from xianjie.envelope import HEADER
from xianjie.messages.ops import GapFound
from xianjie.topology import AGENCIES_IN, EVENTS

BACK = (timedelta(minutes=1), timedelta(hours=1), None)
"""How far before the waiting message the journal is read: at the first try, at the second, and from its first message after that."""
PAUSE = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10))
"""From one try to the next; the last is kept up, since the journal may be away or what is missing come late."""
AT_ONCE = 100
"""Cases looked for in one reading."""
START, QUIET = 5.0, 1.0
"""Seconds without a message after which the journal is at its end: before the first one, and from then on."""
LONGEST = 60.0
"""Seconds that one reading may take; the next try goes on."""

Wanted = dict[str, dict[str, Held]]
"""By case and by source: the message that waits."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message of the journal that one of our queues should have had."""

    case: str
    source: str
    id: str
    follows: str
    delivery: Delivery


class Filling:
    """Looks for gaps, and says to its own service what the journal has of them."""

    def __init__(
        self, service: str, store: Store, uri: str, exercise: str | None, seconds: int, clock: Callable[[], datetime]
    ) -> None:
        self._service, self._store, self._uri, self._exercise, self._clock = service, store, uri, exercise, clock
        self._patience = timedelta(seconds=seconds)
        self._tries: dict[str, tuple[int, datetime]] = {}
        """By the id of a waiting message: how often the journal was read for it, and when it is read again."""

    def look(self, now: datetime) -> list[Spoken]:
        """What is to be said of the gaps that are older than the service's patience."""
        gaps = [(each, held) for each in self._store.waiting_longer(now - self._patience, AT_ONCE) for held in _gaps(each)]
        self._tries = {held.id: self._tries.get(held.id, (0, now)) for _, held in gaps}
        found = [(each, held) for each, held in gaps if self._tries[held.id][1] <= now]
        if not found:
            return []
        tries = max(self._tries[held.id][0] for _, held in found)
        back = BACK[min(tries, len(BACK) - 1)]
        since = min(each["waiting"] for each, _ in found) - back if back else None
        wanted: Wanted = {}
        for each, held in found:
            wanted.setdefault(each["case"], {}).setdefault(held.source, held)
            self._tries[held.id] = (tries + 1, now + PAUSE[min(tries, len(PAUSE) - 1)])
        missing = _before(wanted, self._read(wanted, since))
        known = self._store.known([(each.case, f"{each.source} {each.id}") for each in missing], parked=True)
        return [said for each in missing if (each.case, f"{each.source} {each.id}") not in known for said in self._said(each)]

    def _said(self, found: Recorded) -> list[Spoken]:
        message = GapFound(exchange=found.delivery.exchange, key=found.delivery.key, body=found.delivery.body.decode())
        identity = said_id(self._service, found.case, f"{found.source} {found.id}", "gap")
        with suppress(TooLong):  # nobody says anything so long; the alarm on its age goes on
            return [speak(self._service, message, self._service, found.case, identity, self._clock(), self._exercise)]
        return []

    def _read(self, wanted: Wanted, since: datetime | None) -> list[Recorded]:
        """What the journal has of the wanted cases and sources, in order, until all that waits was seen there too, or it ends."""
        left = {(case, source) for case, sources in wanted.items() for source in sources}
        found: list[Recorded] = []
        quiet = time.monotonic() + START
        end = quiet + LONGEST
        with Looking(self._uri, f"{self._service} reads the journal", since) as looking:
            for message in looking.messages():
                now = time.monotonic()
                if not left or now > (quiet if message is None else end):
                    break
                if message is None:
                    continue
                quiet = now + QUIET
                case = (message.properties.get("application_headers") or {}).get(HEADER)  # agencies may put anything there
                if isinstance(case, str) and case in wanted and (recorded := self._for_us(message)):
                    source, id, follows = _identity(recorded.body)
                    if (case, source) in left:
                        left.difference_update([(case, source)] if wanted[case][source].id == id else [])
                        found.append(Recorded(case, source, id, follows, recorded))
        return found

    def _for_us(self, message: Any) -> Delivery | None:
        """A message that one of our queues should have had, as it came."""
        exchange, key = message.delivery_info["exchange"], message.delivery_info["routing_key"]
        if exchange == AGENCIES_IN or (exchange == EVENTS and key.endswith(f".{self._service}")):
            return delivered(message)
        return None


def _gaps(document: Document) -> list[Held]:
    """What waits in this case for a message of its sender, the first of each sender."""
    held = msgspec.json.decode(bytes(document["state"]), type=_Waiting).held
    first: dict[str, Held] = {}
    for each in held:
        if each.awaits.startswith(FOLLOWS):
            first.setdefault(each.source, each)
    return list(first.values())


class _Waiting(msgspec.Struct):
    held: list[Held] = []


def _before(wanted: Wanted, found: list[Recorded]) -> list[Recorded]:
    """The gap itself: what each waiting message follows, what that follows, and so on back, as far as it is there; the first first."""
    there = {(each.case, each.source, each.id): each for each in found}
    gap: list[Recorded] = []
    for case, sources in wanted.items():
        for source, held in sources.items():
            chain: list[Recorded] = []
            before = there.pop((case, source, held.awaits.removeprefix(FOLLOWS)), None)
            while before:
                chain.append(before)
                before = there.pop((case, source, before.follows), None)
            gap += reversed(chain)
    return gap


def _identity(body: bytes) -> tuple[str, str, str]:
    """Source, id and what it follows; nothing of what nobody can read: a gap is said in a message, which carries no other bytes."""
    try:
        found: Mapping[str, Any] = wire.loads(body)
    except wire.Unreadable:
        return "", "", ""
    return str(found.get("source", "")), str(found.get("id", "")), str(found.get("follows", ""))


def unpacked(said: GapFound, case: str) -> Delivery:
    """What was found, as the broker would have handed it over; it may have come before."""
    return Delivery(said.body.encode(), exchange=said.exchange, key=said.key, redelivered=True, headers={HEADER: case})
