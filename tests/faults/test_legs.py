"""Legs on the real broker, between four real services: an offer that reaches nobody, a case that is handed over, a mere notification."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pika
import pytest

from deploy.local.network import Network
from tests.bench.whole import COURT, OFFICE
from tests.chassis.ground import until
from tests.faults.lives import Lives, introduce
from xianjie.agency import Agency
from xianjie.cli import network as seen
from xianjie.cli.cases import Row, gather
from xianjie.cli.verify import verified
from xianjie.envelope import Attributes, write
from xianjie.message import SERVICES, Message
from xianjie.messages.case import (
    Applicant,
    CaseFileReleased,
    CaseRegistered,
    CaseReviewed,
    CaseSubmitted,
    DisputedRight,
    Respondent,
)
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralMoved, ReferralOffered, ReferralRequested
from xianjie.timeline import path
from xianjie.vocabulary import ApplicantKind, LegKind, Mode, Track

pytestmark = pytest.mark.broker
SILENT = "CN-SH-YPQ-PMC"
"""A mediation body of the directory that has no inbox on this broker."""


class Desk:
    """One body at its desk: what it heard, and what it says by itself."""

    def __init__(self, agency: Agency, case: str) -> None:
        self.agency, self.case = agency, case
        self.heard: list[Message] = []

    def say(self, message: Message) -> None:
        self.agency.say(message, self.case, mode=Mode.TEST)

    def awaits(self, of: Callable[[Any], bool], what: str, seconds: float = 20.0) -> Any:
        """The first message for which `of` is true, among what was heard and what comes."""
        end = time.monotonic() + seconds
        while not (found := [each for each in self.heard if of(each)]):
            assert time.monotonic() < end, f"not within {seconds:g} s: {what}; heard {self.heard}"
            if received := self.agency.hear(0.2):
                self.heard.append(received.message)
                self.agency.done(received)
        return found[0]


@pytest.fixture
def live(lives: Lives) -> Network:
    """The four services, with the directory; office and court have an inbox, nobody else."""
    for service in SERVICES:
        lives.network.processes[service] = lives.start(service)
    lives.network.write()
    lives.network.wait_known("routing", "directory", introduce(lives.network))
    return lives.network


def taken_in(office: Desk) -> None:
    """The office has the case, and answers for it."""
    office.say(
        CaseSubmitted(
            receiving_body=OFFICE, applicant=Applicant(name="applicant", kind=ApplicantKind.LEGAL_PERSON), right=DisputedRight(type="design"),
            respondents=(Respondent(name="respondent", area="310000"),),
        )
    )  # fmt: skip
    office.awaits(lambda each: isinstance(each, CaseRegistered), "it is registered")
    office.say(CaseReviewed(verdict="accept"))


def test_an_application_to_a_body_without_an_inbox_shows_at_once_as_one_that_a_person_must_see_to(live: Network) -> None:
    with Agency(live.uri(OFFICE), OFFICE) as agency:
        office = Desk(agency, "nobody-there")
        office.say(
            CaseSubmitted(
                receiving_body="CN-XX-NOPE", applicant=Applicant(name="applicant", kind=ApplicantKind.LEGAL_PERSON),
                right=DisputedRight(type="design"),
            )
        )  # fmt: skip
        office.awaits(
            lambda each: isinstance(each, ReceiptGiven), "it is taken: whoever comes forward for that body may still have it"
        )

    def row() -> Row | None:
        return next((each for each in gather(seen.find(live.file)) if each.case == "nobody-there"), None)

    found = until(lambda: (found := row()) and found.unreachable and found, "it shows")
    assert found.stuck == "CN-XX-NOPE is not in the network, or has no inbox: a person must see to it"


def test_nobody_but_a_service_can_make_an_offer_come_back(live: Network) -> None:
    """An agency that says it in routing's name, under a type that nobody hears from agencies, is answered 422; the leg stands."""
    with Agency(live.uri(OFFICE), OFFICE) as agency, Agency(live.uri(COURT), COURT) as court:
        office = Desk(agency, "forged")
        taken_in(office)
        office.say(ReferralRequested(track=Track.COURT, kind=LegKind.TRANSFER, body=COURT))
        offer = Desk(court, "forged").awaits(lambda each: isinstance(each, ReferralOffered), "the offer")
        attributes = Attributes(
            specversion="1.0", id="forged-1", source="/services/routing", type=ReferralOffered.type, subject="forged",
            datacontenttype="application/json", time=datetime.now(UTC),
        )  # fmt: skip
        with pika.BlockingConnection(pika.URLParameters(live.uri(OFFICE))) as connection:
            properties = pika.BasicProperties(headers={"case": "forged"}, delivery_mode=2)
            key = f"{OFFICE}.{ReferralOffered.name}.v1"
            connection.channel().basic_publish("xianjie.agencies.in", key, write(attributes, offer), properties)
        refused = office.awaits(lambda each: isinstance(each, ReceiptGiven) and each.status == 422, "it is refused")
        assert refused.to == "forged-1"
        (leg,) = [each["glance"]["open_legs"] for each in seen.find(live.file).heads("routing") if each["case"] == "forged"]
        assert [each.split()[0] for each in leg] == ["L1"]


