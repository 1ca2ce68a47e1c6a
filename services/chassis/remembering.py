"""What a service remembers of the journal while it looks through it: what it heard and no commit is told of yet, and what it said."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import cast

import msgspec

from services.chassis.delivery import Delivery
from services.chassis.remaking import UNREAD
from xianjie import envelope, topology
from xianjie.envelope import HEADER
from xianjie.messages.log import Committed, LogCommitted, LogParked
from xianjie.messages.ops import ClockAdvanced
from xianjie.topology import AGENCIES_IN, AGENCIES_OUT, CLOCK, LOG, SIDE_LANE

KEPT = 100_000
"""Messages that are kept for the commits that the journal was told of after them; and ids of what was said."""
Identity = tuple[str, str, str]
"""Case, source and id."""


class Remembered:
    """Takes one message of the journal after the other.

    `read`: how many there were; `clock`: how far an exercise was led; `seeking`: whether the journal must be read once more.
    """

    def __init__(self, service: str, exercise: str | None) -> None:
        self._service, self._exercise = service, exercise
        self._heard: OrderedDict[Identity, tuple[int, Delivery]] = OrderedDict()
        """What this service heard and the journal has told no commit of yet, each with its place."""
        self._said: OrderedDict[str, None] = OrderedDict()
        self._sought = set[str]()
        """Digests of what came back by the side lane, and whose commits are lost. Of all that is said to agencies few come back, and nothing
        tells which before: these alone are kept."""
        self._came = 0
        """The place of the last word of this service on what it has heard: what stands before it was heard too."""
        self.read = 0
        self.seeking = False
        self.clock: datetime | None = None

    def begin(self) -> None:
        """It is read from its beginning."""
        self._heard.clear()
        self._came = self.read = 0
        self.seeking = False

    def told(self, delivery: Delivery) -> tuple[Committed, ...]:
        """The commits of this service that a message tells of; what is needed of any other is remembered."""
        self.read += 1
        exchange, key = delivery.exchange, delivery.key
        if exchange == CLOCK and self._exercise:
            self._advance(delivery)
        elif exchange == LOG and key.startswith(f"{self._service}."):
            self._say(_identity(delivery)[2])
            if key.startswith(f"{self._service}.{LogParked.name}."):
                self._came = self.read
            if key.startswith(f"{self._service}.{LogCommitted.name}."):
                return self._commits(delivery)
        else:
            identity = _identity(delivery)
            if identity[1] == f"/services/{self._service}":
                self._say(identity[2])
            if self._ours(delivery):
                self._keep(identity, delivery)
        return ()

    def said(self, id: str) -> bool:
        """Whether the journal has it as this service's word."""
        return id in self._said

    def taken(self, row: Committed) -> Delivery | None:
        """The message of a commit, which is remembered no longer; what nobody could read is known by its digest."""
        if row.source == UNREAD:
            found = next((key for key, (_, each) in self._heard.items() if each.digest == row.id), None)
            return self._heard.pop(found)[1] if found else None
        heard = self._heard.pop((row.case, row.source, row.id), None)
        return heard[1] if heard else None

    def seek(self, rows: Iterator[Committed]) -> None:
        """The messages of these commits are not remembered; what may have come back is kept in the next reading."""
        if self._service == SIDE_LANE:
            unknown = {each.id for each in rows if each.source == UNREAD} - self._sought
            self._sought |= unknown
            self.seeking |= bool(unknown)

    def uncommitted(self) -> Iterator[Delivery]:
        """What was heard, and no commit is told of: it was parked, or said twice, or no more than a question."""
        return (each for place, each in self._heard.values() if place < self._came and each.exchange != AGENCIES_OUT)

    # --- inside

    def _commits(self, delivery: Delivery) -> tuple[Committed, ...]:
        """Those it was told of. A mark of where the reading ends tells of none, and says nothing of what was heard: that may wait in the
        queue still."""
        try:
            commits = cast(LogCommitted, envelope.read(delivery.body).message).commits
        except envelope.Invalid:  # of a later release
            self._came = self.read
            return ()
        if commits:
            self._came = self.read
        return commits

    def _advance(self, delivery: Delivery) -> None:
        with suppress(envelope.Invalid):
            message = envelope.read(delivery.body).message
            if isinstance(message, ClockAdvanced):
                self.clock = max(message.to, self.clock or message.to)

    def _say(self, id: str) -> None:
        self._said[id] = None
        if len(self._said) > KEPT:
            self._said.popitem(last=False)

    def _keep(self, identity: Identity, delivery: Delivery) -> None:
        self._heard.setdefault(identity, (self.read, delivery))
        if len(self._heard) > KEPT:
            self._heard.popitem(last=False)

    def _ours(self, delivery: Delivery) -> bool:
        """Whether this service heard it, by its address; of the side lane's, what nobody can be reached for."""
        if delivery.exchange == AGENCIES_OUT:
            return bool(self._sought) and delivery.digest in self._sought
        kind = f"xianjie.{delivery.key.partition('.')[2]}"
        hearers = topology.services_hearing(delivery.exchange, delivery.key, kind)
        return self._service in hearers or (not hearers and delivery.exchange == AGENCIES_IN and self._service == SIDE_LANE)


class _Face(msgspec.Struct):
    subject: str = ""
    source: str = ""
    id: str = ""


_faces = msgspec.json.Decoder(_Face)


def _identity(delivery: Delivery) -> Identity:
    """Of what nobody can read, the case of its header and its digest. No more is read: there may be a million."""
    try:
        found = _faces.decode(delivery.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return str(delivery.headers.get(HEADER, "")), "", delivery.digest
    return found.subject, found.source, found.id
