"""From acceptance to the return visit: legs, custody, standing still, ending, and being taken up again."""

import pytest

from services.intake.rules import rules
from xianjie.deciding import Say
from xianjie.messages.case import (
    CaseAppealed,
    CaseConclusionProposed,
    CaseReopeningAsked,
    CaseResumptionAsked,
    CaseSuspensionAsked,
    CaseWithdrawalAsked,
)
from xianjie.messages.ops import ClockTicked
from xianjie.messages.routing import (
    RoutingCleared,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.messages.visit import VisitAnswered, VisitMissed
from xianjie.vocabulary import Ground, LegKind, Precision, Track

from .telling import (
    CENTRE,
    COURT,
    DOOR,
    INTAKE,
    OFFICE,
    ROUTING,
    START,
    STRANGER,
    Log,
    accepted,
    application,
    body,
    closed,
    concluding,
    in_service,
    noted,
    opened,
    refusal,
    refused,
    running,
    says,
    submitted,
    the,
    to,
    visited,
)

HALT = CaseSuspensionAsked(ground=Ground.NEED_OTHER_CASE)


def test_the_first_leg_puts_the_case_in_service() -> None:
    log = accepted()
    events = log.hear(ROUTING, opened("L1"))
    assert says(events) == ["case.moved", "case.leg_opened", "case.planned"]
    assert "case.planned" not in says(log.hear(ROUTING, opened("L2", COURT, Track.COURT)))
    assert (sorted(log.state.legs), running(log)) == (["L1", "L2"], ["case/N2.work"])


def test_the_full_file_goes_to_the_body_that_took_the_leg() -> None:
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


def test_a_case_settled_while_it_stands_still_concludes_when_it_goes_on() -> None:
    log = in_service("L1")
    log.hear(body(CENTRE), HALT)
    log.hear(ROUTING, closed("L1", settles=True))
    assert log.state.status == "suspended"
    log.hear(body(CENTRE), CaseResumptionAsked())
    assert log.state.status == "concluding"


def test_while_a_case_stands_still_the_networks_limits_stop_and_the_laws_run_on() -> None:
    log = in_service("L1")
    due = log.state.clocks["case/N2.work"].due
    log.hear(body(CENTRE), HALT)
    assert running(log) == ["case/N2.suspended", "case/N2.work"]
    assert log.state.clocks["case/N2.work"].paused == log.now
    log.after(days=30).hear(body(CENTRE), CaseResumptionAsked())
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])
    assert (log.state.clocks["case/N2.work"].due - due).days >= 30
    reviewed = submitted()
    reviewed.hear(body(CENTRE), HALT)
    assert reviewed.state.clocks["case/A1"].paused is None
    reviewed.hear(body(CENTRE), CaseResumptionAsked())
    assert (reviewed.state.status, running(reviewed)) == ("under_review", ["case/A1"])


def test_a_halted_case_that_cannot_be_withdrawn_yet_is_still_halted_and_its_clocks_stand() -> None:
    log = in_service("L1")
    log.hear(body(CENTRE), HALT)
    clocks = log.state.clocks
    log.after(days=1).hear(DOOR, CaseWithdrawalAsked())
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    assert (log.state.status, log.state.clocks) == ("suspended", clocks)
    log.after(days=1).hear(body(CENTRE), CaseResumptionAsked())
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])
    assert log.state.clocks["case/N2.work"].stopped == ((START, log.now),)


@pytest.mark.parametrize("halted", [True, False])
def test_a_leg_that_opens_while_the_accepted_case_is_to_be_withdrawn_finds_it_in_service_later(halted: bool) -> None:
    log = accepted()
    if halted:
        log.hear(body(CENTRE), HALT)
    log.hear(DOOR, CaseWithdrawalAsked())
    assert "case.planned" in says(log.hear(ROUTING, opened("L1")))
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    if halted:
        assert log.state.status == "suspended"
        log.hear(body(CENTRE), CaseResumptionAsked())
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])


def test_a_review_that_was_halted_goes_on_after_a_withdrawal_that_could_not_be() -> None:
    log = submitted()
    log.hear(body(CENTRE), HALT)
    log.hear(DOOR, CaseWithdrawalAsked())
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    log.hear(body(CENTRE), CaseResumptionAsked())
    assert (log.state.status, running(log)) == ("under_review", ["case/A1"])


