"""The one stopwatch: fills a queue, starts a contestant, watches what it says, ends it by its process id."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import pika
import pymongo
from pika.adapters.blocking_connection import BlockingChannel

from tests.bench import Place

CONTESTANTS = ("stock_nameko", "stock_faststream", "floor")
COLLECTIONS = ("inbox", "state", "outbox", "log")
ROOT = Path(__file__).resolve().parents[2]
LIMIT = 300.0
"""Seconds that a contestant has for all its messages."""
CASES_AT_ONCE = 64
"""Cases whose messages are mixed: more than a stock framework prefetches."""
PAUSE = 0.02
"""Seconds between two looks at a queue."""
SLICE = 0.4
"""Seconds that one contestant runs while the others stand still."""

JSON = "application/json"
QUORUM = {"x-queue-type": "quorum"}
STREAM = {"x-queue-type": "stream", "x-max-length-bytes": 200_000_000}


class Unfinished(Exception):
    """A contestant died or ran out of time; the text says how far it came and what it printed last."""


def run(name: str, amqp: str, mongo: str, n: int, journal: bool = False) -> float:
    """Messages/s of the contestant `name` over `n` messages, between the first tenth and the last of them.

    The place is fresh: its queues, exchange, stream and database are made for this run and gone after it, and so is
    the process. With `journal`, a stream is bound to all that is said. Raises Unfinished; ValueError for a name
    that is not a contestant or for fewer than 20 messages.
    """
    if name not in CONTESTANTS:
        raise ValueError(f"no contestant is called {name!r}; there are {', '.join(CONTESTANTS)}")
    if n < 20:
        raise ValueError(f"{n} messages are too few to measure a rate; give 20 or more")
    place = Place(amqp, mongo, n, f"bench-{name}-{uuid.uuid4().hex[:8]}")
    try:
        set_up(place)
        fill(place.amqp, place.exchange, "heard", messages(n))
        if journal:
            record(place)
        with started(f"tests.bench.{name}", place.environment()) as process:
            return watch(place.amqp, place.outbox, n, process)
    finally:
        clear_away(place)


def set_up(place: Place) -> None:
    """Declares exchange and quorum queues, and creates every collection, so that no transaction has to."""
    with pika.BlockingConnection(pika.URLParameters(place.amqp)) as connection:
        channel = connection.channel()
        channel.exchange_declare(place.exchange, "topic", durable=True)
        for queue, key in ((place.inbox, "heard"), (place.outbox, "said")):
            channel.queue_declare(queue, durable=True, arguments=QUORUM)
            channel.queue_bind(queue, place.exchange, key)
    with pymongo.MongoClient[dict[str, Any]](place.mongo) as client:
        for collection in COLLECTIONS:
            client[place.prefix].create_collection(collection)


def record(place: Place) -> None:
    """Binds a journal stream to everything that goes through the exchange from now on."""
    with pika.BlockingConnection(pika.URLParameters(place.amqp)) as connection:
        channel = connection.channel()
        channel.queue_declare(place.journal, durable=True, arguments=STREAM)
        channel.queue_bind(place.journal, place.exchange, "#")


def clear_away(place: Place) -> None:
    """Removes what the run declared and stored; nothing is wrong when it is not there."""
    with pika.BlockingConnection(pika.URLParameters(place.amqp)) as connection:
        channel = connection.channel()
        for queue in (place.inbox, place.outbox, place.journal):
            channel.queue_delete(queue)
        channel.exchange_delete(place.exchange)
    with pymongo.MongoClient[dict[str, Any]](place.mongo) as client:
        client.drop_database(place.prefix)


def messages(n: int) -> Iterator[tuple[str, bytes]]:
    """`n` messages as (case, body), four to a case and those of one case 64 apart; ids of cases ascend.

    Apart by more than the prefetch, because two transactions on one case at a time would abort each other:
    a stock framework is measured at its best.
    """
    for i in range(n):
        case = str(uuid.UUID(int=CASES_AT_ONCE * (i // (4 * CASES_AT_ONCE)) + i % CASES_AT_ONCE))
        yield case, json.dumps(message(case, i), ensure_ascii=False).encode()


def message(case: str, i: int) -> dict[str, Any]:
    """The i-th message, as an assistance centre would send it: envelope and 16 fields, about 1.4 kB of JSON."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"message {i}")),
        "source": "/agencies/110000-assistance-centre",
        "type": "xianjie.case.submitted.v1",
        "subject": case,
        "time": "2026-03-02T09:30:00+08:00",
        "timeprecision": "second",
        "datacontenttype": JSON,
        "traceparent": f"00-{i:032x}-{i:016x}-01",
        "data": {
            "right": "patent",
            "grant": "ZL201830123456.7",
            "area": "110105",
            "track": "mediation",
            "applicant": {"name": "北京某某科技有限公司", "code": "91110105MA01ABCD2X", "category": "sme"},
            "respondents": [{"name": "上海某某贸易有限公司", "code": "91310115MA1K35XY7B", "category": "sme"}],
            "services": ["consultation", "mediation"],
            "evidence": [{"id": str(uuid.UUID(int=i)), "size": 184_320, "media": "application/pdf", "sha256": "ab" * 32}],
            "claimed": 250_000,
            "urgent": False,
            "channel": "agency",
            "summary": "The respondent sells lamps of the applicant's registered design. " * 6,
        },
    }


