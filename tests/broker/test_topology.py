"""The network's exchanges and queues on a real broker: where a message goes."""

import time
from collections.abc import Callable

import pytest
from pika.exceptions import ChannelClosedByBroker

from tests.broker.network import Network, publish
from xianjie import topology
from xianjie.definitions import agency_definitions
from xianjie.message import OPERATOR, PLAYER, SERVICES

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

AGENCIES = ("CN-SH-IPO", "CN-SH-IPO-2", "CN-SH-PD-COURT")


@pytest.fixture(scope="module")
def network(make_network: Callable[..., Network]) -> Network:
    """An exercise with three agencies, three partitions of routing, and a journal."""
    return make_network(AGENCIES, partitions={"routing": 3}, exercise=True)


def test_an_offer_to_a_body_without_inbox_is_in_the_side_lane_at_once(network: Network) -> None:
    """It is there when the confirm comes, with the key that tells whose inbox was missing; others get theirs."""
    network.drain("xianjie.unrouted")
    body = network.say("routing", "xianjie.agencies.out", "CN-NOBODY.referral.offered.v1")
    with network.channel() as channel:
        assert channel.queue_declare("xianjie.unrouted", passive=True).method.message_count == 1
    assert network.drain("xianjie.unrouted") == [("xianjie.agencies.out", "CN-NOBODY.referral.offered.v1", body)]
    offer = network.say("routing", "xianjie.agencies.out", "CN-SH-IPO.referral.offered.v1")
    assert offer in [found for _, _, found in network.drain("agency.CN-SH-IPO")]
    assert network.drain("xianjie.unrouted") == []
    assert offer not in [found for _, _, found in network.drain("agency.CN-SH-IPO-2")]


def test_what_nobody_hears_is_in_the_side_lane(network: Network) -> None:
    """An unknown type from an agency, and a word to a service that is not there."""
    network.drain("xianjie.unrouted")
    unknown = network.say("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.case.danced.v1")
    usurped = network.say("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.routing.custody_moved.v1")
    nowhere = network.say("intake", "xianjie.events", "intake.case.accepted.v1.archive")
    assert {body for _, _, body in network.drain("xianjie.unrouted")} == {unknown, usurped, nowhere}


def test_the_journal_has_everything_that_was_said(make_network: Callable[..., Network]) -> None:
    """In order, with exchange and key; also what no one else hears, what goes to the side lane, and the clock's messages."""
    network = make_network(AGENCIES[:1], partitions={}, exercise=True)
    said = [
        ("door", "xianjie.agencies.in", "door.case.submitted.v1"),
        ("intake", "xianjie.events", "intake.case.accepted.v1.routing"),
        ("routing", "xianjie.agencies.out", "CN-SH-IPO.referral.offered.v1"),
        ("routing", "xianjie.agencies.out", "CN-NOBODY.referral.offered.v1"),
        ("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.referral.accepted.v1"),
        ("mediation", "xianjie.log", "mediation.log.committed.v1"),
        ("operator", "xianjie.ops", "all.parked.retry_asked.v1"),
        ("player", "xianjie.clock", "player.clock.asked.v1"),
    ]
    expected = [(exchange, key, network.say(user, exchange, key)) for user, exchange, key in said]
    assert network.journal() == expected


def test_without_a_journal_all_else_is_the_same(make_network: Callable[..., Network]) -> None:
    """Messages reach their queues; nothing is recorded."""
    network = make_network(AGENCIES[:1], partitions={}, journal=False)
    body = network.say("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.referral.accepted.v1")
    assert [found for _, _, found in network.drain("routing.1")] == [body]
    assert network.journal() == []


def test_every_service_hears_what_is_said_to_it(network: Network) -> None:
    """From another service, from an agency, from the door, from an operator to one and to all."""
    for service in SERVICES:
        for number in (1, 2, 3) if service == "routing" else (1,):
            network.drain(f"{service}.{number}")
    event = network.say("routing", "xianjie.events", "routing.routing.leg_taken.v1.mediation")
    answer = network.say("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.mediation.progressed.v1")
    one = network.say(OPERATOR, "xianjie.ops", "mediation.parked.retry_asked.v1")
    every = network.say(OPERATOR, "xianjie.ops", "all.parked.retry_asked.v1")
    assert [body for _, _, body in network.drain("mediation.1")] == [event, answer, one, every]
    assert [body for _, _, body in network.drain("intake.1")] == [every]
    assert [body for _, _, body in network.drain("enforcement_liaison.1")] == [every]


