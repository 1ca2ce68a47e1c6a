"""Mediation 调解 with its steps, returns and failures (domain: proposed to signed, window, halted)."""

from copy import copy

import pytest

from xianjie.deciding import Refuse
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import BODY, COURT, OWNER, Log, ended, news, opened, refusal, to

WAY = ["consent_given", "mediator_accepted", "agreed", "signed"]


def mediating(*steps: str, basis: str | None = "before_filing", sender: str = COURT) -> Log:
    return opened(Track.MEDIATION, sender=sender, basis=basis).steps(*(steps or WAY[:2]))


def test_45_the_ordinary_way_leads_to_an_agreement_and_its_window() -> None:
    log = mediating(*WAY)
    assert log.is_in("in_progress", "signed")
    assert log.clocks() == {"N2.work", "C7"}
    assert log.met("C5") == (0, 0)
    end = log.reports("confirmation_requested", to=COURT)
    assert news(end, COURT).outcome == "confirmation_requested"
    assert ended(log.says(COURT, "outcome_acknowledged")).next is Track.CONFIRMATION


def test_41_both_parties_must_agree_one_after_the_other_or_together() -> None:
    log = opened(Track.MEDIATION, basis="before_filing").steps("consent_sought")
    assert refusal(log.says(BODY, "progressed", step="consent_given")) == (422, Ground.OTHER)
    log.step("consent_given", by="claimant")
    log.step("consent_given", by="claimant")
    assert log.about().stage == "consent_sought", "the same party twice is one party"
    log.step("consent_given", by="respondent")
    assert log.about().stage == "mediator_pending"
    assert "C3" in log.clocks()
    assert mediating("consent_given").about().stage == "mediator_pending"


@pytest.mark.parametrize("step", ["consent_refused", "no_contact"])
def test_a_party_that_refuses_or_cannot_be_reached_sends_the_leg_back_at_once(step: str) -> None:
    log = opened(Track.MEDIATION, sender=COURT, basis="before_filing")
    end = ended(log.step(step))
    assert (end.how, end.ground) == ("returned", Ground("party_refused" if step == "consent_refused" else step))
    assert not log.state.clocks


def test_C4_a_mediator_that_does_not_ask_the_other_party_in_three_working_days_has_the_leg_returned() -> None:
    log = opened(Track.MEDIATION, sender=COURT, basis="before_filing")
    assert ended(log.lapse("C4")).ground is Ground.NO_CONTACT
    log = opened(Track.MEDIATION, sender=COURT, basis="before_filing").steps("consent_sought")
    assert log.started("C4").start == log.now, "asked in time; their answer has the same time again"


def test_42_C3_a_mediator_that_is_silent_or_recused_is_replaced_by_the_next() -> None:
    log = mediating("consent_given")
    events = log.lapse("C3")
    assert "another is named" in to(events, BODY, "proceeding.noticed")[-1].text
    assert (log.about().stage, log.started("C3").start) == ("mediator_pending", log.now)
    log.steps("mediator_named", "mediator_accepted", "mediator_recused", "mediator_accepted")
    assert log.about().stage == "in_mediation"


@pytest.mark.parametrize("said", [{}, {"recusal_checked": False}])
def test_43_no_mediator_accepts_without_disclosing_that_nothing_stands_against_it(said: dict[str, bool]) -> None:
    log = mediating("consent_given")
    events = log.says(BODY, "progressed", step="mediator_accepted", **said)
    assert refusal(events) == (403, Ground.CONFLICT)
    assert "say recusal_checked: true" in events[0].text  # type: ignore[union-attr]
    assert log.about().stage == "mediator_pending"
    log.says(BODY, "progressed", step="mediator_accepted", recusal_checked=True)
    assert log.about().stage == "in_mediation"


@pytest.mark.parametrize(
    ("basis", "rule", "days"), [("before_filing", "C5", 30), ("after_filing", "C6", 15), ("after_filing_summary", "C6s", 7)]
)
def test_an_entrusted_mediation_ends_with_its_time(basis: str, rule: str, days: int) -> None:
    log = mediating(basis=basis)
    limit = log.started(rule)
    assert days <= (limit.due.date() - limit.start.date()).days <= days + 8
    events = log.lapse(rule)
    assert (log.about().outcome, news(events, COURT).ground) == ("terminated", Ground.LAPSED)


def test_44_C5_is_lengthened_only_if_all_agree_and_never_brought_forward() -> None:
    log = mediating()
    before = log.state.clocks["L1/C5"].due
    assert refusal(log.says(BODY, "progressed", step="extended", by="claimant")) == (403, Ground.PARTY_REFUSED)
    assert refusal(log.says(BODY, "progressed", step="extended")) == (403, Ground.PARTY_REFUSED)
    assert log.state.clocks["L1/C5"].due == before
    assert news(log.step("extended", by="all"), COURT)
    longer = log.state.clocks["L1/C5"].due
    log.step("extended", by="all")
    assert before < longer < log.state.clocks["L1/C5"].due


def test_B15_of_an_office_is_lengthened_once_for_a_complex_dispute() -> None:
    log = mediating(basis="administrative", sender=OWNER)
    log.step("extended_as_complex")
    assert (log.state.clocks["L1/B15"].due.date() - log.now.date()).days >= 90
    assert refusal(log.says(BODY, "progressed", step="extended_as_complex")) == (403, Ground.LAPSED)


