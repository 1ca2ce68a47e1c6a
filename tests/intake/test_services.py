"""Feature 4, and S4 to S12, S29: every service of the Opinion has its own required papers and details, results, and a return visit."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner, Result

from xianjie.cli import app
from xianjie.law import catalogue
from xianjie.messages.case import CaseConclusionProposed, CaseReviewed, CaseSupplemented, Details, Event
from xianjie.messages.routing import RoutingCleared
from xianjie.messages.visit import VisitAnswered
from xianjie.vocabulary import ServiceKind
from xianjie.written import BadFile

from .telling import APPLICANT, CENTRE, DOOR, ROUTING, Log, accepted, body, paper, refusal, submitted, the, to

FAIR = Event(name="某某博览会", area="440100", first=date(2025, 4, 15), last=date(2025, 4, 19))
WHOLE = {
    "consultation": Details(topics=("evidence",)),
    "training": Details(topics=("trade_secrets",), attendees=60),
    "early_warning": Details(topics=("transfer_abroad",)),
    "on_site": Details(topics=("fair",), event=FAIR),
    "technical_support": Details(topics=("court",)),
    "publicity": Details(topics=("world_ip_day",)),
    "overseas_guidance": Details(countries=("DE", "US")),
}
"""Details with which nothing is missing; services that are not here ask for none."""
ASKS = {
    "consultation": ["topics"], "training": ["topics", "attendees"], "early_warning": ["topics"], "on_site": ["topics", "event"],
    "technical_support": ["request_letter", "topics"], "publicity": ["topics"], "overseas_guidance": ["countries"],
    "dispute": ["right_proof", "infringement_evidence"], "infringement_opinion": ["right_proof", "infringement_evidence"],
    "rapid_protection": ["right_proof", "infringement_evidence"], "major_dispute_plan": ["right_proof"],
}  # fmt: skip
"""What is missing from an application with a credit code, without papers and details."""
SERVICES = sorted(ServiceKind)


def gaps(log: Log) -> list[str]:
    asked = the(log.hear(body(CENTRE), CaseReviewed(verdict="gaps")), "case.supplement_asked")
    return [each.field for each in asked.gaps]


def test_04_the_catalogue_has_every_service_of_the_vocabulary_with_its_source() -> None:
    assert set(catalogue.services()) == set(ServiceKind) == set(ASKS)
    assert all(each.source and each.article for each in catalogue.services().values())


@pytest.mark.parametrize("service", SERVICES)
def test_04_one_notice_lists_what_each_service_needs(service: str) -> None:
    assert gaps(submitted(service=service, papers=(), details=None)) == ASKS[service]


@pytest.mark.parametrize("service", SERVICES)
def test_04_with_its_papers_and_details_nothing_is_missing(service: str) -> None:
    papers = tuple(map(paper, catalogue.service(service).papers))
    answer = refusal(
        submitted(service=service, papers=papers, details=WHOLE.get(service)).hear(body(CENTRE), CaseReviewed(verdict="gaps"))
    )
    assert "nothing is missing for this service" in answer.text


def test_04_a_topic_that_is_not_the_service_s_is_as_good_as_none_and_the_gap_names_the_topics() -> None:
    log = submitted(service="consultation", papers=(), details=Details(topics=("cooking",)))
    (gap,) = the(log.hear(body(CENTRE), CaseReviewed(verdict="gaps")), "case.supplement_asked").gaps
    assert gap.text.endswith("law, grant_procedure, legal_status, handling, evidence")


def test_04_details_are_supplied_like_papers_and_the_receiving_body_gets_them() -> None:
    log = submitted(service="on_site", papers=(), details=Details(topics=("fair",)))
    assert gaps(log) == ["event"]
    told = to(log.hear(DOOR, CaseSupplemented(details=Details(topics=("fair",), event=FAIR))), CENTRE, "case.supplement_filed")[0]
    assert told.details.event == FAIR
    assert log.state.details.event == FAIR


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"dispute"}))
def test_S4_to_S12_a_service_ends_with_one_of_its_results_and_a_return_visit(service: str) -> None:
    log = accepted(service=service, wish=None, details=WHOLE.get(service))
    assert refusal(log.hear(body(CENTRE), CaseConclusionProposed(outcome="danced"))).status == 422
    result = catalogue.service(service).results[0]
    events = log.hear(body(CENTRE), CaseConclusionProposed(outcome=result))
    assert to(events, "routing", "case.conclusion_asked")[0].outcome == result
    assert to(log.hear(ROUTING, RoutingCleared()), CENTRE, "visit.due")
    log.hear(body(CENTRE), VisitAnswered(satisfaction=5))
    assert log.state.status == "closed"


def test_a_dispute_ends_as_its_owner_says() -> None:
    assert to(
        accepted().hear(body(CENTRE), CaseConclusionProposed(outcome="settled_privately")), "routing", "case.conclusion_asked"
    )


def test_a_catalogue_that_cannot_be_used_is_refused_with_the_place() -> None:
    row = {"id": "z", "article": "1", "source": "a text", "verified": True}
    for change, says in (
        ({"asks": ["money"]}, "/0 (z)/asks/0: Must be one of"), ({"topics": ["law"]}, "/0 (z)/topics: are listed, and not asked for"),
        ({"result": []}, "/0 (z)/result: no such key"),
    ):  # fmt: skip
        with pytest.raises(BadFile) as refused:
            catalogue.read([[{**row, **change}]], "s.yaml")
        assert says in str(refused.value)


def test_S19_the_catalogue_can_be_read_as_a_guide() -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words), catch_exceptions=False)

    assert [each["service"] for each in json.loads(run("services", "--json").stdout)] == list(catalogue.services())
    told = run("services", "early_warning").stdout
    assert "topics: public_research, trade, investment, technology_transfer, transfer_abroad" in told
    assert "分析预警" in run("services").stdout
    assert (run("services", "cooking").exit_code, "no service is called cooking" in run("services", "cooking").stderr) == (
        2,
        True,
    )
    assert "law/services.yaml: 11 services, 0 of them not verified, no faults" in run("rules", "check").stdout


@pytest.mark.parametrize("service", SERVICES)
def test_s30_routing_hears_what_a_service_needs_of_those_in_the_registers_and_whom_they_may_not_know(service: str) -> None:
    said = the(accepted(service=service, details=WHOLE.get(service, Details())).said, "case.accepted")
    assert said.skill == (service if catalogue.service(service).matched else None)
    assert said.parties == (APPLICANT.credit_code,)


def test_s30_of_a_hidden_reporter_routing_hears_nothing() -> None:
    said = the(accepted(service="infringement_opinion", hidden=True).said, "case.accepted")
    assert (said.skill, said.parties) == ("infringement_opinion", ())
