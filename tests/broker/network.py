"""A virtual host of the network on a real broker, to speak into and look into."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.broker import Broker
from deploy.local.machine import Machine
from xianjie import envelope
from xianjie.envelope import Attributes
from xianjie.message import Message
from xianjie.topology import AGENCIES_OUT, JOURNAL
from xianjie.vocabulary import CHINA

CODE, OTHER = "CN-SH-IPO", "CN-SH-PD-COURT"
THEN = datetime(2020, 5, 6, 9, 30, tzinfo=CHINA)


@dataclass(frozen=True)
class Network:
    """One virtual host holding the network's definitions."""

    machine: Machine
    vhost: str
    holds: dict[str, Any]

    @property
    def broker(self) -> Broker:
        """The machine's, which is ours."""
        assert isinstance(self.machine.broker, Broker)
        return self.machine.broker

    def uri(self, user: str | None = None, password: str | None = None) -> str:
        """Where `user` connects; without one, the machine's administrator."""
        if user is None:
            return self.broker.uri(self.vhost)
        return self.broker.uri(self.vhost, user, password or self.machine.password(user))

    @contextmanager
    def connection(self, user: str | None = None) -> Iterator[pika.BlockingConnection]:
        """A plain connection of that user."""
        with pika.BlockingConnection(pika.URLParameters(self.uri(user))) as connection:
            yield connection

    @contextmanager
    def channel(self, user: str | None = None) -> Iterator[BlockingChannel]:
        """A channel of that user on which every publish is confirmed."""
        with self.connection(user) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    def say(self, user: str, exchange: str, key: str, case: str = "c-1", body: bytes | None = None) -> bytes:
        """Publish raw bytes (something unique where none are given), confirmed; returns them."""
        body = body or uuid.uuid4().hex.encode()
        with self.channel(user) as channel:
            publish(channel, exchange, key, case, body)
        return body

    def drain(self, queue: str, quiet: float = 0.3, arguments: dict[str, Any] | None = None) -> list[tuple[str, str, bytes]]:
        """Exchange, key and body of all that waits in a queue, which is empty then; of a stream, of all it ever held."""
        found = []
        with self.channel() as channel:
            channel.basic_qos(prefetch_count=200)
            for method, _, body in channel.consume(queue, inactivity_timeout=quiet, arguments=arguments):
                if method is None:
                    break
                found.append((method.exchange, method.routing_key, body))
                channel.basic_ack(method.delivery_tag)
            channel.cancel()
        return found

    def tell(self, message: Message, code: str, case: str = "c-1", id: str | None = None) -> str:
        """Routing says it to an agency, in May 2020; returns the message's id."""
        attributes = Attributes(
            specversion="1.0", id=id or str(uuid.uuid4()), source="/services/routing", type=message.type, subject=case,
            datacontenttype="application/json", time=THEN,
        )  # fmt: skip
        self.say("routing", AGENCIES_OUT, f"{code}.{message.name}.v1", case, envelope.write(attributes, message))
        return attributes.id

    def heard_by(self, service: str) -> list[envelope.Heard]:
        """What waits for a service, read and taken away."""
        return [envelope.read(body) for _, _, body in self.drain(f"{service}.1")]

    def left_in(self, queue: str) -> int:
        """How many messages a queue holds beside those that somebody has in hand."""
        with self.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).method.message_count)

    def empty(self) -> None:
        """Nothing waits anywhere; only the journal keeps what it has."""
        with self.channel() as channel:
            for queue in (each["name"] for each in self.holds["queues"]):
                if queue != JOURNAL:
                    channel.queue_purge(queue)

    def journal(self) -> list[tuple[str, str, bytes]]:
        """Everything that was ever said."""
        return self.drain(JOURNAL, 0.5, {"x-stream-offset": "first"})


def publish(channel: BlockingChannel, exchange: str, key: str, case: str, body: bytes) -> None:
    """Raw bytes with the header that finds the partition."""
    properties = pika.BasicProperties(delivery_mode=2, headers={"case": case}, content_type=envelope.CONTENT_TYPE)
    channel.basic_publish(exchange, key, body, properties)
