"""From the application to its acceptance, refusal or end."""

from dataclasses import replace

import msgspec
import pytest

from services.intake.case import Case
from services.intake.rules import rules
from xianjie.messages.case import (
    Applicant,
    CaseAppealDecided,
    CaseAppealed,
    CaseConclusionProposed,
    CaseFactReported,
    CaseLapseFound,
    CaseReviewed,
    CaseSupplemented,
    CaseWithdrawalAsked,
    Gap,
)
from xianjie.messages.routing import RoutingBodyUnreachable, RoutingLegsOpen, RoutingSuperiorsNamed
from xianjie.vocabulary import ApplicantKind, Ground, Precision

from .telling import (
    APPLICANT,
    CENTRE,
    COURT,
    DOOR,
    OFFICE,
    ROUTING,
    STRANGER,
    Log,
    accepted,
    application,
    body,
    held,
    in_service,
    noted,
    paper,
    refusal,
    refused,
    running,
    says,
    submitted,
    the,
    to,
)

GAPS = CaseReviewed(verdict="gaps", gaps=(Gap(field="power_of_attorney", text="power of attorney"),))
ACCEPT = CaseReviewed(verdict="accept")
REFUSE = CaseReviewed(verdict="refuse", ground=Ground.OUT_OF_SCOPE)


def test_an_application_is_registered_at_once_and_owned_by_its_receiving_body() -> None:
    log = Log()
    events = log.hear(DOOR, application())
    assert says(events)[:4] == ["case.filed", "case.moved", "case.moved", "case.registered"]
    assert (log.state.status, log.state.owner) == ("under_review", CENTRE)
    assert to(events, CENTRE, "case.registered")[0].due == log.state.clocks["case/A1"].due
    assert running(log) == ["case/A1"]


def test_only_the_receiving_body_gets_the_application() -> None:
    events = Log().hear(DOOR, application())
    assert to(events, CENTRE, "case.filed")[0].application == application()
    assert "深圳" not in str([each for each in events if "深圳" in str(each)][1:])


def test_10_a_case_forwarded_by_a_peer_is_taken() -> None:
    log = Log()
    log.hear(body(STRANGER), application(forwarded_by=STRANGER))
    assert (log.state.status, log.state.owner) == ("under_review", CENTRE)
    for ground in (Ground.TAKEN_ELSEWHERE, Ground.DUPLICATE):
        answer = refusal(log.hear(body(CENTRE), CaseReviewed(verdict="refuse", ground=ground)))
        assert (answer.status, f"{STRANGER} forwarded" in answer.text) == (403, True)
    log.hear(body(CENTRE), REFUSE)
    assert log.state.status == "refused", "for any other ground it may be"


def test_a_case_that_no_peer_forwarded_may_be_refused_as_taken_elsewhere() -> None:
    for forwarded_by in (None, CENTRE):
        log = submitted(forwarded_by=forwarded_by)
        log.hear(body(CENTRE), CaseReviewed(verdict="refuse", ground=Ground.TAKEN_ELSEWHERE))
        assert log.state.status == "refused"


def test_a_case_is_submitted_once() -> None:
    answer = refusal(submitted().hear(DOOR, application()))
    assert (answer.status, answer.ground) == (410, Ground.TOO_LATE)


def test_what_is_said_of_an_unknown_case_waits_for_it() -> None:
    assert held(Log().hear(body(CENTRE), ACCEPT))
    assert held(Log().hear(DOOR, CaseWithdrawalAsked()))
    assert noted(Log().hear(ROUTING, RoutingLegsOpen(legs=("L1",))))


def test_acceptance_goes_to_routing_and_meets_the_time_for_it() -> None:
    log = submitted()
    events = log.hear(body(CENTRE), ACCEPT)
    told = to(events, "routing", "case.accepted")[0]
    assert (told.owner, told.right, told.respondent_areas, told.papers) == (CENTRE, "invention", ("440305",), 2)
    assert the(events, "sla.met").clock == "case/A1"
    assert to(events, CENTRE, "case.noticed")[0].due == log.state.clocks["case/N2.plan"].due
    assert (log.state.status, running(log)) == ("accepted", ["case/N2.plan"])


def test_an_acceptance_on_a_day_not_known_judges_no_clock() -> None:
    events = submitted().hear(body(CENTRE), ACCEPT, Precision.MONTH)
    assert the(events, "sla.not_judged").clock == "case/A1"


