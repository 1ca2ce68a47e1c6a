"""Taking an offer back (T13): a request that may cross the receiver's answer, in every order."""

import pytest

from services.routing.leg import LEG
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralConsented,
    ReferralConsentWithdrawn,
    ReferralDeclined,
    ReferralDelivered,
    ReferralInfoRequested,
    ReferralInfoSupplied,
    ReferralMoved,
    ReferralRecallAsked,
    ReferralRecalled,
    ReferralRecallRefused,
    ReferralRecallRequested,
)
from xianjie.messages.routing import (
    RoutingConsentGone,
    RoutingCustodyMoved,
    RoutingLegClosed,
    RoutingLegTaken,
    RoutingOfferUnroutable,
)
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, MEDIATOR, Log, accepted, offered, planned, refusal, the, to

WAYS: list[tuple[str, ...]] = [(), ("delivered",), ("delivered", "acknowledged")]


def recalled_from(*states: str, **more: LegKind) -> Log:
    return offered(**more).goes("L1", *states, "recall_requested")


@pytest.mark.parametrize("states", WAYS)
def test_T13_the_sender_asks_and_the_receiver_is_told_so(states: tuple[str, ...]) -> None:
    log = offered().goes("L1", *states)
    assert refusal(log.says(CITY, ReferralRecallAsked(leg="L1"))) == (403, Ground.NOT_YOURS)
    events = log.says(CENTRE, ReferralRecallAsked(leg="L1", text="sent in error"))
    assert the(events, CITY, ReferralRecallRequested).text == "sent in error"
    assert log.leg().state == "recall_requested"
    assert log.clocks() == ["L1/N2.recall"], "only the recall's own clock runs"


def test_T13_from_information_asked_it_can_be_recalled_too() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal",)))
    log.says(CENTRE, ReferralRecallAsked(leg="L1"))
    assert (log.leg().state, log.leg().before) == ("recall_requested", "info_requested")


def test_T13a_the_receiver_lets_go_and_the_sender_hears_it() -> None:
    log = recalled_from("delivered")
    events = log.says(CITY, ReferralRecalled(leg="L1"))
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground) == ("recalled", Ground.WITHDRAWN)
    assert the(events, "intake", RoutingLegClosed).how == "recalled"
    assert not log.state.clocks


def test_T13a_a_recalled_plan_is_not_offered_to_anybody_else() -> None:
    log = planned().goes("L1", "delivered", "recall_requested")
    log.says(CITY, ReferralRecalled(leg="L1"))
    assert list(log.state.legs) == ["L1"]


def test_T13a_an_offer_that_never_reached_anybody_is_recalled_when_it_comes_back() -> None:
    log = recalled_from()
    events = log.hear("/services/routing", RoutingOfferUnroutable(leg="L1"))
    assert log.leg().state == "recalled"
    assert the(events, CENTRE, ReferralMoved).ground is Ground.UNDELIVERABLE


TAKING = [ReferralAccepted(leg="L1", recusal_checked=True), ReferralRecallRefused(leg="L1", recusal_checked=True)]
"""The two ways of saying, when a recall is asked for, that the leg is taken."""


@pytest.mark.parametrize("answer", TAKING)
def test_27_T13b_an_acceptance_that_crossed_the_recall_stands_and_the_sender_hears_recall_too_late(
    answer: ReferralAccepted | ReferralRecallRefused,
) -> None:
    log = recalled_from("delivered", "acknowledged", kind=LegKind.TRANSFER)
    events = log.says(CITY, answer)
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground) == ("taken", Ground.TOO_LATE)
    assert news.text.startswith("recall_too_late")
    assert the(events, "intake", RoutingCustodyMoved).owner == CITY
    assert the(events, "enforcement_liaison", RoutingLegTaken).leg == "L1"


@pytest.mark.parametrize("states", [(), ("delivered",)])
def test_T13b_what_could_not_be_accepted_before_the_recall_is_not_accepted_during_it(states: tuple[str, ...]) -> None:
    log = recalled_from(*states, kind=LegKind.TRANSFER)
    assert refusal(log.says(CITY, TAKING[0])) == (410, Ground.TOO_LATE)
    assert (log.leg().state, log.owner) == ("recall_requested", CENTRE)