def test_a_review_that_is_late_while_the_case_stands_still_is_reminded_of() -> None:
    log = submitted()
    log.hear(body(CENTRE), HALT)
    log.tick()
    assert the(log.tick(), "case.noticed").text == "passed: application received → accepted or refused"
    assert log.state.status == "suspended"


def appealed() -> Log:
    log = refused()
    log.hear(DOOR, CaseAppealed())
    return log


def halted(log: Log) -> Log:
    log.hear(body(CENTRE), HALT)
    return log


def withdrawing(log: Log) -> Log:
    log.hear(DOOR, CaseWithdrawalAsked())
    return log


@pytest.mark.parametrize("log", [
    submitted(), appealed(), accepted(), in_service(), halted(submitted()), halted(in_service()), concluding(),
    withdrawing(in_service()), withdrawing(halted(in_service())),
])  # fmt: skip
def test_whatever_waits_is_reminded_of_again_and_again(log: Log) -> None:
    status = log.state.status
    told = []
    for _ in range(400 if status == "concluding" else 12):
        told += [
            each
            for each in log.tick()
            if isinstance(each, Say) and each.message.name in ("case.noticed", "case.conclusion_asked")
        ]
    assert log.state.status == status
    assert len([each for each in told if each.to in (CENTRE, "routing")]) >= 6
    if status == "concluding":
        log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
        assert not log.state.clocks["case/N2.work"].breached, "it is waited for with a living clock again"


def test_a_late_review_is_breached_once_and_reminded_of_beside() -> None:
    log = submitted()
    for _ in range(5):
        log.tick()
    assert log.state.clocks["case/A1"].breached
    assert [each.message.name for each in log.said if isinstance(each, Say)].count("sla.breached") == 4, (
        "once A1, thrice N2.review"
    )
    assert running(log) == ["case/A1", "case/N2.review"]
    assert rules.glance(log.state)["late"] == ["case/A1"]


@pytest.mark.parametrize("precision", [Precision.SECOND, Precision.MONTH])
def test_a_review_that_was_late_while_the_case_stood_still_is_reminded_of_when_it_goes_on(precision: Precision) -> None:
    log = Log()
    log.hear(DOOR, application(), precision)
    log.hear(body(CENTRE), HALT)
    while "case/A1" in log.state.clocks and not log.state.clocks["case/A1"].breached:
        log.tick()
    log.hear(body(CENTRE), CaseResumptionAsked())
    assert log.state.status == "under_review"
    assert "case/N2.review" in running(log), "the limit of the law does not start anew"
    log.hear(body(CENTRE), HALT)
    assert log.state.clocks["case/N2.review"].paused
    log.hear(body(CENTRE), CaseResumptionAsked())
    assert log.state.clocks["case/N2.review"].paused is None


def test_a_tick_that_came_for_nothing_is_noted() -> None:
    assert noted(in_service("L1").hear(INTAKE, ClockTicked(n=1, due=START)))


def test_a_leg_that_opens_while_the_accepted_case_stands_still_finds_it_in_service_later() -> None:
    log = accepted()
    log.hear(body(CENTRE), HALT)
    log.hear(ROUTING, opened("L1"))
    log.hear(body(CENTRE), CaseResumptionAsked())
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])


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


def test_a_clearing_that_was_overtaken_is_undone() -> None:
    log = concluding()
    log.hear(DOOR, CaseWithdrawalAsked())
    log.hear(ROUTING, RoutingLegsOpen(legs=("L2",)))
    assert log.state.status == "in_service"
    assert to(log.hear(ROUTING, RoutingCleared()), "routing", "case.reopened")
    assert log.state.status == "in_service"


def test_after_acceptance_a_withdrawal_is_asked_of_routing() -> None:
    log = in_service("L1")
    assert to(log.hear(DOOR, CaseWithdrawalAsked()), "routing", "case.conclusion_asked")[0].purpose == "withdraw"
    log.hear(ROUTING, closed("L1", how="recalled"))
    events = log.hear(ROUTING, RoutingCleared())
    assert says(events) == ["case.moved", "case.withdrawn", "case.noticed"]
    assert (log.state.status, running(log)) == ("withdrawn", [])
    assert refusal(log.hear(DOOR, CaseWithdrawalAsked())).status == 410