def test_B15_that_passed_is_a_breach_that_only_the_office_itself_turns_into_an_end() -> None:
    """The case of Markor (Shanghai 2020) reached its agreement after 120 days: the limit ends nothing by itself."""
    log = mediating(basis="administrative", sender=OWNER)
    told = to(log.lapse("B15"), BODY, "proceeding.noticed")[-1].text
    assert "terminate it" in told
    assert "answer for the breach" in told
    assert log.breached("B15")
    assert log.is_in("in_progress", "in_mediation")
    assert refusal(log.says(BODY, "progressed", step="extended_as_complex"))[0] == 403
    signed, over = copy(log), copy(log)
    signed.steps("signed")
    assert "C7" in signed.clocks()
    assert news(over.reports("terminated", ground=Ground.LAPSED)).ground is Ground.LAPSED


def test_44_an_appraisal_stops_the_time_of_an_entrusted_mediation() -> None:
    log = mediating()
    before = log.state.clocks["L1/C5"].due
    log.says(BODY, "suspended", ground=Ground.APPRAISAL)
    log.after(days=40)
    log.says(BODY, "resumed")
    assert (log.state.clocks["L1/C5"].due - before).days >= 38
    assert log.is_in("in_progress", "in_mediation")


def test_47_a_suspected_sham_halts_the_mediation_and_its_sender_the_court_is_told() -> None:
    log = mediating(*WAY[:3])
    events = log.step("sham_suspected", text="the same lawyer on both sides")
    assert log.is_in("suspended", "agreed")
    assert (news(events, COURT).state, news(events, COURT).ground) == ("suspended", Ground.SHAM)
    assert refusal(log.says(BODY, "progressed", step="signed")) == (410, Ground.TOO_LATE)
    assert refusal(log.says(BODY, "progressed", step="sham_suspected")) == (410, Ground.TOO_LATE)
    log.says(BODY, "resumed")
    log.step("signed")


def test_a_time_that_passes_while_it_is_halted_takes_effect_when_it_goes_on() -> None:
    log = mediating()
    log.step("sham_suspected")
    log.lapse("C5")
    assert log.about().state == "suspended"
    log.says(BODY, "resumed")
    assert (log.about().state, log.about().outcome) == ("outcome_reported", "terminated")


def test_a_time_that_passes_while_it_is_asked_to_stop_takes_effect_when_it_goes_on() -> None:
    log = mediating().after(days=29)
    log.says(COURT, "cancel_asked")
    log.lapse("C5")
    assert log.about().state == "cancel_requested"
    log.says(BODY, "cancel_answered", agreed=False)
    assert log.about().outcome == "terminated"


def test_46_failed_or_terminated_it_goes_back_with_the_undisputed_facts_and_never_with_a_concession() -> None:
    log = mediating()
    log.step("facts_agreed", text="sold since 2023")
    log.step("concession", text="would pay 20,000", by="respondent")
    events = log.reports("failed")
    assert news(events, COURT).facts == ("sold since 2023",)
    assert not any("20,000" in str(each) or "respondent" in str(each) for each in log.said)


def test_termination_needs_one_of_its_grounds_and_an_agreement_hands_no_facts_over() -> None:
    log = mediating()
    assert refusal(log.reports("terminated")) == (422, Ground.OTHER)
    assert refusal(log.reports("terminated", ground=Ground.CAPACITY)) == (422, Ground.OTHER)
    assert len(log.about().rules.outcomes["terminated"].grounds) == 8
    assert news(log.reports("terminated", ground=Ground.NO_CONTACT), COURT).ground is Ground.NO_CONTACT
    log = mediating()
    log.step("facts_agreed", text="sold since 2023")
    log.steps("signed")
    assert news(log.reports("agreement"), COURT).facts == ()


def test_C7_the_window_for_confirmation_passes_and_the_agreement_stands_without_it() -> None:
    log = mediating(*WAY)
    events = log.lapse("C7")
    assert log.about().outcome == "agreement"
    assert news(events, COURT).outcome == "agreement"
    assert refusal(log.reports("confirmation_requested")) == (410, Ground.TOO_LATE)


def test_without_an_agreement_there_is_none_to_confirm() -> None:
    assert refusal(mediating().reports("confirmation_requested")) == (410, Ground.TOO_LATE)
    assert refusal(mediating().reports("agreement")) == (410, Ground.TOO_LATE)


def test_a_people_s_mediation_without_entrustment_has_the_networks_clocks_alone() -> None:
    log = opened(Track.MEDIATION)
    assert log.clocks() == {"N2.start"}
    log.steps("consent_given", "mediator_accepted")
    assert log.clocks() == {"N2.work"}
    assert not isinstance(log.says(BODY, "progressed", step="extended", by="all")[0], Refuse), (
        "nothing runs that could be lengthened"
    )


def test_who_helps_in_a_mediation_reports_that_it_has_helped() -> None:
    log = opened(Track.MEDIATION, kind=LegKind.ASSIST)
    log.step("interim_report", text="on site")
    assert news(log.reports("assisted")).outcome == "assisted"


def test_before_its_rule_was_in_force_a_limit_does_not_run() -> None:
    from datetime import datetime

    from xianjie.vocabulary import CHINA

    log = opened(Track.MEDIATION, basis="before_filing", now=datetime(2021, 6, 1, 9, tzinfo=CHINA))
    assert log.clocks() == {"N2.start"}
