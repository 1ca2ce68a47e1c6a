"""Takes what comes into the file and acknowledges it then: a handler may take its time, the connection does not notice."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from xianjie import envelope
from xianjie.envelope import Heard, Invalid
from xianjie.line import Delivery, Line
from xianjie.messages.log import ReceiptGiven
from xianjie.office import inbox, outbox
from xianjie.office.file import Store
from xianjie.office.thread import LOOK, Changed, LineThread
from xianjie.trouble import Away, Refused, StoreFault
from xianjie.voice import Utterance


class Ear(LineThread):
    """`reply`: what the client says by itself to a message, committed together with it. `spoke`: called when it has said something."""

    name = "ear"

    def __init__(
        self, store: Store, connect: Callable[[], Line], source: str, changed: Changed, *, reply: Callable[[Heard], Utterance | None],
        spoke: Callable[[], None], unreadable: Callable[[bytes, Invalid], None],
    ) -> None:  # fmt: skip
        super().__init__(connect, source, changed)
        self._store, self._reply, self._spoke, self._unreadable = store, reply, spoke, unreadable

    def turn(self, line: Line) -> None:
        """Take all that has come: kept in one transaction, then acknowledged."""
        those = line.take(LOOK)
        if not those:
            return
        read = [(each.body, heard) for each in those if (heard := self._read(each))]
        with self._store.transaction() as db:
            spoke = [self._keep(db, body, heard, time.time()) for body, heard in read]
        line.acknowledge(those[-1], through=True)
        if any(spoke):
            self._spoke()
        self._changed.tell()

    def _mind(self, fault: Away | Refused | StoreFault) -> None:
        if isinstance(fault, Refused):
            raise fault  # whoever waits for messages is told
        super()._mind(fault)

    def _read(self, delivery: Delivery) -> Heard | None:
        try:
            return envelope.read(delivery.body)
        except Invalid as fault:
            self._unreadable(delivery.body, fault)
            return None

    def _keep(self, db: sqlite3.Connection, body: bytes, heard: Heard, now: float) -> bool:
        """Whether it made the client say something."""
        if not inbox.keep(db, heard, body, now):
            return False
        if isinstance(heard.message, ReceiptGiven):
            outbox.answer(db, heard.message, body, now)
        reply = self._reply(heard)
        if reply:
            with suppress(Invalid):  # said so long ago that what it answers is forgotten, by a version that wrote it otherwise
                outbox.put(db, reply, now)
        return reply is not None