def test_only_the_receiving_body_reviews() -> None:
    answer = refusal(submitted().hear(body(STRANGER), ACCEPT))
    assert (answer.status, answer.text) == (403, "of this case, only its receiver may say case.reviewed:accept")


def test_06_one_notice_lists_the_clerks_gaps_and_the_papers_that_are_missing() -> None:
    log = submitted(papers=(paper("right_proof"),))
    events = log.hear(body(CENTRE), GAPS)
    asked = to(events, CENTRE, "case.supplement_asked")[0]
    assert the(events, "sla.stopped").clock == "case/A1", "it is neither accepted nor refused yet"
    assert [each.field for each in asked.gaps] == ["power_of_attorney", "infringement_evidence"]
    assert asked.due == log.state.clocks["case/A2"].due
    assert (log.state.status, running(log)) == ("supplement_required", ["case/A2"])


def test_an_applicant_without_code_or_number_proves_identity_by_a_paper() -> None:
    log = submitted(applicant=Applicant(name="李某", kind=ApplicantKind.NATURAL_PERSON))
    asked = the(log.hear(body(CENTRE), CaseReviewed(verdict="gaps")), "case.supplement_asked")
    assert [each.field for each in asked.gaps] == ["identity"]


def test_a_service_that_needs_nothing_more_has_no_gaps() -> None:
    answer = refusal(submitted(service="a_local_service", papers=()).hear(body(CENTRE), CaseReviewed(verdict="gaps")))
    assert (answer.status, "must name at least one" in answer.text) == (403, True)


def test_06_a_supplement_restarts_the_review_and_gaps_are_asked_for_once() -> None:
    log = submitted()
    log.hear(body(CENTRE), GAPS)
    events = log.after(days=2).hear(DOOR, CaseSupplemented(papers=(paper("power_of_attorney"),)))
    assert to(events, CENTRE, "case.supplement_filed")[0].papers == (paper("power_of_attorney"),)
    assert (log.state.status, log.state.clocks["case/A1"].start) == ("under_review", log.now)
    answer = refusal(log.hear(body(CENTRE), GAPS))
    assert (answer.status, "one notice lists every gap" in answer.text) == (403, True)
    assert the(log.hear(body(CENTRE), ACCEPT), "case.accepted").papers == 3


def test_06_without_a_supplement_in_time_the_application_is_deemed_withdrawn() -> None:
    log = submitted()
    log.hear(body(CENTRE), GAPS)
    warned = log.tick()
    assert to(warned, CENTRE, "case.noticed")[0].due == log.state.clocks["case/A2"].due
    assert says(log.tick()) == ["case.moved", "case.deemed_withdrawn", "case.noticed"]
    assert (log.state.status, running(log), rules.due(log.state)) == ("deemed_withdrawn", [], None)
    assert refusal(log.hear(DOOR, CaseSupplemented())).status == 410


COARSE = pytest.mark.parametrize("precision", [Precision.MONTH, Precision.YEAR, Precision.NONE])


@COARSE
@pytest.mark.parametrize(("said", "status"), [(GAPS, "supplement_required"), (REFUSE, "refused")])
def test_a_limit_that_nobody_can_judge_ends_nothing_and_a_person_is_told_and_reminded(
    said: CaseReviewed, status: str, precision: Precision
) -> None:
    log = submitted()
    log.hear(body(CENTRE), said, precision)
    events = log.tick()
    assert "nobody can judge" in to(events, CENTRE, "case.noticed")[0].text
    assert the(events, "case.noticed").ground is None, "nobody knows whether it lapsed"
    for _ in range(3):
        assert (log.state.status, running(log)) == (status, ["case/N2.review"])
        assert to(log.tick(), CENTRE, "case.noticed")[0].ground is Ground.LAPSED


@COARSE
def test_an_application_on_a_day_not_known_is_reviewed_when_a_person_is_reminded(precision: Precision) -> None:
    log = Log()
    log.hear(DOOR, application(), precision)
    assert "nobody can judge" in the(log.tick(), "case.noticed").text
    log.tick()
    assert (log.state.status, running(log)) == ("under_review", ["case/N2.review"])
    log.hear(body(CENTRE), ACCEPT)
    assert running(log) == ["case/N2.plan"]


