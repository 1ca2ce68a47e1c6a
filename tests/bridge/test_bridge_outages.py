"""What dies: the bridge, the broker, a channel, an inbox. Nothing is lost, and all goes on by itself."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.machine import Machine
from tests.bridge.asking import Client, gathered, ids, until
from tests.bridge.house import COURT, OFFICE, House, names
from xianjie.messages.referral import ReferralAcknowledged
from xianjie.refusals import refusals

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]


def test_a_bridge_that_is_killed_loses_nothing(house: House, office: Client, court: Client) -> None:
    """In the middle of deliveries: what was acknowledged does not come again, the rest does, in order, and old handles are unknown."""
    told = house.tell(OFFICE, *names("kill", 30))
    found = gathered(office, 20)
    office.acknowledge([each["delivery"] for each in found[:5]])
    house.kill()
    house.start()
    assert office.acknowledge([found[5]["delivery"]]) == {"acknowledged": 0, "unknown": [found[5]["delivery"]]}
    assert office.take(25) == told[5:]
    assert office.poll(wait=1) == []


def test_a_bridge_that_is_told_to_end_ends_its_polls_and_gives_back_what_was_not_acknowledged(
    house: House, office: Client
) -> None:
    """Within seconds, with status 0, and with a last line."""
    told, answers = house.tell(OFFICE, *names("end", 2)), list[Any]()
    gathered(office, 2)
    court = house.client(COURT)
    waiting = threading.Thread(target=lambda: answers.append(court.ask("GET", "/v1/inbox?wait=30")))
    waiting.start()
    until(lambda: house.metrics()["xianjie_bridge_requests_under_way"], lambda count: count == 1)
    began = time.monotonic()
    house.process.send(15)
    assert house.process.gone_within(15)
    waiting.join(5)
    assert time.monotonic() - began < 15
    assert [(each.status, each.body["code"]) for each in answers] == [(503, "away")]
    assert house.lines("drained")
    until(lambda: house.waiting(OFFICE), lambda count: count == 2)
    house.start()
    assert ids(gathered(office, 2)) == told


@pytest.fixture
def broken(house: House, machine: Machine) -> Iterator[House]:
    """A house whose broker a test may take away."""
    yield house
    if not machine.broker.running:
        machine.up()
    until(lambda: house.network.ready("bridge"), limit=60)


def test_while_the_broker_is_away_it_says_so_and_goes_on_by_itself(broken: House, machine: Machine, office: Client) -> None:
    """A power cut of the broker: 503 with Retry-After; a poll that waits outlives it; nothing is lost."""
    told = broken.tell(OFFICE, *names("cut", 3))
    first = gathered(office, 1)
    found: list[Any] = []
    machine.broker.kill()  # type: ignore[union-attr]
    answer = until(lambda: office.post(office.written(ReferralAcknowledged(leg="L1"), "c-9")), lambda seen: seen.status == 503)
    assert (answer.body["code"], answer.headers["Retry-After"]) == ("away", "5")
    assert answer.body["remedy"] == refusals()["away"].remedy
    assert not broken.network.ready("bridge")
    away = office.ask("GET", "/v1/inbox?wait=0")
    assert (away.status, away.body["code"]) == (503, "away")
    assert office.acknowledge([first[0]["delivery"]])["unknown"] == [first[0]["delivery"]]
    waiting = threading.Thread(target=lambda: found.extend(office.poll(wait=30, limit=3)))
    waiting.start()
    machine.broker.start()
    waiting.join(60)
    until(lambda: found, lambda some: len(some) > 0)
    until(lambda: broken.network.ready("bridge"), limit=60)
    office.acknowledge([each["delivery"] for each in found])
    assert ids(found) + office.take(3 - len(found)) == told
    assert until(lambda: office.post(office.written(ReferralAcknowledged(leg="L1"), "c-9")).status, lambda status: status == 202)
    assert broken.metrics()["xianjie_bridge_away"] == 0


def test_a_message_in_hand_for_longer_than_the_broker_allows_comes_again(broken: House, machine: Machine, office: Client) -> None:
    """The broker closes the channel of that agency; it is opened anew, and the others notice nothing."""
    ctl = machine.broker.ctl  # type: ignore[union-attr]
    ctl("eval", "application:set_env(rabbit, consumer_timeout, 1000), application:set_env(rabbit, channel_tick_interval, 500).")
    try:
        broken.kill()
        broken.start()
        told = broken.tell(OFFICE, *names("long", 1))
        (first,) = gathered(office, 1)
        again = until(lambda: office.poll(wait=5), lambda some: some and some[0]["delivery"] != first["delivery"])
        assert ids(again) == told
        life = first["delivery"].split("-")[0]
        until(lambda: office.poll(wait=3), lambda some: some and not some[0]["delivery"].startswith(life), limit=60)
    finally:
        ctl(
            "eval",
            "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).",
        )
        broken.kill()
        broken.start()
    assert office.take(1) == told


def test_an_inbox_that_is_taken_away_and_comes_back_is_read_again(
    broken: House, machine: Machine, office: Client, court: Client
) -> None:
    """Meanwhile the agency hears that it is unknown, and the others are served."""
    with broken.channel() as admin:
        admin.queue_delete(f"agency.{OFFICE}")
        answer = until(lambda: office.ask("GET", "/v1/inbox?wait=0"), lambda seen: seen.status == 403)
        assert answer.body["code"] == "unknown_agency"
        assert court.poll(wait=0) == []
        assert broken.metrics()["xianjie_bridge_agencies_absent"] == 1
        admin.queue_declare(f"agency.{OFFICE}", durable=True, arguments={"x-queue-type": "quorum"})
        admin.queue_bind(f"agency.{OFFICE}", "xianjie.agencies.out.inner", f"{OFFICE}.#")
    told = broken.tell(OFFICE, *names("back", 1))
    assert until(lambda: office.ask("GET", "/v1/inbox?wait=1"), lambda seen: seen.status == 200, limit=30).body is not None
    assert office.hear(lambda event: bool(event["id"] == told[0]))
