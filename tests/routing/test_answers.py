"""What a receiver answers, or does not: T6 to T9, T14."""

import pytest

from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralDeclined,
    ReferralDelivered,
    ReferralInfoRequested,
    ReferralInfoSupplied,
    ReferralMoved,
    ReferralOffered,
    ReferralReminded,
)
from xianjie.messages.routing import (
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingHomeless,
    RoutingLegClosed,
    RoutingLegTaken,
)
from xianjie.vocabulary import Ground, LegKind, Precision, Track

from .telling import (
    CENTRE,
    CITY,
    COURT,
    MEDIATOR,
    POLICE,
    PROVINCE,
    offered,
    planned,
    refusal,
    the,
    to,
)

NO = ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no panel is free")


# --- T6, T7: the clerk's receipt, and questions


def test_T6_the_clerks_receipt_is_told_to_the_sender_and_the_time_to_decide_runs() -> None:
    log = offered().goes("L1", "delivered")
    events = log.says(CITY, ReferralAcknowledged(leg="L1"))
    assert the(events, CENTRE, ReferralMoved).state == "acknowledged"
    assert log.clocks() == ["L1/N2.decide"]


def test_T6_an_acknowledgement_before_the_transport_receipt_is_too_early() -> None:
    assert refusal(offered().says(CITY, ReferralAcknowledged(leg="L1"))) == (410, Ground.TOO_LATE)


def test_26_T7_the_receiver_lists_what_is_missing_once_and_the_sender_supplies_it() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    assert refusal(log.says(CITY, ReferralInfoRequested(leg="L1", gaps=()))) == (422, Ground.OTHER)
    events = log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal", "a power of attorney")))
    assert the(events, CENTRE, ReferralMoved).text == "a seal; a power of attorney"
    assert log.clocks() == ["L1/N2.gaps"]
    assert refusal(log.says(CITY, ReferralInfoSupplied(leg="L1"))) == (403, Ground.NOT_YOURS)
    events = log.says(CENTRE, ReferralInfoSupplied(leg="L1", text="here"))
    assert the(events, CITY, ReferralMoved).text == "here"
    assert log.clocks() == ["L1/N2.decide"]


def test_T7_there_is_one_list_and_nobody_asks_a_second_time() -> None:
    log = offered().goes("L1", "delivered", "acknowledged", "info_requested")
    log.says(CENTRE, ReferralInfoSupplied(leg="L1"))
    before = log.state
    events = log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a power of attorney",)))
    assert refusal(events) == (403, Ground.OTHER)
    assert "one list" in events[0].text  # type: ignore[union-attr]
    assert log.state == before, "and the time to decide runs on"


