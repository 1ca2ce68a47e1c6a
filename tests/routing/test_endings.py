"""How a proceeding ended, as custody sees it, and what follows by itself: T19, T20, T22."""

from dataclasses import replace
from typing import Any

import pytest

from xianjie.deciding import Say
from xianjie.messages.case import CaseAppealOpened, CaseConclusionAsked, Wish
from xianjie.messages.org import Capability
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.referral import (
    ReferralDeclined,
    ReferralMoved,
)
from xianjie.messages.routing import (
    RoutingCustodyMoved,
    RoutingHomeless,
    RoutingLegClosed,
    RoutingSuperiorsNamed,
)
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import (
    CENTRE,
    CITY,
    COURT,
    COURT2,
    DIRECTORY,
    MEDIATOR,
    NATION,
    OFFICES,
    PROVINCE,
    STRANGER,
    Log,
    accepted,
    noted,
    offered,
    planned,
    refusal,
    the,
)

NO = ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no panel is free")


# --- T19, T20, T22: how the proceeding ended


def test_T20_a_returned_transfer_gives_custody_back_with_an_inventory() -> None:
    log = offered(LegKind.TRANSFER, Track.ADJUDICATION, CITY).taken()
    assert log.owner == CITY
    events = log.ends(
        "L1", "returned", ground=Ground.NOT_COMPETENT, text="the seat is elsewhere", inventory=("request", "patent")
    )
    assert log.owner == CENTRE
    assert the(events, "intake", RoutingCustodyMoved).owner == CENTRE
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground, news.inventory) == ("returned", Ground.NOT_COMPETENT, ("request", "patent"))


def test_T20_the_owner_may_transfer_again_after_the_case_came_back_but_not_to_the_same_body() -> None:
    log = offered(LegKind.TRANSFER, Track.ADJUDICATION, CITY).taken()
    log.ends("L1", "returned", ground=Ground.CAPACITY)
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.TRANSFER, CITY)) == (403, Ground.TAKEN_ELSEWHERE)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.TRANSFER, PROVINCE)
    assert log.leg("L2").state == "sent"


def test_T20_what_was_planned_and_returned_as_not_theirs_goes_to_the_next_body() -> None:
    log = planned().taken()
    log.ends("L1", "returned", ground=Ground.NOT_COMPETENT)
    assert log.leg("L2").receiver == PROVINCE
    log = planned().taken()
    log.ends("L1", "returned", ground=Ground.NO_FACTS)
    assert list(log.state.legs) == ["L1"]


def test_T19_a_cancelled_transfer_gives_custody_back() -> None:
    log = offered(LegKind.TRANSFER, Track.ADJUDICATION, CITY).taken()
    log.ends("L1", "cancelled", ground=Ground.WITHDRAWN)
    assert (log.leg().state, log.owner) == ("cancelled", CENTRE)


def test_T22_a_closed_proceeding_closes_its_leg_and_tells_intake_what_it_settles() -> None:
    log = offered().taken()
    events = log.ends("L1", "closed", outcome="no_infringement", settles=True)
    closed = the(events, "intake", RoutingLegClosed)
    assert (closed.how, closed.outcome, closed.settles, closed.open_legs) == ("closed", "no_infringement", True, 0)
    assert the(events, CENTRE, ReferralMoved).outcome == "no_infringement"
    assert noted(log.ends("L1", "closed", outcome="no_infringement")), "said twice, it changes nothing"


def test_T22_the_end_of_a_proceeding_that_was_not_taken_changes_nothing() -> None:
    log = offered()
    assert noted(log.ends("L1", "closed", outcome="settled"))
    assert noted(log.hear("/services/mediation", ProceedingEnded(leg="L9", track=Track.MEDIATION, how="returned")))


def test_T22_adjudication_turned_into_mediation_stays_with_the_office() -> None:
    log = planned().taken()
    log.ends("L1", "closed", outcome="turned_to_mediation", next=Track.MEDIATION)
    assert (log.leg("L2").track, log.leg("L2").receiver, log.leg("L2").basis) == (Track.MEDIATION, CITY, "administrative")


@pytest.mark.parametrize(("right", "basis"), [("invention", "administrative"), ("ic_layout", None), ("plant_variety", None)])
def test_T22_a_mediation_that_an_adjudication_turns_into_has_the_limit_of_patent_disputes_only_for_a_patent(
    right: str, basis: str | None
) -> None:
    able = tuple(Capability(track=each, rights=(right,), source="test") for each in OFFICES)
    known = replace(DIRECTORY, bodies={**DIRECTORY.bodies, CITY: replace(DIRECTORY.bodies[CITY], capabilities=able)})
    log = planned(right=right, directory=known).taken()
    log.ends("L1", "closed", outcome="turned_to_mediation", next=Track.MEDIATION)
    assert (log.leg("L2").track, log.leg("L2").receiver, log.leg("L2").basis) == (Track.MEDIATION, CITY, basis)


