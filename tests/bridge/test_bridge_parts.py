"""The bridge without its network: what is in hand, signatures, addresses, steps, the description."""

import json
import socket
import threading
from contextlib import closing, suppress
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from services.bridge import handing, openapi
from services.bridge.inbox import Box
from services.bridge.reaching import Reach, public
from services.bridge.serving import ROUTES
from services.bridge.signing import signature
from services.bridge.telling import step
from xianjie.refusals import refusals


def message(id: str, source: str = "/services/routing") -> bytes:
    return json.dumps({"source": source, "id": id}).encode()


# --- what is in hand


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def box(clock: list[float]) -> Box:
    """Three messages, with sixty seconds of visibility."""
    box = Box(60, clock=lambda: clock[0])
    for tag in (1, 2, 3):
        box.put(tag, message(f"m{tag}"))
    return box


def test_what_one_has_no_other_gets_before_its_time_is_over(box: Box, clock: list[float]) -> None:
    """And then it comes before what is newer."""
    assert [each.id for each in box.take(2)] == ["m1", "m2"]
    clock[0] = 59.0
    assert [each.id for each in box.take(9)] == ["m3"]
    clock[0] = 60.0
    assert [each.id for each in box.take(9)] == ["m1", "m2"]


def test_a_message_is_named_by_its_handle_or_by_source_and_id(box: Box) -> None:
    """Once; a source alone, or another's, is none."""
    first = box.take(1)[0]
    assert box.done([first.handle, ("/services/routing", "m3"), ("/services/intake", "m2"), first.handle]) == ([1, 3], [2, 3])


def test_handles_of_another_life_are_nobodys(box: Box) -> None:
    """A tag means something else after a connection is lost; the same message comes anew."""
    old = box.take(1)[0]
    box.forget()
    box.put(1, message("m9"))
    assert (box.done([old.handle]), box.has(old)) == (([], [0]), False)
    assert box.oldest() == 0.0


def test_a_box_that_is_shut_hands_out_nothing(box: Box) -> None:
    box.shut()
    assert (box.take(9), box.next(9, 5.0)) == ([], [])


def test_the_age_is_that_of_the_oldest_in_hand(box: Box, clock: list[float]) -> None:
    clock[0] = 7.0
    box.put(4, message("m4"))
    assert box.oldest() == 7.0
    box.done([("/services/routing", f"m{tag}") for tag in (1, 2, 3)])
    assert box.oldest() == 0.0


def test_a_cloud_event_is_answered_to_the_byte(box: Box) -> None:
    """Blanks and order of members are those of the sender: signatures and digests of it stay good."""
    odd = b'{ "id" : "m5",\n"source":"/services/routing", "n": 1.0e2 }'
    box.put(5, odd)
    assert odd in handing.answer(box.take(9)).get_data()
    assert json.loads(handing.answer([]).get_data()) == {"messages": []}


# --- webhooks


def test_a_signature_is_that_of_the_published_example() -> None:
    """The one of the Standard Webhooks specification."""
    given = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature(*given) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_steps_double_up_to_the_longest_and_stay_there() -> None:
    """Between three quarters and all of it, so that receivers that come back are not hit by all at once."""
    assert [step(failures, 1800, lambda: 1.0) for failures in (1, 2, 3, 4, 11, 12, 13, 100_000)] == [
        1,
        2,
        4,
        8,
        1024,
        1800,
        1800,
        1800,
    ]
    assert step(3, 1800, lambda: 0.0) == 3.0


def test_a_receiver_that_only_ever_says_go_on_is_left() -> None:
    """Endless `100 Continue`: http.client would pass over them for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            line, _ = server.accept()
            with closing(line), suppress(OSError):
                while True:
                    line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

        threading.Thread(target=answer, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        assert Reach(private=True, seconds=30).post(url, {}, b"{}") == ("unreachable", None)


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("fec0::1", False), ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("2001:0:a00:1::", False), ("::ffff:8.8.8.8", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_network_are_public(address: str, open_to_all: bool) -> None:
    assert public(address) is open_to_all


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1:1/x", "http://localhost:1/", "https://[::1]:1/", "https://10.1.2.3/", "https://169.254.169.254/latest"],
)
def test_no_connection_is_made_to_a_private_address(url: str) -> None:
    assert Reach(private=False, seconds=5).post(url, {}, b"") == ("address", None)


def test_an_address_where_nobody_listens_is_unreachable_and_not_an_error() -> None:
    assert Reach(private=True, seconds=5).post("http://127.0.0.1:1/x", {}, b"") == ("unreachable", None)


# --- the description


def test_the_description_is_valid_and_names_every_route_every_reason_and_the_webhook() -> None:
    made = openapi.document()
    OpenAPIV31SpecValidator(made).validate()
    assert json.loads(json.dumps(made)) == made
    served = {
        (rule.rule, method) for rule in ROUTES.iter_rules() for method in rule.methods or () if method not in ("HEAD", "OPTIONS")
    }
    assert {(path, method.upper()) for path, each in made["paths"].items() for method in each} == served
    codes = {each.code for each in refusals().values() if "bridge" in each.at}
    assert set(made["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == codes
    statuses = {str(each.http) for each in refusals().values() if "bridge" in each.at} - {"404"}
    assert set(made["paths"]["/v1/messages"]["post"]["responses"]) - {"202"} == statuses
    named = {each["name"] for each in made["webhooks"]["message"]["post"]["parameters"]}
    assert named == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def valid(schema: str, content: Any) -> None:
    """Raise unless the content is as the description has it."""
    made = openapi.document()
    jsonschema.validate(content, {"$ref": f"#/components/schemas/{schema}", "components": made["components"]})


def test_the_description_says_of_answers_what_they_are(box: Box) -> None:
    """An inbox, and a handle or an identity."""
    whole = {
        "specversion": "1.0",
        "type": "xianjie.receipt.given.v1",
        "subject": "c",
        "datacontenttype": "application/json",
        "data": {},
    }
    box.forget()
    box.put(1, json.dumps({**whole, "id": "m1", "source": "/services/routing"}).encode())
    box.put(2, b"nothing")
    valid("Inbox", json.loads(handing.answer(box.take(9)).get_data()))
    valid("Acknowledge", {"acknowledge": ["a-1", {"source": "/services/routing", "id": "m1"}]})
    with pytest.raises(jsonschema.ValidationError):
        valid("Acknowledge", {"acknowledge": []})