def test_T7_a_list_that_crossed_a_recall_counts_too_and_another_body_has_a_list_of_its_own() -> None:
    log = planned().goes("L1", "delivered", "acknowledged", "recall_requested")
    log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal",)))
    log.lapse("L1/N2.recall")
    log.says(CENTRE, ReferralInfoSupplied(leg="L1"))
    assert refusal(log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a stamp",)))) == (403, Ground.OTHER)
    log.says(CITY, NO)
    log.goes("L2", "delivered", "acknowledged", "info_requested")


def test_T7_the_sender_is_the_one_who_is_reminded_of_gaps() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal",)))
    assert to(log.tick(), CENTRE, ReferralReminded)


def test_26_T7_police_may_not_refuse_for_missing_papers() -> None:
    log = offered(LegKind.TRANSFER, Track.CRIMINAL, POLICE).goes("L1", "delivered", "acknowledged")
    no = ReferralDeclined(leg="L1", ground=Ground.PAPERS_INCOMPLETE, text="five papers are needed")
    assert refusal(log.says(POLICE, no)) == (403, Ground.PAPERS_INCOMPLETE)


# --- T8: acceptance


def test_T8_acceptance_opens_the_proceeding_and_releases_the_file() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    taken = the(events, "enforcement_liaison", RoutingLegTaken)
    assert (taken.receiver, taken.area, taken.level, taken.judged) == (CITY, "440300", "prefecture", True)
    assert the(events, "intake", RoutingFileDue).receiver == CITY
    assert the(events, CENTRE, ReferralMoved).state == "taken"
    assert not log.state.clocks


def test_21_T8_a_transfer_moves_custody_in_the_same_commit_and_no_other_kind_does() -> None:
    for kind in LegKind:
        log = offered(kind, Track.MEDIATION, MEDIATOR).goes("L1", "delivered")
        log.says(MEDIATOR, ReferralAcknowledged(leg="L1"))
        events = log.says(MEDIATOR, ReferralAccepted(leg="L1", recusal_checked=True))
        moved = [each.owner for each in to(events, "intake", RoutingCustodyMoved)]
        assert moved == ([MEDIATOR] if kind is LegKind.TRANSFER else []), kind
        assert log.owner == (MEDIATOR if kind is LegKind.TRANSFER else CENTRE), kind


@pytest.mark.parametrize("state", ["sent", "delivered"])
def test_T8_only_the_receiver_accepts_and_not_before_its_clerk_has_it(state: str) -> None:
    log = offered()
    if state == "delivered":
        log.goes("L1", "delivered")
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (410, Ground.TOO_LATE)
    assert refusal(log.says(CENTRE, ReferralAccepted(leg="L1", recusal_checked=True))) == (403, Ground.NOT_YOURS)


@pytest.mark.parametrize("said", [{}, {"recusal_checked": False}])
def test_T8_nobody_accepts_without_having_looked_for_conflicts_and_silence_is_no_declaration(said: dict[str, bool]) -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralAccepted(leg="L1", **said))
    assert refusal(events) == (403, Ground.CONFLICT)
    assert "say recusal_checked: true" in events[0].text  # type: ignore[union-attr]


def test_15_T8_the_first_acceptance_wins_and_the_other_offers_are_taken_back() -> None:
    log = offered(LegKind.TRANSFER, Track.ADJUDICATION, CITY)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.TRANSFER, PROVINCE)
    log.goes("L1", "delivered", "acknowledged").goes("L2", "delivered", "acknowledged")
    events = log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert log.owner == CITY
    assert log.leg("L2").state == "recalled"
    assert the(events, PROVINCE, ReferralMoved).wipe
    assert [each.ground for each in to(events, CENTRE, ReferralMoved)] == [None, Ground.SUPERSEDED]
    assert refusal(log.says(PROVINCE, ReferralAccepted(leg="L2", recusal_checked=True))) == (410, Ground.TOO_LATE)
    assert log.owner == CITY


def test_T8_of_two_offices_that_a_party_asked_the_first_to_accept_decides() -> None:
    log = offered(to=CITY)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, PROVINCE)
    log.taken("L1")
    assert log.leg("L2").state == "recalled"


def test_T8_help_that_several_were_asked_for_may_come_from_all_of_them() -> None:
    log = offered(LegKind.ASSIST, Track.ADJUDICATION, CITY)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.ASSIST, PROVINCE)
    log.taken("L1").taken("L2")
    assert len(log.state.open_legs) == 2


def test_T8_the_police_take_a_case_that_is_handed_over_and_its_proceeding_opens() -> None:
    log = offered(LegKind.TRANSFER, Track.CRIMINAL, POLICE).goes("L1", "delivered", "acknowledged")
    events = log.says(POLICE, ReferralAccepted(leg="L1", recusal_checked=True))
    assert (log.leg().state, log.owner) == ("taken", POLICE)
    assert the(events, "enforcement_liaison", RoutingLegTaken).track is Track.CRIMINAL


def test_T8_a_date_that_is_not_known_to_the_day_is_handed_on_as_not_judged() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True), Precision.MONTH)
    taken = the(events, "enforcement_liaison", RoutingLegTaken)
    assert (taken.judged, taken.received_judged) == (False, False)


