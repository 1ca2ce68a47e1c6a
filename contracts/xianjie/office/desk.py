"""An agency's desk: its file, the mouth that empties the outbox, the ear that fills the inbox."""

import os
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from xianjie.envelope import Heard, Invalid
from xianjie.line import Line
from xianjie.messages.log import ReceiptGiven
from xianjie.office import inbox, outbox, standing
from xianjie.office.ear import Ear
from xianjie.office.file import Store
from xianjie.office.inbox import Kept
from xianjie.office.mouth import Mouth
from xianjie.office.outbox import Unanswered
from xianjie.office.standing import Standing
from xianjie.office.thread import LOOK, Changed
from xianjie.trouble import StoreFault
from xianjie.voice import Utterance


class Desk:
    """What an agency with a store does. Every thread may use it. Both threads begin with what first needs them."""

    def __init__(
        self, file: str | os.PathLike[str], source: str, to_speak: Callable[[], Line], to_hear: Callable[[], Line], *,
        said: Callable[[int], None], reply: Callable[[Heard], Utterance | None], unreadable: Callable[[bytes, Invalid], None],
    ) -> None:  # fmt: skip
        self.store = Store(file, source)
        self.changed = Changed()
        self.mouth = Mouth(self.store, to_speak, source, self.changed, said)
        self.ear = Ear(self.store, to_hear, source, self.changed, reply=reply, spoke=self._speak, unreadable=unreadable)
        self._life = uuid.uuid4().hex
        self.closed = False

    def close(self, limit: float) -> None:
        """Let what waits go out, `limit` seconds at most and not while the broker is away; what does not stays in the file."""
        if self.closed:
            return
        self.closed = True
        with suppress(StoreFault):
            self.drain(limit)
        self.ear.stop()
        self.mouth.stop()
        self.store.close()

    def drain(self, limit: float) -> bool:
        """Whether all has gone out within `limit` seconds; at once where nobody can take it."""
        if not self._waiting():
            return True
        self._speak()
        self.changed.wait(lambda: not self._waiting() or self.mouth.why is not None, limit)
        return not self._waiting()

    # --- speaking

    def say(self, those: Sequence[Utterance], handled: Kept | None = None) -> None:
        """Keep them, and that the message which they answer is done: all or nothing. Then they go out by themselves."""
        with self.store.transaction() as db:
            for each in those:
                outbox.put(db, each, time.time())
            if handled:
                inbox.done(db, handled.n)
        if those:
            self._speak()
        if handled:
            self.changed.tell()

    def answered(self, id: str) -> ReceiptGiven | None:
        """The receipt of it, if it has come."""
        with self.store.look() as db:
            return outbox.answered(db, id)

    def receipt(self, id: str, timeout: float) -> ReceiptGiven | None:
        """The same, once it comes; None after `timeout` seconds."""
        self.listen()
        self.changed.wait(lambda: self._ended() or self.answered(id) is not None, timeout)
        return self.answered(id)

    def unanswered(self, longer_than: timedelta) -> list[Unanswered]:
        """What waits for its receipt longer than that."""
        with self.store.look() as db:
            return outbox.unanswered(db, time.time() - longer_than.total_seconds())

    def standing(self) -> Standing:
        """What waits, what was set aside."""
        with self.store.look() as db:
            return standing.standing(db, self.mouth.why)

    # --- hearing

    def listen(self, line: Line | None = None) -> None:
        """From now on what comes is taken in, and what an earlier life said goes out."""
        self.ear.start(line)
        self.mouth.start()

    def next(self, timeout: float, stopped: Callable[[], bool] = lambda: False) -> Kept | None:
        """The next message; None after `timeout` seconds, or once `stopped()`. Raises what the ear could not go on after."""
        self.listen()
        self.changed.wait(lambda: stopped() or self._ended() or self._ready(), timeout, self._until_next)
        if stopped():
            return None
        with self.store.transaction() as db:
            return inbox.hand_out(db, time.time(), self._life)

    def hold(self, kept: Kept, pause: float, why: str) -> None:
        """It failed; the next try is after `pause` seconds."""
        with self.store.transaction() as db:
            inbox.hold(db, kept.n, time.time() + pause, why)

    def give_back(self, kept: Kept) -> None:
        """It was handed out in vain."""
        with self.store.transaction() as db:
            inbox.give_back(db, kept.n)

    def set_aside(self, kept: Kept, why: str) -> None:
        """It is not tried again by itself."""
        with self.store.transaction() as db:
            inbox.set_aside(db, kept.n, why)

    # --- inside

    def _speak(self) -> None:
        self.mouth.start()
        self.mouth.nudge()

    def _waiting(self) -> bool:
        with self.store.look() as db:
            return bool(outbox.waiting(db, 1))

    def _ready(self) -> bool:
        with self.store.look() as db:
            return inbox.ready(db, time.time(), self._life)

    def _until_next(self) -> float:
        """Seconds until a message that failed may be tried again, or an operator's word be looked for."""
        with self.store.look() as db:
            at = inbox.next_hold(db, time.time())
        return LOOK if at is None else min(LOOK, max(0.001, at - time.time()))

    def _ended(self) -> bool:
        """Never True: raises what the ear ended with."""
        if self.ear.ended:
            raise self.ear.ended
        return False
