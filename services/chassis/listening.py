"""Listening: whatever is waiting, up to a batch, in order, raw; acknowledged with one frame when the desk is done with it.

nameko's own QueueConsumer decodes before the handler and acknowledges what it cannot decode; so this entry point reads its queue itself,
through the AMQP library that nameko stands on.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import eventlet
from amqp.exceptions import AMQPError
from eventlet.event import Event
from nameko.extensions import Entrypoint

from services.chassis.caselog import CaseLog
from services.chassis.connecting import SECONDS, Unable, check, connect, waits, within
from services.chassis.delivery import Delivery, delivered
from services.chassis.sending import Unconfirmed
from services.chassis.store import OUTAGES, Fenced
from xianjie import topology

AWAY = (*OUTAGES, AMQPError, OSError, Unconfirmed, Unable)
"""Broker or database are away or too slow: nothing is decided, parked or acknowledged until they are back."""
MARKS = 3
"""A message that was begun this often and never finished is parked."""
DRAIN = 2.0
"""Seconds after which a service that is to end takes nothing more, though there is more."""
BACK = 0.2
"""Seconds in which what was on its way to a cancelled consumer arrives there, or at the next."""


class Listen(Entrypoint):  # type: ignore[misc]
    """Reads one partition, and the side lane where the rules say what follows from it."""

    def setup(self) -> None:
        self.log = next(each for each in self.container.dependencies if isinstance(each, CaseLog))
        self.stopping = False
        self.stopped = Event()
        self._buffer: deque[Delivery] = deque()
        self._begun: str | None = None
        self._last = self._acknowledged = 0
        """Tags of the last message received, and of the last acknowledged."""
        self._channel: Any = None
        self._connection: Any = None

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier="listen")

    def stop(self) -> None:
        """Drain: no new messages; those already handed over are decided and acknowledged, so none comes again."""
        self.stopping = True
        self.stopped.wait()

    def _run(self) -> None:
        wait = 0.1
        while not self.stopping:
            try:
                self._session()
                continue
            except Fenced as fault:
                self.log.fenced(fault)
            except AWAY as fault:
                self.log.outage(fault)
            except Exception as fault:
                self._begun = None  # as if we had died: its mark stays
                self.log.last_resort(fault)
            self._hang_up()
            eventlet.sleep(wait)
            wait = min(wait * 2, 2.0)
        self._hang_up()
        self.stopped.send(None)

    def _session(self) -> None:
        """One life of the connection: from both sides answering to the first failure, or to the end of draining."""
        self.log.recover()
        if self._begun:  # it was an outage that broke it off, and not the message
            self._unmark(self._begun)
        consumers, batch = self._consume(), list[Delivery]()
        while not batch and not self.stopping:
            batch = self._succeed(self._collect())
        while not self.stopping:
            if batch:
                self._decide(batch)
                self._acknowledge()
            batch = self._collect()
        self._drain(consumers, batch)

    def _succeed(self, batch: list[Delivery]) -> list[Delivery]:
        """The first messages of a session: whoever is handing over to us is let finish, and what it gives back goes first, being older."""
        store, partition = self.log.store, self.log.settings.partition
        if not batch or not store.handing_over(partition):
            return batch
        while store.handing_over(partition):
            eventlet.sleep(0.02)
        end = time.monotonic() + BACK
        with suppress(TimeoutError):
            while True:
                self._connection.drain_events(timeout=max(0.001, end - time.monotonic()))
        self._buffer = deque(sorted([*batch, *self._buffer], key=lambda each: not each.redelivered))
        return self._cut(len(self._buffer))

    def _drain(self, consumers: list[Any], batch: list[Delivery]) -> None:
        """Leave so that nothing comes again, and whoever stands by finds everything committed.

        With our cancel the broker makes the next consumer active, whatever we have not acknowledged; and what it is just handing to us is
        lost on the way, and comes again after our end (tried on 3.10). So what comes is decided but not acknowledged, until the broker
        has nothing more or has handed out as many as it may: then nothing is on its way, and we cancel. The next waits until we are gone.
        """
        end = time.monotonic() + DRAIN
        while True:
            if batch:
                self._decide(batch)
            full = self._last - self._acknowledged >= self.log.settings.batch * 2
            if consumers and (full or not batch or time.monotonic() > end):
                self.log.store.hand_over(self.log.settings.partition)
                self._cancel(consumers)
            elif not batch:
                break
            batch = self._collect(BACK)
        self._acknowledge()
        self._hang_up()
        self.log.store.handed_over(self.log.settings.partition)

    def _cancel(self, consumers: list[Any]) -> None:
        """What comes after the broker's answer is ours as well; py-amqp would refuse it, and it would come again to another."""
        while consumers:
            consumer = consumers.pop()
            received = self._channel.callbacks[consumer]
            self._channel.basic_cancel(consumer)
            self._channel.callbacks[consumer] = received

    def _decide(self, batch: list[Delivery]) -> None:
        """Handle it; where another writes on a case, read again first, and hang up only if that does not help: then all comes again."""
        for _ in range(MARKS):
            try:
                return self._handle(batch)
            except Fenced as fault:
                self.log.telemetry.log.warning("fenced", text=str(fault)[:200])
                self.log.desk.memory.forget()
                batch = [replace(each, redelivered=True) for each in batch]
        return self._handle(batch)

    def _consume(self) -> list[Any]:
        log = self.log
        queues = {topology.partition(log.service, log.settings.partition): ""}
        if log.rules.unrouted:
            queues[topology.UNROUTED] = topology.UNROUTED
        self._buffer.clear()
        self._last = self._acknowledged = 0
        self._connection = connect(log.settings.amqp_uri, f"{log.service} hears")
        with within(SECONDS, "the broker did not open a channel in time"):
            broker = check(self._connection, *queues)
            self._channel = self._connection.channel()
            self._channel.auto_decode = False
            self._channel.basic_qos(0, log.settings.batch * 2, False)
            consumers = [
                self._channel.basic_consume(queue, callback=partial(self._received, lane)) for queue, lane in queues.items()
            ]
        log.listening(broker)
        return consumers

    def _received(self, lane: str, message: Any) -> None:
        self._buffer.append(delivered(message, lane))
        self._last = message.delivery_tag

    def _collect(self, wait: float = 0.5) -> list[Delivery]:
        """What is waiting: one message after a short wait, and whatever is behind it, up to a batch."""
        self.log.beat()
        size, first = self.log.settings.batch, not self._buffer
        end = time.monotonic() + wait
        while len(self._buffer) < size:
            try:
                if (self._buffer or not first) and not waits(self._connection):
                    break
                self._connection.drain_events(timeout=max(0.001, end - time.monotonic()))
            except TimeoutError:
                break
        if not self._buffer:
            self._connection.heartbeat_tick()
            self.log.idle()
        return self._cut(size)

    def _cut(self, size: int) -> list[Delivery]:
        """A batch; a message that came back twice or more goes alone, since it may be what killed us."""
        batch: list[Delivery] = []
        while self._buffer and len(batch) < size:
            if self._buffer[0].count >= 2:
                return batch or [self._buffer.popleft()]
            if batch and (self._buffer[0].exchange == topology.CLOCK) != (batch[0].exchange == topology.CLOCK):
                break
            batch.append(self._buffer.popleft())
        return batch

    def _handle(self, batch: list[Delivery]) -> None:
        suspect = batch[0] if batch[0].count >= 2 and batch[0].exchange != topology.CLOCK else None
        if suspect and self._marked(suspect):
            self.log.desk.park_suspect(suspect)
        else:
            self._work(batch)
        if self._begun:
            self._unmark(self._begun)

    def _acknowledge(self) -> None:
        """With one frame: everything received, up to the first that is not decided."""
        tag = min((each.tag for each in self._buffer), default=self._last + 1) - 1
        if tag > self._acknowledged:
            self._channel.basic_ack(tag, multiple=True)
            self._acknowledged = tag

    def _work(self, batch: list[Delivery]) -> None:
        """Let the service's method take the batch, in a worker of its container, and wait for it."""
        done: Event = Event()

        def finished(worker: Any, result: Any, error: Any) -> tuple[Any, Any]:
            done.send((result, error))
            return result, None

        self.container.spawn_worker(self, (batch,), {}, handle_result=finished)
        _, error = done.wait()
        if error:
            raise error[1].with_traceback(error[2])

    def _marked(self, suspect: Delivery) -> bool:
        """Write down that we begin this message; whether it was begun and not finished three times already."""
        self._begun = hashlib.sha256(suspect.key.encode("utf-8", "replace") + suspect.body).hexdigest()
        change = {"$inc": {"marks": 1}, "$set": {"at": datetime.now(UTC)}}
        found = self.log.store.suspects.find_one_and_update({"_id": self._begun}, change, upsert=True, return_document=True)
        return bool(found and found["marks"] > MARKS)

    def _unmark(self, begun: str) -> None:
        self.log.store.suspects.delete_one({"_id": begun})
        self._begun = None

    def _hang_up(self) -> None:
        """Drop the connection: what was not acknowledged comes again."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(*AWAY):
                connection.close() if self.stopping else connection.collect()


def listen(*_: type) -> Callable[..., Any]:
    """The entry method of a service: takes every batch of its partition. Used as `hears = listen(CaseAccepted, …)`.

    The classes tell the reader what the rules of the service hear; the contract is the source, and a test compares. What keeps the network
    running (clocks, parked cases, gaps) every service hears.
    """

    def hear(self: Any, batch: list[Delivery]) -> None:
        self.log.take(batch)

    return Listen.decorator(hear)  # type: ignore[no-any-return]


__all__ = ["AWAY", "Listen", "listen"]
