"""The leg from its draft to its delivery: T1 to T5, with the consent that it may need."""

from dataclasses import replace
from typing import Any

import pytest

from xianjie.messages.referral import (
    ReferralConsented,
    ReferralDeclined,
    ReferralDelivered,
    ReferralMoved,
    ReferralOffered,
    ReferralReminded,
)
from xianjie.messages.routing import (
    RoutingHomeless,
    RoutingLegClosed,
    RoutingLegDrafted,
    RoutingLegOpened,
    RoutingOfferUnroutable,
    RoutingPlanned,
)
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import (
    CENTRE,
    CITY,
    COURT,
    MEDIATOR,
    PROVINCE,
    STRANGER,
    Log,
    accepted,
    held,
    noted,
    offered,
    planned,
    refusal,
    the,
    to,
)

NO = ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no panel is free")


# --- T1 to T3: a leg is asked for, drafted, sent


def test_T1_a_wish_is_planned_by_rule_and_offered_to_the_nearest_competent_body() -> None:
    log = accepted()
    assert not log.state.legs
    log = planned()
    assert (log.leg().receiver, log.leg().state, log.leg().planned) == (CITY, "sent", True)
    assert log.clocks() == ["L1/N2.deliver"]


def test_T1_the_owner_asks_for_a_leg_to_a_named_body_and_intake_hears_that_it_is_open() -> None:
    log = accepted(papers=3)
    events = log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY, text="please")
    assert the(events, "intake", RoutingLegOpened).receiver == CITY
    offer = the(events, CITY, ReferralOffered)
    assert (offer.leg, offer.right, offer.papers, offer.text) == ("L1", "invention", 3, "please")
    assert offer.due == log.state.clocks["L1/N2.deliver"].due


def test_T1_who_has_nothing_to_do_with_the_case_asks_for_nothing() -> None:
    assert refusal(accepted().asks(STRANGER, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.NOT_YOURS)


def test_T1_a_request_that_comes_before_the_case_waits_for_it() -> None:
    assert held(Log().asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR))


def test_20_T1_a_body_that_took_a_leg_may_ask_for_another() -> None:
    log = offered(LegKind.FILE, Track.COURT, COURT).taken()
    log.asks(COURT, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)
    assert (log.leg("L2").sender, log.leg("L2").kind, log.leg("L2").basis) == (COURT, LegKind.DELEGATE, "after_filing")


def test_T1_asked_without_a_body_routing_finds_one_and_is_not_asked_twice() -> None:
    log = accepted()
    events = log.asks(CENTRE, Track.COURT, LegKind.FILE)
    assert [each.body for each in the(events, None, RoutingPlanned).candidates] == [COURT]
    assert refusal(log.asks(CENTRE, Track.COURT, LegKind.FILE)) == (403, Ground.DUPLICATE)


def test_63_T2_without_another_legal_basis_the_party_is_asked_first() -> None:
    log = accepted()
    events = log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, needs_consent=True)
    assert log.leg().state == "consent_pending"
    assert log.clocks() == ["L1/N2.consent"]
    assert not to(events, MEDIATOR, ReferralOffered)
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, CITY, needs_consent=True, legal_basis="民诉法 125")
    assert log.leg("L2").state == "sent"


def test_T2a_with_consent_the_leg_is_sent_and_only_its_sender_brings_it() -> None:
    log = accepted()
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, needs_consent=True)
    assert refusal(log.says(MEDIATOR, ReferralConsented(leg="L1", agreed=True))) == (403, Ground.NOT_YOURS)
    events = log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    assert the(events, MEDIATOR, ReferralOffered)
    assert refusal(log.says(CENTRE, ReferralConsented(leg="L1", agreed=False))) == (410, Ground.TOO_LATE)


def test_T2b_consent_that_does_not_come_lets_the_leg_lapse_and_the_receiver_never_hears_of_it() -> None:
    log = accepted()
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, needs_consent=True)
    reminded = log.tick()
    assert the(reminded, CENTRE, ReferralReminded).leg == "L1"
    events = log.lapse("L1/N2.consent")
    assert log.leg().state == "expired"
    assert the(events, CENTRE, ReferralMoved).ground is Ground.LAPSED
    assert not to(events, MEDIATOR, ReferralMoved)
    assert not log.state.clocks
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, needs_consent=True)
    assert log.leg("L2").state == "consent_pending", "the mediator never had it, and may be asked"


def test_T2c_a_party_that_does_not_agree_ends_the_leg() -> None:
    log = accepted()
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, needs_consent=True)
    events = log.says(CENTRE, ReferralConsented(leg="L1", agreed=False))
    assert the(events, "intake", RoutingLegClosed).ground is Ground.PARTY_REFUSED
    assert log.leg().state == "declined"
    assert not log.state.tried


def awaiting_consent(track: Track = Track.ADJUDICATION, body: str | None = CITY, **more: object) -> Log:
    """A leg L1 for which the party is asked."""
    log = accepted()
    log.asks(CENTRE, track, LegKind.FILE, body, needs_consent=True, **more)
    assert log.leg().state == "consent_pending"
    return log


