"""One connection to the broker that reads the inboxes of all agencies, each on a channel of its own, and acknowledges what they are done with.

One green thread owns the connection: others leave what is to be done there, and wake it.
"""

import select
import socket
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import amqp
import eventlet
from amqp.exceptions import AccessRefused, AMQPError, ChannelError, NotFound
from eventlet.event import Event

from services.bridge.inbox import Box, Entry
from services.chassis.connecting import SECONDS, connect, waits, within
from services.chassis.delivery import delivered
from xianjie.backoff import Backoff
from xianjie.topology import inbox

LOST = (AMQPError, OSError)
BEAT = 1.0
"""Seconds between two looks at what is to be done by the clock."""
AGAIN = 15.0
"""Seconds after which an inbox that could not be read is tried again."""
PAUSES = 0.1, 2.0
"""Seconds before the next try to connect, from the first to the longest."""
STALE = 30.0
"""Seconds without a turn of the loop after which the process is as good as dead."""


class Inboxes:
    """The boxes of all agencies, filled from the broker. `run` is for a green thread of its own."""

    def __init__(self, uri: str, prefetch: int, box: Callable[[str], Box], log: Any) -> None:
        """`box`: makes that of an agency."""
        self._uri, self._prefetch, self._make, self._log = uri, prefetch, box, log
        self.boxes: dict[str, Box] = {}
        self.absent: dict[str, float] = {}
        """Agencies whose inbox is not there, or may not be read: since when that is known."""
        self.away = True
        self._wanted: frozenset[str] = frozenset()
        self._channels: dict[str, Any] = {}
        self._cancelled: set[str] = set()
        self._asked: deque[tuple[Callable[[], None], Event]] = deque()
        self._connection: amqp.Connection | None = None
        self._stopping, self._ended = False, Event()
        self._turned = time.monotonic()
        self._wake_up, self._sleeper = socket.socketpair()
        self._wake_up.setblocking(False)

    # --- for others

    def serve(self, codes: Collection[str]) -> None:
        """From now on, those agencies and no others."""
        self._wanted = frozenset(codes)
        for code in self._wanted - self.boxes.keys():
            self.boxes[code] = self._make(code)
        for code in self.boxes.keys() - self._wanted:
            self.boxes.pop(code).shut()
        self._ask(self._open_and_close, 0)

    def done(self, code: str, entries: Sequence[Entry]) -> list[int]:
        """The agency has these, and the broker may forget them: returns when it is told. The positions of those that are not in hand here.

        Where the connection is lost in that moment they come again.
        """
        box = self.boxes.get(code)
        if box is None:
            return [*range(len(entries))]
        life = box.life
        tags, unknown = box.done(entries)
        if tags:
            self._ask(partial(self._acknowledge, code, life, tags), SECONDS)
        return unknown

    def alive(self) -> bool:
        """Whether the loop turns."""
        return time.monotonic() - self._turned < STALE

    def oldest(self) -> float:
        """For how long the oldest message of all is in hand, in seconds."""
        return max((each.oldest() for each in self.boxes.values()), default=0.0)

    def stop(self) -> None:
        """Hang up: what is not acknowledged goes back. Returns when that is done."""
        self._stopping = True
        for each in self.boxes.values():
            each.shut()
        self._ask(int, 0)
        self._ended.wait()

    def _ask(self, what: Callable[[], object], seconds: float) -> None:
        done: Event = Event()
        self._asked.append((lambda: void(what()), done))
        with suppress(BlockingIOError):
            self._wake_up.send(b".")
        if seconds:
            with eventlet.Timeout(seconds, False):
                done.wait()

    # --- the green thread that owns the connection

    def run(self) -> None:
        """Connect, read, and connect again, until told to stop."""
        pauses = Backoff(*PAUSES)
        while not self._stopping:
            try:
                self._connect()
                pauses.succeeded()
                while not self._stopping:
                    self._turn()
            except LOST as fault:
                if not self.away:
                    self._log.warning("broker away", who="bridge hears", error=fault.__class__.__name__)
            except Exception as fault:
                self._log.error("reading failed", error=fault.__class__.__name__)
            self._hang_up()
            self._turned = time.monotonic()
            eventlet.sleep(0 if self._stopping else pauses.failed())
        self._ended.send(None)

    def _connect(self) -> None:
        self._connection = connect(self._uri, "bridge hears")
        self.absent.clear()
        self._open_and_close()
        self.away = False
        self._log.info("listening", agencies=len(self._channels), absent=sorted(self.absent))

    def _turn(self) -> None:
        """Do what was asked, read what is there, and sleep until there is more of either."""
        assert self._connection is not None
        self._turned = time.monotonic()
        while self._asked:
            what, done = self._asked.popleft()
            try:
                what()
            finally:
                done.send(None)
        if not waits(self._connection):
            ready, _, _ = select.select([self._connection.sock, self._sleeper], [], [], BEAT)
            if self._sleeper in ready:
                self._sleeper.recv(4096)
        while waits(self._connection):
            with suppress(ChannelError, TimeoutError):  # the broker closed a channel, not the connection
                self._connection.drain_events(timeout=1.0)
        self._connection.heartbeat_tick()
        self._open_and_close()

    def _open_and_close(self) -> None:
        """As many channels as there are agencies to serve; those that the broker has closed are opened anew."""
        if self._connection is None:
            return
        for code, channel in list(self._channels.items()):
            if code not in self._wanted or code in self._cancelled:
                self._close(code, channel)
        for code in self._wanted - self._channels.keys():
            if time.monotonic() - self.absent.get(code, -AGAIN) >= AGAIN:
                self._open(code)

    def _open(self, code: str) -> None:
        assert self._connection is not None
        box = self.boxes[code]
        box.forget()
        try:
            with within(SECONDS, "the broker did not open a channel in time"):
                channel = self._connection.channel()
                channel.auto_decode = False
                channel._do_revive = partial(self._closed, code, channel)  # py-amqp would open it anew, without our consumer
                channel.basic_qos(0, self._prefetch, False)
                channel.basic_consume(
                    inbox(code), callback=partial(self._received, box, box.life), on_cancel=lambda _: self._cancelled.add(code)
                )
        except (NotFound, AccessRefused) as fault:
            if code not in self.absent:
                self._log.error("inbox cannot be read", agency=code, error=fault.__class__.__name__)
            self.absent[code] = time.monotonic()
        else:
            self._channels[code] = channel
            self.absent.pop(code, None)

    def _closed(self, code: str, channel: Any) -> None:
        """The broker has closed it: for the queue is not there or not ours, or for a message was in hand longer than it allows."""
        channel.collect()
        self._let_go(code)

    def _close(self, code: str, channel: Any) -> None:
        self._let_go(code)
        with within(SECONDS, "the broker did not close a channel in time"):
            channel.close()

    def _let_go(self, code: str) -> None:
        self._channels.pop(code, None)
        self._cancelled.discard(code)
        if code in self.boxes:
            self.boxes[code].forget()

    def _received(self, box: Box, life: str, message: Any) -> None:
        if box.life == life:
            got = delivered(message)
            box.put(got.tag, got.body)

    def _acknowledge(self, code: str, life: str, tags: Collection[int]) -> None:
        channel, box = self._channels.get(code), self.boxes.get(code)
        if channel is not None and box is not None and box.life == life:
            for tag in tags:
                channel.basic_ack(tag)

    def _hang_up(self) -> None:
        connection, self._connection, self._channels, self.away = self._connection, None, {}, True
        for each in self.boxes.values():
            each.forget()
        while self._asked:
            self._asked.popleft()[1].send(None)
        if connection is not None:
            with suppress(*LOST):
                connection.close() if self._stopping else connection.collect()


def void(_: object) -> None:
    """Nothing."""
