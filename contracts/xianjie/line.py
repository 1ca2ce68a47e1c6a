"""One connection to the broker: publishing with confirms, listening to one queue, a time limit on everything."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pika
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from xianjie.topology import Address

HEARTBEAT = 30
"""Seconds between signs of life, where the URI names none. A handler that takes longer than twice this is cut off."""
PREFETCH = 50


class Refused(Exception):
    """The broker will not have it, and trying again is no use. The text says why, and what to do; `code` is the reason by `refusals`."""

    def __init__(self, says: str, code: str = "not_set_up") -> None:
        super().__init__(says)
        self.code = code


class Away(ConnectionError):
    """The broker does not answer, or not in time. What was being said may or may not have arrived: say it again, same id."""


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
    and each publish may take. Raises `Refused` or `Away`. Only the thread that made it may use it.
    """

    def __init__(self, uri: str, queue: str | None = None, limit: float = 5.0) -> None:
        self._parameters = _parameters(uri, limit)
        self._queue, self._limit = queue, limit
        self._fault: Exception | None = None
        self._ready = self._gone = False
        self._deliveries: deque[Delivery] = deque()
        self._sent = self._confirmed = 0
        self._returned: str | None = None
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
        self._returned = None
        try:
            self._channel.basic_publish(to.exchange, to.key, body, properties, mandatory=True)
        except AMQPError as fault:
            raise self._fault or Away(f"{self.where} is gone: {fault!r}") from fault
        self._sent += 1
        if not self._wait(lambda: self._confirmed >= self._sent, self._limit):
            raise Away(f"{self.where} did not confirm within {self._limit:g} s")
        if self._returned:
            raise Refused(f"{to.key} on {to.exchange} reaches no queue ({self._returned}): is the virtual host set up?")

    def next(self, timeout: float) -> Delivery | None:
        """The next message of the queue, or None after `timeout` seconds. It stays the queue's until acknowledged."""
        self._wait(lambda: bool(self._deliveries), timeout)
        return self._deliveries.popleft() if self._deliveries else None

    def acknowledge(self, delivery: Delivery) -> None:
        """The queue may forget it."""
        try:
            self._channel.basic_ack(delivery.tag)
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
            self._confirmed = max(self._confirmed, frame.method.delivery_tag)
            self._wake()

    def _came_back(self, _: Any, method: Any, __: Any, ___: bytes) -> None:
        self._returned = method.reply_text

    def _closed(self, _: Any, why: Exception) -> None:
        self._fail(_meaning(why, self.where, self.user))

    def _lost(self, _: Any, why: Exception | str) -> None:
        self._gone = True
        self._fail(_meaning(why, self.where, self.user))

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._wake()


def _parameters(uri: str, limit: float) -> pika.URLParameters:
    try:
        if urlsplit(uri).scheme not in ("amqp", "amqps"):
            raise ValueError("it begins otherwise")
        found = pika.URLParameters(uri)
    except (ValueError, TypeError) as fault:
        raise Refused(f"the address of the broker must be amqp://user:password@host:port/vhost ({fault})") from None
    found.heartbeat = HEARTBEAT if found.heartbeat is None else found.heartbeat
    found.socket_timeout = found.stack_timeout = found.blocked_connection_timeout = limit
    return found


def _meaning(why: Exception | str, where: str, user: str) -> Exception:
    """What a failure means to the one who speaks: `Refused` where another try is no use, else `Away`."""
    text = getattr(why, "reply_text", "") or repr(why)
    if isinstance(why, ProbableAuthenticationError) or "ACCESS_REFUSED - Login" in text:
        return Refused(
            f"{where} does not know {user} with this password: check both, or ask the operators for new ones", "wrong_credentials"
        )
    if isinstance(why, ProbableAccessDeniedError) or (isinstance(why, ConnectionClosedByBroker) and why.reply_code == 530):
        if " is down" in text or "limit" in text:
            return Away(f"{where} is not ready: {text}")
        return Refused(
            f"{where} is not there, or {user} is not let in: check its name, or ask the operators ({text})", "unknown_agency"
        )
    if isinstance(why, ChannelClosedByBroker):
        return _broken_rule(why.reply_code, text, where, user)
    return Away(f"{where} is away: {text}")


def _broken_rule(code: int, text: str, where: str, user: str) -> Exception:
    if code == 403:
        return Refused(
            f"{user} may not do this: each speaks under its own name, and hears its own inbox only ({text})", "not_allowed"
        )
    if code == 404 and "no queue" in text:
        return Refused(f"{where} has no inbox for {user}: ask the operators to let this body join ({text})", "unknown_agency")
    if code == 404 and "no exchange" in text:
        return Refused(f"{where} is not set up: its exchanges are missing ({text})")
    if code == 406:
        return Refused(f"{where} does not take such a message ({text})", "too_large" if "size" in text else "not_set_up")
    return Away(f"{where} closed the channel: {text}")
