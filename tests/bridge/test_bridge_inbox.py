"""The inbox over HTTP, on a real broker: handed out in order, kept until acknowledged, never lost."""

import json
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.bridge.asking import Client, gathered, ids, until
from tests.bridge.house import OFFICE, House, names

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

SEEN = 2.0
"""Seconds of visibility in these tests."""


def test_messages_come_in_order_as_they_are_and_no_more_once_they_are_acknowledged(house: House, office: Client) -> None:
    """Each with its identity, a handle, and the CloudEvent to the letter."""
    told = house.tell(OFFICE, *names("order", 3))
    found = gathered(office, 3)
    assert ids(found) == told
    assert {each["source"] for each in found} == {"/services/routing"}
    assert [each["message"]["id"] for each in found] == told
    assert found[0]["message"]["data"] == {"status": 202, "to": "m-1", "text": "", "faults": []}
    assert office.acknowledge([each["delivery"] for each in found]) == {"acknowledged": 3, "unknown": []}
    assert office.poll(wait=3) == []
    until(lambda: house.nothing_left(OFFICE))


def test_a_poll_on_an_empty_inbox_is_answered_when_something_comes_or_its_time_is_over(house: House, office: Client) -> None:
    began = time.monotonic()
    assert office.poll(wait=1) == []
    assert 0.9 < time.monotonic() - began < 5
    teller = threading.Timer(0.5, lambda: house.tell(OFFICE, *names("late", 1)))
    teller.start()
    began = time.monotonic()
    (found,) = office.poll(wait=20)
    assert time.monotonic() - began < 10
    office.acknowledge([found["delivery"]])
    teller.join()


def test_what_is_not_acknowledged_comes_again_after_the_visibility_time_and_before_what_is_newer(
    house: House, office: Client
) -> None:
    """The same message, known by source and id; not before its time."""
    first, second = house.tell(OFFICE, *names("again", 2))
    (found,) = gathered(office, 1)
    began = time.monotonic()
    assert found["id"] == first
    assert ids(office.poll(wait=0, limit=1)) == [second]
    (again,) = office.poll(wait=10, limit=1)
    assert again["id"] == first
    assert time.monotonic() - began > SEEN - 0.5
    assert office.acknowledge([found["delivery"], {"source": "/services/routing", "id": second}])["unknown"] == []
    assert house.metrics()["xianjie_bridge_handed_again_total"] >= 1
    assert office.poll(wait=3) == []


def test_what_was_acknowledged_before_or_is_nobodys_is_named_and_the_client_goes_on(house: House, office: Client) -> None:
    """By handle, and by source and id."""
    (told,) = house.tell(OFFICE, *names("late", 1))
    (found,) = gathered(office, 1)
    named = {"source": "/services/routing", "id": told}
    assert office.acknowledge([named]) == {"acknowledged": 1, "unknown": []}
    assert office.acknowledge([found["delivery"], named, "x-1"]) == {
        "acknowledged": 0,
        "unknown": [found["delivery"], named, "x-1"],
    }


def test_an_agency_cannot_acknowledge_for_another(house: House, office: Client, court: Client) -> None:
    """Neither by the handle nor by the identity of a message that is not in its own inbox."""
    (told,) = house.tell(OFFICE, *names("mine", 1))
    (found,) = gathered(office, 1)
    stolen = [found["delivery"], {"source": "/services/routing", "id": told}]
    assert court.acknowledge(stolen) == {"acknowledged": 0, "unknown": stolen}
    (again,) = office.poll(wait=10)
    assert again["id"] == told
    office.acknowledge([again["delivery"]])