def test_T2d_a_body_that_was_drained_while_the_party_was_asked_gets_no_offer() -> None:
    log = awaiting_consent()
    log.directory = replace(log.directory, drained={CITY: True})
    events = log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    assert not to(events, CITY, ReferralOffered)
    assert not to(events, CITY, ReferralMoved), "it never heard of the leg"
    told = the(events, CENTRE, ReferralMoved)
    assert (log.leg().state, told.state, told.ground) == ("recalled", "recalled", Ground.CAPACITY)
    assert the(events, "intake", RoutingLegClosed).ground is Ground.CAPACITY
    assert not log.state.open_legs
    assert not log.state.clocks


def test_T2d_a_planned_leg_goes_to_the_next_candidate_whose_receiver_needs_consent_again() -> None:
    log = awaiting_consent(body=None)
    assert log.leg().receiver == CITY
    log.directory = replace(log.directory, drained={CITY: True})
    log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    assert (log.leg("L2").receiver, log.leg("L2").state) == (PROVINCE, "consent_pending")


def test_T2d_a_suit_that_a_court_took_while_the_party_was_asked_bars_the_leg_and_every_other_of_its_track() -> None:
    log = awaiting_consent(body=None)
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)
    log.taken("L2")
    events = log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    assert the(events, CENTRE, ReferralMoved).ground is Ground.TAKEN_ELSEWHERE
    assert list(log.state.homeless) == ["adjudication"], "a person is asked, for no body may take it"


def test_T2a_new_facts_that_spoke_for_asking_a_body_again_still_do_when_the_party_agrees() -> None:
    log = offered().goes("L1", "delivered")
    log.says(CITY, NO)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY, needs_consent=True, new_facts="a sample was found")
    events = log.says(CENTRE, ReferralConsented(leg="L2", agreed=True))
    assert the(events, CITY, ReferralOffered).leg == "L2"


def test_T2_the_next_candidate_needs_the_partys_consent_again() -> None:
    log = accepted()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, needs_consent=True)
    log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    log.goes("L1", "delivered")
    log.says(CITY, NO)
    assert (log.leg("L2").receiver, log.leg("L2").state) == (PROVINCE, "consent_pending")


# --- T4, T5: delivered, or not


def test_T4_the_gateways_receipt_starts_the_time_to_acknowledge() -> None:
    log = offered()
    assert refusal(log.says(STRANGER, ReferralDelivered(leg="L1"))) == (403, Ground.NOT_YOURS)
    log.goes("L1", "delivered")
    assert log.clocks() == ["L1/N2.acknowledge"]
    assert refusal(log.says(CITY, ReferralDelivered(leg="L1"))) == (410, Ground.TOO_LATE)


def test_23_T5_an_offer_that_nobody_confirms_in_24_hours_is_undeliverable_and_a_person_chooses() -> None:
    log = offered()
    events = log.lapse("L1/N2.deliver")
    assert log.leg().state == "undeliverable"
    assert the(events, CENTRE, ReferralMoved).ground is Ground.UNDELIVERABLE
    assert the(events, None, RoutingHomeless).track is Track.ADJUDICATION
    assert log.clocks() == ["choice-adjudication/N2.person"]


def test_T5_an_offer_to_a_body_without_inbox_comes_back_at_once_and_the_next_is_asked() -> None:
    log = planned()
    events = log.hear("/services/routing", RoutingOfferUnroutable(leg="L1"))
    assert log.leg().state == "undeliverable"
    assert the(events, PROVINCE, ReferralOffered).leg == "L2"
    assert log.leg("L2").after == "L1"
    assert noted(log.hear("/services/routing", RoutingOfferUnroutable(leg="L1")))


@pytest.mark.parametrize("kind", [LegKind.ASSIST, LegKind.NOTIFY])
def test_63_a_leg_has_a_legal_basis_or_the_partys_consent(kind: LegKind) -> None:
    """The file would go to a body for which neither its entry, nor a law that is named, nor the party says that it may have it."""
    log = accepted()
    assert refusal(log.asks(CENTRE, Track.PENALTY, kind, MEDIATOR)) == (403, Ground.PAPERS_INCOMPLETE)
    log.asks(CENTRE, Track.PENALTY, kind, MEDIATOR, legal_basis="行政处罚法 26")
    assert drafted(log, "L1") == "行政处罚法 26"


@pytest.mark.parametrize(
    ("track", "kind", "to", "more", "says"),
    [
        (Track.MEDIATION, LegKind.DELEGATE, MEDIATOR, {}, "test"),
        (Track.PENALTY, LegKind.ASSIST, MEDIATOR, {"needs_consent": True}, "the party's consent"),
        (Track.PENALTY, LegKind.ASSIST, MEDIATOR, {"pseudonymised": True}, "without the party's data"),
    ],
)
def test_63_what_it_is_is_on_record(track: Track, kind: LegKind, to: str, more: dict[str, Any], says: str) -> None:
    log = accepted()
    log.asks(CENTRE, track, kind, to, **more)
    assert drafted(log, "L1") == says
    assert "专利法" in drafted(planned(), "L1"), "the rule by which a plan found its receiver"


def drafted(log: Log, leg: str) -> str:
    (found,) = [each.legal_basis for each in log.said if isinstance(each, RoutingLegDrafted) and each.leg == leg]
    return found
