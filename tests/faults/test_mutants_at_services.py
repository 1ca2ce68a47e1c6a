"""Four real services hear a thousand messages of agencies: each invalid one is answered 422 with its place, each odd one as any other."""

import hashlib
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pika
import pytest

from tests.bench.whole import COURT, OFFICE
from tests.contracts.mutants import mutants, variants
from tests.contracts.places import Arriving
from tests.faults.lives import Lives
from xianjie.message import AGENCY, MESSAGES, SERVICES
from xianjie.topology import inbox

pytestmark = pytest.mark.broker
SEED, COUNT = 20261128, 500
SAID = [each for each in MESSAGES.values() if AGENCY in each.said_by]
"""Every type that an agency may say; each goes to the one service that hears it."""


def publish(uri: str, given: Sequence[Arriving]) -> None:
    """All of them, in order; the last is confirmed, after the others."""
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        channel = connection.channel()
        for each in given:
            if each is given[-1]:
                channel.confirm_delivery()
            properties = pika.BasicProperties(headers=each.headers, content_type=each.content_type or None, delivery_mode=2)
            channel.basic_publish(each.exchange, each.key, each.body, properties)


def receipts(uri: str, count: int, limit: float = 120.0) -> Iterator[dict[str, Any]]:
    """So many receipts, whichever of the two bodies gets them; an agency that publishes under another's code lets that one hear."""
    end, found = time.monotonic() + limit, 0
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=200)
        came: list[tuple[int, bytes]] = []
        for code in (OFFICE, COURT):
            channel.basic_consume(inbox(code), lambda _, at, __, body: came.append((at.delivery_tag, body)))
        while found < count:
            assert time.monotonic() < end, f"{found} of {count} receipts within {limit:g} s"
            connection.process_data_events(time_limit=0.5)
            if came:
                channel.basic_ack(came[-1][0], multiple=True)
            said = [json.loads(body) for _, body in came]
            came.clear()
            found += sum(each["type"] == "xianjie.receipt.given.v1" for each in said)
            yield from (each for each in said if each["type"] == "xianjie.receipt.given.v1")


def unread(each: Arriving) -> str:
    """The name of the log in which a service keeps what it cannot read."""
    return "kept-" + hashlib.sha256(each.key.encode() + b"\0" + each.body).hexdigest()[:40]


@pytest.mark.timeout(400)
def test_real_services_refuse_every_invalid_message_with_its_place_and_no_valid_one(lives: Lives) -> None:
    broken, odd = mutants(SEED, COUNT, SAID), variants(SEED, COUNT, SAID)
    with ThreadPoolExecutor() as pool:
        processes = dict(zip(SERVICES, pool.map(lives.start, SERVICES), strict=True))
    lives.network.processes.update(processes)
    uri = lives.network.machine.broker.uri(lives.network.name)
    publish(uri, [one for pair in zip(broken, odd, strict=True) for one in pair])
    answers = [*receipts(uri, 2 * COUNT)]

    refused = {each["subject"]: each["data"] for each in answers if each["subject"].startswith("kept-")}
    assert {each.name for each in broken if unread(each) not in refused} == set(), "not refused as invalid"
    assert Counter(each["status"] for each in refused.values()) == {422: COUNT}
    places = {each.name: {fault.split(" ")[0] for fault in refused[unread(each)]["faults"]} for each in broken}
    assert {each.name: places[each.name] for each in broken if places[each.name] != {each.pointer or "/"}} == {}

    taken = {each["data"]["to"]: each["data"] for each in answers if not each["subject"].startswith("kept-")}
    answered = {each.name: taken.get(json.loads(each.body)["id"]) for each in odd}
    assert {name: found for name, found in answered.items() if found is None or found.get("faults")} == {}
    assert {each["status"] for each in taken.values()} <= {202, 403, 410, 422}, "422 by a rule has no faults, and a text"
    assert all(process.alive() for process in processes.values())
    for service, door in lives.network.doors.items():
        with urllib.request.urlopen(f"{door}/parked", timeout=10) as answer:
            assert json.load(answer)["cases"] == [], service
