"""The definitions as data: complete, closed, and in agreement with the messages."""

import re

import pytest

from xianjie import topology
from xianjie.definitions import BRIDGE, TOPICS, agency_definitions, bridge_definitions, definitions, users
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES
from xianjie.messages.case import CaseAccepted, CaseClosed, CaseReviewed
from xianjie.messages.ops import ClockAsked, ParkedRetryAsked
from xianjie.messages.referral import ReferralOffered

AGENCIES = ("CN-SH-IPO", "CN-SH-IPO-2", "100")
PASSWORDS = dict.fromkeys(users(AGENCIES, exercise=True), "x")
EXERCISE = definitions("e", AGENCIES, partitions={"routing": 3}, passwords=PASSWORDS, exercise=True)


def test_every_binding_joins_things_that_are_defined() -> None:
    """No binding names an exchange or queue that is not there."""
    exchanges, queues = ({each["name"] for each in EXERCISE[kind]} for kind in ("exchanges", "queues"))
    for each in EXERCISE["bindings"]:
        assert each["source"] in exchanges
        assert each["destination"] in (queues if each["destination_type"] == "queue" else exchanges)


def test_everything_is_durable_and_quorum_or_stream() -> None:
    """Nothing is lost with a restart, and nothing is of a kind that RabbitMQ 4 has dropped."""
    assert all(each["durable"] for each in EXERCISE["exchanges"] + EXERCISE["queues"])
    assert {each["arguments"]["x-queue-type"] for each in EXERCISE["queues"]} == {"quorum", "stream"}


def test_every_user_has_a_topic_permission_on_every_topic_exchange() -> None:
    """Where one is missing the broker allows everything."""
    topics = {each["name"] for each in EXERCISE["exchanges"] if each["type"] == "topic"}
    assert topics == set(TOPICS)
    held = {(each["user"], each["exchange"]) for each in EXERCISE["topic_permissions"]}
    assert held == {(user, exchange) for user in PASSWORDS for exchange in topics}


def test_nobody_configures_anything() -> None:
    """What is there is decided by the definitions alone."""
    assert {each["configure"] for each in EXERCISE["permissions"]} == {"^$"}
    assert [each["user"] for each in EXERCISE["permissions"]].count("CN-SH-IPO") == 1


def test_every_message_from_outside_reaches_exactly_one_service() -> None:
    """Every message is said to one hearer; what agencies and the door say is heard by one service."""
    bound = [each for each in EXERCISE["bindings"] if each["source"] == topology.inner(topology.AGENCIES_IN)]
    for said in (each for each in MESSAGES.values() if {AGENCY, DOOR} & set(each.said_by)):
        (hearer,) = said.heard_by
        key = f"*.{said.name}.v{said.version}"
        assert [each["destination"] for each in bound if each["routing_key"] == key] == [topology.entrance(hearer)]
    assert len(bound) == sum(bool({AGENCY, DOOR} & set(each.said_by)) for each in MESSAGES.values())


def test_partitions_are_as_many_as_asked_for() -> None:
    """Routing has three, the others one each."""
    queues = [each["name"] for each in EXERCISE["queues"]]
    assert [each for each in queues if each.startswith("routing")] == ["routing.1", "routing.2", "routing.3"]
    assert [each for each in queues if each.startswith("intake")] == ["intake.1"]


def test_outside_exercises_there_is_no_player_and_no_clock() -> None:
    """Nobody moves the clock of real business."""
    real = definitions("r", AGENCIES, partitions={}, passwords={})
    assert PLAYER not in {each["user"] for each in real["permissions"]}
    assert topology.CLOCK not in {each["name"] for each in real["exchanges"]}
    assert topology.CLOCK in {each["name"] for each in EXERCISE["exchanges"]}


def test_a_joining_agency_gets_what_it_would_have_had_from_the_start() -> None:
    """Same inbox, bindings and permissions as in the whole; only the salt of the password differs."""
    joined = agency_definitions("e", "100", "x", exercise=True)
    for kind in ("queues", "bindings", "permissions", "topic_permissions"):
        assert joined[kind]
        assert [each for each in joined[kind] if each not in EXERCISE[kind]] == []
    assert [each["name"] for each in joined["users"]] == ["100"]
    assert joined["exchanges"] == []


def test_who_comes_by_http_has_an_inbox_and_the_bridge_speaks_and_reads_for_it_alone() -> None:
    """No user of its own; and the bridge may do nothing else, on any exchange."""
    both = definitions("r", ("100",), partitions={}, passwords={}, bridged=("100", "CN-SH-IPO"))
    assert {"agency.100", "agency.CN-SH-IPO"} <= {each["name"] for each in both["queues"]}
    assert "CN-SH-IPO" not in {each["user"] for each in both["permissions"]}
    assert [each["name"] for each in both["queues"]].count("agency.100") == 1
    (may,) = (each for each in both["permissions"] if each["user"] == BRIDGE)
    assert re.search(may["read"], "agency.100")
    assert not [
        each for each in ("agency.1000", "agency.CN-SH-IPO-2", "intake.1", topology.JOURNAL) if re.search(may["read"], each)
    ]
    held = {each["exchange"]: each["write"] for each in both["topic_permissions"] if each["user"] == BRIDGE}
    assert held.keys() == set(TOPICS)
    assert [each for each, keys in held.items() if keys != "^$"] == [topology.AGENCIES_IN]
    keys = ("100.a.b.v1", "CN-SH-IPO.a.b.v1", "1000.a.b.v1", "CN-SH-IPO-2.a.b.v1", "door.a.b.v1", "x100.a.b.v1")
    assert [each for each in keys if re.search(held[topology.AGENCIES_IN], each)] == [*keys[:2]]


