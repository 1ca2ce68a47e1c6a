"""The journal: the stream of everything that was said, read from its first message on."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from xianjie.line import Away, Refused
from xianjie.topology import JOURNAL

PREFETCH = 500
FIRST = "first"
OFFSET = "x-stream-offset"
EMPTY, STANDS = 5, 30
"""Times of silence after which a journal counts as empty, and one whose last part has not come as standing still."""


class Recorded(NamedTuple):
    """One message of the journal: its place in the stream, where it was published, its id and its bytes."""

    offset: int
    exchange: str
    key: str
    id: str | None
    body: bytes
    headers: Mapping[str, Any] = {}
    properties: Mapping[str, Any] = {}
    """Those of AMQP that are set, but for the headers; of the headers, not what the stream itself adds."""


def read(uri: str, *, quiet: float = 1.0, start: str | int = FIRST, follow: bool = False) -> Iterator[Recorded]:
    """Everything in the journal from `start` on (an offset, or `first`) that is there when the reading begins.

    `uri`: of a user who may read it, as operators may. `quiet`: seconds without a message after which it is at its end, once its
    last part was read and where nobody says anything meanwhile. `follow`: go on with what is said from now on, without end.
    Raises `Refused` (no right, no journal) or `Away`.
    """
    try:
        connection = pika.BlockingConnection(pika.URLParameters(uri))
        try:
            yield from _recorded(connection, quiet, start, follow)
        finally:
            # On leaving, pika rejects what it has in hand; no stream takes that, and the broker hangs up.
            with suppress(AMQPError, OSError):
                connection.close()
    except ChannelClosedByBroker as fault:
        code = "not_allowed" if fault.reply_code == 403 else "not_set_up"
        raise Refused(f"the journal cannot be read: {fault.reply_text}", code) from None
    except (AMQPError, OSError) as fault:
        raise Away(f"the broker is away: {fault!r}") from None


def _recorded(connection: pika.BlockingConnection, quiet: float, start: str | int, follow: bool) -> Iterator[Recorded]:
    last, news = _First(connection, "last"), _First(connection, "next")
    channel = connection.channel()
    channel.basic_qos(prefetch_count=PREFETCH)
    seen, silent = start - 1 if isinstance(start, int) else -1, 0
    for method, properties, body in channel.consume(JOURNAL, inactivity_timeout=quiet, arguments={OFFSET: start}):
        if method is None and follow:
            continue
        if method is None:
            silent += 1
            if (last.offset is not None and seen >= last.offset) or silent >= (EMPTY if last.offset is None else STANDS):
                break
            continue
        seen, silent = _offset(properties), 0
        if news.offset is not None and seen >= news.offset and not follow:
            return
        yield Recorded(seen, method.exchange, method.routing_key, properties.message_id, body, *_beside(properties))
        if method.delivery_tag % (PREFETCH // 2) == 0:
            channel.basic_ack(method.delivery_tag, multiple=True)
    if last.offset is not None and seen < last.offset:
        raise Away(f"the journal stands still at {seen} of {last.offset}")


class _First:
    """The offset of the first message from some place in the stream on, once it is heard: where its last part begins, what comes anew."""

    def __init__(self, connection: pika.BlockingConnection, place: str) -> None:
        self.offset: int | None = None
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)  # one, never acknowledged, is all
        channel.basic_consume(JOURNAL, self._heard, arguments={OFFSET: place})

    def _heard(self, _channel: object, _method: object, properties: pika.BasicProperties, _body: bytes) -> None:
        self.offset = _offset(properties)


def _beside(properties: pika.BasicProperties) -> tuple[dict[str, Any], dict[str, Any]]:
    """The headers, and what else is set; the content type also where it is not, for services refuse what has none."""
    headers = {name: value for name, value in (properties.headers or {}).items() if name != OFFSET}
    others = {name: value for name, value in vars(properties).items() if value is not None and name != "headers"}
    return headers, {"content_type": "", **others}


def _offset(properties: pika.BasicProperties) -> int:
    return int((properties.headers or {}).get(OFFSET, 0))
