"""Several cases at once: a batch and its cases, and the registers that find duplicates."""

from typing import Any

from services.intake import duplicates
from services.intake.rules import rules
from xianjie.batch import child_of
from xianjie.deciding import Say
from xianjie.messages.case import (
    Applicant,
    CaseConclusionProposed,
    CaseDuplicateFound,
    CaseFactReported,
    CasePartyRegistered,
    CaseReviewed,
    CaseWithdrawalAsked,
    DisputedRight,
    Respondent,
)
from xianjie.messages.routing import RoutingCleared
from xianjie.vocabulary import ApplicantKind, Ground

from .telling import (
    CENTRE,
    DOOR,
    INTAKE,
    ROUTING,
    Log,
    accepted,
    application,
    body,
    in_service,
    noted,
    refusal,
    running,
    says,
    submitted,
    the,
    to,
)

SHOPS = tuple(Respondent(name=f"shop {k}", area="440305") for k in (1, 2, 3))


def of_others(log: Log, name: str) -> list[tuple[Any, str]]:
    found = [each for each in log.said if isinstance(each, Say) and each.subject and each.message.name == name]
    return [(each.message, str(each.subject)) for each in found]


def child(batch: Log, place: int) -> Log:
    opened, subject = of_others(batch, "case.child_opened")[place - 1]
    log = Log(subject)
    log.hear(INTAKE, opened)
    return log


def conclude(log: Log, outcome: str) -> Any:
    log.hear(body(CENTRE), CaseConclusionProposed(outcome=outcome))
    log.hear(ROUTING, RoutingCleared())
    ((told, subject),) = of_others(log, "case.child_concluded")
    assert subject == log.state.parent
    return told


def test_39_a_batch_opens_one_case_for_each_respondent_and_has_no_leg_itself() -> None:
    log = accepted(respondents=SHOPS, batch=True)
    made = of_others(log, "case.child_opened")
    assert [subject for _, subject in made] == [child_of("C1", k) for k in (1, 2, 3)]
    assert [(each.submitted.respondents, each.submitted.batch) for each, _ in made] == [((shop,), False) for shop in SHOPS]
    assert to(log.said, "routing", "case.accepted")[0].batch, "routing knows that no leg is opened in it"
    assert (log.state.status, running(log)) == ("in_service", ["case/N2.work"])


def test_what_was_known_of_the_dispute_before_the_batch_was_opened_is_known_in_each_of_its_cases() -> None:
    log = submitted(respondents=SHOPS, batch=True)
    log.hear(body(CENTRE), CaseFactReported(fact="sued", text="all three"))
    log.hear(body(CENTRE), CaseReviewed(verdict="accept"))
    assert all(each.submitted.sued for each, _ in of_others(log, "case.child_opened"))


def test_the_ids_of_a_batch_are_the_same_in_a_second_run() -> None:
    first, second = (accepted(respondents=SHOPS, batch=True).state.children for _ in range(2))
    assert list(first) == list(second)


def test_a_batch_of_one_is_an_ordinary_case() -> None:
    log = accepted(batch=True)
    assert (log.state.status, log.state.children) == ("accepted", {})


def test_a_case_of_a_batch_is_accepted_at_once_and_knows_its_batch() -> None:
    log = child(accepted(respondents=SHOPS, batch=True), 2)
    told = to(log.said, "routing", "case.accepted")[0]
    assert (log.state.status, log.state.owner, told.parent) == ("accepted", CENTRE, "C1")
    assert noted(log.hear(INTAKE, of_others(accepted(respondents=SHOPS, batch=True), "case.child_opened")[1][0]))


def test_39_a_batch_concludes_when_its_last_case_has_ended() -> None:
    batch = accepted(respondents=SHOPS, batch=True)
    ends = [conclude(child(batch, place), "settled") for place in (1, 2, 3)]
    batch.hear(INTAKE, ends[0])
    assert noted(batch.hear(INTAKE, ends[0]))
    batch.hear(INTAKE, ends[1])
    assert batch.state.status == "in_service"
    assert to(batch.hear(INTAKE, ends[2]), "routing", "case.conclusion_asked")[0].outcome == "settled"
    batch.hear(ROUTING, RoutingCleared())
    assert batch.state.status == "visit_due"


def test_a_batch_whose_cases_end_differently_ends_mixed() -> None:
    batch = accepted(respondents=SHOPS[:2], batch=True)
    withdrawn = child(batch, 2)
    withdrawn.hear(DOOR, CaseWithdrawalAsked())
    withdrawn.hear(ROUTING, RoutingCleared())
    batch.hear(INTAKE, conclude(child(batch, 1), "settled"))
    batch.hear(INTAKE, of_others(withdrawn, "case.child_concluded")[0][0])
    assert batch.state.outcome == "mixed"


