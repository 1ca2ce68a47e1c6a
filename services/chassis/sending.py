"""Publishing with pipelined confirms and a time limit: a batch goes out, then all its confirms are awaited.

A broker that shuts down in good order confirms for some milliseconds what its streams do not keep (3.10, tried: about three messages at each
shutdown under load, none of a quorum queue; rabbitmq-server issue 9457 is of this kind). So what was confirmed in the last second before a
connection was lost is said once more on the next one: whoever has heard it knows it again by its identity.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from services.chassis.commit import Spoken
from services.chassis.connecting import SECONDS, connect, within
from xianjie.envelope import CONTENT_TYPE, HEADER

DOUBTFUL = 1.0
"""Seconds before the loss of a connection in which a confirm may not have meant what it says."""


class Unconfirmed(Exception):
    """The broker refused, returned or did not confirm in time. What was sent is sent again, in order, on a new channel."""


class Sender:
    """One publishing channel. Not shared between batches in flight: the caller sends, then waits, then goes on."""

    def __init__(self, uri: str, name: str, seconds: float, *, mandatory: bool = False) -> None:
        """`mandatory`: what reaches no queue comes back, and counts as refused."""
        self._uri, self._name, self._seconds, self._mandatory = uri, name, seconds, mandatory
        self._user = unquote(urlsplit(uri).username or "guest")
        self._connection: amqp.Connection | None = None
        self._channel: Any = None
        self._waiting: set[int] = set()
        self._refused = ""
        self._tag, self._beaten = 0, 0.0
        self._late: deque[tuple[float, list[Spoken]]] = deque()
        """What was confirmed within the last second, and when."""

    def open(self) -> None:
        """Connect anew, whatever was before, and say again what was confirmed just before the last connection was lost."""
        self.close()
        self._connection = connect(self._uri, f"{self._name} says")
        with within(SECONDS, "the broker did not open a channel in time"):
            self._channel = self._connection.channel()
            self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirmed)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)
        self._waiting, self._tag, self._refused = set(), 0, ""
        late, self._late = self._late, deque()
        try:
            self._say([each for _, batch in late for each in batch])
        except Exception:
            self._late = late
            raise

    def close(self) -> None:
        """Drop the connection without ceremony."""
        if self._connection is not None:
            try:
                self._connection.collect()
            finally:
                self._connection = self._channel = None

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self._waiting.difference_update([each for each in self._waiting if each <= tag] if multiple else [tag])

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused = f"the broker refused message {tag}"

    def _returned(self, fault: Exception, *_: object) -> None:
        self._refused = "a message reaches no queue"

    def send(self, messages: list[Spoken], news: Iterable[Spoken] = ()) -> None:
        """Publish all, in order, and wait for every confirm; raises `Unconfirmed` if one is missing after the limit.

        `news` is for the journal alone, and written while the messages are on their way.
        """
        if not messages and not news:
            return
        if self._channel is None:
            self.open()
        self._say(messages, news)

    def _say(self, messages: list[Spoken], news: Iterable[Spoken] = ()) -> None:
        said: list[Spoken] = []
        try:
            with within(self._seconds + 1, f"the broker took nothing for {self._seconds + 1} s"):
                for some in (messages, news):
                    with self._corked():
                        for each in some:
                            self._publish(each)
                            said.append(each)
            self._await()
        except Exception:
            self.close()
            raise
        self._late.append((time.monotonic(), said))
        self._trust()

    def _trust(self) -> None:
        """The connection lives: what was confirmed longer ago is there for good."""
        while self._late and self._late[0][0] < time.monotonic() - DOUBTFUL:
            self._late.popleft()

    @contextmanager
    def _corked(self) -> Iterator[None]:
        """Write what is published meanwhile with one system call; py-amqp makes three a message, an eighth of all our time (measured)."""
        assert self._connection is not None
        transport, frames = self._connection.transport, bytearray()
        straight, transport._write = transport._write, frames.extend
        try:
            yield
        finally:
            transport._write = straight
        if frames:
            straight(bytes(frames))

    def _publish(self, each: Spoken) -> None:
        message = amqp.Message(
            each.body, content_type=CONTENT_TYPE, delivery_mode=2, message_id=each.id, type=each.type, user_id=self._user,
            application_headers={HEADER: each.case},
        )  # fmt: skip
        self._tag += 1
        self._waiting.add(self._tag)
        self._channel.basic_publish(message, each.exchange, each.key, mandatory=self._mandatory)

    def _await(self) -> None:
        assert self._connection is not None
        end = time.monotonic() + self._seconds
        while self._waiting and not self._refused:
            left = end - time.monotonic()
            if left <= 0:
                raise Unconfirmed(f"{len(self._waiting)} messages were not confirmed within {self._seconds} s")
            try:
                self._connection.drain_events(timeout=left)
            except TimeoutError:
                continue
        if self._refused:
            raise Unconfirmed(self._refused)

    def beat(self) -> None:
        """Keep an idle connection alive; costs something once a second."""
        if self._connection is not None and time.monotonic() - self._beaten > 1:
            self._beaten = time.monotonic()
            self._connection.heartbeat_tick()
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
            self._trust()
