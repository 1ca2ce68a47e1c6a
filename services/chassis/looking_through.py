"""The journal looked through from a moment on: a second reader beside the queues, for what was lost of a database or of a queue."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from services.chassis.connecting import connect
from xianjie.topology import JOURNAL

PREFETCH = 500
PAUSE = 0.5
"""Seconds without a message after which whoever reads is asked whether to go on."""


class Looking:
    """One reading. Use it as an iterator, and close it; raises as the broker does."""

    def __init__(self, uri: str, name: str, since: datetime | None) -> None:
        """`name`: how the connection is called; `since`: None for all that there is."""
        self._connection = connect(uri, name)
        self._received: deque[Any] = deque()
        self._channel = self._connection.channel()
        self._channel.auto_decode = False
        self._channel.basic_qos(0, PREFETCH, False)
        offset = {"x-stream-offset": since or "first"}
        self._channel.basic_consume(JOURNAL, callback=self._received.append, arguments=offset)

    def __enter__(self) -> "Looking":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self._connection.collect()

    def messages(self) -> Iterator[Any]:
        """Everything since then, as py-amqp hands it over, and None where nothing came for a while; without end."""
        while True:
            with suppress(TimeoutError):  # a heartbeat ends it too
                self._connection.drain_events(timeout=PAUSE)
            self._connection.heartbeat_tick()
            if not self._received:
                yield None
            while self._received:
                message = self._received.popleft()
                yield message
                if message.delivery_tag % (PREFETCH // 2) == 0:
                    self._channel.basic_ack(message.delivery_tag, multiple=True)

    def waiting(self) -> int:
        """How many messages the journal holds."""
        return int(self._channel.queue_declare(JOURNAL, passive=True).message_count)
