"""One connection to the broker: publishing with confirms, listening to one queue, a time limit on everything."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pika
from pika.exceptions import AMQPError

from xianjie import forgiving as forgiving  # for whoever reads through pika
from xianjie.closing import meaning
from xianjie.topology import Address
from xianjie.trouble import Away, Refused, WrongAddress

__all__ = ["Away", "Delivery", "Line", "Refused"]

HEARTBEAT = 30
"""Seconds between signs of life, where the URI names none. Where handler and line share a thread, a handler that takes longer than
twice this is cut off."""
PREFETCH = 50


Published = tuple[Address, bytes, pika.BasicProperties]
"""Where to, the bytes, and what the broker is told of them."""


class Delivery(NamedTuple):
    """One message as it came out of the queue, not yet acknowledged."""

    tag: int
    redelivered: bool
    body: bytes


class _Connection(pika.SelectConnection):  # type: ignore[misc]  # pika tells mypy nothing
    """A connection that can be cut without waiting for the other side."""

    def cut(self) -> None:
        self._adapter_disconnect_stream()


class Line:
    """A connection with one channel, open from the start until it fails or is closed; then another one is needed.

    `uri`: amqp(s)://user:password@host:port/vhost. `queue`: what it listens to, if anything. `limit`: seconds that opening
    and each publish may take. Raises `Refused` or `Away`. One thread at a time may use it; any may `nudge` it.
    """

    def __init__(self, uri: str, queue: str | None = None, limit: float = 5.0) -> None:
        self._parameters = parameters(uri, limit)
        self._queue, self._limit = queue, limit
        self._fault: Exception | None = None
        self._ready = self._gone = False
        self._deliveries: deque[Delivery] = deque()
        self._sent = 0
        self._open: set[int] = set()
        """What was published and is not confirmed, by its number on this channel."""
        self._returned = ""
        self._nudged, self._shut, self._one = False, False, threading.Lock()
        self._channel: Any = None
        self._connection = _Connection(self._parameters, self._opened, self._lost, self._lost)
        try:
            if not self._wait(lambda: self._ready, limit):
                raise Away(f"{self.where} did not answer within {limit:g} s")
        except BaseException:
            self.close()
            raise

    @property
    def user(self) -> str:
        """As whom it is connected."""
        return str(self._parameters.credentials.username)

    @property
    def where(self) -> str:
        """The broker and virtual host, without the password."""
        known = self._parameters
        return f"the broker at {known.host}:{known.port}, virtual host {known.virtual_host!r},"

    def publish(self, to: Address, body: bytes, properties: pika.BasicProperties) -> None:
        """Return when the broker has it, in every queue it goes to. `Refused` if it may not be said or goes nowhere."""
        self.publish_all([(to, body, properties)])

    def publish_all(self, messages: Sequence[Published]) -> None:
        """Publish in this order without waiting in between, and return when the broker has them all; `limit` is between two confirms.

        `Refused` if one of them may not be said or goes nowhere: which, only a message published by itself tells. `confirmed`
        says how many of the first are certain when it raises.
        """
        self._returned = ""
        try:
            for to, body, properties in messages:
                self._channel.basic_publish(to.exchange, to.key, body, properties, mandatory=True)
                self._sent += 1
                self._open.add(self._sent)
        except AMQPError as fault:
            raise self._fault or Away(f"{self.where} is gone: {fault!r}") from fault
        while left := len(self._open):
            if not self._wait(lambda: len(self._open) < left, self._limit):
                raise Away(f"{self.where} did not confirm within {self._limit:g} s")
        if self._returned:
            raise Refused(f"{self._returned} reaches no queue")

    @property
    def confirmed(self) -> int:
        """How many of the messages published here first the broker has for certain, without a gap."""
        return min(self._open, default=self._sent + 1) - 1

    def next(self, timeout: float) -> Delivery | None:
        """The next message of the queue, or None after `timeout` seconds. It stays the queue's until acknowledged."""
        self._wait(lambda: bool(self._deliveries), timeout)
        return self._deliveries.popleft() if self._deliveries else None

    def take(self, timeout: float) -> list[Delivery]:
        """All messages that have come, once one has; none after `timeout` seconds or a nudge. They stay the queue's until acknowledged."""
        self._wait(lambda: bool(self._deliveries) or self._nudged, timeout)
        self._nudged = False
        taken = [*self._deliveries]
        self._deliveries.clear()
        return taken

    def nudge(self) -> None:
        """Let `take` return now, or at once when it is next called. Any thread may."""
        with self._one:
            if not self._shut:
                self._connection.ioloop.add_callback_threadsafe(self._nudge)

    def acknowledge(self, delivery: Delivery, *, through: bool = False) -> None:
        """The queue may forget it; `through`: and all that came before it."""
        try:
            self._channel.basic_ack(delivery.tag, multiple=through)
        except AMQPError as fault:
            raise self._fault or Away(f"{self.where} is gone: {fault!r}") from fault

    def close(self) -> None:
        """Say good-bye, or hang up after a second. What was not acknowledged goes back to the queue."""
        for leave in (self._connection.close, self._connection.cut):
            if not self._gone:
                try:
                    leave()
                    self._wait(lambda: self._gone, 1.0, mind=False)
                except AMQPError:
                    pass
        with self._one:
            self._shut = True
            self._connection.ioloop.close()

    # --- inside

    def _wait(self, done: Callable[[], bool], limit: float, mind: bool = True) -> bool:
        """Let messages in and out until `done`, at most `limit` seconds; raises the fault of the line, if one came up."""
        loop: Any = self._connection.ioloop
        end = time.monotonic() + limit
        timer = loop.call_later(max(limit, 0), loop.stop)
        try:
            while not done():
                if mind and self._fault:
                    raise self._fault
                loop.start()
                if time.monotonic() >= end:
                    break
        finally:
            loop.remove_timeout(timer)
        return done()

    def _wake(self) -> None:
        self._connection.ioloop.stop()

    def _nudge(self) -> None:
        self._nudged = True
        self._wake()

    def _opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._prepare)

    def _prepare(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._closed)
        channel.add_on_cancel_callback(lambda _: self._fail(Away("the queue was taken away, or moves")))
        channel.add_on_return_callback(self._came_back)
        channel.confirm_delivery(self._answered, callback=None if self._queue else self._prepared)
        if self._queue:
            channel.basic_qos(prefetch_count=PREFETCH)
            channel.basic_consume(self._queue, self._delivered, callback=self._prepared)

    def _prepared(self, _: Any) -> None:
        self._ready = True
        self._wake()

    def _delivered(self, _: Any, method: Any, __: Any, body: bytes) -> None:
        self._deliveries.append(Delivery(method.delivery_tag, method.redelivered, body))
        self._wake()

    def _answered(self, frame: Any) -> None:
        if isinstance(frame.method, pika.spec.Basic.Nack):
            self._fail(Away(f"{self.where} could not keep it"))
        else:
            tag = frame.method.delivery_tag
            self._open -= {each for each in self._open if each <= tag} if frame.method.multiple else {tag}
            self._wake()

    def _came_back(self, _: Any, method: Any, __: Any, ___: bytes) -> None:
        self._returned = f"{method.routing_key} on {method.exchange}"

    def _closed(self, _: Any, why: Exception) -> None:
        self._fail(meaning(why, self.where, self.user))

    def _lost(self, _: Any, why: Exception | str) -> None:
        self._gone = True
        self._fail(meaning(why, self.where, self.user))

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._wake()


def parameters(uri: str, limit: float) -> pika.URLParameters:
    """Of a connection to this address, on which nothing takes longer than `limit` seconds; `Refused` where it is none."""
    try:
        if urlsplit(uri).scheme not in ("amqp", "amqps"):
            raise ValueError("it begins otherwise")
        found = pika.URLParameters(uri)
    except (ValueError, TypeError, SyntaxError) as fault:  # pika reads some options as Python
        raise WrongAddress(
            f"this is no address of a broker ({fault})", remedy="it is written amqp://user:password@host:port/vhost"
        ) from None
    found.heartbeat = HEARTBEAT if found.heartbeat is None else found.heartbeat
    found.socket_timeout = found.stack_timeout = found.blocked_connection_timeout = limit
    return found
