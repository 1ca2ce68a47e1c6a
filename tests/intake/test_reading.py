"""What was disclosed once may be read again, by whom it was disclosed to, and what others than the owner read is on record (features 64, 69)."""

from dataclasses import replace

import pytest

from xianjie.messages.case import CaseFileAsked
from xianjie.messages.routing import RoutingConsentGone, RoutingFileDue

from .telling import CENTRE, OFFICE, ROUTING, STRANGER, Log, body, closed, in_service, paper, refusal, submitted, to

ASKED = CaseFileAsked(reason="the file lay with a colleague who has left")


def taken(*, authority: bool = True, **other: object) -> Log:
    log = in_service("L1", **other)
    log.hear(ROUTING, RoutingFileDue(leg="L1", receiver=OFFICE, authority=authority))
    return log


def test_64_69_a_body_that_took_a_leg_reads_the_file_again_and_the_owner_hears_it() -> None:
    log = taken()
    events = log.hear(body(OFFICE), ASKED)
    (file,) = to(events, OFFICE, "case.file_shown")
    assert (file.applicant, file.papers) == (log.state.file.applicant, log.state.papers)
    (read,) = to(events, CENTRE, "case.file_read")
    assert (read.reader, read.role, read.named, read.reason) == (OFFICE, "receiver", True, ASKED.reason)


@pytest.mark.parametrize("log", [in_service("L1"), taken()], ids=["offered", "taken by another"])
def test_64_69_who_has_no_leg_that_it_took_reads_nothing(log: Log) -> None:
    assert refusal(log.hear(body(STRANGER), ASKED)).status == 403
    if not log.state.legs["L1"].taken:
        assert refusal(log.hear(body(OFFICE), ASKED)).status == 403, "an offer is a preview"


def test_64_69_with_its_leg_ends_what_a_body_may_read() -> None:
    log = taken()
    log.hear(ROUTING, closed("L1"))
    assert refusal(log.hear(body(OFFICE), ASKED)).status == 403


def test_69_the_owner_reads_its_own_file_and_nothing_is_noted() -> None:
    for log in (submitted(), taken()):
        events = log.hear(body(CENTRE), ASKED)
        assert len(to(events, CENTRE, "case.file_shown")) == 1
        assert not to(events, CENTRE, "case.file_read")


def test_69_a_body_above_the_owner_reads_it_on_record() -> None:
    log = taken()
    log.state = replace(log.state, superiors=("GD-IPO",))
    (read,) = to(log.hear(body("GD-IPO"), ASKED), CENTRE, "case.file_read")
    assert (read.role, read.named) == ("superior", True)


def test_66_a_hidden_reporter_stays_hidden_when_the_file_is_read_again() -> None:
    identity = replace(paper("identity"), title="张三身份证")
    log = taken(authority=False, hidden=True, summary="my neighbour told me", papers=(identity, paper("right_proof")))
    events = log.hear(body(OFFICE), ASKED)
    (file,) = to(events, OFFICE, "case.file_shown")
    assert (file.applicant, file.summary) == (None, "")
    assert [(each.id, each.title) for each in file.papers] == [("paper-2", "right_proof")], "who it is stands on no paper"
    (read,) = to(events, CENTRE, "case.file_read")
    assert read.named is False


def test_63_after_the_party_has_withdrawn_its_consent_the_file_is_read_no_more() -> None:
    log = taken()
    log.hear(ROUTING, RoutingConsentGone(leg="L1"))
    assert refusal(log.hear(body(OFFICE), ASKED)).status == 403
    assert "L1" in log.state.legs, "its work may go on with what it has"
