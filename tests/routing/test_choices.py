"""Where routing has no answer a person chooses, and nobody who must choose is forgotten."""

from xianjie.messages.case import CaseConclusionAsked, CaseReopened
from xianjie.messages.referral import (
    ReferralBodyChosen,
    ReferralChoiceAsked,
    ReferralDeclined,
    ReferralMoved,
    ReferralOffered,
    ReferralPlanDropped,
)
from xianjie.messages.routing import RoutingCleared, RoutingClosedToLegs, RoutingHomeless, RoutingLegsOpen
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import (
    CENTRE,
    CITY,
    COURT,
    COURT2,
    MEDIATOR,
    NATION,
    PROVINCE,
    STRANGER,
    Log,
    accepted,
    offered,
    planned,
    refusal,
    the,
    to,
)  # fmt: skip

CHOICE = "choice-court/N2.person"
NO = ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no")


def homeless() -> Log:
    """A case whose only competent court has declined."""
    log = planned(Track.COURT).goes("L1", "delivered")
    log.says(COURT, NO)
    return log


def test_the_owner_is_asked_with_a_limit_and_intake_is_told() -> None:
    log = planned(Track.COURT).goes("L1", "delivered")
    events = log.says(COURT, NO)
    assert the(events, None, RoutingHomeless).track is Track.COURT
    assert the(events, CENTRE, ReferralChoiceAsked).due == log.state.clocks[CHOICE].due
    assert list(log.state.homeless) == ["court"]


def test_a_choice_that_is_near_its_limit_is_reminded_of_and_one_past_it_starts_anew_with_the_body_above() -> None:
    log = homeless()
    assert the(log.tick(), CENTRE, ReferralChoiceAsked)
    for _ in range(3):
        events = log.lapse(CHOICE)
        assert the(events, CENTRE, ReferralChoiceAsked).due == log.state.clocks[CHOICE].due
        assert the(events, PROVINCE, ReferralChoiceAsked)
        assert log.state.clocks[CHOICE].start == log.now, "it never is without a clock"


def test_the_owner_chooses_and_the_leg_goes_there_as_it_was_wanted() -> None:
    log = homeless()
    events = log.says(CENTRE, ReferralBodyChosen(track=Track.COURT, body=COURT2, text="the other seat"))
    assert the(events, COURT2, ReferralOffered).text == "the other seat"
    assert not log.state.homeless
    assert log.clocks() == ["L2/N2.deliver"]


def test_the_kind_and_the_sender_of_what_was_wanted_survive_the_choice() -> None:
    log = offered(track=Track.COURT, to=COURT).taken()
    log.asks(COURT, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR, basis="after_filing")
    log.lapse("L2/N2.deliver")
    log.says(PROVINCE, ReferralBodyChosen(track=Track.MEDIATION, body=PROVINCE))
    chosen = log.leg("L3")
    assert (chosen.kind, chosen.sender, chosen.basis) == (LegKind.DELEGATE, COURT, "after_filing")


def test_who_wanted_the_leg_the_owner_and_those_above_it_may_choose_and_nobody_else() -> None:
    chosen = ReferralBodyChosen(track=Track.COURT, body=COURT2)
    for other in (STRANGER, COURT, COURT2):
        assert refusal(homeless().says(other, chosen)) == (403, Ground.NOT_YOURS)
    for one in (CENTRE, PROVINCE, NATION):
        log = homeless()
        log.says(one, chosen)
        assert log.leg("L2").receiver == COURT2


def test_where_nothing_is_open_nothing_is_chosen() -> None:
    log = accepted()
    assert refusal(log.says(CENTRE, ReferralBodyChosen(track=Track.COURT, body=COURT))) == (410, Ground.TOO_LATE)
    assert refusal(log.says(CENTRE, ReferralPlanDropped(track=Track.COURT, ground=Ground.WITHDRAWN))) == (410, Ground.TOO_LATE)


def test_a_choice_must_be_a_body_that_the_directory_knows() -> None:
    no = homeless().says(CENTRE, ReferralBodyChosen(track=Track.COURT, body="NO-SUCH-BODY"))
    assert refusal(no) == (403, Ground.NOT_COMPETENT)


def test_a_person_may_choose_the_body_that_declined_again() -> None:
    log = homeless()
    log.says(CENTRE, ReferralBodyChosen(track=Track.COURT, body=COURT))
    assert log.leg("L2").receiver == COURT


def test_the_plan_may_be_dropped() -> None:
    log = homeless()
    log.says(CENTRE, ReferralPlanDropped(track=Track.COURT, ground=Ground.WITHDRAWN))
    assert not log.state.homeless
    assert not log.state.clocks


def test_a_leg_of_that_track_that_the_owner_asks_for_settles_the_choice() -> None:
    log = homeless()
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT2)
    assert not log.state.homeless
    assert log.clocks() == ["L2/N2.deliver"]


def test_a_body_that_a_plan_could_not_reach_may_be_asked_by_name() -> None:
    log = planned(Track.COURT)
    log.lapse("L1/N2.deliver")
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)
    assert log.leg("L2").receiver == COURT


def test_a_case_with_open_legs_is_not_cleared() -> None:
    log = offered()
    events = log.hear("/services/intake", CaseConclusionAsked(purpose="conclude", outcome="settled"))
    assert the(events, "intake", RoutingLegsOpen).legs == ("L1",)
    assert not log.state.cleared


def test_a_case_without_open_legs_is_cleared_its_choices_are_dropped_and_no_leg_is_opened_any_more() -> None:
    log = homeless()
    events = log.hear("/services/intake", CaseConclusionAsked(purpose="conclude", outcome="settled"))
    assert the(events, "intake", RoutingCleared)
    assert not log.state.homeless
    assert not log.state.clocks
    assert refusal(log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT2)) == (403, Ground.CASE_ENDED)
    assert refusal(log.asks(CENTRE, Track.COURT, LegKind.FILE)) == (403, Ground.CASE_ENDED)


def test_a_case_that_is_reopened_has_legs_again() -> None:
    log = accepted()
    log.hear("/services/intake", CaseConclusionAsked(purpose="conclude", outcome="settled"))
    assert the(log.hear("/services/intake", CaseReopened()), None, RoutingClosedToLegs).closed is False
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)
    assert log.leg().state == "sent"


def test_new_facts_let_a_body_that_declined_be_asked_again() -> None:
    log = offered().goes("L1", "delivered")
    events = log.says(CITY, NO)
    assert the(events, CENTRE, ReferralMoved)
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.TAKEN_ELSEWHERE)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY, new_facts="a second seizure")
    assert log.leg("L2").receiver == CITY


def test_new_facts_count_for_a_plan_as_well() -> None:
    log = planned().goes("L1", "delivered")
    log.says(CITY, NO)
    log.goes("L2", "delivered")
    log.says(PROVINCE, ReferralDeclined(leg="L2", ground=Ground.CAPACITY, text="no"))
    assert list(log.state.homeless) == ["adjudication"], "the national office is asked by name only"
    events = log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, new_facts="a second seizure")
    assert to(events, CITY, ReferralOffered)
    assert not log.state.homeless
