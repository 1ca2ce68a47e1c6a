"""The wish to withdraw an accepted case: asked of routing, kept while legs are open, barred by the police."""

import pytest

from xianjie.messages.case import (
    CaseResumptionAsked,
    CaseWithdrawalAsked,
)
from xianjie.messages.routing import (
    RoutingCleared,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegsOpen,
)
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import (
    CENTRE,
    DOOR,
    HALT,
    OFFICE,
    ROUTING,
    START,
    accepted,
    body,
    closed,
    concluding,
    in_service,
    opened,
    refusal,
    running,
    says,
    submitted,
    to,
)

WISH = CaseWithdrawalAsked(text="we have made peace")


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
