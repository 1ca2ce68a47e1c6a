"""Publishing for all requests at once: what waits goes out together, and each request goes on when its own is confirmed."""

from typing import Any

import eventlet
from amqp.exceptions import AccessRefused, AMQPError
from eventlet.event import Event
from eventlet.queue import Empty, LightQueue

from services.chassis.commit import Spoken
from services.chassis.sending import Sender, Unconfirmed

LOST = (AMQPError, OSError, Unconfirmed)
BEAT = 2.0
"""Seconds between signs of life on an idle connection."""


class BrokerAway(Exception):
    """The broker does not answer, or did not confirm in time: what was said may have arrived. Say it again, with the same id."""


class Forbidden(Exception):
    """The broker does not let this user say it, whenever it is said."""


class Speaker:
    """A door's own connection, under its own name on the broker. `run` and `say` are for green threads."""

    def __init__(self, uri: str, name: str, seconds: int, log: Any, *, mandatory: bool = False) -> None:
        """`mandatory`: what reaches no queue is not confirmed."""
        self._sender, self._name = Sender(uri, name, seconds, mandatory=mandatory), name
        self._limit = 2 * seconds + 1
        self._waiting = LightQueue()
        self._stopping = False
        self._ended: Event = Event()
        self._log = log

    def say(self, spoken: Spoken) -> None:
        """Return when the broker has it for good; raises `BrokerAway` after the time limit, or `Forbidden`."""
        done: Event = Event()
        self._waiting.put((spoken, done))
        with eventlet.Timeout(self._limit, BrokerAway("no answer in time")):
            fault = done.wait()
        if isinstance(fault, AccessRefused):
            raise Forbidden
        if fault is not None:
            raise BrokerAway(fault.__class__.__name__)

    def run(self) -> None:
        """Send what waits, until told to stop and nothing waits any more."""
        while not self._stopping or self._waiting.qsize():
            batch = self._collect()
            fault = self._send([spoken for spoken, _ in batch])
            alone = isinstance(fault, AccessRefused) and len(batch) > 1  # one of them: the others shall not suffer for it
            for spoken, done in batch:
                done.send(self._send([spoken]) if alone else fault)
        self._sender.close()
        self._ended.send(None)

    def _collect(self) -> list[tuple[Spoken, Event]]:
        """Whatever waits; nothing after a while in which nothing came."""
        try:
            found = [self._waiting.get(timeout=BEAT)]
        except Empty:
            return []
        found += [self._waiting.get() for _ in range(self._waiting.qsize())]
        return [each for each in found if each is not None]

    def _send(self, batch: list[Spoken]) -> Exception | None:
        try:
            if batch:
                self._sender.send(batch)
            else:
                self._sender.beat()
        except LOST as fault:
            self._sender.close()
            self._log.warning("broker away", who=self._name, error=fault.__class__.__name__, waiting=len(batch))
            return fault
        return None

    def stop(self) -> None:
        """Say what waits, hang up, and return when that is done."""
        self._stopping = True
        self._waiting.put(None)
        self._ended.wait()