def test_an_offer_to_a_body_without_an_inbox_comes_back_at_once_and_its_sender_is_told(live: Network) -> None:
    with Agency(live.uri(OFFICE), OFFICE) as agency:
        office = Desk(agency, "c-nobody")
        taken_in(office)
        office.say(ReferralRequested(track=Track.MEDIATION, kind=LegKind.FILE, body=SILENT))
        began = time.monotonic()
        told = office.awaits(lambda each: isinstance(each, ReferralMoved) and each.state == "undeliverable", "the sender is told")
        assert time.monotonic() - began < 10, "not by a time limit: those are hours"
    assert (told.leg, told.body, told.ground) == ("L1", SILENT, "undeliverable")
    network = seen.find(live.file)
    assert path(network.timeline("c-nobody"))[0] == f"L1 mediation {SILENT} undeliverable undeliverable"
    (kept,) = network.ask("routing", "/kept")["last"]
    assert (kept["sender"], kept["faults"]) == (SILENT, ["/type is heard by nobody who can be reached"])
    assert verified(network).faults == []


def test_a_transfer_moves_custody_and_a_notification_ends_when_it_is_acknowledged(live: Network) -> None:
    network = seen.find(live.file)
    with Agency(live.uri(OFFICE), OFFICE) as first, Agency(live.uri(COURT), COURT) as second:
        office, court = Desk(first, "c-moves"), Desk(second, "c-moves")
        taken_in(office)
        office.say(ReferralRequested(track=Track.COURT, kind=LegKind.TRANSFER, body=COURT))
        offer = court.awaits(lambda each: isinstance(each, ReferralOffered), "it is offered")
        assert (offer.leg, offer.kind, offer.sender) == ("L1", LegKind.TRANSFER, OFFICE)
        court.say(ReferralAcknowledged(leg="L1"))
        assert owners(network, "c-moves") == {OFFICE}, "an acknowledgement moves nothing"
        court.say(ReferralAccepted(leg="L1", recusal_checked=True))
        file = court.awaits(lambda each: isinstance(each, CaseFileReleased), "the new owner gets the file")
        assert file.applicant.name == "applicant"
        until(lambda: owners(network, "c-moves") == {COURT}, "intake and routing know the new owner")
        assert not [each for each in office.heard if isinstance(each, CaseFileReleased)]

        court.say(ReferralRequested(track=Track.ADJUDICATION, kind=LegKind.NOTIFY, body=OFFICE))
        office.awaits(lambda each: isinstance(each, ReferralOffered) and each.kind is LegKind.NOTIFY, "the office is notified")
        office.say(ReferralAcknowledged(leg="L2"))
        court.awaits(
            lambda each: isinstance(each, ReferralMoved) and (each.leg, each.state) == ("L2", "acknowledged"),
            "the sender hears that it has arrived",
        )
        office.say(ReferralAccepted(leg="L2", recusal_checked=True))
        refused = office.awaits(
            lambda each: isinstance(each, ReceiptGiven) and each.status != 202, "it cannot be accepted as well"
        )
        assert refused.status in (403, 410)
    told = network.timeline("c-moves")
    assert path(told)[1].startswith(f"L2 adjudication {OFFICE} closed")
    assert [owner for _, owner in told.owners] == [OFFICE, COURT]
    assert told.legs[0].state not in ("closed", "declined"), "the leg of the transfer is the new owner's own proceeding"
    assert verified(network).faults == []


def owners(network: seen.Network, case: str) -> set[str]:
    """Who answers for it, as intake and routing have it."""
    return {head["glance"]["owner"] for each in ("intake", "routing") for head in network.heads(each) if head["case"] == case}