def test_a_batch_neither_ends_nor_is_withdrawn_before_its_cases() -> None:
    batch = accepted(respondents=SHOPS, batch=True)
    assert "3 cases" in refusal(batch.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))).text
    assert refusal(batch.hear(DOOR, CaseWithdrawalAsked())).status == 403


def test_spelling_does_not_hide_a_duplicate() -> None:
    first = application(respondents=(Respondent(name="ABC Ltd."),))
    second = application(
        applicant=Applicant(name="深圳某某 科技有限公司", kind=ApplicantKind.LEGAL_PERSON),
        right=DisputedRight(type="patent", number="２０１５ 1000 0001.2"),
        respondents=(Respondent(name="ＡＢＣ ltd"),),
    )
    assert set(duplicates.registers(first)) & set(duplicates.registers(second))


def test_another_respondent_is_another_matter() -> None:
    mine = set(duplicates.registers(application()))
    assert not mine & set(duplicates.registers(application(respondents=SHOPS)))


def test_a_right_without_a_number_is_known_by_its_type_and_title() -> None:
    def of(title: str) -> set[str]:
        return set(duplicates.registers(application(right=DisputedRight(type="copyright", title=title))))

    assert of("Red Lantern") == of("red  lantern")
    assert not of("Red Lantern") & of("Blue Lantern")


def test_09_registers_are_asked_at_submission_and_again_at_acceptance() -> None:
    log = submitted()
    asked = of_others(log, "case.party_registered")
    assert [subject for _, subject in asked] == duplicates.registers(application())
    assert all(subject.startswith("dup-") and len(subject) == 44 for _, subject in asked)
    log.hear(body(CENTRE), CaseReviewed(verdict="accept"))
    assert len(of_others(log, "case.party_registered")) == 2 * len(asked)


def test_a_register_tells_each_case_of_the_others() -> None:
    register = Log(duplicates.registers(application())[0])
    assert says(register.hear(INTAKE, CasePartyRegistered(case="C1"))) == ["case.party_listed"]
    register.hear(INTAKE, CasePartyRegistered(case="C2"))
    told = [(subject, message.other) for message, subject in of_others(register, "case.duplicate_found")]
    assert told == [("C1", "C2"), ("C2", "C1")]
    again = register.hear(INTAKE, CasePartyRegistered(case="C1"))
    assert [(each.subject, each.message.other) for each in again] == [("C1", "C2")]  # type: ignore[union-attr]
    assert (register.state.status, rules.due(register.state), rules.glance(register.state)) == ("none", None, {"register": 2})


def test_a_register_is_no_case() -> None:
    assert refusal(Log("dup-1").hear(DOOR, application())).status == 403
    assert noted(Log("dup-1").hear(INTAKE, CaseDuplicateFound(other="C2")))


def test_a_duplicate_of_a_case_that_is_not_there_is_noted() -> None:
    assert noted(Log().hear(INTAKE, CaseDuplicateFound(other="C2")))


def test_a_case_alone_in_its_register_is_told_nothing_the_second_time() -> None:
    register = Log("dup-1")
    register.hear(INTAKE, CasePartyRegistered(case="C1"))
    assert noted(register.hear(INTAKE, CasePartyRegistered(case="C1")))


def test_09_a_duplicate_is_flagged_once_and_never_refused() -> None:
    log = in_service("L1")
    events = log.hear(INTAKE, CaseDuplicateFound(other="C2"))
    assert the(events, "case.duplicate_flagged").other == "C2"
    assert to(events, CENTRE, "case.noticed")[0].ground is Ground.DUPLICATE
    assert log.state.status == "in_service"
    assert noted(log.hear(INTAKE, CaseDuplicateFound(other="C2")))


def test_a_batch_and_its_cases_are_no_duplicates_of_each_other() -> None:
    batch = accepted(respondents=SHOPS, batch=True)
    first = child(batch, 1)
    assert noted(first.hear(INTAKE, CaseDuplicateFound(other="C1")))
    assert noted(batch.hear(INTAKE, CaseDuplicateFound(other=first.state.case)))


def test_a_thousand_applications_of_the_same_matter_do_not_flood_the_network() -> None:
    """A register tells each new case of the latest few others only, and does not grow without end."""
    register = Log("dup-flood")
    for place in range(300):
        told = register.hear(INTAKE, CasePartyRegistered(case=f"C{place}"))
        assert len(told) <= 1 + 2 * duplicates.MOST_TOLD
    assert len(register.state.register) == 100
