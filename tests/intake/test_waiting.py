"""A case that waits: halted, reminded of, late by the law."""

import pytest

from services.intake.rules import rules
from xianjie.deciding import Say
from xianjie.messages.case import (
    CaseAppealed,
    CaseResumptionAsked,
    CaseWithdrawalAsked,
)
from xianjie.messages.ops import ClockTicked
from xianjie.messages.routing import (
    RoutingLegsOpen,
)
from xianjie.vocabulary import Precision

from .telling import (
    CENTRE,
    DOOR,
    HALT,
    INTAKE,
    ROUTING,
    START,
    Log,
    accepted,
    application,
    body,
    closed,
    concluding,
    in_service,
    noted,
    opened,
    refused,
    running,
    submitted,
    the,
)


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
