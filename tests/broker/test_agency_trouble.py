"""The agency client in trouble: wrong credentials, forged names, lost connections, a broker that stands still or restarts."""

import threading
import time
from collections.abc import Callable

import pika
import pytest

from tests.broker.network import CODE, OTHER, THEN, Network
from xianjie.agency import Agency, Away, Received, Refused
from xianjie.line import Line
from xianjie.messages.referral import ReferralAccepted, ReferralMoved, ReferralOffered
from xianjie.refusals import refusals
from xianjie.topology import Address
from xianjie.vocabulary import LegKind, Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

OFFER = ReferralOffered(leg="L1", track=Track.MEDIATION, kind=LegKind.DELEGATE, sender=OTHER, right="design")
MOVED = ReferralMoved(leg="L1", state="declined", body=OTHER)
ACCEPTED = ReferralAccepted(leg="L1", recusal_checked=True)


def test_what_was_done_is_known_again_when_the_acknowledgement_was_lost(network: Network, office: Agency) -> None:
    """The connection broke in between: the broker delivers once more, the office hears nothing twice."""
    network.tell(OFFER, CODE)
    received = office.hear(5)
    assert received is not None
    network.broker.cut(CODE, "a test")
    office.done(received)
    assert office.hear(2) is None
    assert office.said == 1
    office.close()
    assert network.left_in(f"agency.{CODE}") == 0


def test_a_handler_that_could_not_speak_while_the_broker_was_away_hears_the_message_again(network: Network) -> None:
    network.tell(OFFER, CODE)
    with Agency(network.uri(CODE), CODE) as office:
        heard: list[bool] = []

        def handler(received: Received) -> None:
            heard.append(received.redelivered)
            if len(heard) == 1:
                network.broker.cut(CODE, "a test")
                raise Away("as `say` does after its patience")
            office.stop()

        office.run(handler)
    assert heard == [False, True]
    assert network.left_in(f"agency.{CODE}") == 0


def test_what_is_not_understood_is_shown_and_does_not_block(network: Network) -> None:
    """A type of a later version, and bytes that are no message at all; then the office hears on."""
    shown: list[tuple[bytes, str]] = []
    later = b'{"specversion":"1.0","type":"xianjie.referral.sung.v1","data":{}}'
    for body in (later, b"\xff\x00"):
        network.say("routing", "xianjie.agencies.out", f"{CODE}.referral.sung.v1", body=body)
    network.tell(MOVED, CODE)
    with Agency(network.uri(CODE), CODE, unreadable=lambda body, fault: shown.append((body, fault.kind))) as office:
        received = office.hear(5)
    assert received is not None
    assert received.message == MOVED
    assert shown == [(later, "unknown"), (b"\xff\x00", "unreadable")]


def test_an_agency_that_speaks_under_anothers_code_is_refused(network: Network) -> None:
    """By key, and by user id; it is told what it may do, and can go on under its own."""
    with Agency(network.uri(CODE), CODE) as office:
        office.speaker = OTHER
        with pytest.raises(Refused, match="each speaks under its own name"):
            office.say(ACCEPTED, "c-1")
        office.speaker = CODE
        office.say(ACCEPTED, "c-1")
    line = Line(network.uri(CODE))
    with pytest.raises(Refused, match=r"does not take such a message.*user_id"):
        line.publish(Address("xianjie.agencies.in", f"{CODE}.x.y.v1"), b"{}", pika.BasicProperties(user_id=OTHER))
    line.close()
    assert [each.speaker for each in network.heard_by("routing")] == [CODE]