@COARSE
@pytest.mark.parametrize(("said", "status", "end"), [
    (GAPS, "deemed_withdrawn", "case.deemed_withdrawn"), (REFUSE, "refused_final", "case.refused_finally"),
])  # fmt: skip
def test_where_nobody_can_judge_a_limit_a_person_finds_that_it_is_over(
    said: CaseReviewed, status: str, end: str, precision: Precision
) -> None:
    log = submitted()
    log.hear(body(CENTRE), said, precision)
    early = refusal(log.hear(body(CENTRE), CaseLapseFound()))
    assert (early.status, "runs" in early.text) == (403, True)
    log.tick()
    assert refusal(log.hear(body(STRANGER), CaseLapseFound())).status == 403
    the(log.hear(body(CENTRE), CaseLapseFound(text="the post office says so")), end)
    assert (log.state.status, running(log), rules.due(log.state)) == (status, [], None)


@pytest.mark.parametrize("said", [GAPS, REFUSE])
def test_nobody_ends_a_limit_that_a_clock_judges(said: CaseReviewed) -> None:
    log = submitted()
    log.hear(body(CENTRE), said)
    assert refusal(log.hear(body(CENTRE), CaseLapseFound())).status == 403


def test_what_the_applicant_does_ends_the_reminder_of_a_limit_that_nobody_can_judge() -> None:
    log = submitted()
    log.hear(body(CENTRE), GAPS, Precision.MONTH)
    log.tick()
    log.hear(DOOR, CaseSupplemented())
    assert (log.state.status, running(log)) == ("under_review", ["case/A1"])


def test_a_review_that_is_late_is_breached_and_still_possible() -> None:
    log = submitted()
    log.tick()
    events = log.tick()
    assert the(events, "case.noticed").ground is Ground.LAPSED
    assert (log.state.status, log.state.clocks["case/A1"].breached) == ("under_review", True)
    assert the(log.hear(body(CENTRE), ACCEPT), "sla.stopped").clock == "case/A1"


def test_a_refusal_says_why_and_until_when_it_may_be_appealed() -> None:
    log = refused()
    assert the(log.said, "case.refused").remedy == "ask a court"
    news = to(log.said, CENTRE, "case.noticed")[0]
    assert (news.status, news.ground, news.due) == ("refused", Ground.OUT_OF_SCOPE, log.state.clocks["case/A3"].due)


def test_a_refusal_needs_a_ground() -> None:
    assert refusal(submitted().hear(body(CENTRE), CaseReviewed(verdict="refuse"))).status == 403


def test_without_an_appeal_the_refusal_is_final() -> None:
    log = refused()
    assert "case.refused_finally" in says(log.tick_until("refused_final"))


@pytest.mark.parametrize(
    ("decided", "status"),
    [(CaseAppealDecided(result="overturn"), "accepted"), (CaseAppealDecided(result="uphold"), "refused_final")],
)
def test_a_superior_overturns_a_refusal_or_upholds_it(decided: CaseAppealDecided, status: str) -> None:
    log = refused()
    opened = log.hear(DOOR, CaseAppealed(text="it is a matter of IP"))
    assert the(opened, "case.appeal_opened").body == CENTRE
    assert refusal(log.hear(body(STRANGER), decided)).status == 403, "nobody has said yet who is above the centre"
    put = to(log.hear(ROUTING, RoutingSuperiorsNamed(of=CENTRE, bodies=(STRANGER, OFFICE))), STRANGER, "case.appeal_put")[0]
    assert (put.body, put.plea, put.applicant, put.due) == (
        CENTRE, "it is a matter of IP", log.state.file.applicant, log.state.clocks["case/N2.person"].due
    )  # fmt: skip
    assert refusal(log.hear(body(CENTRE), decided)).status == 403
    assert refusal(log.hear(body(COURT), decided)).status == 403, "a body that has nothing to do with the case"
    events = log.hear(body(STRANGER), decided)
    assert (log.state.status, "case.accepted" in says(events)) == (status, status == "accepted")


def test_an_appeal_that_nobody_decides_is_reminded_of() -> None:
    log = refused()
    log.hear(body(CENTRE), CaseAppealed())
    log.hear(ROUTING, RoutingSuperiorsNamed(of=CENTRE, bodies=(STRANGER,)))
    log.tick()
    events = log.tick()
    for reminded in (CENTRE, STRANGER):
        assert to(events, reminded, "case.noticed")[0].text.startswith("passed:")
    assert log.state.status == "appealed"


