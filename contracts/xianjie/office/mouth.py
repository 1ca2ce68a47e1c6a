"""Says what stands in the outbox, in order, many at a time, and marks what the broker has."""

import time
from collections.abc import Callable

from xianjie.line import Line
from xianjie.office import inbox, outbox
from xianjie.office.file import Store
from xianjie.office.outbox import Waiting
from xianjie.office.thread import LOOK, Changed, LineThread
from xianjie.trouble import Away, Refused
from xianjie.voice import log

BATCH = 200
"""So many messages are published before the first is confirmed."""
OF_THE_MESSAGE = ("not_allowed", "too_large", "invalid")
"""Reasons of refusal that are the message's own. With any other the network is not as it should be, and nothing is set aside for that."""
KEPT = 30 * 86400.0
"""Seconds for which what is done, on either way, is remembered."""
TIDIED = 3600.0
"""Seconds between two times at which older things are forgotten."""


class Mouth(LineThread):
    """`said` is called with the number of messages that the broker has confirmed, `changed` is told as well."""

    name = "mouth"

    def __init__(
        self, store: Store, connect: Callable[[], Line], source: str, changed: Changed, said: Callable[[int], None]
    ) -> None:
        super().__init__(connect, source, changed)
        self._store, self._said = store, said
        self._singly = 0
        """So many messages go one by one, for one of them is refused."""
        self._tidied = float("-inf")

    def turn(self, line: Line) -> None:
        """Say the first that wait; where none does, wait until one does."""
        with self._store.look() as db:
            those = outbox.waiting(db, 1 if self._singly else BATCH)
        if not those:
            self._tidy()
            line.take(LOOK)
            return
        self._publish(line, those)
        self._singly = max(0, self._singly - 1)

    def _publish(self, line: Line, those: list[Waiting]) -> None:
        """The first that are certain are marked, in whatever way it ends; but where the network is not as it should be, none is."""
        before = line.confirmed
        try:
            line.publish_all([each.utterance.published(line.user) for each in those])
        except Refused as fault:
            if fault.code not in OF_THE_MESSAGE:
                raise
            self._mark(those[: line.confirmed - before])
            self._refused(those, fault)
            self._hang_up()  # the broker has closed the channel
        except Away:
            self._mark(those[: line.confirmed - before])
            raise
        else:
            self._mark(those)

    def _mark(self, those: list[Waiting]) -> None:
        if those:
            with self._store.transaction() as db:
                outbox.sent(db, those, time.time())
            self._said(len(those))
            self._changed.tell()

    def _refused(self, those: list[Waiting], fault: Refused) -> None:
        if len(those) > 1:
            self._singly = len(those) + 1
            return
        (one,) = those
        with self._store.transaction() as db:
            outbox.set_aside(db, one.n, fault.code, str(fault))
        log.error(
            "refused and set aside",
            who=self._source,
            id=one.utterance.id,
            type=one.utterance.type,
            code=fault.code,
            why=str(fault),
        )
        self._changed.tell()

    def _tidy(self) -> None:
        if time.monotonic() > self._tidied + TIDIED:
            self._tidied = time.monotonic()
            with self._store.transaction() as db:
                outbox.forget(db, time.time() - KEPT)
                inbox.forget(db, time.time() - KEPT)