def fill(amqp: str, exchange: str, key: str, bodies: Iterable[tuple[str, bytes]], content_type: str = JSON) -> int:
    """Publishes every (case, body) as a persistent message with header `case`; returns how many there were.

    Returns when the broker has confirmed the last of them, and with it all before it: they are safe in the log of the quorum queue that
    the key leads to. (Counting what is ready there would miss what a paused reader has been handed.)
    """
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        channel = connection.channel()
        last, sent = None, 0
        for case, body in bodies:
            if last:
                channel.basic_publish(*last)
            properties = pika.BasicProperties(content_type=content_type, delivery_mode=2, headers={"case": case})
            last, sent = (exchange, key, body, properties), sent + 1
        if last:
            channel.confirm_delivery()
            channel.basic_publish(*last)
    return sent


def held(channel: BlockingChannel, queue: str) -> int:
    """Messages in the queue that are ready to be delivered."""
    return int(channel.queue_declare(queue, passive=True).method.message_count)


@dataclass(frozen=True)
class Contestant:
    """A process under the stopwatch."""

    name: str
    process: subprocess.Popen[bytes]
    printed: IO[bytes]

    def pause(self) -> None:
        """Let it stand still, so that a queue can be filled before it goes on."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def last_words(self) -> str:
        """The end of what it printed, and its exit status if it has one."""
        self.printed.seek(0)
        text = self.printed.read().decode(errors="replace")[-2_000:]
        return f"{self.name} (exit status {self.process.poll()}) printed:\n{text}"


@dataclass(frozen=True)
class Side:
    """A contestant that stands still, and the queue in which what it says is counted, up to `n`."""

    amqp: str
    queue: str
    n: int
    contestant: Contestant


@contextmanager
def started(module: str, environment: Mapping[str, str]) -> Iterator[Contestant]:
    """Runs `python -m module` from the root of the checkout with these variables added; ends it by its process id."""
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Contestant(module, process, printed)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def watch(amqp: str, queue: str, n: int, contestant: Contestant, limit: float = LIMIT) -> float:
    """Messages/s from the first tenth of `n` messages in the queue to the last, read every 20 ms.

    Raises Unfinished after `limit` seconds, or as soon as the contestant has ended with less in the queue.
    """
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        channel = connection.channel()
        end = time.monotonic() + limit
        first = None
        while time.monotonic() < end:
            over = contestant.process.poll() is not None
            count, now = held(channel, queue), time.monotonic()
            if count >= n and first:
                return (count - first[0]) / (now - first[1])
            if count >= n // 10 and not first:
                first = count, now
            if over:
                break
            time.sleep(PAUSE)
    raise Unfinished(f"{count} of {n} messages were said; {contestant.last_words()}")


def turns(sides: Sequence[Side]) -> list[float]:
    """Messages/s of each of several contestants that run in turn, a slice of time each, while the others stand still.

    A machine that others use as well drifts by a tenth within seconds: so both sides of a comparison see the same machine. Each is
    let run alone to its first tenth; the clock runs from there until one has said everything, each by the time that it ran.
    Raises Unfinished as `watch` does.
    """
    with ExitStack() as stack:
        looks = [stack.enter_context(pika.BlockingConnection(pika.URLParameters(each.amqp))).channel() for each in sides]
        said = [partial(held, channel, each.queue) for channel, each in zip(looks, sides, strict=True)]
        first, ran, counts = [], [0.0] * len(sides), [0] * len(sides)
        for each, count in zip(sides, said, strict=True):
            _run(each, count, each.n // 10, LIMIT)
            time.sleep(SLICE)  # what was on its way arrives
            first.append(count())
        end = time.monotonic() + LIMIT
        while all(count < each.n for count, each in zip(counts, sides, strict=True)):
            for at, each in enumerate(sides):
                ran[at] += _run(each, said[at], each.n, SLICE)
            counts = [count() for count in said]
            if time.monotonic() > end or any(each.contestant.process.poll() is not None for each in sides):
                raise Unfinished(f"{counts} messages were said; {' '.join(each.contestant.last_words() for each in sides)}")
        for each in sides:
            each.contestant.resume()
        return [(count - begun) / seconds for count, begun, seconds in zip(counts, first, ran, strict=True)]


def _run(side: Side, said: Callable[[], int], most: int, seconds: float) -> float:
    """Let one go on until it has said so many, or so long; the seconds that it ran."""
    began = time.monotonic()
    side.contestant.resume()
    while said() < most and time.monotonic() - began < seconds:
        time.sleep(PAUSE)
    side.contestant.pause()
    return time.monotonic() - began


def purge(amqp: str, queue: str) -> None:
    """Throw away what is in a queue."""
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        connection.channel().queue_purge(queue)


def wait_until(true: Callable[[], bool], what: str, limit: float = 60.0) -> None:
    """Return as soon as `true()`; raises Unfinished, naming `what`, after `limit` seconds."""
    end = time.monotonic() + limit
    while not true():
        if time.monotonic() > end:
            raise Unfinished(f"{what}: not within {limit:g} s")
        time.sleep(PAUSE)