# --- T9: declined


@pytest.mark.parametrize("states", [("delivered",), ("delivered", "acknowledged")])
def test_24_T9_a_decline_is_told_with_code_and_text_wiped_and_the_next_candidate_is_asked(states: tuple[str, ...]) -> None:
    log = planned().goes("L1", *states)
    events = log.says(CITY, NO)
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground, news.text, news.refused_by) == ("declined", Ground.CAPACITY, "no panel is free", "agency")
    assert the(events, CITY, ReferralMoved).wipe
    assert the(events, "intake", RoutingLegClosed).how == "declined"
    assert the(events, PROVINCE, ReferralOffered).leg == "L2"
    assert log.owner == CENTRE


def test_24_T9_it_is_told_who_refuses_the_body_or_a_party() -> None:
    log = planned(Track.MEDIATION).goes("L1", "delivered")
    no = ReferralDeclined(leg="L1", ground=Ground.PARTY_REFUSED, refused_by="party", text="the respondent will not")
    assert the(log.says(log.leg().receiver, no), CENTRE, ReferralMoved).refused_by == "party"


def test_T9_who_named_the_body_itself_decides_what_follows_a_decline() -> None:
    log = offered().goes("L1", "delivered")
    log.says(CITY, NO)
    assert list(log.state.legs) == ["L1"]
    assert not log.state.homeless


def test_T9_when_no_candidate_is_left_a_person_is_asked() -> None:
    log = planned(Track.COURT).goes("L1", "delivered")
    events = log.says(COURT, NO)
    assert the(events, CENTRE, "referral.choice_asked").due == log.state.clocks["choice-court/N2.person"].due
    assert the(events, None, RoutingHomeless)


def test_T9_a_late_decline_changes_nothing() -> None:
    log = offered().taken()
    before = log.state
    assert refusal(log.says(CITY, NO)) == (410, Ground.TOO_LATE)
    assert log.state == before


# --- T14, T14a: silence, and notifications


@pytest.mark.parametrize(
    ("states", "rule"), [(("delivered",), "N2.acknowledge"), (("delivered", "acknowledged"), "N2.decide")]
)  # fmt: skip
def test_30_T14_silence_past_the_limit_expires_the_leg_and_the_next_candidate_is_asked(
    states: tuple[str, ...], rule: str
) -> None:
    log = planned().goes("L1", *states)
    assert to(log.tick(), CITY, ReferralReminded), "it was warned before"
    events = log.lapse(f"L1/{rule}")
    assert log.leg().state == "expired"
    assert the(events, CENTRE, ReferralMoved).ground is Ground.LAPSED
    assert the(events, CITY, ReferralMoved).wipe
    assert the(events, PROVINCE, ReferralOffered).leg == "L2"
    assert log.clocks() == ["L2/N2.deliver"]


def test_T14c_gaps_that_are_not_filled_expire_the_leg() -> None:
    log = planned().goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralInfoRequested(leg="L1", gaps=("a seal",)))
    log.lapse("L1/N2.gaps")
    assert (log.leg().state, log.leg("L2").receiver) == ("expired", PROVINCE)


def test_T14_a_clock_that_nobody_can_judge_still_moves_the_leg_on() -> None:
    log = planned()
    log.says(CITY, ReferralDelivered(leg="L1"), Precision.MONTH)
    log.lapse("L1/N2.acknowledge")
    assert log.leg().state == "expired"


def test_T14a_a_notification_ends_when_it_is_acknowledged() -> None:
    log = offered(LegKind.NOTIFY, Track.PENALTY, CITY).goes("L1", "delivered")
    events = log.says(CITY, ReferralAcknowledged(leg="L1"))
    assert log.leg().state == "closed"
    assert the(events, "intake", RoutingLegClosed).how == "closed"
    assert not log.state.clocks
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (410, Ground.TOO_LATE)