def test_before_acceptance_a_withdrawal_needs_nobody() -> None:
    log = submitted()
    events = log.hear(DOOR, CaseWithdrawalAsked())
    assert says(events) == ["case.moved", "case.withdrawn", "case.noticed"]
    assert (log.state.status, running(log)) == ("withdrawn", [])


def test_a_fact_is_counted_if_a_body_of_the_case_reports_it() -> None:
    log = in_service("L1")
    fact = CaseFactReported(fact="patent_invalidated", text="claims 1 to 3 were declared invalid")
    events = log.hear(body(OFFICE), fact)
    assert the(events, "case.fact_noted").reported == f"m{log.count}"
    assert to(events, CENTRE, "case.noticed")
    assert log.state.facts == 1
    assert rules.glance(log.state)["facts"] == 1, "counted as such, where lists can show it"
    assert refusal(log.hear(body(STRANGER), fact)).status == 403


def test_routing_is_told_where_the_applicant_sits_and_nothing_else_of_it() -> None:
    log = accepted(applicant=replace(APPLICANT, area="441900"))
    told = to(log.said, "routing", "case.accepted")[0]
    assert told.applicant_area == "441900"
    assert APPLICANT.name not in str(told)


def test_routing_hears_every_fact_and_the_acceptance_says_what_was_known_by_then() -> None:
    log = submitted()
    assert not to(log.hear(body(CENTRE), CaseFactReported(fact="sued", text="writ of 3 March")), CENTRE, "case.noticed")
    log.hear(body(CENTRE), CaseFactReported(fact="arbitration_agreed", text="clause 9 of the licence"))
    log.hear(body(CENTRE), CaseFactReported(fact="arbitration_waived", text="nobody objected to the suit"))
    events = log.hear(body(CENTRE), CaseReviewed(verdict="accept"))
    told = to(events, "routing", "case.accepted")[0]
    assert (told.sued, told.arbitration_agreed) == (True, False)
    events = log.hear(body(CENTRE), CaseFactReported(fact="suit_withdrawn", text="ruling of 9 March"))
    assert to(events, "routing", "case.fact_noted")[0].fact == "suit_withdrawn"


def test_papers_that_were_supplied_are_among_those_that_routing_is_told_of() -> None:
    log = submitted(papers=(paper("right_proof"),))
    log.hear(body(CENTRE), CaseReviewed(verdict="gaps"))
    log.hear(DOOR, CaseSupplemented(papers=(paper("infringement_evidence"), paper("patent_evaluation"))))
    told = to(log.hear(body(CENTRE), CaseReviewed(verdict="accept")), "routing", "case.accepted")[0]
    assert told.papers == 3
    assert told.paper_kinds == ("identity", "infringement_evidence", "patent_evaluation", "right_proof")
    assert refusal(log.hear(DOOR, CaseSupplemented(papers=(paper("seal"),)))).status == 410, "no other way for papers to come"


def test_an_accepted_case_that_nobody_plans_is_reminded_of() -> None:
    log = accepted(wish=None)
    log.tick()
    assert the(log.tick(), "case.noticed").text == "passed: accepted → a leg planned"


def test_a_centre_concludes_its_own_service_without_a_leg() -> None:
    log = accepted(service="consultation", wish=None)
    events = log.hear(body(CENTRE), CaseConclusionProposed(outcome="advised"))
    assert to(events, "routing", "case.conclusion_asked")[0].outcome == "advised"


def test_whoever_hands_an_application_in_for_a_body_without_inbox_hears_that_nobody_has_it() -> None:
    log = Log()
    log.hear(body(OFFICE), application(receiving_body="CN-NO-SUCH"))
    told = to(log.hear(ROUTING, RoutingBodyUnreachable(body="CN-NO-SUCH")), OFFICE, "case.noticed")[0]
    assert "CN-NO-SUCH is not in the network" in told.text
    assert log.state.unreachable == "CN-NO-SUCH"
    assert to(submitted().hear(ROUTING, RoutingBodyUnreachable(body=CENTRE)), CENTRE, "case.noticed") == []


def test_a_glance_shows_nothing_personal() -> None:
    shown = str(rules.glance(in_service("L1").state))
    assert "440300708461136" not in shown
    assert "某某" not in shown
    assert "13800138000" not in shown


def test_a_state_is_the_same_after_it_was_stored() -> None:
    log = in_service("L1", "L2")
    assert msgspec.json.decode(msgspec.json.encode(log.state), type=Case) == log.state
