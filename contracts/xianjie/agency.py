"""The agency client: how the system of a court, an office or a mediation body takes part in the network.

with Agency(uri, "CN-SH-IPO", store="office.sqlite") as office:
    office.on(ReferralOffered, accept)      # accept(received) answers with office.say(...)
    office.run()
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Self

from xianjie import envelope
from xianjie.envelope import Actor, Beside, Heard, Invalid
from xianjie.inbox_way import InboxWay
from xianjie.line import Delivery, Line
from xianjie.messages.loop import LoopAnswered, LoopSounded
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.office.inbox import Kept
from xianjie.office.keeper import Keeper
from xianjie.office.stopping import stopping
from xianjie.office.work import Retries
from xianjie.received import Handlers, Received
from xianjie.topology import inbox
from xianjie.trouble import Away, Refused, StoreFault, Trouble
from xianjie.vocabulary import CHINA, Precision
from xianjie.voice import Utterance, log

__all__ = ["Actor", "Agency", "Away", "Beside", "Invalid", "Received", "Refused", "Retries", "StoreFault", "Trouble"]

REMEMBERED = 10_000
"""How many messages an agency without a store knows again when the broker delivers them once more."""


class Agency(Keeper, Handlers):
    """One body of the network: it speaks under its code, and hears its own inbox.

    The transport receipt `referral.delivered` is said by itself for every offer; so is the answer to a test of the
    way (`loop.sounded`).
    What was done is not handed out a second time.

    With a `store` (a file of its own, made if need be; one process at a time) nothing is lost and nothing doubled by a power cut on either
    side. `say` may be called from any thread, and returns when the message is in the file: `Away` is never raised, it goes out in order as
    soon as the broker is there. What the broker refuses for good is set aside. What comes is in the file before it is acknowledged, and
    what was done is remembered for 30 days. Raises `StoreFault` where the file or the disk does not take it. Without a store an agency
    belongs to one thread.
    """

    root = "/agencies"

    def __init__(
        self, uri: str, code: str, *, exercise: str | None = None, patience: float = 30.0, limit: float = 5.0,
        unreadable: Callable[[bytes, Invalid], None] | None = None, actor: Actor | None = None,
        store: str | os.PathLike[str] | None = None, retries: Retries | None = None,
    ) -> None:  # fmt: skip
        """`unreadable`: what to do with a message that is not (yet) understood; else it is logged and let go. `retries`: with a store, how
        often `run` handles a message that fails."""
        Keeper.__init__(self, uri, code, exercise=exercise, patience=patience, limit=limit, actor=actor)
        Handlers.__init__(self)
        self.code, self._way = code, InboxWay(uri, inbox(code), limit)
        self._unreadable = unreadable or self._let_go
        self._done: dict[tuple[str, str], None] = {}
        self._thread: threading.Thread | None = None
        self._fault: Exception | None = None
        if store is not None:
            self._furnish(store, retries or Retries(), self._unreadable)

    @classmethod
    def connect(
        cls, uri: str, code: str, *, exercise: str | None = None, store: str | os.PathLike[str] | None = None
    ) -> "Agency":
        """An agency that is connected already; `Refused` (wrong password, no such virtual host, no inbox) or `Away`."""
        office = cls(uri, code, exercise=exercise, store=store)
        try:
            return office.open()
        except BaseException:
            office.close()
            raise

    def open(self) -> Self:
        """Connect now, to speak and to hear; `Refused` or `Away` at once, without another try."""
        if self._desk is None:
            return super().open()
        self._desk.listen(self._connect())
        return self

    def close(self) -> None:
        """Hang up. What was heard and not done stays where it is. With a store: for good, after what `start` began has ended and what was
        said has gone out, if the broker takes it; what does not go out now goes in the next life."""
        try:
            if self._thread:
                self.stop(wait=float("inf"))
        finally:
            if self._desk:
                self._desk.close(self._limit)
            super().close()

    # --- hearing

    def hear(self, timeout: float) -> Received | None:
        """The next message, or None after `timeout` seconds; the broker being away is no error but a silence.

        Say `done` when what follows from it is said or stored: until then it comes again after a failure.
        """
        if self._desk:
            kept = self._desk.next(timeout)
            return Received(kept.heard, kept.tries > 1, kept) if kept else None
        end = time.monotonic() + timeout
        while True:
            try:
                delivery, line = self._through(lambda line: (line.next(_left(end)), line), _left(end))
                received = self._take(delivery, line) if delivery else None
            except Away:
                time.sleep(_left(end))
                return None
            if received or not delivery:
                return received

    def done(self, received: Received[Any]) -> None:
        """It is dealt with, and never handed out again."""
        if isinstance(received.origin, Kept):
            self._kept().say([], received.origin)
            return
        self._done[received.heard.source, received.heard.id] = None
        if len(self._done) > REMEMBERED:
            del self._done[next(iter(self._done))]
        self._acknowledge(*received.origin)

    def run(self, handler: Callable[[Received], object] | None = None, *, stop_on: Collection[int] = ()) -> None:
        """Hand every message to `handler`, or to the one that `on` names for it, until `stop`; done when it returns.

        `stop_on`: signals that stop it after the message at hand (in the main thread), as `(signal.SIGINT, signal.SIGTERM)`.

        Without a store what a handler raises ends this, the message undone; but not `Away`: that the broker was away while it spoke makes
        the message come again, so a handler may see one twice.

        With a store what a handler says is kept together with the mark that the message is done, all or nothing, when it returns: under
        ids that follow from the message, at the moment of its first handling, with its exercise and mode. A handler that raises has said
        nothing; the message is tried again by `retries` and then set aside, the others of its case wait behind it, other cases go on.
        A handler may take as long as it likes. Raises only what makes hearing impossible: `Refused`. An inbox that is taken
        away is waited for, for half a minute: it may be made anew. When stopped, it lets what was said
        go out before it returns.
        """
        with stopping(self.stop, stop_on):
            if self._work:
                self._work.run(handler or self.dispatch)
            else:
                self._run(handler or self.dispatch)

    def start(self, handler: Callable[[Received], object] | None = None) -> Self:
        """The same in a thread of its own; needs a store. End it with `stop(wait=…)`, `close` or the end of a `with`."""
        self._kept()
        if self._thread is None or not self._thread.is_alive():
            self._stopped, self._fault = False, None
            self._thread = threading.Thread(target=self._live, args=(handler,), name=f"xianjie run {self.source}", daemon=True)
            self._thread.start()
        return self

    def stop(self, wait: float = 0.0) -> None:
        """End `run` after the message at hand, within half a second. May be called from any thread, and from a signal's handler.

        `wait`: seconds to wait for the end of what `start` began; raises what that ended with, if it could not go on.
        """
        self._stopped = True
        if self._desk:
            self._desk.changed.tell()
        thread = self._thread
        if not wait or thread is None or thread is threading.current_thread():
            return
        thread.join(None if wait == float("inf") else wait)
        if not thread.is_alive():
            self._thread, fault, self._fault = None, self._fault, None
            if fault:
                raise fault

    # --- inside

    def _connect(self) -> Line:
        return self._way()

    def _live(self, handler: Callable[[Received], object] | None) -> None:
        try:
            self.run(handler)
        except Exception as fault:
            self._fault = fault
            log.error("ended", who=self.source, why=str(fault))

    def _run(self, handler: Callable[[Received], object]) -> None:
        while not self._stopped:
            if received := self.hear(0.5):
                try:
                    handler(received)
                except Away as fault:
                    log.warning("broker away, the message comes again", who=self.source, id=received.heard.id, why=str(fault))
                else:
                    self.done(received)

    def _take(self, delivery: Delivery, line: Line) -> Received | None:
        """What is to be handed out of this delivery, if anything."""
        try:
            heard = envelope.read(delivery.body)
        except Invalid as fault:
            self._unreadable(delivery.body, fault)
            self._acknowledge(delivery, line)
            return None
        if (heard.source, heard.id) not in self._done:
            if reply := self._by_itself(heard):
                self._utter(reply)
            return Received(heard, delivery.redelivered, (delivery, line))
        self._acknowledge(delivery, line)
        return None

    def _by_itself(self, heard: Heard) -> Utterance | None:
        """What the gateway answers without asking anybody: the receipt of an offer, the answer to a test of the way."""
        match heard.message:
            case ReferralOffered() as offer:
                return self._delivered(heard, offer)
            case LoopSounded() as sounded:
                return self._echo(heard, sounded)
            case _:
                return None

    def _delivered(self, heard: Heard, offer: ReferralOffered) -> Utterance | None:
        """The receipt of an offer: id and time follow from the offer, so that it is the same to the byte each time."""
        given, reply = heard.attributes, ReferralDelivered(leg=offer.leg)
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source} delivered {heard.source} {heard.id}"))
        attributes = envelope.attributes(
            reply, heard.subject, self.source, id, time=given.time, precision=given.timeprecision if given.time else Precision.NONE,
            because=heard.id, exercise=given.exercise or self.exercise, mode=given.mode, **Actor(id=self.code, role="gateway").attributes(),
        )  # fmt: skip
        return self._utterance(attributes, reply)

    def _echo(self, heard: Heard, sounded: LoopSounded) -> Utterance | None:
        """The answer to a test of the way, at its own time (in an exercise, whose clock nobody here has, at the question's): said twice,
        under two ids, it is taken once."""
        given, reply = heard.attributes, LoopAnswered(nonce=sounded.nonce)
        attributes = envelope.attributes(
            reply, heard.subject, self.source, str(uuid.uuid4()), time=given.time if given.exercise else datetime.now(CHINA),
            because=heard.id, exercise=given.exercise or self.exercise, mode=given.mode, **Actor(id=self.code, role="gateway").attributes(),
        )  # fmt: skip
        return self._utterance(attributes, reply)

    def _acknowledge(self, delivery: Delivery, line: Line) -> None:
        """On the connection it came by; if that is gone, the broker delivers it again and it is known again."""
        if line is self._line:
            try:
                line.acknowledge(delivery)
            except Away:
                self.close()

    def _let_go(self, body: bytes, fault: Invalid) -> None:
        known = {name: fault.attribute(name) for name in ("id", "source", "type")}
        log.warning("message not understood", who=self.source, message=known, why=str(fault)[:500])


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())
