"""The broker under a trial: the two exchanges and the inbox that a system knows of its network, made on any RabbitMQ."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from xianjie.conformance.judge import Arrival
from xianjie.envelope import CONTENT_TYPE, HEADER
from xianjie.joining.place import look
from xianjie.line import Away, Line, Refused, parameters
from xianjie.topology import AGENCIES_IN, AGENCIES_OUT, inbox, partition

LIMIT = 30.0
"""Seconds after which a broker that takes nothing counts as away."""


class Place:
    """A virtual host in which a trial of the system `code` runs. Raises `Refused` or `Away`. Use it in a `with`.

    What it makes: the exchanges `xianjie.agencies.in` and `xianjie.agencies.out`, the inbox `agency.<code>` (emptied if it was there), and
    a queue of its own that goes with it. It does not begin in the virtual host of a network that is in operation.
    """

    def __init__(self, uri: str, code: str) -> None:
        _reachable(uri)
        self.code = code
        self._arrived: deque[Arrival] = deque()
        self.sent = 0
        """How many messages were put into the inbox."""
        self._connection = pika.BlockingConnection(parameters(uri, LIMIT))
        try:
            if look(uri, partition("routing", 1)):
                raise Refused(
                    "this is the virtual host of a network with its services",
                    "not_allowed",
                    "run the trial in another, which may be empty",
                )
            self._channel = self._connection.channel()
            self._make()
        except ChannelClosedByBroker as fault:
            self.close()
            raise Refused(
                f"the exchanges and the inbox cannot be made: {fault.reply_text}",
                "not_allowed",
                "give the trial's user every right in its virtual host",
            ) from None
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the inbox stays, for the system consumes it."""
        with suppress(AMQPError):
            self._connection.close()

    def send(self, body: bytes, kind: str, case: str, content_type: str = CONTENT_TYPE) -> None:
        """Put it into the system's inbox, as a service of the network does. `kind`: `<noun>.<verb>.v1`."""
        properties = pika.BasicProperties(content_type=content_type, delivery_mode=2, headers={HEADER: case})
        with _there():
            self._channel.basic_publish(AGENCIES_OUT, f"{self.code}.{kind}", body, properties)
        self.sent += 1

    def arrived(self, wait: float) -> Iterator[Arrival]:
        """What the system has said since, after at most `wait` seconds."""
        with _there():
            self._connection.process_data_events(time_limit=0 if self._arrived else wait)
        while self._arrived:
            yield self._arrived.popleft()

    def waiting(self) -> tuple[int, int]:
        """How many messages are ready in the inbox, and how many consumers it has."""
        with _there():
            told = self._channel.queue_declare(inbox(self.code), passive=True).method
        return int(told.message_count), int(told.consumer_count)

    def next_waiting(self) -> tuple[str, bytes] | None:
        """Case and bytes of the first message that waits in the inbox; it stays there."""
        with _there():
            method, properties, body = self._channel.basic_get(inbox(self.code))
            if not method:
                return None
            self._channel.basic_nack(method.delivery_tag, requeue=True)
        return (properties.headers or {}).get(HEADER, ""), body

    def empty(self) -> None:
        """Throw away what waits in the inbox."""
        with _there():
            self._channel.queue_purge(inbox(self.code))

    def move_inbox(self) -> None:
        """Take the inbox away and make it anew: its consumers are cancelled, as when a broker moves a queue, and whoever is quick finds none.

        A classic queue, for a quorum queue that is made anew at once under its name keeps its consumers, who then hear nothing (3.10, tried).
        """
        with _there():
            self._channel.queue_delete(inbox(self.code))
            self._make_inbox()

    # --- inside

    def _make(self) -> None:
        for exchange in (AGENCIES_IN, AGENCIES_OUT):
            self._channel.exchange_declare(exchange, "topic", durable=True)
        self._make_inbox()
        self._channel.queue_purge(inbox(self.code))
        own = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(own, AGENCIES_IN, "#")
        self._channel.basic_consume(own, self._take, auto_ack=True)
        self._channel.confirm_delivery()

    def _make_inbox(self) -> None:
        self._channel.queue_declare(inbox(self.code), durable=True)
        self._channel.queue_bind(inbox(self.code), AGENCIES_OUT, f"{self.code}.#")

    def _take(self, _: Any, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        headers, kind = properties.headers or {}, properties.content_type or ""
        self._arrived.append(
            Arrival(body, method.routing_key, headers, kind, properties.delivery_mode == 2, properties.user_id or "")
        )


@contextmanager
def _there() -> Iterator[None]:
    """In a trial, what goes wrong with the broker is that it has gone away, or the inbox from it."""
    try:
        yield
    except AMQPError as fault:
        raise Away(f"the broker went away during the trial, or the inbox from it: {fault!r}") from None


def _reachable(uri: str) -> None:
    """Raises `Refused` or `Away` in words: what is wrong with address, user or virtual host."""
    try:
        Line(uri).close()
    except Refused as fault:
        if fault.code != "unknown_agency":
            raise
        remedy = "make the virtual host for the trial (rabbitmqctl add_vhost NAME), and give its user every right there (set_permissions)"
        raise Refused(fault.says, fault.code, remedy) from None
