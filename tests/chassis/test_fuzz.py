"""Ten thousand malformed messages, made by a seeded generator: every one is answered 422 or kept with bytes and reason, and no process dies."""

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest

from deploy.local.machine import Machine
from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.topology import AGENCIES_IN, EVENTS, address

pytestmark = pytest.mark.broker
COUNT, HEALTHY, SEED = 10_000, 200, 20260101
Content = dict[str, Any]

DEEP = "[" * 40 + "]" * 40
VALUES = [None, True, -1, 10**30, 2**53 + 1, 1.5, "", "\x00", "x" * 5000, [], [1], {}, {"a": {"b": [None]}}]


@pytest.fixture
def ground(machine: Machine, tmp_path: Path) -> Iterator[Ground]:
    """A virtual host of its own: its journal is long afterwards."""
    ground = Ground(machine, "fuzz", tmp_path)
    ground.prepare()
    yield ground
    ground.close()
    machine.broker.delete_vhost("fuzz")


def dumped(content: Content) -> bytes:
    return json.dumps(content).encode()


def without(dice: random.Random, content: Content) -> bytes:
    """A needed attribute is missing."""
    del content[dice.choice(["specversion", "id", "source", "type", "subject", "data"])]
    return dumped(content)


def of_another_kind(dice: random.Random, content: Content) -> bytes:
    """An attribute, or something in the data, has a value of a kind that it cannot have."""
    name = dice.choice(["specversion", "id", "source", "type", "subject", "data", "time", "follows"])
    content[name] = dice.choice([True, -1, 10**30, 1.5, [], [1], ["a", {}]])
    return dumped(content)


def wrong_data(dice: random.Random, content: Content) -> bytes:
    """The leg is no leg."""
    content["data"]["leg"] = dice.choice(VALUES[:4] + VALUES[5:])
    return dumped(content)


def cut_short(dice: random.Random, content: Content) -> bytes:
    """The end is missing."""
    body = dumped(content)
    return body[: dice.randrange(1, len(body) - 1)]


def noise(dice: random.Random, content: Content) -> bytes:
    """No JSON at all."""
    return b"\xff" + dice.randbytes(dice.randrange(1, 400)) + content["id"].encode()


def hurt(dice: random.Random, content: Content) -> bytes:
    """Bytes in the middle that are no UTF-8."""
    body, at = dumped(content), dice.randrange(2, 40)
    return body[:at] + b"\xc3\x28\xff" + body[at:]


def forbidden(dice: random.Random, content: Content) -> bytes:
    """What the database refuses, or JSON does not know."""
    inside = dice.choice(['"\\ud800"', '"\\u0000"', "NaN", "-Infinity", "1e400", str(10**30), DEEP, '"a' + "\\u0000" * 9 + '"'])
    content["data"]["text"] = "HERE"
    return dumped(content).replace(b'"HERE"', inside.encode())


def a_bad_name(dice: random.Random, content: Content) -> bytes:
    """Names that no document may have, in data of the wrong shape."""
    content["data"] = {dice.choice(["\x00", "$where", "a.b", "__proto__", ""]): content["id"], "leg": [1]}
    return dumped(content)


def too_long(dice: random.Random, content: Content) -> bytes:
    """Longer than anybody takes."""
    content["data"]["text"] = "x" * (256 * 1024 + dice.randrange(1000))
    return dumped(content)


def unknown(dice: random.Random, content: Content) -> bytes:
    """A type that nobody knows, or a time that is none; and from an agency, one that is far ahead (a service's is tried again, and taken)."""
    name, value = dice.choice(
        [("type", "xianjie.nothing.known.v1"), ("time", "yesterday"), ("time", "2999-01-01T00:00:00Z"), ("id", "")]
    )
    content[name] = "tomorrow" if value.startswith("2999") and content["source"].startswith("/services/") else value
    return dumped(content)


def another_shape(dice: random.Random, content: Content) -> bytes:
    """JSON, but no object."""
    return json.dumps(dice.choice([[content], content["id"], [1, content["id"]], [[content["id"]]]])).encode()


WAYS: list[Callable[[random.Random, Content], bytes]] = [
    without, of_another_kind, wrong_data, cut_short, noise, hurt, forbidden, a_bad_name, unknown, another_shape,
]  # fmt: skip
HEADERS: list[Any] = [
    None, {}, {"case": ""}, {"case": "another"}, {"case": "x" * 200}, {"case": "\x00"}, {"case": "c-1", "more": [1, {"a": None}]},
]  # fmt: skip


def malformed(dice: random.Random, at: int) -> tuple[str, str, Any, bytes]:
    """One message, published by the agency or under a service's name."""
    agency = dice.random() < 0.8
    case, id = f"f-{at % 500}", f"bad-{at}"
    body = encode(progressed(), case, f"/agencies/{BODY}", id) if agency else encode(taken(), case, "/services/routing", id)
    way = too_long if at % 500 == 0 else dice.choice(WAYS)
    content = json.loads(body)
    if not agency and way is wrong_data:
        content["data"]["track"] = "nowhere"
    where = address(BODY, progressed().name, 1, None) if agency else address("routing", taken().name, 1, "mediation")
    headers = dice.choice(HEADERS) if dice.random() < 0.3 else {"case": case}
    return *where, pika.BasicProperties(headers=headers, delivery_mode=2), way(dice, content)


@pytest.mark.timeout(600)
def test_ten_thousand_malformed_messages_are_answered_or_kept_and_everything_else_goes_on(ground: Ground) -> None:
    dice = random.Random(SEED)
    bad: dict[bytes, Any] = {}
    for at in itertools.count():
        made = malformed(dice, at)
        bad[made[3]] = made
        if len(bad) == COUNT:
            break
    good = [
        (
            *address(BODY, progressed().name, 1, None),
            f"g-{at}",
            encode(progressed(), f"g-{at}", f"/agencies/{BODY}", f"good-{at}"),
        )
        for at in range(HEALTHY)
    ]
    mixed: list[Any] = [*bad.values(), *good]
    dice.shuffle(mixed)
    probe = ground.probe()
    ground.publish(mixed)
    until(
        lambda: ground.depth() == 0 and ground.store.log.count_documents({"case": {"$regex": "^g-"}}) == HEALTHY,
        "all are heard",
        120,
    )
    decided = ground.store.log.find({"outcome": {"$ne": "kept"}, "case": {"$not": {"$regex": "^g-"}}})
    assert [bytes(each["heard"]) for each in decided] == [], "a malformed message was decided"
    kept, rows = [bytes(each["heard"]) for each in ground.kept()], ground.parked()
    by_service = [each for each in bad.values() if each[0] == EVENTS]
    assert Counter([*kept, *(bytes(each["body"]) for each in rows)]) == Counter(each[3] for each in bad.values()), (
        "with its bytes"
    )
    assert {each["routing_key"] for each in rows} <= {each[1] for each in by_service}, (
        "only our own services' messages hold a case up"
    )
    assert all(each["error"] for each in rows if each["k"] == 1)
    assert all(each["faults"] and each["type"] for each in ground.kept()), "with its reasons"
    answers = ground.heard_by(f"agency.{BODY}", sum(each[0] == AGENCIES_IN for each in mixed), seconds=240, only="receipt.given")
    assert Counter(each.data["status"] for each in answers) == {422: len(bad) - len(by_service), 202: HEALTHY}
    assert all(each.data["text"] for each in answers if each.data["status"] == 422)
    assert probe.process.alive()
    assert (probe.lines("outage"), probe.lines("unacknowledged"), probe.metric("redelivered_total")) == ([], [], 0)