def test_T13b_an_acceptance_counts_when_the_receipts_before_it_crossed_the_recall_too() -> None:
    log = recalled_from(kind=LegKind.TRANSFER)
    for each in (ReferralDelivered(leg="L1"), ReferralAcknowledged(leg="L1"), TAKING[0]):
        log.says(CITY, each)
    assert (log.leg().state, log.owner) == ("taken", CITY)


def test_T13b_who_keeps_the_leg_by_refusing_the_recall_declares_as_one_who_accepts() -> None:
    log = recalled_from("delivered", "acknowledged", kind=LegKind.TRANSFER)
    assert refusal(log.says(CITY, ReferralRecallRefused(leg="L1"))) == (403, Ground.CONFLICT)
    assert (log.leg().state, log.owner) == ("recall_requested", CENTRE)


@pytest.mark.parametrize("states", [(), ("delivered",), ("delivered", "acknowledged", "info_requested")])
def test_T13f_a_refused_recall_of_what_could_not_be_accepted_leaves_the_offer_where_it_was(states: tuple[str, ...]) -> None:
    log = offered(LegKind.TRANSFER).goes("L1", *states)
    before = log.leg().state
    events = log.goes("L1", "recall_requested").says(CITY, ReferralRecallRefused(leg="L1"))
    assert (log.leg().state, log.owner) == (before, CENTRE)
    assert not to(events, "intake", RoutingCustodyMoved)
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.text) == (before, "the receiver does not let go; the offer stands")
    (clock,) = log.state.clocks.values()
    assert (clock.rule, clock.start) == (LEG.clocks[before], log.now)


def test_T13_a_recall_after_acceptance_is_answered_recall_too_late() -> None:
    log = offered().taken()
    (refused,) = log.says(CENTRE, ReferralRecallAsked(leg="L1"))
    assert refusal([refused]) == (410, Ground.TOO_LATE)
    assert refused.text.startswith("recall_too_late")  # type: ignore[union-attr]


def test_T13_recalled_said_after_acceptance_is_too_late_and_the_acceptance_stands() -> None:
    log = recalled_from("delivered", "acknowledged")
    log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert refusal(log.says(CITY, ReferralRecalled(leg="L1"))) == (410, Ground.TOO_LATE)
    assert log.leg().state == "taken"


def test_T13_accepted_said_after_recalled_is_too_late_and_the_recall_stands() -> None:
    log = recalled_from("delivered", "acknowledged", kind=LegKind.TRANSFER)
    log.says(CITY, ReferralRecalled(leg="L1"))
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (410, Ground.TOO_LATE)
    assert (log.leg().state, log.owner) == ("recalled", CENTRE)


@pytest.mark.parametrize("states", WAYS)
def test_T13c_a_recall_that_nobody_answers_leaves_the_offer_where_it_was_with_a_fresh_clock(states: tuple[str, ...]) -> None:
    log = offered().goes("L1", *states)
    before = log.leg().state
    log.goes("L1", "recall_requested")
    events = log.lapse("L1/N2.recall")
    assert log.leg().state == before
    assert the(events, CENTRE, ReferralMoved).ground is Ground.LAPSED
    (clock,) = log.state.clocks.values()
    assert clock.start == log.now


def test_T13d_a_decline_that_crosses_the_recall_counts_as_letting_go() -> None:
    log = planned().goes("L1", "delivered", "recall_requested")
    events = log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no"))
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground, news.text) == ("recalled", Ground.CAPACITY, "no")
    assert the(events, CITY, ReferralMoved).wipe
    assert list(log.state.legs) == ["L1"], "nobody else is asked"


def test_T13e_receipts_that_cross_the_recall_are_remembered_for_when_it_comes_to_nothing() -> None:
    log = recalled_from()
    log.says(CITY, ReferralDelivered(leg="L1"))
    log.says(CITY, ReferralAcknowledged(leg="L1"))
    assert log.leg().state == "recall_requested"
    log.lapse("L1/N2.recall")
    assert log.leg().state == "acknowledged"


