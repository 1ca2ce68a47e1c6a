"""Bad input on a real network: wrong credentials, forged names, too much, the wrong kind or time; each has its code, words and remedy."""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pika
import pytest
from joined import CITY, OFFICE, Joined, receipt

from tests.chassis.ground import encode
from xianjie import wire
from xianjie.agency import Agency, Away, Refused
from xianjie.envelope import CONTENT_TYPE
from xianjie.line import Line
from xianjie.messages.capacity import CapacityAsked
from xianjie.refusals import refusals
from xianjie.topology import AGENCIES_IN, Address
from xianjie.vocabulary import Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
ASKED = CapacityAsked(track=Track.MEDIATION, right="design")
KEY = f"{OFFICE}.capacity.asked.v1"
MEBIBYTE = 1 << 20


def good(id: str, **more: object) -> bytes:
    """A message that is taken."""
    return encode(ASKED, "thread-bad", f"/agencies/{OFFICE}", id, **more)


def publish(network: Joined, key: str, body: bytes, content_type: str = CONTENT_TYPE) -> None:
    """Raw bytes of the office, with the header that finds the partition."""
    line = Line(network.uri(OFFICE))
    try:
        line.publish(
            Address(AGENCIES_IN, key),
            body,
            pika.BasicProperties(delivery_mode=2, headers={"case": "thread-bad"}, content_type=content_type),
        )
    finally:
        line.close()


def connect(network: Joined, vhost: str | None = None, password: str | None = None) -> None:
    """The office, at that address."""
    broker = network.network.machine.broker
    Agency.connect(
        broker.uri(vhost or network.network.name, OFFICE, password or network.network.passwords[OFFICE]), OFFICE
    ).close()


def after_rotation(network: Joined) -> None:
    """With the key that was in force before."""
    old = network.uri(CITY)
    network.done("agency", "rotate-key", CITY)
    Agency.connect(old, CITY).close()


def without_exchanges(network: Joined) -> None:
    """In a virtual host that nobody has set up."""
    vhost, broker = f"bare-{uuid.uuid4().hex[:8]}", network.network.machine.broker
    everything = {"user": OFFICE, "vhost": vhost, "configure": "^$", "write": ".*", "read": ".*"}
    broker.import_definitions({"vhosts": [{"name": vhost}], "permissions": [everything]})
    line = Line(broker.uri(vhost, OFFICE, network.network.passwords[OFFICE]))
    try:
        line.publish(Address(AGENCIES_IN, KEY), b"{}", pika.BasicProperties())
    finally:
        line.close()
        broker.delete_vhost(vhost)


AT_THE_BROKER: dict[str, Callable[[Joined], None]] = {
    "wrong_credentials": lambda network: connect(network, password="wrong"),
    "unknown_agency": lambda network: connect(network, vhost="nowhere"),
    "not_allowed": lambda network: publish(network, f"{CITY}.capacity.asked.v1", good("m-1")),
    "too_large": lambda network: publish(network, KEY, b"x" * (MEBIBYTE + 1)),
    "not_set_up": without_exchanges,
}
"""By reason, which the client names: what leads to it."""
BY_RECEIPT: dict[str, tuple[bytes, str]] = {
    "too_large": (b" " * (wire.LONGEST + 1), CONTENT_TYPE),
    "wrong_content_type": (good("m-type"), "application/json"),
    "clock_skew": (good("m-skew", time=datetime.now(UTC) + timedelta(hours=1)), CONTENT_TYPE),
    "invalid": (good("m-invalid").replace(b'"mediation"', b'"meditation"'), CONTENT_TYPE),
}
"""By reason: what is published."""


def test_every_reason_that_shows_at_the_broker_or_in_a_receipt_is_tried_here() -> None:
    """Whoever adds one to the catalogue adds what leads to it."""
    assert {code for code, each in refusals().items() if "broker" in each.at} == {*AT_THE_BROKER}
    assert {code for code, each in refusals().items() if "receipt" in each.at} == {*BY_RECEIPT}


@pytest.mark.parametrize(("reason", "act"), [*AT_THE_BROKER.items(), ("wrong_credentials", after_rotation)])
def test_the_client_names_the_reason_for_which_the_broker_will_not_have_it(
    network: Joined, reason: str, act: Callable[[Joined], None]
) -> None:
    """The broker cannot tell an old key from a wrong one."""
    with pytest.raises(Refused) as refused:
        act(network)
    assert refused.value.code == reason
    assert refusals()[reason].remedy
    assert "password" not in str(refused.value) or network.network.passwords[OFFICE] not in str(refused.value)


@pytest.mark.parametrize("reason", BY_RECEIPT)
def test_the_receipt_names_the_reason_for_which_a_message_is_not_read(network: Joined, reason: str) -> None:
    """422 with the code, and every fault with its place. The next message is taken: nothing is held up."""
    body, content_type = BY_RECEIPT[reason]
    publish(network, KEY, body, content_type)
    to = "unreadable" if reason == "too_large" else json.loads(body)["id"]
    with Agency.connect(network.uri(OFFICE), OFFICE) as office:
        answer = receipt(office, to)
        assert (answer.status, answer.code) == (422, reason)
        assert answer.faults
        assert receipt(office, office.say(ASKED, "thread-good")).status == 202


def test_a_body_whose_inbox_is_gone_is_an_unknown_agency(network: Joined, tmp_path: Path) -> None:
    """It has a user still; the operators have taken away what it would read."""
    code, password = network.join(network.entry(tmp_path / "new.yaml"))
    network.network.machine.broker.ctl("delete_queue", "-p", network.network.name, f"agency.{code}")
    with pytest.raises(Refused) as refused:
        Agency.connect(network.uri(code, password), code)
    assert refused.value.code == "unknown_agency"


def test_a_header_that_the_journal_cannot_keep_is_refused_though_the_broker_hands_the_message_on(network: Joined) -> None:
    """A decimal: its sender is cut off, and what it said must not be decided, for no reading of the journal would show why."""
    line = Line(network.uri(OFFICE))
    properties = pika.BasicProperties(
        delivery_mode=2, headers={"case": "thread-bad", "x": Decimal("1.00")}, content_type=CONTENT_TYPE
    )
    with suppress(Away):
        line.publish(Address(AGENCIES_IN, KEY), good("m-decimal"), properties)
    line.close()
    with Agency.connect(network.uri(OFFICE), OFFICE) as office:
        answer = receipt(office, "m-decimal")
    assert answer.status == 422
    assert any("must come without the header 'x'" in each for each in answer.faults)
