"""Clients that are slow, broken or hostile: none is taken for what it is not, and nobody else waits for it."""

import socket
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bridge.asking import Client, refusal, until
from tests.bridge.house import House
from xianjie.envelope import CONTENT_TYPE
from xianjie.messages.referral import ReferralAcknowledged

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

WORD = ReferralAcknowledged(leg="L1")


@pytest.fixture(autouse=True)
def quiet(house: House) -> None:
    """Nothing waits for routing."""
    with house.channel("routing") as channel:
        channel.queue_purge("routing.1")


def raw_answer(house: House, sent: bytes, *, patience: float = 30.0) -> bytes:
    """What comes back for these bytes on a connection of their own, up to its end, or until the other side hangs up."""
    where, found = urlsplit(house.network.bridge.address), b""
    with closing(socket.create_connection((where.hostname, where.port), timeout=patience)) as line, suppress(ConnectionError):
        line.sendall(sent)
        with suppress(OSError):  # hung up already
            line.shutdown(socket.SHUT_WR)
        while more := line.recv(65536):
            found += more
    return found


def head(client: Client, *more: str) -> bytes:
    lines = (
        "POST /v1/messages HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {client.key}",
        f"Content-Type: {CONTENT_TYPE}",
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def test_a_body_that_ends_early_is_not_taken(house: House, office: Client) -> None:
    raw = office.written(WORD, "c-7")
    said = raw_answer(house, head(office, f"Content-Length: {len(raw) + 10}") + raw)
    assert b" 202 " not in said
    broken = raw_answer(house, head(office, "Transfer-Encoding: chunked") + b"ff\r\nshort")
    assert b" 408 " in broken
    assert b'"too_slow"' in broken
    assert house.said("routing") == []


def test_a_body_in_chunks_is_taken_and_one_too_large_in_chunks_is_not(house: House, office: Client) -> None:
    raw = office.written(WORD, "c-7")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(raw), raw)
    assert b" 202 " in raw_answer(house, head(office, "Transfer-Encoding: chunked", "Connection: close") + chunked)
    many = b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(8)) + b"0\r\n\r\n"
    assert b" 413 " in raw_answer(house, head(office, "Transfer-Encoding: chunked", "Connection: close") + many)


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(house: House, office: Client) -> None:
    """With `Expect: 100-continue` no byte of it goes over the line."""
    where = urlsplit(house.network.bridge.address)
    with closing(socket.create_connection((where.hostname, where.port), timeout=10)) as line:
        line.sendall(head(office, "Content-Length: 900000000", "Expect: 100-continue"))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_trickles_is_cut_off_and_nobody_else_waits(house: House, office: Client, court: Client) -> None:
    """Twenty seconds for a whole body, though a byte comes every second."""
    where, began = urlsplit(house.network.bridge.address), time.monotonic()
    with closing(socket.create_connection((where.hostname, where.port), timeout=1)) as line:
        line.sendall(head(office, "Content-Length: 1000"))
        found = b""
        while not found:
            assert time.monotonic() - began < 40
            line.sendall(b" ")
            assert court.ask("GET", "/v1/inbox?wait=0").status == 200
            try:
                found = line.recv(65536)
            except TimeoutError:
                continue
    assert b" 408 " in found
    assert time.monotonic() - began >= 19


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: abc"], ["Content-Length: -5"], ["Content-Length: 5", "Content-Length: 6"], ["X: " + "y" * 100_000],
        ["Content-Length: 2", "Transfer-Encoding: chunked"], ["Transfer-Encoding: gzip, chunked"], [f"X-{each}: 1" for each in range(5000)],
        ["Content-Length: 99999999999999999999999"], ["Authorization: Bearer other", "Content-Length: 0"], ["X: \xff\x00"],
    ],
)  # fmt: skip
def test_hostile_headers_are_answered_or_cut_off_and_the_bridge_lives(house: House, office: Client, lines: list[str]) -> None:
    """No answer takes such a request for a message, and the next client is served."""
    said = raw_answer(house, head(office, *lines, "Connection: close") + b"{}")
    assert b" 202 " not in said
    assert b"Traceback" not in said
    assert office.ask("GET", "/v1/inbox?wait=0").status == 200
    assert house.network.ready("bridge")


def test_twenty_polls_of_an_agency_hinder_neither_its_own_words_nor_another(house: House, office: Client, court: Client) -> None:
    where = urlsplit(house.network.bridge.address)
    poll = f"GET /v1/inbox?wait=20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {office.key}\r\n\r\n".encode()
    lines = [socket.create_connection((where.hostname, where.port)) for _ in range(20)]
    try:
        for each in lines:
            each.sendall(poll)
        answer = until(lambda: office.ask("GET", "/v1/inbox?wait=0"), lambda seen: seen.status == 429)
        assert (refusal(answer), answer.headers["Retry-After"]) == ("slow_down", "1")
        assert court.ask("GET", "/v1/inbox?wait=0").status == 200
        office.say(WORD, "c-7")
        assert office.acknowledge(["nothing"])["acknowledged"] == 0
    finally:
        for each in lines:
            each.close()
    until(lambda: office.ask("GET", "/v1/inbox?wait=0").status, lambda status: status == 200)


MUCH = 300 * 2**20
ENDLESS = ["the size of a chunk", "what stands behind a size", "the lines after the last chunk", "sizes of chunks of one byte"]
LINES = dict(
    zip(
        ENDLESS,
        (b"1" * 65536, b"5;" + b"x" * 65534, b"0\r\n" + b"a: b\r\n" * 10_000, b"1;" + b"x" * 500 + b"\r\nx\r\n"),
        strict=True,
    )
)


@pytest.mark.parametrize("what", ENDLESS)
@pytest.mark.parametrize("knows", ["with a key", "without a key"])
def test_lines_between_chunks_that_never_end_are_hung_up_on(house: House, office: Client, what: str, knows: str) -> None:
    """None of them is kept: eventlet would read a line of any length into memory."""
    where, begins = urlsplit(house.network.bridge.address), head(office, "Transfer-Encoding: chunked")
    begins = begins if knows == "with a key" else begins.replace(office.key.encode(), b"xj_nobody")
    before, sent = memory(house), 0
    with closing(socket.create_connection((where.hostname, where.port), timeout=30)) as line:
        line.sendall(begins)
        with suppress(OSError):  # reset, or a broken pipe
            while sent < MUCH:
                line.sendall(LINES[what] * 16)
                sent += 16 * len(LINES[what])
    assert sent < MUCH
    assert memory(house) - before < 60 * 2**20
    assert office.ask("GET", "/v1/inbox?wait=0").status == 200


def memory(house: House) -> int:
    """Bytes that the bridge's process holds."""
    pid = house.network.processes["bridge"].pid
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def test_another_method_is_answered_with_those_that_there_are(house: House, office: Client) -> None:
    for path, allowed in (("/v1/inbox", "GET"), ("/openapi.json", "GET"), ("/v1/messages", "POST"), ("/v1/inbox/ack", "POST")):
        answer = office.ask("DELETE", path)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def test_the_wrong_content_type_of_an_acknowledgement_is_told_with_the_right_one(house: House, office: Client) -> None:
    answer = office.ask("POST", "/v1/inbox/ack", b"{}", Content_Type=CONTENT_TYPE)
    assert (answer.status, answer.body["remedy"]) == (415, "set the content type application/json")
    assert answer.headers["Accept-Post"] == "application/json"
