"""Messages over HTTP on a real broker: taken when the broker has them, and every refusal with its code and remedy."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import jsonschema
import pika
import pytest

from tests.bridge.asking import DESCRIBED, Client, refusal, until
from tests.bridge.house import CENTRE, COURT, OFFICE, STRANGER, House, only_forbidden
from xianjie import envelope
from xianjie.bridge_keys import new_key
from xianjie.envelope import CONTENT_TYPE
from xianjie.messages.referral import ReferralAcknowledged
from xianjie.vocabulary import CHINA
from xianjie.wire import LONGEST

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

WORD = ReferralAcknowledged(leg="L1")


@pytest.fixture(autouse=True)
def quiet(house: House) -> None:
    """Nothing waits for routing."""
    with house.channel("routing") as channel:
        channel.queue_purge("routing.1")


def test_a_message_reaches_the_service_that_hears_it_as_it_was_sent(house: House, office: Client) -> None:
    """To the byte, with the key, header and properties that an agency on AMQP would have set."""
    raw = office.written(WORD, "c-7", "m-7")
    answer = office.post(raw)
    assert (answer.status, answer.body) == (202, {"id": "m-7", "source": f"/agencies/{OFFICE}"})
    with house.channel("routing") as channel:
        method, properties, body = next(channel.consume("routing.1", inactivity_timeout=5))
        channel.basic_ack(method.delivery_tag)
    assert (body, method.routing_key, method.exchange) == (raw, f"{OFFICE}.referral.acknowledged.v1", "xianjie.agencies.in")
    assert (properties.headers["case"], properties.delivery_mode, properties.content_type) == ("c-7", 2, CONTENT_TYPE)
    assert properties.user_id == "bridge"


def test_the_description_is_served_to_everybody_and_what_is_answered_is_as_it_says(house: House, office: Client) -> None:
    """Without a key; every refusal of these tests is held against it as well."""
    served = office.ask("GET", "/openapi.json", Authorization="")
    assert (served.status, served.body) == (200, DESCRIBED)
    house.tell(OFFICE, f"described-{uuid.uuid4()}")
    inbox = until(lambda: office.ask("GET", "/v1/inbox?wait=5").body, lambda body: bool(body["messages"]))
    acknowledged = office.acknowledge([each["delivery"] for each in inbox["messages"]])
    for schema, body in (
        ("Inbox", inbox),
        ("Acknowledged", acknowledged),
        ("Taken", office.post(office.written(WORD, "c-7")).body),
    ):
        jsonschema.validate(body, {"$ref": f"#/components/schemas/{schema}", "components": DESCRIBED["components"]})


def test_the_same_message_again_is_taken_again(house: House, office: Client) -> None:
    """The network knows it by its id; the bridge remembers nothing."""
    raw = office.written(WORD, "c-7")
    assert [office.post(raw).status for _ in range(2)] == [202, 202]
    assert house.said("routing") == [raw, raw]


def test_a_charset_that_is_utf_8_is_no_reason_to_refuse(office: Client) -> None:
    assert office.post(office.written(WORD, "c-7"), Content_Type=f"{CONTENT_TYPE}; charset=UTF-8").status == 202


@pytest.mark.parametrize(
    ("raw", "headers", "code", "pointers"),
    [
        (b"{", {}, "invalid", [""]),
        (b"[]", {}, "invalid", [""]),
        (b"", {}, "invalid", [""]),
        (b"\xff\xfe", {}, "invalid", [""]),
        (b'{"a": NaN}', {}, "invalid", [""]),
        (b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}", {}, "invalid", [""]),
        (b'{"a": 1, "a": 2}', {}, "invalid", [""]),
        (b'{"type": "xianjie.court.opened.v1", "data": {}}', {}, "invalid", None),
        (b'{"specversion": "1.0"}', {}, "invalid", None),
        (b" " * (LONGEST + 1), {}, "too_large", None),
        (b" " * (12 * LONGEST), {}, "too_large", None),  # beyond 16 the bridge hangs up, and the answer may be lost on its way
        (b"{}", {"Content_Type": "application/json"}, "wrong_content_type", None),
        (b"{}", {"Content_Type": "text/plain"}, "wrong_content_type", None),
        (b"{}", {"Content_Type": f"{CONTENT_TYPE}; charset=gbk"}, "wrong_content_type", None),
    ],
)
def test_what_is_no_message_is_refused_for_what_it_is(
    house: House, office: Client, raw: bytes, headers: Any, code: str, pointers: Any
) -> None:
    answer = office.post(raw, **headers)
    assert refusal(answer) == code
    if pointers is not None:
        assert [each["pointer"] for each in answer.body["faults"]] == pointers
    assert house.said("routing") == []


def test_every_fault_of_a_message_is_named_with_its_place(office: Client) -> None:
    """As the receipt of the network would name them."""
    found = json.loads(office.written(WORD, "c-7"))
    answer = office.post(json.dumps({**found, "subject": "no case!", "mode": "play", "data": {"leg": "X"}}).encode())
    assert refusal(answer) == "invalid"
    assert {each["pointer"] for each in answer.body["faults"]} == {"/subject", "/mode", "/data/leg"}
    assert {each["code"] for each in answer.body["faults"]} == {"invalid"}


@pytest.mark.parametrize("subject", ["directory", "clock", "kept-1", "dup-1"])
def test_what_the_network_keeps_for_itself_is_refused_at_once(house: House, office: Client, subject: str) -> None:
    answer = office.post(office.written(WORD, subject))
    assert [each["pointer"] for each in answer.body["faults"]] == ["/subject"]
    assert house.said("routing") == []


def test_a_message_from_the_future_and_one_of_an_exercise_are_refused(office: Client) -> None:
    """Five minutes are the limit; and this network is no exercise."""
    late = office.written(WORD, "c-7", time=datetime.now(CHINA) + timedelta(minutes=6))
    assert refusal(office.post(late)) == "clock_skew"
    played = {**json.loads(office.written(WORD, "c-7")), "exercise": "drill"}
    answer = office.post(json.dumps(played).encode())
    assert (refusal(answer), answer.body["faults"][0]["pointer"]) == ("invalid", "/exercise")


@pytest.mark.parametrize("speaker", [OFFICE, COURT, CENTRE])
@pytest.mark.parametrize("named", [OFFICE, COURT, CENTRE, STRANGER])
def test_a_key_speaks_for_its_own_agency_alone(house: House, speaker: str, named: str) -> None:
    """All pairs of them: another's name is refused before anything is said."""
    client = house.client(speaker)
    answer = client.post(client.written(WORD, "c-7", source=f"/agencies/{named}"))
    if speaker == named:
        assert answer.status == 202
    else:
        assert refusal(answer) == "not_allowed"
        assert house.said("routing") == []


