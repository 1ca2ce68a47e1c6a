"""The permissions on a real broker: every pair of exchange and key, every queue, for every kind of user."""

from collections.abc import Callable

import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from tests.broker.network import Network, publish
from xianjie.definitions import users
from xianjie.message import OPERATOR, PLAYER, SERVICES

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

AGENCIES = ("CN-SH-IPO", "CN-SH-IPO-2", "CN-SH-PD-COURT")
KEYS = (
    *(f"{code}.referral.accepted.v1" for code in AGENCIES), "door.case.submitted.v1", "CN-SH.referral.accepted.v1",
    "routing.routing.custody_moved.v1.intake", "routing.parked.skip_asked.v1", "player.clock.advanced.v1", "all", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def network(make_network: Callable[..., Network]) -> Network:
    """An exercise with three agencies, three partitions of routing, and a journal."""
    return make_network(AGENCIES, partitions={"routing": 3}, exercise=True)


def only_forbidden(closed: ChannelClosedByBroker) -> bool:
    """True; raises what is another refusal than that of a permission."""
    if closed.reply_code != 403:
        raise closed
    return True


def refused(network: Network, user: str, act: Callable[[BlockingChannel], object]) -> bool:
    """Whether the broker refuses it for want of permission."""
    with network.channel(user) as channel:
        try:
            act(channel)
        except ChannelClosedByBroker as closed:
            return only_forbidden(closed)
    return False


def spoken(network: Network, user: str, keys: tuple[str, ...]) -> set[tuple[str, str]]:
    """Of all exchanges and all these keys, those on which the user could publish."""
    found = set()
    every = [*(each["name"] for each in network.holds["exchanges"]), "", "amq.topic", "amq.direct", "amq.fanout"]
    with network.connection(user) as connection:
        for exchange in every:
            for key in keys:
                channel = connection.channel()
                channel.confirm_delivery()
                try:
                    publish(channel, exchange, key, "c-forbidden", b"x")
                    found.add((exchange, key))
                    channel.close()
                except ChannelClosedByBroker as closed:
                    only_forbidden(closed)
    return found


@pytest.mark.parametrize("code", AGENCIES)
def test_an_agency_speaks_only_under_its_own_code(network: Network, code: str) -> None:
    """Of every exchange and every key, one pair is open to it: its own code on the way in."""
    assert spoken(network, code, KEYS) == {("xianjie.agencies.in", f"{code}.referral.accepted.v1")}


def test_the_door_speaks_only_as_the_door(network: Network) -> None:
    """It cannot speak for an agency or a service."""
    assert spoken(network, "door", KEYS) == {("xianjie.agencies.in", "door.case.submitted.v1")}


def test_a_service_speaks_to_others_only_in_its_own_name(network: Network) -> None:
    """Mediation can speak to agencies and use the side lane, but says nothing for routing or an agency."""
    keys = (*KEYS, "mediation.log.noted.v1", "mediation.proceeding.ended.v1.routing")
    own = {(exchange, key) for exchange in ("xianjie.events", "xianjie.log") for key in keys if key.startswith("mediation.")}
    to_agencies = {("xianjie.agencies.out", key) for key in keys if key.startswith("CN-")}
    side_lane = {("xianjie.unrouted", key) for key in keys}
    assert spoken(network, "mediation", keys) == own | to_agencies | side_lane


def test_operators_and_players_say_what_is_theirs(network: Network) -> None:
    """The operator frees parked cases, the player moves the clock; neither does the other."""
    assert spoken(network, OPERATOR, KEYS) == {("xianjie.ops", "routing.parked.skip_asked.v1")}
    assert spoken(network, PLAYER, KEYS) == {("xianjie.clock", key) for key in KEYS}


@pytest.mark.parametrize("user", [*AGENCIES, *users((), exercise=True)])
def test_everybody_reads_only_what_is_theirs(network: Network, user: str) -> None:
    """An agency its inbox, a service its partitions and the journal, routing the side lane too."""
    services = {each: {f"{each}.1", "xianjie.journal"} for each in SERVICES}
    services["routing"] |= {"routing.2", "routing.3", "xianjie.unrouted"}
    others = {"door": set(), "operator": {"xianjie.journal"}, "player": {"xianjie.journal", "xianjie.rounds"}}
    mine = {**services, **others, **{code: {f"agency.{code}"} for code in AGENCIES}}[user]
    found = set()
    for queue in (each["name"] for each in network.holds["queues"]):
        with network.channel(user) as channel:
            channel.basic_qos(prefetch_count=1)
            try:
                channel.basic_consume(queue, lambda *_: None)
                found.add(queue)
            except ChannelClosedByBroker as closed:
                only_forbidden(closed)
    assert found == mine


def test_an_agency_cannot_listen_in_by_declaring_or_binding(network: Network) -> None:
    """No queue of its own, no binding of its inbox to anything, no emptying or removing of another's."""
    code, other = AGENCIES[0], "agency.CN-SH-PD-COURT"
    acts: list[Callable[[BlockingChannel], object]] = [
        lambda channel: channel.queue_declare("mine", durable=True),
        lambda channel: channel.queue_declare("", exclusive=True),
        lambda channel: channel.exchange_declare("mine"),
        lambda channel: channel.queue_bind(f"agency.{code}", "xianjie.agencies.out.inner", "#"),
        lambda channel: channel.queue_bind(f"agency.{code}", "xianjie.agencies.in", f"{code}.#"),
        lambda channel: channel.exchange_bind("xianjie.agencies.in", "xianjie.events", "#"),
        lambda channel: channel.queue_purge(other),
        lambda channel: channel.queue_delete(other),
        lambda channel: channel.queue_delete(f"agency.{code}"),
        lambda channel: channel.basic_get(other),
    ]
    assert [refused(network, code, act) for act in acts] == [True] * len(acts)


def test_an_agency_gets_into_no_other_virtual_host(network: Network, make_network: Callable[..., Network]) -> None:
    """Users are shared on the broker, permissions are not."""
    elsewhere = make_network(())
    with pytest.raises(Exception, match="NOT_ALLOWED"), elsewhere.channel(AGENCIES[0]):
        pass