def test_a_reader_sees_the_outer_exchange_and_the_speakers_key(network: Network) -> None:
    """However many exchanges a message passed: so a reader can hold `source` against the key."""
    body = network.say("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.case.reviewed.v1")
    assert ("xianjie.agencies.in", "CN-SH-IPO.case.reviewed.v1", body) in network.drain("intake.1")


def test_a_cases_messages_are_in_one_partition_in_order(network: Network) -> None:
    """60 cases of 5 messages over three partitions: none is split, all three are used, whoever spoke."""
    for number in (1, 2, 3):
        network.drain(f"routing.{number}")
    speakers = [
        ("intake", "xianjie.events", "intake.case.accepted.v1.routing"),
        ("CN-SH-IPO", "xianjie.agencies.in", "CN-SH-IPO.referral.accepted.v1"),
        (OPERATOR, "xianjie.ops", "routing.parked.retry_asked.v1"),
        ("CN-SH-IPO-2", "xianjie.agencies.in", "CN-SH-IPO-2.referral.declined.v1"),
        ("mediation", "xianjie.events", "mediation.proceeding.ended.v1.routing"),
    ]
    for turn, (user, exchange, key) in enumerate(speakers):
        with network.channel(user) as channel:
            for case in range(60):
                publish(channel, exchange, key, f"case-{case}", f"case-{case} {turn}".encode())
    held: list[list[str]] = [[body.decode() for _, _, body in network.drain(f"routing.{number}")] for number in (1, 2, 3)]
    assert sum(map(len, held)) == 300
    assert all(held)
    cases = [{each.split()[0] for each in partition} for partition in held]
    assert not cases[0] & cases[1] | cases[0] & cases[2] | cases[1] & cases[2]
    for partition in held:
        turns: dict[str, list[str]] = {}
        for case, turn in (each.split() for each in partition):
            turns.setdefault(case, []).append(turn)
        assert set(map(tuple, turns.values())) == {("0", "1", "2", "3", "4")}


def test_the_clock_reaches_every_partition(network: Network) -> None:
    """Hashing would send it to one partition only."""
    queues = ["routing.1", "routing.2", "routing.3", "intake.1"]
    for queue in queues:
        network.drain(queue)
    body = network.say(PLAYER, "xianjie.clock", "player.clock.advanced.v1")
    assert [[found for _, _, found in network.drain(queue)] for queue in queues] == [[body]] * len(queues)


def test_the_players_queue_has_every_answer_to_the_clock_and_nothing_else(network: Network) -> None:
    """`clock.reached` of every service, among all that goes to the journal only."""
    answer = network.say("routing", "xianjie.log", "routing.clock.reached.v1")
    network.say("routing", "xianjie.log", "routing.log.committed.v1")
    assert [body for _, _, body in network.drain("xianjie.rounds")] == [answer]


def test_an_agency_joins_a_running_network(network: Network) -> None:
    """One import: from then on it hears and speaks, and what was said to it before stays in the side lane."""
    network.drain("xianjie.unrouted")
    early = network.say("routing", "xianjie.agencies.out", "CN-NEW.referral.offered.v1")
    network.broker.import_definitions(
        agency_definitions(network.vhost, "CN-NEW", network.machine.password("CN-NEW"), exercise=True)
    )
    late = network.say("routing", "xianjie.agencies.out", "CN-NEW.referral.offered.v1")
    answer = network.say("CN-NEW", "xianjie.agencies.in", "CN-NEW.referral.delivered.v1")
    assert [body for _, _, body in network.drain("agency.CN-NEW")] == [late]
    assert [body for _, _, body in network.drain("xianjie.unrouted")] == [early]
    assert answer in [body for number in (1, 2, 3) for _, _, body in network.drain(f"routing.{number}")]
    other = "CN-NEW2.case.reviewed.v1"
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        network.say("CN-NEW", "xianjie.agencies.in", other)


@pytest.mark.alone
def test_sixty_agencies_are_set_up_within_ten_seconds(make_network: Callable[..., Network]) -> None:
    """And importing the same again changes nothing."""
    began = time.monotonic()
    network = make_network([f"CN-{number:02}-IPO" for number in range(60)], partitions={"routing": 2})
    took = time.monotonic() - began
    body = network.say("routing", "xianjie.agencies.out", "CN-59-IPO.referral.offered.v1")
    network.broker.import_definitions(network.holds)
    assert [found for _, _, found in network.drain("agency.CN-59-IPO")] == [body]
    assert took < 10, f"took {took:.1f} s"


def test_every_exchange_named_is_there(network: Network) -> None:
    """The names of the module are those of the broker."""
    with network.channel() as channel:
        for each in (*topology.JOURNALED, topology.CLOCK, topology.UNROUTED):
            channel.exchange_declare(each, passive=True)
