"""The agency client: how the system of a court, an office or a mediation body takes part in the network.

with Agency(uri, "CN-SH-IPO") as office:
    office.run(handler)        # handler(received) answers with office.say(...)
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from xianjie import envelope
from xianjie.envelope import Actor, Attributes, Beside, Heard, Invalid
from xianjie.line import Away, Delivery, Line, Refused
from xianjie.message import Message
from xianjie.messages.loop import LoopAnswered, LoopSounded
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.topology import inbox
from xianjie.vocabulary import Precision
from xianjie.voice import Voice, log

__all__ = ["Actor", "Agency", "Away", "Beside", "Received", "Refused"]

REMEMBERED = 10_000
"""How many messages an agency knows again when the broker delivers them once more."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message out of the inbox, typed and checked. It stays in the inbox until it is done."""

    heard: Heard
    redelivered: bool
    delivery: Delivery
    line: Line

    @property
    def message(self) -> Message:
        return self.heard.message

    @property
    def case(self) -> str:
        return self.heard.subject

    @property
    def attributes(self) -> Attributes:
        return self.heard.attributes


class Agency(Voice):
    """One body of the network: it speaks under its code, and hears its own inbox.

    The transport receipt `referral.delivered` is said by itself for every offer, the same again if the offer comes again; so is
    the answer to a test of the way (`loop.sounded`).
    What was done is not handed out a second time.
    """

    root = "/agencies"

    def __init__(
        self, uri: str, code: str, *, exercise: str | None = None, patience: float = 30.0, limit: float = 5.0,
        unreadable: Callable[[bytes, Invalid], None] | None = None, actor: Actor | None = None,
    ) -> None:  # fmt: skip
        """`unreadable`: what to do with a message that is not (yet) understood; else it is logged and let go."""
        super().__init__(uri, code, exercise=exercise, patience=patience, limit=limit, actor=actor)
        self.code, self._queue = code, inbox(code)
        self._unreadable = unreadable or self._let_go
        self._done: dict[tuple[str, str], None] = {}
        self._stopping = threading.Event()

    @classmethod
    def connect(cls, uri: str, code: str, *, exercise: str | None = None) -> "Agency":
        """An agency that is connected already; `Refused` (wrong password, no such virtual host, no inbox) or `Away`."""
        return cls(uri, code, exercise=exercise).open()

    def hear(self, timeout: float) -> Received | None:
        """The next message, or None after `timeout` seconds; the broker being away is no error but a silence.

        Say `done` when what follows from it is said or stored: until then the broker delivers it again after a failure.
        """
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

    def done(self, received: Received) -> None:
        """It is dealt with, and never handed out again."""
        self._done[received.heard.source, received.heard.id] = None
        if len(self._done) > REMEMBERED:
            del self._done[next(iter(self._done))]
        self._acknowledge(received.delivery, received.line)

    def run(self, handler: Callable[[Received], None]) -> None:
        """Hand every message to `handler` until `stop`; done when it returns. What it raises ends this, the message undone.

        But not `Away`: that the broker was away while it spoke makes the message come again, so a handler may see one twice.
        """
        while not self._stopping.is_set():
            if received := self.hear(0.5):
                try:
                    handler(received)
                except Away as fault:
                    log.warning("broker away, the message comes again", who=self.source, id=received.heard.id, why=str(fault))
                else:
                    self.done(received)

    def stop(self) -> None:
        """End `run` after the message at hand, within half a second. May be called from any thread."""
        self._stopping.set()

    # --- inside

    def _take(self, delivery: Delivery, line: Line) -> Received | None:
        """What is to be handed out of this delivery, if anything."""
        try:
            heard = envelope.read(delivery.body)
        except Invalid as fault:
            self._unreadable(delivery.body, fault)
            self._acknowledge(delivery, line)
            return None
        if (heard.source, heard.id) not in self._done:
            if isinstance(heard.message, ReferralOffered):
                self._confirm_delivery(heard, heard.message)
            elif isinstance(heard.message, LoopSounded):
                self._echo(heard, heard.message)
            return Received(heard, delivery.redelivered, delivery, line)
        self._acknowledge(delivery, line)
        return None

    def _confirm_delivery(self, heard: Heard, offer: ReferralOffered) -> None:
        """The receipt of an offer: id and time follow from the offer, so that it is the same to the byte each time."""
        given = heard.attributes
        self.say(
            ReferralDelivered(leg=offer.leg), heard.subject, because=heard.id, exercise=given.exercise, mode=given.mode,
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source} delivered {heard.source} {heard.id}")),
            time=given.time, precision=given.timeprecision if given.time else Precision.NONE,
            beside=Beside(actor=Actor(id=self.code, role="gateway")),
        )  # fmt: skip

    def _echo(self, heard: Heard, sounded: LoopSounded) -> None:
        """The answer to a test of the way, at its own time (in an exercise, whose clock nobody here has, at the question's): said twice,
        it is taken once."""
        given = heard.attributes
        self.say(
            LoopAnswered(nonce=sounded.nonce), heard.subject, because=heard.id, exercise=given.exercise, mode=given.mode,
            time=given.time if given.exercise else None, beside=Beside(actor=Actor(id=self.code, role="gateway")),
        )  # fmt: skip

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