def test_T22_a_mediation_that_an_adjudication_turns_into_was_entrusted_by_no_court_even_where_one_owns_the_case() -> None:
    log = accepted(owner=COURT, wish=Wish(track=Track.ADJUDICATION)).taken()
    log.ends("L1", "closed", outcome="turned_to_mediation", next=Track.MEDIATION)
    assert (log.leg("L2").sender, log.leg("L2").receiver, log.leg("L2").basis) == (COURT, CITY, "administrative")


def test_T22_an_agreement_goes_to_the_court_that_entrusted_the_mediation() -> None:
    log = accepted(owner=COURT)
    log.asks(COURT, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)
    log.taken()
    log.ends("L1", "closed", outcome="confirmation_requested", next=Track.CONFIRMATION)
    assert (log.leg("L2").track, log.leg("L2").receiver) == (Track.CONFIRMATION, COURT)


def test_T22_an_agreement_that_no_court_entrusted_goes_to_the_court_of_the_place() -> None:
    log = offered(track=Track.MEDIATION, to=MEDIATOR).taken()
    log.ends("L1", "closed", outcome="confirmation_requested", next=Track.CONFIRMATION)
    assert (log.leg("L2").track, log.leg("L2").receiver) == (Track.CONFIRMATION, COURT)


def confirmed_at(mediator: str, **places: Any) -> str | None:
    """The court that routing finds for an agreement made before this mediator, by the places that are known."""
    log = accepted(**{"respondent_areas": (), "infringement_area": None, **places})
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, mediator)
    log.taken()
    log.ends("L1", "closed", outcome="confirmation_requested", next=Track.CONFIRMATION)
    return log.leg("L2").receiver if "L2" in log.state.legs else None


def test_T22_the_court_of_either_partys_domicile_of_the_object_or_of_the_mediators_place_confirms() -> None:
    """民诉法 205. No court of the test sits where the stranger mediates."""
    assert confirmed_at(STRANGER, applicant_area="441900") == COURT2
    assert confirmed_at(STRANGER, respondent_areas=("441900",)) == COURT2
    assert confirmed_at(STRANGER, infringement_area="441900") == COURT2
    assert confirmed_at(MEDIATOR) == COURT
    assert confirmed_at(STRANGER) is None


def test_the_applicants_domicile_makes_no_other_body_competent() -> None:
    log = planned(respondent_areas=("440305",), infringement_area=None, applicant_area="441900")
    assert log.leg().receiver == CITY


def test_T22_a_case_of_national_weight_goes_up_to_the_national_office_and_may_come_down() -> None:
    log = planned().taken()
    log.ends("L1", "closed", outcome="sent_up", next=Track.ADJUDICATION)
    assert (log.leg("L2").receiver, log.leg("L2").track) == ("CNIPA", Track.ADJUDICATION)
    log.taken("L2")
    log.ends("L2", "closed", outcome="sent_down", next=Track.ADJUDICATION, next_body=PROVINCE)
    assert log.leg("L3").receiver == PROVINCE


def test_T22_what_cannot_be_sent_up_any_further_is_chosen_by_a_person() -> None:
    log = accepted(wish=Wish(track=Track.ADJUDICATION, body="CNIPA"))
    assert log.leg().receiver == "CNIPA"
    log.taken()
    events = log.ends("L1", "closed", outcome="sent_up", next=Track.ADJUDICATION)
    assert the(events, None, RoutingHomeless)


def test_routing_names_who_is_above_the_body_that_refused_and_above_the_owner_of_a_case_that_ends() -> None:
    log = Log(DIRECTORY)
    events = log.hear("/services/intake", CaseAppealOpened(body=CITY))
    assert the(events, "intake", RoutingSuperiorsNamed) == RoutingSuperiorsNamed(of=CITY, bodies=(PROVINCE, NATION))
    events = log.hear("/services/intake", CaseAppealOpened(body=NATION))
    assert the(events, "intake", RoutingSuperiorsNamed).bodies == (NATION,), "at the top it reviews its own decision"
    events = log.hear("/services/intake", CaseAppealOpened(body="CN-NOBODY"))
    assert the(events, "intake", RoutingSuperiorsNamed).bodies == ()
    case = accepted(owner=CITY)
    events = case.hear("/services/intake", CaseConclusionAsked(purpose="conclude", outcome="settled"))
    assert [each.message.name for each in events if isinstance(each, Say) and each.to == "intake"] == [
        "routing.superiors_named", "routing.cleared"
    ]  # fmt: skip


def test_T22_what_a_court_sends_back_to_be_decided_again_goes_to_the_body_that_it_named() -> None:
    log = offered(track=Track.COURT, to=COURT, kind=LegKind.FILE).taken()
    events = log.ends("L1", "closed", outcome="to_decide_again", next=Track.ADJUDICATION, next_body=CITY)
    assert (log.leg("L2").track, log.leg("L2").receiver, log.leg("L2").kind) == (Track.ADJUDICATION, CITY, LegKind.FILE)
    assert not the(events, "intake", RoutingLegClosed).settles, "the dispute goes on"
