"""From acceptance to the return visit: legs, custody, ending, and being taken up again."""

import pytest

from services.intake.rules import rules
from xianjie.messages.case import (
    CaseConclusionProposed,
    CaseReopeningAsked,
)
from xianjie.messages.routing import (
    RoutingCleared,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.messages.visit import VisitAnswered, VisitMissed
from xianjie.vocabulary import Track

from .telling import (
    CENTRE,
    COURT,
    DOOR,
    HALT,
    OFFICE,
    ROUTING,
    STRANGER,
    accepted,
    body,
    closed,
    concluding,
    in_service,
    noted,
    opened,
    refusal,
    running,
    says,
    the,
    to,
    visited,
)


def test_the_first_leg_puts_the_case_in_service() -> None:
    log = accepted()
    events = log.hear(ROUTING, opened("L1"))
    assert says(events) == ["case.moved", "case.leg_opened", "case.planned"]
    assert "case.planned" not in says(log.hear(ROUTING, opened("L2", COURT, Track.COURT)))
    assert (sorted(log.state.legs), running(log)) == (["L1", "L2"], ["case/N2.work"])


def test_64_the_full_file_goes_to_the_body_that_took_the_leg() -> None:
    log = in_service("L1")
    released = to(log.hear(ROUTING, RoutingFileDue(leg="L1", receiver=OFFICE)), OFFICE, "case.file_released")[0]
    assert (released.applicant.phone, len(released.papers)) == ("13800138000", 2)
    assert noted(log.hear(ROUTING, RoutingFileDue(leg="L9", receiver=COURT)))


def test_custody_moves_and_both_owners_hear_it() -> None:
    log = in_service("L1")
    events = log.hear(ROUTING, RoutingCustodyMoved(leg="L1", owner=OFFICE))
    assert log.state.owner == OFFICE
    assert to(events, CENTRE, "case.noticed")
    assert to(events, OFFICE, "case.noticed")
    assert refusal(log.hear(body(CENTRE), HALT)).status == 403
    assert noted(log.hear(ROUTING, RoutingCustodyMoved(leg="L1", owner=OFFICE)))


def test_custody_that_moves_while_the_case_is_to_end_is_not_missed() -> None:
    log = in_service("L1")
    log.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))
    log.hear(ROUTING, RoutingCustodyMoved(leg="L1", owner=OFFICE))
    events = log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    assert (log.state.status, log.state.owner) == ("in_service", OFFICE)
    assert "L1" in to(events, OFFICE, "case.noticed")[0].text


def test_a_leg_that_settles_the_case_concludes_it_once_no_other_is_open() -> None:
    log = in_service("L1", "L2")
    log.hear(ROUTING, closed("L1", settles=True, outcome="decided"))
    assert log.state.status == "in_service"
    events = log.hear(ROUTING, closed("L2"))
    asked = to(events, "routing", "case.conclusion_asked")[0]
    assert (asked.purpose, asked.outcome, log.state.status) == ("conclude", "decided", "concluding")


def test_a_leg_opened_after_the_settlement_keeps_the_case_in_service() -> None:
    log = in_service("L1", "L2")
    log.hear(ROUTING, closed("L1", settles=True))
    log.hear(ROUTING, opened("L3"))
    log.hear(ROUTING, closed("L2"))
    log.hear(ROUTING, closed("L3", how="declined"))
    assert log.state.status == "in_service"


def test_a_leg_that_settles_nothing_leaves_the_case_in_service() -> None:
    log = in_service("L1")
    log.hear(ROUTING, closed("L1", how="declined"))
    assert (log.state.status, log.state.legs, running(log)) == ("in_service", {}, ["case/N2.work"])


def test_a_case_is_concluded_when_routing_has_cleared_it_and_the_visit_begins() -> None:
    log = concluding()
    events = log.hear(ROUTING, RoutingCleared())
    assert says(events) == ["case.moved", "case.concluded", "case.moved", "visit.due"]
    assert to(events, CENTRE, "visit.due")[0].due == log.state.clocks["case/N2.visit"].due
    assert (log.state.status, running(log)) == ("visit_due", ["case/N2.visit"])


def test_open_legs_keep_a_case_in_service_and_its_year_does_not_start_anew() -> None:
    log = in_service("L1")
    before = log.state.clocks["case/N2.work"]
    log.after(days=9).hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))
    events = log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    assert "L1" in to(events, CENTRE, "case.noticed")[0].text
    assert (log.state.status, log.state.clocks) == ("in_service", {"case/N2.work": before})


def test_a_case_with_an_open_leg_is_not_concluded_whatever_routing_says() -> None:
    log = in_service("L1")
    log.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))
    assert noted(log.hear(ROUTING, RoutingCleared()))
    assert log.state.status == "concluding"


def test_routing_that_does_not_answer_is_asked_again() -> None:
    log = concluding()
    for _ in range(2):
        assert to(log.tick(), "routing", "case.conclusion_asked")[0].outcome == "settled"


def test_60_an_answered_visit_closes_the_case() -> None:
    log = visited()
    events = log.hear(DOOR, VisitAnswered(satisfaction=4))
    recorded = the(events, "visit.recorded")
    assert (recorded.tries, recorded.satisfaction) == (1, 4)
    assert (log.state.status, running(log)) == ("closed", ["case/N2.archive"])


def test_60_three_failed_tries_close_the_case_whether_said_or_lapsed() -> None:
    log = visited()
    assert the(log.hear(body(CENTRE), VisitMissed()), "visit.due").tries == 1
    log.tick()
    assert the(log.tick(), "visit.due").tries == 2
    assert says(log.hear(body(CENTRE), VisitMissed())) == ["visit.recorded", "case.moved", "case.closed"]
    assert log.state.status == "closed"


def test_a_visit_that_nobody_makes_closes_the_case_after_three_limits() -> None:
    log = visited()
    assert says(log.tick_until("closed")).count("visit.recorded") == 3


def test_a_closed_case_is_archived_when_its_time_is_over() -> None:
    log = visited()
    log.tick_until("closed")
    assert says(log.tick()) == ["case.moved", "case.archived"]
    assert (log.state.status, rules.due(log.state)) == ("archived", None)


@pytest.mark.parametrize("who", [CENTRE, STRANGER])
def test_38_a_closed_case_is_reopened_and_routing_may_open_legs_again(who: str) -> None:
    log = concluding()
    log.hear(ROUTING, RoutingSuperiorsNamed(of=CENTRE, bodies=(STRANGER,)))
    log.hear(ROUTING, RoutingCleared())
    log.hear(DOOR, VisitAnswered(satisfaction=1))
    assert refusal(log.hear(body("CN-OTHER"), CaseReopeningAsked(text="why not"))).status == 403
    events = log.hear(body(who), CaseReopeningAsked(text="the other side did not pay"))
    assert to(events, "routing", "case.reopened")
    assert to(events, CENTRE, "case.noticed")
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])
    log.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))
    assert the(log.hear(ROUTING, RoutingCleared()), "visit.due").tries == 0


def test_what_comes_late_changes_nothing_and_is_answered() -> None:
    log = visited()
    before = log.state
    assert refusal(log.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))).status == 410
    assert noted(log.hear(ROUTING, closed("L1")))
    assert noted(log.hear(ROUTING, RoutingCleared()))
    assert log.state == before