WISH = CaseWithdrawalAsked(text="we have made peace")


def test_the_owner_hears_the_wish_to_withdraw_in_the_words_of_the_applicant() -> None:
    heard = to(in_service("L1").hear(DOOR, WISH), CENTRE, "case.noticed")[0]
    assert (heard.status, heard.ground, heard.text) == ("withdrawing", Ground.WITHDRAWN, "we have made peace")


@pytest.mark.parametrize("halted", [True, False])
def test_a_withdrawal_that_open_legs_stand_against_is_kept_until_the_last_has_closed(halted: bool) -> None:
    log = in_service("L1", "L2")
    if halted:
        log.hear(body(CENTRE), HALT)
    log.hear(DOOR, WISH)
    told = to(log.hear(ROUTING, RoutingLegsOpen(legs=("L1", "L2"))), CENTRE, "case.noticed")[0]
    assert (told.ground, "with the last of them it is withdrawn" in told.text) == (Ground.WITHDRAWN, True)
    assert not to(log.hear(ROUTING, closed("L1", how="recalled")), "routing", "case.conclusion_asked")
    asked = to(log.hear(ROUTING, closed("L2", how="recalled")), "routing", "case.conclusion_asked")[0]
    assert (asked.purpose, asked.outcome, log.state.status) == ("withdraw", "withdrawn", "withdrawing")
    events = log.hear(ROUTING, RoutingCleared())
    assert to(events, CENTRE, "case.noticed")[0].text == "we have made peace"
    assert (log.state.status, log.state.withdrawal, running(log)) == ("withdrawn", None, [])


def test_a_leg_that_settles_the_case_comes_before_the_wish_to_withdraw_it() -> None:
    log = in_service("L1")
    log.hear(DOOR, WISH)
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    asked = to(log.hear(ROUTING, closed("L1", settles=True, outcome="decided")), "routing", "case.conclusion_asked")[0]
    assert (asked.purpose, asked.outcome) == ("conclude", "decided")
    log.hear(ROUTING, RoutingCleared())
    assert (log.state.status, log.state.withdrawal) == ("visit_due", None)


def test_a_wish_to_withdraw_waits_while_police_have_the_case() -> None:
    log = in_service("L1")
    log.hear(ROUTING, opened("L2", "SZ-PSB", Track.CRIMINAL, LegKind.ASSIST))
    log.hear(DOOR, WISH)
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1", "L2")))
    log.hear(ROUTING, RoutingFileDue(leg="L2", receiver="SZ-PSB"))
    log.hear(ROUTING, closed("L2"))
    assert not to(log.hear(ROUTING, closed("L1")), "routing", "case.conclusion_asked")
    assert log.state.status == "in_service"


def test_a_new_owner_hears_of_the_wish_to_withdraw() -> None:
    log = in_service("L1")
    log.hear(DOOR, WISH)
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    events = log.hear(ROUTING, RoutingCustodyMoved(leg="L1", owner=OFFICE))
    assert to(events, OFFICE, "case.noticed")[1].text == "we have made peace"


def test_a_case_that_police_have_taken_is_not_withdrawn_until_they_return_it() -> None:
    log = accepted()
    log.hear(ROUTING, opened("L1", "SZ-PSB", Track.CRIMINAL, LegKind.ASSIST))
    log.hear(ROUTING, RoutingFileDue(leg="L1", receiver="SZ-PSB"))
    answer = refusal(log.hear(DOOR, CaseWithdrawalAsked()))
    assert (answer.status, "police" in answer.text) == (410, True)
    log.hear(ROUTING, closed("L1", how="returned"))
    log.hear(DOOR, CaseWithdrawalAsked())
    assert log.state.status == "withdrawing"


def test_an_answered_visit_closes_the_case() -> None:
    log = visited()
    events = log.hear(DOOR, VisitAnswered(satisfaction=4))
    recorded = the(events, "visit.recorded")
    assert (recorded.tries, recorded.satisfaction) == (1, 4)
    assert (log.state.status, running(log)) == ("closed", ["case/N2.archive"])


def test_three_failed_tries_close_the_case_whether_said_or_lapsed() -> None:
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
def test_a_closed_case_is_reopened_and_routing_may_open_legs_again(who: str) -> None:
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
