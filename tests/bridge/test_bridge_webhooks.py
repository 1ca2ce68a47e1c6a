"""Webhooks on a real broker and a real server: signed, in order, tried until they are taken."""

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Receiver

from tests.bridge.asking import until
from tests.bridge.hooks import Hooks
from tests.bridge.house import COURT, OFFICE, House, names
from xianjie.bridge_keys import Webhook, new_secret, read_served, write_served

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

SECRET = new_secret()


def name_webhook(house: House, code: str, url: str | None) -> None:
    """Write it into the file, and wait until the bridge has read that."""
    before = len(house.lines("agencies read"))
    hook = Webhook(url=url, secret=SECRET) if url else None
    write_served(
        house.agencies, [replace(each, webhook=hook) if each.code == code else each for each in read_served(house.agencies)]
    )
    until(lambda: len(house.lines("agencies read")) > before)


@pytest.fixture
def hooks(empty: House) -> Iterator[Hooks]:
    """The office is told there."""
    hooks = Hooks().start()
    name_webhook(empty, OFFICE, hooks.url)
    yield hooks
    name_webhook(empty, OFFICE, None)
    hooks.stop()


def ids(hooks: Hooks) -> list[str]:
    return [json.loads(each.body)["id"] for each in hooks.told]


def tries(house: House, outcome: str) -> float:
    return house.metrics().get(f'xianjie_bridge_webhook_tries_total{{outcome="{outcome}"}}', 0)


def test_each_message_is_told_in_order_and_signed_as_standard_webhooks_has_it(house: House, hooks: Hooks) -> None:
    """Verified by the package that receivers use, on the bytes as they came; taken, it does not come again."""
    told = house.tell(OFFICE, *names("hook", 5))
    until(lambda: ids(hooks), lambda seen: len(seen) == 5)
    assert ids(hooks) == told
    for each in hooks.told:
        assert Receiver(SECRET).verify(each.body, each.headers)["source"] == "/services/routing"
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert "." not in each.headers["webhook-id"]
        assert each.path == "/told?for=us"
        with pytest.raises(Exception, match="No matching signature"):
            Receiver(SECRET).verify(each.body + b" ", each.headers)
    until(lambda: house.nothing_left(OFFICE))
    line = house.lines("webhook")[-1]
    assert {name: line[name] for name in ("agency", "id", "outcome", "status")} == {
        "agency": OFFICE, "id": told[-1], "outcome": "taken", "status": 204,
    }  # fmt: skip
    assert "/told" not in json.dumps(house.lines("webhook"))


def test_what_is_not_taken_is_tried_again_and_nothing_overtakes_it(house: House, hooks: Hooks) -> None:
    """Answered 500, 404, with a redirect that is not followed, then taken: one message after another, under the same webhook-id."""
    hooks.answer = lambda number: [500, 404, 302][number] if number < 3 else 200
    told = house.tell(OFFICE, *names("retry", 3))
    until(lambda: ids(hooks), lambda seen: len(seen) == 6)
    assert ids(hooks) == [told[0]] * 4 + told[1:]
    assert len({each.headers["webhook-id"] for each in hooks.told}) == 3
    assert {each.path for each in hooks.told} == {"/told?for=us"}
    assert tries(house, "redirected") >= 1
    assert [each["failures"] for each in house.lines("webhook")[-6:]] == [0, 1, 2, 3, 0, 0]
    assert house.metrics()["xianjie_bridge_webhooks_failing"] == 0


def test_a_receiver_that_is_down_is_told_when_it_is_back(house: House, hooks: Hooks) -> None:
    hooks.stop()
    told = house.tell(OFFICE, *names("down", 2))
    until(lambda: tries(house, "unreachable"), lambda count: count >= 2)
    assert house.metrics()["xianjie_bridge_webhooks_failing"] == 1
    hooks.start()
    until(lambda: ids(hooks), lambda seen: len(seen) == 2)
    assert ids(hooks) == told


def test_a_receiver_that_does_not_answer_in_time_is_tried_again_and_no_other_agency_waits(house: House, hooks: Hooks) -> None:
    """Two seconds for a try, in these tests; another agency is told meanwhile."""
    hooks.hold = threading.Event()
    (told,) = house.tell(OFFICE, *names("slow", 1))
    until(lambda: len(hooks.told), lambda count: count == 1)
    other = Hooks().start()
    name_webhook(house, COURT, other.url)
    try:
        began = time.monotonic()
        house.tell(COURT, *names("other", 1))
        until(lambda: len(other.told), lambda count: count == 1)
        assert time.monotonic() - began < 2
    finally:
        name_webhook(house, COURT, None)
        other.stop()
    until(lambda: tries(house, "too_slow"), lambda count: count >= 1)
    hooks.hold.set()
    until(lambda: house.nothing_left(OFFICE))
    assert set(ids(hooks)) == {told}