def test_T13e_questions_that_cross_the_recall_are_remembered_too() -> None:
    log = recalled_from("delivered", "acknowledged")
    log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal",)))
    log.lapse("L1/N2.recall")
    assert log.leg().state == "info_requested"
    log.says(CENTRE, ReferralInfoSupplied(leg="L1"))
    assert log.leg().state == "acknowledged"


def test_T13e_a_receipt_out_of_turn_is_refused_during_a_recall_as_at_any_time() -> None:
    log = recalled_from("delivered", "acknowledged")
    assert refusal(log.says(CITY, ReferralDelivered(leg="L1"))) == (410, Ground.TOO_LATE)
    log = recalled_from()
    assert refusal(log.says(CITY, ReferralAcknowledged(leg="L1"))) == (410, Ground.TOO_LATE)


def test_T13e_a_notification_that_was_acknowledged_meanwhile_has_done_its_work() -> None:
    log = offered(LegKind.NOTIFY, Track.PENALTY).goes("L1", "delivered", "recall_requested")
    events = log.says(CITY, ReferralAcknowledged(leg="L1"))
    assert log.leg().state == "closed"
    assert the(events, CENTRE, ReferralMoved).text.startswith("recall_too_late")
    assert not log.state.clocks


def test_T13_a_notification_is_not_accepted_even_during_a_recall() -> None:
    log = offered(LegKind.NOTIFY, Track.MEDIATION).goes("L1", "delivered", "recall_requested")
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (403, Ground.OTHER)
    assert not to(log.says(CITY, ReferralRecallRefused(leg="L1")), "mediation", RoutingLegTaken)
    assert log.leg().state == "delivered"


# --- 63: consent that is withdrawn


def consented() -> Log:
    """Two legs that rest on the party's consent: one is taken, one is offered."""
    log = accepted()
    for leg, body, track in (("L1", CITY, Track.ADJUDICATION), ("L2", MEDIATOR, Track.MEDIATION)):
        log.asks(CENTRE, track, LegKind.FILE if leg == "L1" else LegKind.DELEGATE, body, needs_consent=True)
        log.says(CENTRE, ReferralConsented(leg=leg, agreed=True))
    log.goes("L1", "delivered", "acknowledged", "taken")
    log.goes("L2", "delivered")
    return log


def test_63_consent_that_is_withdrawn_takes_back_what_was_offered_and_stops_further_disclosure() -> None:
    log = consented()
    events = log.says(CENTRE, ReferralConsentWithdrawn(text="I do not want it any more"))
    assert (log.leg("L1").state, log.leg("L2").state) == ("taken", "recalled")
    assert the(events, MEDIATOR, ReferralMoved).wipe
    told = the(events, CITY, ReferralMoved)
    assert (told.ground, told.wipe) == (Ground.PARTY_REFUSED, False)
    assert not to(events, "intake", "routing.file_due")
    assert the(events, "intake", RoutingConsentGone).leg == "L1"
    assert refusal(log.says(CENTRE, ReferralConsentWithdrawn())) == (410, Ground.TOO_LATE), "once is enough"
    log.asks(CENTRE, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR, needs_consent=True)
    assert log.leg("L3").state == "consent_pending", "a new consent is asked for"


def test_63_consent_to_one_leg_alone_may_be_withdrawn() -> None:
    log = consented()
    log.says(CENTRE, ReferralConsentWithdrawn(leg="L2"))
    assert (log.leg("L1").withdrawn, log.leg("L2").state) == (False, "recalled")


def test_63_only_who_asked_on_the_partys_consent_says_that_it_is_withdrawn() -> None:
    assert refusal(consented().says(MEDIATOR, ReferralConsentWithdrawn())) == (410, Ground.TOO_LATE)
    assert refusal(offered().says(CENTRE, ReferralConsentWithdrawn())) == (410, Ground.TOO_LATE)
