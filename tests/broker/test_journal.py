"""The journal as operators read it: whole, and to an end though others go on speaking."""

import functools
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.exceptions import AMQPError

from tests.broker.network import CODE, Network, publish
from xianjie import journal
from xianjie.message import OPERATOR
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader, Writer

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]
BEFORE = 2 * journal.PREFETCH


@pytest.fixture
def spoken(make_network: Callable[..., Network]) -> Network:
    """More was said in it than the broker hands over at once."""
    network = make_network((CODE,))
    with network.channel(CODE) as channel:
        for n in range(BEFORE):
            publish(channel, "xianjie.agencies.in", f"{CODE}.referral.accepted.v1", "c-1", b"%d" % n)
    return network


def test_a_silent_journal_is_read_to_its_last_message(spoken: Network) -> None:
    assert [int(each.body) for each in journal.read(spoken.uri(OPERATOR))] == [*range(BEFORE)]


def test_reading_ends_though_somebody_speaks_all_the_time(spoken: Network) -> None:
    """What was there when it began is read; what comes later need not be."""
    heard, done = threading.Event(), threading.Event()

    def speak() -> None:
        with spoken.channel(CODE) as channel:
            while not done.is_set():
                publish(channel, "xianjie.agencies.in", f"{CODE}.referral.accepted.v1", "c-1", b"-1")
                heard.set()

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    heard.wait(10)
    try:
        found = [int(each.body) for each in journal.read(spoken.uri(OPERATOR))]
    finally:
        done.set()
        speaker.join()
    assert found[:BEFORE] == [*range(BEFORE)]


# pika encodes none of these: they are put into the table as they stand
ODD_HEADERS = {
    "a moment beyond all years": b"T" + b"\xff" * 8,
    "a number that is none": b"d" + struct.pack(">d", float("nan")),
    "lists within lists": functools.reduce(lambda inner, _: b"A" + struct.pack(">I", len(inner)) + inner, range(3000), b"V"),
}


class Raw(bytes):
    """A value of a header as it goes over the line."""


@pytest.fixture
def raw_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    encode = pika.data.encode_value

    def encoded(pieces: list[bytes], value: Any) -> int:
        if isinstance(value, Raw):
            pieces.append(bytes(value))
            return len(value)
        return int(encode(pieces, value))

    monkeypatch.setattr(pika.data, "encode_value", encoded)


@pytest.mark.usefixtures("raw_headers")
@pytest.mark.parametrize("what", ODD_HEADERS)
def test_no_header_that_an_agency_writes_keeps_operators_from_reading_on(
    make_network: Callable[..., Network], tmp_path: Path, what: str
) -> None:
    """The message is read, with what can be read of its headers, and recorded; the next one too."""
    network = make_network((CODE,))
    address = "xianjie.agencies.in", f"{CODE}.referral.accepted.v1"
    with network.channel(CODE) as channel, suppress(AMQPError):  # the broker may hang up on it
        properties = pika.BasicProperties(headers={"case": "c-1", "x": Raw(ODD_HEADERS[what])}, user_id=CODE)
        channel.basic_publish(*address, b"odd", properties)
    with network.channel(CODE) as channel:
        publish(channel, *address, "c-1", b"even")
    found = [*journal.read(network.uri(OPERATOR))]
    assert found[-1].body == b"even"
    assert [each.offset for each in found] == [*range(len(found))]
    with Writer.begin(tmp_path / "all.journal", {}) as out:
        for each in found:
            out.add(each)
    assert [each.body for each in Reader(tmp_path / "all.journal")] == [each.body for each in found]


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"id":"deep","data":' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_a_body_that_is_nested_too_deep_is_known_by_its_header(body: bytes) -> None:
    seen = face(journal.Recorded(0, "xianjie.agencies.in", "key", None, body, {"case": "c-1"}))
    assert seen.subject == "c-1"
