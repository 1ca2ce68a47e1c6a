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
    """Everything in the journal from `start` on (an offset, or `first`), until nothing more comes for `quiet` seconds.

    `uri`: of a user who may read it, as operators may. Raises `Refused` (no right, no journal) or `Away`.
    """
    try:
        with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            arguments = {"x-stream-offset": start}
            for method, properties, body in channel.consume(JOURNAL, inactivity_timeout=quiet, arguments=arguments):
                if method is None:
                    return
                offset = (properties.headers or {}).get("x-stream-offset", 0)
                yield Recorded(offset, method.exchange, method.routing_key, properties.message_id, body)
                channel.basic_ack(method.delivery_tag)
    except ChannelClosedByBroker as fault:
        raise Refused(f"the journal cannot be read: {fault.reply_text}") from None
    except (AMQPError, OSError) as fault:
        raise Away(f"the broker is away: {fault!r}") from None
