"""Ten agencies, and everything that each might try to say, read or change: nothing forbidden gets through, and all that is allowed does."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pika
import pytest

from tests.broker.network import Network
from xianjie.message import DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES
from xianjie.topology import AGENCIES_IN, ALL, JOURNAL, ROUNDS, UNROUTED, inbox

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

CODES = tuple(f"CN-TRY-{number}" for number in range(1, 11))
"""CN-TRY-1 begins CN-TRY-10: where a pattern that is too short would show."""
AT_ONCE = 400
"""Channels in the making at a time; each refusal costs one."""
REFUSED = 403


class Try(NamedTuple):
    """One thing that an agency tries, and whether it may."""

    what: str
    act: Callable[[Any], None]
    allowed: bool


@dataclass(slots=True)
class Outcome:
    """What the broker answered: None while nothing came, else a code, 0 for yes."""

    code: int | None = None
    text: str = ""


class Trier(pika.SelectConnection):  # type: ignore[misc]  # pika tells mypy nothing
    """One agency's connection, on which many things are tried at once, each on a channel of its own."""

    def __init__(self, uri: str, tries: list[Try]) -> None:
        self.left, self.outcomes = iter(tries), dict[str, Outcome]()
        self.open_now = 0
        super().__init__(
            pika.URLParameters(uri), on_open_callback=self._more, on_open_error_callback=self._lost, on_close_callback=self._lost
        )

    def _lost(self, _: Any, why: object) -> None:
        self.lost = why
        self.ioloop.stop()

    def _more(self, _: Any) -> None:
        """As many as may be under way."""
        while self.open_now < AT_ONCE and (each := next(self.left, None)):
            self.open_now += 1
            self._begin(each)
        if not self.open_now:
            self.close()

    def _begin(self, tried: Try) -> None:
        outcome = self.outcomes[tried.what] = Outcome()

        def opened(channel: Any) -> None:
            channel.add_on_close_callback(closed)
            tried.act(Asking(channel, lambda: answered(channel)))

        def answered(channel: Any) -> None:
            if outcome.code is None:
                outcome.code = 0
                channel.close()

        def closed(_: Any, why: Any) -> None:
            if outcome.code is None:
                outcome.code, outcome.text = getattr(why, "reply_code", -1), getattr(why, "reply_text", repr(why))
            self.open_now -= 1
            self._more(self)

        self.channel(on_open_callback=opened)


class Asking:
    """A channel, and what to call when the broker says yes."""

    def __init__(self, channel: Any, yes: Callable[[], None]) -> None:
        self.channel, self.yes = channel, yes

    def publish(self, exchange: str, key: str) -> None:
        self.channel.confirm_delivery(lambda _: self.yes())
        self.channel.basic_publish(exchange, key, b"x", pika.BasicProperties(headers={"case": "c-forbidden"}))

    def consume(self, queue: str) -> None:
        self.channel.basic_qos(prefetch_count=1)  # a stream is not read without
        self.channel.basic_consume(queue, lambda *_: None, callback=lambda _: self.yes())

    def get(self, queue: str) -> None:
        self.channel.add_callback(lambda *_: self.yes(), [pika.spec.Basic.GetEmpty])
        self.channel.basic_get(queue, lambda *_: self.yes())

    def call(self, name: str, *words: Any, **more: Any) -> None:
        """Any method that is answered by an ok."""
        getattr(self.channel, name)(*words, callback=lambda _: self.yes(), **more)


def classes() -> list[str]:
    """A type of every noun that is said by anybody, and every verb of the network's own people."""
    nouns = {each.name.split(".")[0]: f"{each.name}.v{each.version}" for each in MESSAGES.values()}
    special = [f"{each.name}.v{each.version}" for each in MESSAGES.values() if {OPERATOR, PLAYER} & {*each.said_by}]
    return sorted({*nouns.values(), *special})


def keys(code: str) -> Iterator[str]:
    """Its own with a type of every class; every other's, those of services and people, wildcards, the empty one."""
    yield from (f"{code}.{type}" for type in classes())
    yield from (f"{other}.referral.accepted.v1" for other in CODES if other != code)
    yield from (f"{who}.case.submitted.v1" for who in (*SERVICES, DOOR, OPERATOR, PLAYER, ALL))
    yield from (f"{who}.parked.skip_asked.v1" for who in (*SERVICES, ALL))
    yield from (f"routing.routing.custody_moved.v1.{service}" for service in SERVICES)
    yield from ("", "#", "*", "*.#", f"{code}", f"{code}#", f"{code}-1.referral.accepted.v1", f"x{code}.referral.accepted.v1")
    yield from (code.lower() + ".referral.accepted.v1", f".{code}.x", f"{code[:-1]}.referral.accepted.v1", f"*.{code}.x", "#.v1")