def test_an_address_that_is_gone_is_left_alone_until_the_file_is_written_anew(house: House, hooks: Hooks) -> None:
    """410: nothing is tried and nothing lost; a poll hands it out meanwhile."""
    hooks.answer = lambda _: 410
    told = house.tell(OFFICE, *names("gone", 2))
    until(lambda: tries(house, "gone"), lambda count: count >= 1)
    quiet = len(hooks.told)
    (first,) = house.client(OFFICE).poll(wait=2, limit=1)
    assert first["id"] == told[0]
    assert house.client(OFFICE).poll(wait=3, limit=1)
    assert len(hooks.told) == quiet
    hooks.answer = lambda _: 200
    name_webhook(house, OFFICE, hooks.url)
    until(lambda: house.nothing_left(OFFICE))
    assert ids(hooks)[quiet:] == told


def test_sighup_reads_the_file_and_tries_again_what_was_gone(house: House, hooks: Hooks) -> None:
    hooks.answer = lambda number: 410 if number == 0 else 200
    (told,) = house.tell(OFFICE, *names("hup", 1))
    until(lambda: len(hooks.told), lambda count: count == 1)
    until(lambda: tries(house, "gone"), lambda count: count >= 1)
    house.process.send(1)
    until(lambda: ids(hooks), lambda seen: seen == [told, told])


def test_a_bridge_that_is_killed_while_it_tells_tells_again(house: House, hooks: Hooks) -> None:
    """The receiver may hear one twice, under the same webhook-id, and loses none."""
    hooks.hold = threading.Event()
    told = house.tell(OFFICE, *names("kill", 3))
    until(lambda: len(hooks.told), lambda count: count == 1)
    house.kill()
    hooks.hold.set()
    house.start()
    until(lambda: house.nothing_left(OFFICE))
    assert ids(hooks) == [told[0], *told]
    assert hooks.told[0].headers["webhook-id"] == hooks.told[1].headers["webhook-id"]


def test_what_an_agency_acknowledges_itself_is_not_tried_any_more(house: House, hooks: Hooks) -> None:
    """A message that its receiver cannot take is got out of the way by the agency, and by nobody else."""
    hooks.answer = lambda _: 500
    told = house.tell(OFFICE, *names("poison", 2))
    until(lambda: len(hooks.told), lambda count: count >= 2)
    named = [{"source": "/services/routing", "id": told[0]}]
    until(lambda: house.client(OFFICE).acknowledge(named)["acknowledged"], lambda count: count == 1)
    hooks.answer = lambda _: 200
    until(lambda: house.nothing_left(OFFICE))
    assert ids(hooks)[-1] == told[1]


def test_a_private_address_is_refused_unless_the_operators_allow_it(house: House, hooks: Hooks) -> None:
    """By name or by number: no connection is made, and the message stays."""
    house.kill()
    house.settings["XIANJIE_BRIDGE_PRIVATE_WEBHOOKS"] = "no"
    house.start()
    try:
        house.tell(OFFICE, *names("private", 1))
        until(lambda: tries(house, "address"), lambda count: count >= 2)
        name_webhook(house, OFFICE, hooks.url.replace("127.0.0.1", "localhost"))
        until(lambda: tries(house, "address"), lambda count: count >= 4)
        assert hooks.told == []
    finally:
        house.kill()
        house.settings["XIANJIE_BRIDGE_PRIVATE_WEBHOOKS"] = "yes"
        house.start()
    until(lambda: len(hooks.told), lambda count: count == 1)


def test_a_bridge_ends_in_time_though_a_receiver_does_not_answer(house: House, hooks: Hooks) -> None:
    hooks.hold = threading.Event()
    told: list[Any] = house.tell(OFFICE, *names("ends", 1))
    until(lambda: len(hooks.told), lambda count: count == 1)
    house.process.send(15)
    assert house.process.gone_within(10)
    hooks.hold.set()
    house.start()
    until(lambda: house.nothing_left(OFFICE))
    assert set(ids(hooks)) == {*told}


def test_an_https_address_is_told_only_if_its_certificate_is_of_that_name(house: House, hooks: Hooks, tmp_path: Path) -> None:
    """Signed by an authority that the machine trusts, for `localhost`; by its number the same server is no receiver."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command = ["openssl", *words.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    hooks.stop()
    hooks.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hooks.tls.load_cert_chain(certificate, key)
    hooks.start()
    house.kill()
    house.settings["SSL_CERT_FILE"] = str(certificate)
    house.start()
    try:
        name_webhook(house, OFFICE, hooks.url.replace("localhost", "127.0.0.1"))
        (told,) = house.tell(OFFICE, *names("tls", 1))
        until(lambda: tries(house, "unreachable"), lambda count: count >= 1)
        assert hooks.told == []
        name_webhook(house, OFFICE, hooks.url)
        until(lambda: ids(hooks), lambda seen: seen == [told])
        assert Receiver(SECRET).verify(hooks.told[0].body, hooks.told[0].headers)["id"] == told
    finally:
        del house.settings["SSL_CERT_FILE"]
