"""The journal: the stream of everything that was said, read from its first message on."""

from collections.abc import Iterator
from typing import NamedTuple

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from xianjie.line import Away, Refused
from xianjie.topology import JOURNAL

PREFETCH = 500
FIRST = "first"


class Recorded(NamedTuple):
    """One message of the journal: its place in the stream, where it was published, its id and its bytes."""

    offset: int
    exchange: str
    key: str
    id: str | None
    body: bytes


def read(uri: str, *, quiet: float = 1.0, start: str | int = FIRST) -> Iterator[Recorded]:
    """Everything in the journal from `start` on (an offset, or `first`) that is there when the reading begins.

    `uri`: of a user who may read it, as operators may. `quiet`: seconds without a message after which it is at its end, where
    nobody says anything meanwhile. Raises `Refused` (no right, no journal) or `Away`.
    """
    try:
        with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
            news = _News(connection)
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            arguments = {"x-stream-offset": start}
            for method, properties, body in channel.consume(JOURNAL, inactivity_timeout=quiet, arguments=arguments):
                if method is None:
                    return
                offset = _offset(properties)
                if news.first is not None and offset >= news.first:
                    continue  # not acknowledged, so it soon is silent: on leaving, pika rejects what it has in hand, and no stream takes that
                yield Recorded(offset, method.exchange, method.routing_key, properties.message_id, body)
                if method.delivery_tag % (PREFETCH // 2) == 0:
                    channel.basic_ack(method.delivery_tag, multiple=True)
    except ChannelClosedByBroker as fault:
        raise Refused(f"the journal cannot be read: {fault.reply_text}") from None
    except (AMQPError, OSError) as fault:
        raise Away(f"the broker is away: {fault!r}") from None


class _News:
    """The offset of the first message that came after the reading began, once there is one: where others speak, a journal has no end."""

    def __init__(self, connection: pika.BlockingConnection) -> None:
        self.first: int | None = None
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)  # one, never acknowledged, is all
        channel.basic_consume(JOURNAL, self._heard, arguments={"x-stream-offset": "next"})

    def _heard(self, _channel: object, _method: object, properties: pika.BasicProperties, _body: bytes) -> None:
        self.first = _offset(properties)


def _offset(properties: pika.BasicProperties) -> int:
    return int((properties.headers or {}).get("x-stream-offset", 0))