@pytest.mark.parametrize(
    ("user", "password", "vhost", "code", "says"),
    [
        (CODE, "wrong", None, CODE, "check both for blanks"),
        ("CN-NOBODY", None, None, "CN-NOBODY", "does not know CN-NOBODY"),
        (CODE, None, "try/none", CODE, "check the code and the virtual host"),
        (CODE, None, None, OTHER, "may not do this"),
        ("intake", None, None, "CN-NOBODY", "may not do this"),
    ],
    ids=["wrong password", "unknown user", "no such virtual host", "another's inbox", "a service's user"],
)
def test_wrong_credentials_are_said_in_words(
    network: Network, user: str, password: str | None, vhost: str | None, code: str, says: str
) -> None:
    """What is wrong, and what to do, as the catalogue has it; at once, without trying again; and never the password."""
    password = password or network.machine.password(user)
    uri = network.broker.uri(vhost or network.vhost, user, password)
    began = time.monotonic()
    with pytest.raises(Refused, match=says) as refused:
        Agency.connect(uri, code)
    assert time.monotonic() - began < 4
    assert password not in str(refused.value)
    assert str(refused.value).endswith(refusals()[refused.value.code].remedy)


def test_a_missing_inbox_is_said_in_words(make_network: Callable[..., Network]) -> None:
    """The user is there, but the body has not joined."""
    network = make_network((CODE,))
    with network.channel() as channel:
        channel.queue_delete(f"agency.{CODE}")
    with pytest.raises(Refused, match=r"no inbox for CN-SH-IPO.*a body joins with xianjie agency register"):
        Agency.connect(network.uri(CODE), CODE)


def test_nobody_at_the_address_is_away_and_nonsense_is_refused() -> None:
    """The one may pass, the other will not."""
    with pytest.raises(Away, match=r"127\.0\.0\.1:9"):
        Agency.connect("amqp://a:b@127.0.0.1:9/x", CODE)
    nobody = Agency("amqp://a:b@127.0.0.1:9/x", CODE, patience=0.1)
    with pytest.raises(Away) as away:
        nobody.say(ACCEPTED, "c-1", id="m-1", time=THEN)
    assert (away.value.id, away.value.time) == ("m-1", THEN)
    with pytest.raises(Away) as away:
        nobody.say(ACCEPTED, "c-1")
    assert away.value.id
    assert away.value.time
    with pytest.raises(Refused, match="is written amqp://"):
        Agency.connect("http://example.invalid", CODE)


def test_a_broker_that_stands_still_is_noticed_in_time(network: Network) -> None:
    """A publish has a time limit; when the broker goes on, the same message may be said again."""
    quick = Agency(network.uri(OTHER), OTHER, limit=0.5, patience=1.0).open()
    network.broker.pause()
    try:
        began = time.monotonic()
        with pytest.raises(Away):
            quick.say(ACCEPTED, "c-1", id="m-1", time=THEN)
        assert time.monotonic() - began < 6
    finally:
        network.broker.resume()
    quick.patience = 30
    quick.say(ACCEPTED, "c-1", id="m-1", time=THEN)
    quick.close()
    assert len({body for _, _, body in network.drain("routing.1")}) == 1


def test_it_goes_on_by_itself_after_the_broker_was_restarted(network: Network, office: Agency) -> None:
    """One office listens and another speaks while the broker is away: nothing is lost, nobody gives up."""
    network.tell(OFFER, CODE)
    found: list[str] = []

    def note(received: Received) -> None:
        found.append(received.case)
        if received.case == "c-2":
            office.stop()

    listener = threading.Thread(target=office.run, args=(note,))
    office.close()  # a line belongs to the thread that made it
    listener.start()
    while not found:
        time.sleep(0.05)
    with Agency.connect(network.uri(OTHER), OTHER) as court:
        network.broker.stop()
        restart = threading.Timer(1.0, network.broker.start)
        restart.start()
        court.say(ACCEPTED, "c-1", id="m-1")
        restart.join()
        network.broker.start()  # where it could not be started in time, for the tests that follow
    network.tell(OFFER, CODE, case="c-2")
    listener.join(60)
    assert not listener.is_alive()
    assert found == ["c-1", "c-2"]
    assert [(each.speaker, each.message.name, each.subject) for each in network.heard_by("routing")] == [
        (CODE, "referral.delivered", "c-1"), (OTHER, "referral.accepted", "c-1"), (CODE, "referral.delivered", "c-2"),
    ]  # fmt: skip
