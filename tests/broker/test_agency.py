"""The agency client against a real broker: what it says, what it hears, what it does by itself."""

from datetime import datetime

import pytest

from tests.broker.network import CODE, OTHER, THEN, Network
from xianjie import envelope
from xianjie.agency import Agency, Received
from xianjie.envelope import Invalid
from xianjie.messages.case import Applicant, CaseReviewed, CaseSubmitted, DisputedRight
from xianjie.messages.ops import ParkedRetryAsked
from xianjie.messages.referral import ReferralAccepted, ReferralDelivered, ReferralMoved, ReferralOffered
from xianjie.messages.routing import RoutingCleared
from xianjie.vocabulary import CHINA, ApplicantKind, LegKind, Mode, Precision, Track
from xianjie.voice import Door, Operator

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

OFFER = ReferralOffered(leg="L1", track=Track.MEDIATION, kind=LegKind.DELEGATE, sender=OTHER, right="design")
MOVED = ReferralMoved(leg="L1", state="declined", body=OTHER)
ACCEPTED = ReferralAccepted(leg="L1", recusal_checked=True)


def test_what_it_says_arrives_with_everything_that_tells_who_spoke(network: Network, office: Agency) -> None:
    """Source, key, user id, header, content type, persistence: all agree."""
    said = office.say(CaseReviewed(verdict="accept"), "c-9", time=THEN, precision=Precision.DAY, follows="m-1", mode=Mode.TEST)
    with network.channel() as channel:
        method, properties, body = next(channel.consume("intake.1", auto_ack=True, inactivity_timeout=5))
        channel.cancel()
    heard = envelope.read(body)
    assert (heard.id, heard.source, heard.subject) == (said, f"/agencies/{CODE}", "c-9")
    assert heard.message == CaseReviewed(verdict="accept")
    assert (heard.attributes.time, heard.attributes.timeprecision) == (THEN, Precision.DAY)
    assert (heard.attributes.follows, heard.attributes.mode) == ("m-1", Mode.TEST)
    assert (method.exchange, method.routing_key) == ("xianjie.agencies.in", f"{CODE}.case.reviewed.v1")
    assert (properties.user_id, properties.headers, properties.delivery_mode) == (CODE, {"case": "c-9"}, 2)
    assert (properties.content_type, properties.message_id) == (envelope.CONTENT_TYPE, said)


def test_without_a_time_it_is_now_and_an_unknown_time_stays_unknown(network: Network, office: Agency) -> None:
    """A date that nobody knows is not made up."""
    office.say(CaseReviewed(verdict="accept"), "c-1")
    office.say(CaseReviewed(verdict="accept"), "c-1", precision=Precision.NONE)
    first, second = network.heard_by("intake")
    assert abs((datetime.now(CHINA) - first.attributes.time).total_seconds()) < 60
    assert second.attributes.time is None


def test_what_is_not_valid_or_not_its_to_say_never_leaves(network: Network, office: Agency) -> None:
    """All faults at once, by their pointers; the office can go on."""
    with pytest.raises(Invalid, match=r"/source may not say routing.cleared"):
        office.say(RoutingCleared(), "c-1")
    with pytest.raises(Invalid) as wrong:
        office.say(ReferralAccepted(leg="first", recusal_checked=True, reference=""), "no such case!")
    assert {each.pointer for each in wrong.value.faults} == {"/subject", "/referral", "/data/leg", "/data/reference"}
    assert office.said == 0
    assert network.heard_by("routing") == []
    office.say(ACCEPTED, "c-1")
    assert office.said == 1


def test_it_hears_its_own_inbox_and_no_other(network: Network, office: Agency) -> None:
    """Typed, in order; nothing after the last."""
    network.tell(MOVED, OTHER)
    ids = [network.tell(MOVED, CODE), network.tell(MOVED, CODE, case="c-2")]
    found = [office.hear(5), office.hear(5)]
    assert [(each.heard.id, each.case) for each in found if each] == [(ids[0], "c-1"), (ids[1], "c-2")]
    assert {each.message for each in found if each} == {MOVED}
    assert office.hear(0) is None