def tries(code: str, exchanges: list[str], queues: list[str]) -> Iterator[Try]:
    """Everything that one agency tries, each once."""
    for exchange, key in itertools.product(exchanges, dict.fromkeys(keys(code))):
        own = exchange == AGENCIES_IN and key.startswith(f"{code}.")
        yield Try(f"publish {exchange!r} {key!r}", lambda on, e=exchange, k=key: on.publish(e, k), own)  # type: ignore[misc]
    for queue in queues:
        yield from _reading(code, queue)
        yield from _changing(queue, exchanges)
    for exchange in exchanges:
        made = f"mine-{exchange}"
        yield Try(f"exchange.declare {made}", lambda on, e=made: on.call("exchange_declare", e), False)  # type: ignore[misc]
        yield Try(f"exchange.delete {exchange!r}", lambda on, e=exchange: on.call("exchange_delete", e), False)  # type: ignore[misc]
        yield Try(
            f"exchange.bind {exchange!r}",
            lambda on, e=exchange: on.call("exchange_bind", AGENCIES_IN, e, "#"),  # type: ignore[misc]
            False,
        )
    for name in ("mine", f"{inbox(code)}.2", ""):
        yield Try(f"queue.declare new {name!r}", lambda on, n=name: on.call("queue_declare", n, durable=True), False)  # type: ignore[misc]


def _reading(code: str, queue: str) -> Iterator[Try]:
    """From its own inbox it takes; it may empty that too, which is reading."""
    own = queue == inbox(code)
    yield Try(f"consume {queue}", lambda on: on.consume(queue), own)
    if queue != JOURNAL:  # nobody gets from a stream or purges it
        yield Try(f"get {queue}", lambda on: on.get(queue), own)
        yield Try(f"purge {queue}", lambda on: on.call("queue_purge", queue), own)


def _changing(queue: str, exchanges: list[str]) -> Iterator[Try]:
    """Not even its own inbox. How full a queue is, RabbitMQ tells everybody in its virtual host who knows its name; never what is in it."""
    yield Try(f"look at {queue}", lambda on: on.call("queue_declare", queue, passive=True), True)
    quorum = {"x-queue-type": "quorum"}
    yield Try(f"declare {queue}", lambda on: on.call("queue_declare", queue, durable=True, arguments=quorum), False)
    yield Try(f"delete {queue}", lambda on: on.call("queue_delete", queue), False)
    for exchange in exchanges:
        yield Try(f"bind {queue} {exchange!r}", lambda on, e=exchange: on.call("queue_bind", queue, e, "#"), False)  # type: ignore[misc]
        yield Try(f"unbind {queue} {exchange!r}", lambda on, e=exchange: on.call("queue_unbind", queue, e, "#"), False)  # type: ignore[misc]


@pytest.fixture(scope="module")
def ten(make_network: Callable[..., Network]) -> Network:
    """Ten agencies in an exercise, two partitions of each service, and a journal: every kind of queue that there is."""
    return make_network(CODES, partitions=dict.fromkeys(SERVICES, 2), exercise=True)


def test_no_forbidden_pair_gets_through_and_every_allowed_one_does(ten: Network) -> None:
    """Every exchange with every key, every queue with every operation, for each of ten agencies, over real connections."""
    exchanges = [*(each["name"] for each in ten.holds["exchanges"]), "", "amq.topic", "amq.direct", "amq.fanout", "amq.headers"]
    queues = [each["name"] for each in ten.holds["queues"]]
    assert {inbox(CODES[0]), "routing.2", JOURNAL, UNROUTED, ROUNDS} <= {*queues}
    began, through, stopped, counted = time.monotonic(), list[str](), list[str](), [0, 0]
    for code in CODES:
        planned = list(tries(code, exchanges, queues))
        assert len({each.what for each in planned}) == len(planned), "each is tried once"
        for each, outcome in tried(ten, code, planned):
            counted[each.allowed] += 1
            if each.allowed and outcome.code != 0:
                stopped.append(f"{code}: {each.what}: {outcome.code} {outcome.text}")
            elif not each.allowed and outcome.code != REFUSED:
                through.append(f"{code}: {each.what}: {outcome.code} {outcome.text}")
    seconds = time.monotonic() - began
    print(f"\nforbidden: {counted[False]} tried, {len(through)} got through; allowed: {counted[True]} tried, {len(stopped)} refused; "
          f"{len(CODES)} agencies, {len(exchanges)} exchanges, {len(queues)} queues, {seconds:.0f} s")  # fmt: skip
    assert (through[:20], stopped[:20]) == ([], [])
    assert counted[False] > 10_000
    assert counted[True] > 100


def tried(network: Network, code: str, planned: list[Try]) -> Iterator[tuple[Try, Outcome]]:
    """Each with what the broker answered; all must have been answered."""
    connection = Trier(network.uri(code), planned)
    connection.ioloop.start()
    connection.ioloop.close()
    assert len(connection.outcomes) == len(planned), f"{code} lost its connection: {getattr(connection, 'lost', '')}"
    for each in planned:
        yield each, connection.outcomes[each.what]