@pytest.mark.parametrize("reader", [OFFICE, COURT, CENTRE])
def test_a_key_reads_its_own_inbox_alone(house: House, reader: str) -> None:
    """What is told to each of three comes to that one."""
    house.empty()
    for code in (OFFICE, COURT, CENTRE):
        house.tell(code, f"for-{code}")
    assert [event["id"] for event in [house.client(reader).hear()]] == [f"for-{reader}"]
    assert house.client(reader).poll(wait=1) == []


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/inbox", "/v1/inbox/ack"])
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Basic Y246eA==", "Bearer nobody", "Bearer " + "x" * 5000, "bearer \xe9"]
)
def test_without_a_key_that_is_known_nothing_is_answered(house: House, path: str, given: str) -> None:
    """Nothing is told of why, and what was tried is not in the log."""
    method = "GET" if path == "/v1/inbox" else "POST"
    answer = house.client(OFFICE).ask(
        method, path, None if method == "GET" else b"{}", Authorization=given, X_Forwarded_For=uuid.uuid4().hex
    )
    assert (refusal(answer), answer.headers["WWW-Authenticate"]) == ("wrong_credentials", "Bearer")
    assert "nobody" not in house.log.read_text()


def test_who_tries_keys_is_slowed_down_and_a_right_key_waits_as_well(house: House) -> None:
    """Else the answer would tell it from wrong ones. The address is the one that the proxy saw."""
    client, address = house.client(OFFICE), "192.0.2.77"
    tried = [
        client.ask("GET", "/v1/inbox?wait=0", Authorization=f"Bearer {new_key()[0]}", X_Forwarded_For=address) for _ in range(25)
    ]
    assert [each.status for each in tried] == [401] * 20 + [429] * 5
    right = client.ask("GET", "/v1/inbox?wait=0", X_Forwarded_For=address)
    assert refusal(right) == "slow_down"
    assert 0 < int(right.headers["Retry-After"]) <= 60
    assert client.ask("GET", "/v1/inbox?wait=0", X_Forwarded_For="192.0.2.78").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"), ("GET", "/v1", 404, "not_found"), ("GET", "/v1/inbox/", 404, "not_found"),
        ("GET", "/v1/inbox/../../etc/passwd", 404, "not_found"), ("GET", "/v1/messages", 405, "not_found"),
        ("DELETE", "/v1/inbox", 405, "not_found"), ("PUT", "/v1/messages", 405, "not_found"),
        ("GET", "/v1/inbox?wait=31", 422, "invalid"), ("GET", "/v1/inbox?wait=-1", 422, "invalid"),
        ("GET", "/v1/inbox?limit=0", 422, "invalid"), ("GET", "/v1/inbox?limit=%F0%9D%9F%8F", 422, "invalid"),
        ("GET", "/v1/inbox?wait=1e1&limit=x", 422, "invalid"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_so(office: Client, method: str, path: str, status: int, code: str) -> None:
    answer = office.ask(method, path, b"{}" if method == "PUT" else None)
    assert (answer.status, refusal(answer)) == (status, code)
    if status == 405:
        assert answer.headers["Allow"]
    if "limit=x" in path:
        assert [each["parameter"] for each in answer.body["faults"]] == ["limit", "wait"]


def test_a_head_request_takes_nothing_out_of_the_inbox(house: House, office: Client) -> None:
    """What nobody is given would be kept from everybody for the visibility time."""
    told = house.tell(OFFICE, f"head-{uuid.uuid4()}")
    until(lambda: house.metrics()["xianjie_bridge_oldest_seconds"], lambda age: age > 0)
    assert office.ask("HEAD", "/v1/inbox").status == 405
    assert office.hear()["id"] == told[0]


# --- what the broker holds


def test_the_bridge_can_say_and_read_nothing_beyond_its_agencies(house: House) -> None:
    """The broker itself refuses the user `bridge` everything else: another's name, another exchange, another inbox."""
    keys = (
        f"{OFFICE}.referral.accepted.v1",
        f"{STRANGER}.referral.accepted.v1",
        "door.case.submitted.v1",
        "routing.a.b.v1.intake",
        "",
    )
    found = set()
    with pika.BlockingConnection(pika.URLParameters(house.network.uri("bridge"))) as connection:
        for exchange in ("xianjie.agencies.in", "xianjie.agencies.out", "xianjie.events", "xianjie.log", "xianjie.ops", ""):
            for key in keys:
                channel = connection.channel()
                channel.confirm_delivery()
                try:
                    channel.basic_publish(exchange, key, b"x", pika.BasicProperties(headers={"case": "c-forbidden"}))
                    found.add((exchange, key))
                    channel.close()
                except pika.exceptions.ChannelClosedByBroker as closed:
                    only_forbidden(closed)
        assert found == {("xianjie.agencies.in", keys[0])}
        readable = set()
        for queue in (
            *(f"agency.{code}" for code in (OFFICE, COURT, CENTRE, STRANGER)),
            "routing.1",
            "xianjie.journal",
            "xianjie.unrouted",
        ):
            channel = connection.channel()
            try:
                channel.queue_declare(queue, passive=True)
                channel.basic_qos(prefetch_count=1)
                channel.basic_consume(queue, lambda *_: None)
                readable.add(queue)
                channel.close()
            except pika.exceptions.ChannelClosedByBroker as closed:
                only_forbidden(closed)
        assert readable == {f"agency.{code}" for code in (OFFICE, COURT, CENTRE)}


def test_nothing_that_was_said_and_no_key_is_in_the_log(house: House, office: Client) -> None:
    """One line for each request: route, agency, status, id, milliseconds."""
    id = office.say(WORD, "c-secret-case")
    text = house.log.read_text()
    line = next(each for each in house.lines("request") if each.get("id") == id)
    assert (line["route"], line["agency"], line["status"]) == ("say", OFFICE, 202)
    assert "c-secret-case" not in text
    assert office.key not in text
    assert house.metrics()["xianjie_bridge_said_total"] >= 1


def test_a_message_of_this_contract_is_read_as_everywhere(office: Client) -> None:
    """The bytes that the tests send are those of the contract, and not a form of their own."""
    assert envelope.read(office.written(WORD, "c-7")).message == WORD