def test_two_pollers_share_an_inbox_without_waiting_for_each_other_or_doubling(house: House, office: Client) -> None:
    """Each message is handed to one of them; all are handed out."""
    told, found, stop = house.tell(OFFICE, *names("shared", 60)), list[str](), threading.Event()

    def work() -> None:
        while not stop.is_set():
            some = office.poll(wait=1, limit=3)
            found.extend(ids(some))
            if some:
                office.acknowledge([each["delivery"] for each in some])

    pollers = [threading.Thread(target=work) for _ in range(2)]
    for each in pollers:
        each.start()
    until(lambda: len(found), lambda count: count >= 60)
    stop.set()
    for each in pollers:
        each.join()
    assert sorted(found) == sorted(told)


def test_one_poller_that_waits_does_not_keep_another_from_what_is_there(house: House, office: Client) -> None:
    """Two wait; each gets one of two messages that come one after the other."""
    found = list[str]()
    pollers = [threading.Thread(target=lambda: found.extend(ids(office.poll(wait=20, limit=1)))) for _ in range(2)]
    for each in pollers:
        each.start()
    told = house.tell(OFFICE, *names("pair", 2))
    for each in pollers:
        each.join(15)
    assert sorted(found) == sorted(told)
    office.acknowledge([{"source": "/services/routing", "id": each} for each in told])


def test_a_poller_that_hangs_up_takes_nothing_with_it(house: House, office: Client) -> None:
    """What comes after it has gone is handed to the next at once, not after the visibility time."""
    where = urlsplit(house.network.bridge.address)
    with closing(socket.create_connection((where.hostname, where.port))) as line:
        line.sendall(f"GET /v1/inbox?wait=30 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {office.key}\r\n\r\n".encode())
        time.sleep(0.3)  # so that it waits already; if it does not yet, it has hung up all the same
    told = house.tell(OFFICE, *names("gone", 1))
    began = time.monotonic()
    assert ids(office.poll(wait=10)) == told
    assert time.monotonic() - began < SEEN
    office.acknowledge([{"source": "/services/routing", "id": told[0]}])


def test_no_more_than_the_bound_are_in_hand_and_the_rest_waits_on_the_broker(house: House, office: Client) -> None:
    """Twenty at most, whatever a poll asks for; the next come when those are acknowledged."""
    told = house.tell(OFFICE, *names("many", 50))
    first = gathered(office, 20)
    assert ids(first) == told[:20]
    assert office.poll(wait=0, limit=100) == []
    office.acknowledge([each["delivery"] for each in first])
    assert office.take(30) == told[20:]


def test_bytes_that_are_no_message_are_handed_over_as_they_are(house: House, office: Client) -> None:
    """No service says such a thing; if one comes, it is the agency's to see, and holds up nothing."""
    house.publish(OFFICE, b"\xff no message", b'{"id": 7}')
    found = gathered(office, 2)
    assert [(each["id"], each["message"], each["raw"]) for each in found] == [
        (None, None, "/yBubyBtZXNzYWdl"), (None, None, "eyJpZCI6IDd9"),
    ]  # fmt: skip
    assert office.acknowledge([each["delivery"] for each in found])["unknown"] == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"{", [""]), (b"{}", ["/acknowledge"]), (b'{"acknowledge": []}', ["/acknowledge"]), (b'{"acknowledge": "x"}', ["/acknowledge"]),
        (b'{"acknowledge": ["a", 7, {"id": "x"}, {}]}', ["/acknowledge/1", "/acknowledge/2", "/acknowledge/3"]),
        (json.dumps({"acknowledge": ["x"] * 1001}).encode(), ["/acknowledge"]),
    ],
)  # fmt: skip
def test_an_acknowledgement_that_names_nothing_is_refused(office: Client, body: bytes, pointers: list[str]) -> None:
    answer = office.ask("POST", "/v1/inbox/ack", body, Content_Type="application/json")
    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert [each["pointer"] for each in answer.body["faults"]] == pointers


def test_an_acknowledgement_is_json(office: Client) -> None:
    assert office.ask("POST", "/v1/inbox/ack", b"{}", Content_Type="text/plain").body["code"] == "wrong_content_type"