def test_an_offer_is_confirmed_as_delivered_by_itself(network: Network, office: Agency) -> None:
    """The receipt is there when the office gets the offer; it names the offer, and carries its time and exercise."""
    offer = network.tell(OFFER, CODE)
    received = office.hear(5)
    assert received is not None
    assert received.message == OFFER
    (receipt,) = network.heard_by("routing")
    assert receipt.message == ReferralDelivered(leg="L1")
    assert (receipt.attributes.causationid, receipt.attributes.time, receipt.subject) == (offer, THEN, "c-1")


def test_an_offer_that_comes_again_is_confirmed_in_the_same_words(network: Network) -> None:
    """The office fell over after the receipt: the next one says the same, to the byte."""
    network.tell(OFFER, CODE)
    for _ in range(2):
        with Agency.connect(network.uri(CODE), CODE) as office:
            assert office.hear(5) is not None
    first, second = (body for _, _, body in network.drain("routing.1"))
    assert first == second


def test_what_is_not_done_comes_again_and_what_is_done_does_not(network: Network) -> None:
    """A message is the inbox's until it is done."""
    network.tell(MOVED, CODE)
    with Agency.connect(network.uri(CODE), CODE) as office:
        first = office.hear(5)
    assert first is not None
    assert not first.redelivered
    with Agency.connect(network.uri(CODE), CODE) as office:
        again = office.hear(5)
        assert again is not None
        assert again.redelivered
        office.done(again)
    assert network.left_in(f"agency.{CODE}") == 0


def test_the_same_message_sent_twice_is_heard_once(network: Network, office: Agency) -> None:
    """Same source and id: a routing that was killed sends it again."""
    for _ in range(2):
        network.tell(MOVED, CODE, id="m-1")
    received = office.hear(5)
    assert received is not None
    office.done(received)
    assert office.hear(0.5) is None
    office.close()
    assert network.left_in(f"agency.{CODE}") == 0


def test_run_hands_over_every_message_and_stops_when_asked(network: Network, office: Agency) -> None:
    """Each is done when the handler has returned; what the handler says goes out."""
    for case in ("c-1", "c-2", "c-3"):
        network.tell(OFFER, CODE, case=case)

    def accept(received: Received) -> None:
        office.say(ACCEPTED, received.case, because=received.heard.id)
        if received.case == "c-3":
            office.stop()

    office.run(accept)
    office.close()
    assert [each.message.name for each in network.heard_by("routing")] == ["referral.delivered", "referral.accepted"] * 3
    assert network.left_in(f"agency.{CODE}") == 0


def test_what_a_handler_raises_ends_the_run_and_leaves_the_message(network: Network) -> None:
    """Nothing is lost by a mistake in an agency's own system."""
    network.tell(MOVED, CODE)

    def fail(received: Received) -> None:
        raise LookupError(received.case)

    with Agency.connect(network.uri(CODE), CODE) as office, pytest.raises(LookupError, match="c-1"):
        office.run(fail)
    assert network.left_in(f"agency.{CODE}") == 1


def test_door_and_operator_speak_by_the_same_means(network: Network) -> None:
    """An application reaches intake, a word about a parked case the service that is named; mode and exercise are set."""
    applicant = Applicant(name="张三", kind=ApplicantKind.NATURAL_PERSON)
    submitted = CaseSubmitted(receiving_body=CODE, applicant=applicant, right=DisputedRight(type="design"))
    retry = ParkedRetryAsked(who="li", why="mended")
    with Door(network.uri("door"), exercise="e1") as door, Operator(network.uri("operator"), "li") as operator:
        door.say(submitted, "c-1")
        operator.say(retry, "c-1", to="mediation")
        with pytest.raises(ValueError, match="to one of intake"):
            operator.say(retry, "c-1")
    (application,) = network.heard_by("intake")
    assert (application.source, application.message) == ("/services/door", submitted)
    assert (application.attributes.exercise, application.attributes.mode) == ("e1", Mode.EXERCISE)
    (word,) = network.heard_by("mediation")
    assert (word.source, word.message) == ("/operators/li", retry)