def test_without_agencies_that_come_by_http_there_is_no_bridge() -> None:
    """Deny by default; and a bridge that serves nobody any more may do nothing."""
    assert BRIDGE not in {each["user"] for each in EXERCISE["permissions"]} | {*users(AGENCIES)}
    (nothing,) = bridge_definitions("r", ())["permissions"]
    assert (nothing["read"], {each["write"] for each in bridge_definitions("r", ())["topic_permissions"]}) == ("^$", {"^$"})


def test_an_agency_joins_by_http_in_a_network_that_is_there() -> None:
    """What it needs is what it would have had from the start."""
    whole = definitions("r", (), partitions={}, passwords={BRIDGE: "x"}, bridged=("100",))
    joined = bridge_definitions("r", ("100",), password="x")
    for kind in ("queues", "bindings", "permissions", "topic_permissions"):
        assert joined[kind]
        assert [each for each in joined[kind] if each not in whole[kind]] == []
    assert [each["name"] for each in joined["users"]] == [BRIDGE]


def test_the_delivery_limit_is_named_only_where_the_broker_has_one() -> None:
    """RabbitMQ 4 gives up after 20 deliveries unless told otherwise; 3.10 never does."""
    four = definitions("r", AGENCIES, partitions={}, passwords={}, delivery_limit=-1)
    limits = [each["arguments"].get("x-delivery-limit") for each in four["queues"] if each["name"] != topology.JOURNAL]
    assert set(limits) == {-1}
    assert not [each for each in EXERCISE["queues"] if "x-delivery-limit" in each["arguments"]]


def test_without_a_journal_nothing_is_recorded() -> None:
    """The benchmark compares with and without; the stream is there all the same."""
    silent = definitions("r", (), partitions={}, passwords={}, journal=False)
    assert not [each for each in silent["bindings"] if each["destination"] == topology.JOURNAL]


@pytest.mark.parametrize(
    ("speaker", "message", "hearer", "expected"),
    [
        ("intake", CaseAccepted, "routing", ("xianjie.events", "intake.case.accepted.v1.routing")),
        ("intake", CaseClosed, None, ("xianjie.log", "intake.case.closed.v1")),
        ("routing", ReferralOffered, "CN-SH-IPO", ("xianjie.agencies.out", "CN-SH-IPO.referral.offered.v1")),
        ("CN-SH-IPO", CaseReviewed, "intake", ("xianjie.agencies.in", "CN-SH-IPO.case.reviewed.v1")),
        (OPERATOR, ParkedRetryAsked, "routing", ("xianjie.ops", "routing.parked.retry_asked.v1")),
        ("routing", ParkedRetryAsked, "routing", ("xianjie.events", "routing.parked.retry_asked.v1.routing")),
        (PLAYER, ClockAsked, None, ("xianjie.clock", "player.clock.asked.v1")),
    ],
)
def test_each_finds_its_exchange_and_key(speaker: str, message: type, hearer: str | None, expected: tuple[str, str]) -> None:
    """Speaker, message and hearer give the one place to publish."""
    assert topology.address(speaker, message.name, message.version, hearer) == expected
    assert topology.key_for(speaker, message.type, hearer) == expected[1]
    if speaker != OPERATOR:
        assert topology.exchange_for(message, hearer) == expected[0]


def test_an_operator_names_the_service() -> None:
    """A message to nobody in particular would reach nobody."""
    with pytest.raises(ValueError, match="or to all; not to None"):
        topology.address(OPERATOR, "parked.retry_asked", 1, None)


def test_what_a_user_may_say_matches_the_keys_that_are_made_for_it() -> None:
    """Every message fits the permission of every speaker that its class names."""
    held = {(each["user"], each["exchange"]): each["write"] for each in EXERCISE["topic_permissions"]}
    for said in MESSAGES.values():
        for speaker in (*SERVICES, DOOR, OPERATOR, "CN-SH-IPO"):
            if speaker not in said.said_by and not (AGENCY in said.said_by and speaker == "CN-SH-IPO"):
                continue
            for hearer in said.heard_by or ((None,) if speaker != OPERATOR else ()):
                at = topology.address(speaker, said.name, said.version, "CN-SH-IPO-2" if hearer == AGENCY else hearer)
                assert re.search(held[speaker, at.exchange], at.key), f"{speaker} may not say {at}"
