"""Penalty, police, platform, fair, customs, arbitration, opinion, credit: their steps and limits, told as histories."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.proceeding.telling import BODY, OWNER, START, Log, ended, opened
from xianjie.deciding import Refuse
from xianjie.messages.sla import SlaBreached, SlaExtended, SlaMet
from xianjie.vocabulary import CHINA, Ground, LegKind, Track

FIVE = ("handover_letter", "investigation_report", "list_of_items", "inspection_report", "other_material")
"""What a case that is handed to the police comes with (行政执法机关移送涉嫌犯罪案件的规定 6)."""


def met(log: Log, rule: str) -> bool:
    return any(isinstance(each, SlaMet) and each.clock == f"L1/{rule}" for each in log.said)


def noted(log: Log) -> Any:
    """The sender takes note of the outcome; what routing is told."""
    return ended(log.says(OWNER, "outcome_acknowledged"))


def closed(log: Log, outcome: str, **data: Any) -> Any:
    """The body reports it, the sender takes note."""
    log.reports(outcome, **data)
    return noted(log)


def lapsed(log: Log, rule: str) -> Any:
    """The limit passes, the sender takes note of what follows."""
    log.lapse(rule)
    return noted(log)


# --- 48: to the police, E1–E8


def test_48_the_head_decides_in_three_days_and_the_case_is_with_the_police_in_a_day() -> None:
    log = opened(Track.PENALTY).steps("filed", "crime_suspected")
    assert log.started("E1").due.date() == (START + timedelta(days=3)).date()
    log.after(days=1).steps("handover_approved")
    assert log.started("E2").due == log.now + timedelta(hours=24)
    log.after(hours=20)
    end = ended(log.reports("transferred_to_police", to="SZ-PSB"))
    assert (end.next, end.next_body) == (Track.CRIMINAL, "SZ-PSB")
    assert met(log, "E2")


def test_48_handed_over_a_day_and_an_hour_later_it_is_late() -> None:
    log = opened(Track.PENALTY).steps("filed", "crime_suspected", "handover_approved").after(hours=25)
    log.reports("transferred_to_police", to="SZ-PSB")
    assert any(isinstance(each, SlaBreached) and each.clock == "L1/E2" for each in log.said)


def test_48_without_naming_the_police_nothing_is_handed_over() -> None:
    (refused,) = opened(Track.PENALTY).says(BODY, "outcome_reported", outcome="transferred_to_police")
    assert isinstance(refused, Refuse)


def test_48_the_police_file_within_three_days_and_get_goods_and_file_within_three_more() -> None:
    log = opened(Track.CRIMINAL, kind=LegKind.TRANSFER)
    assert log.started("E4").due.date() == (START + timedelta(days=3)).date()
    log.after(days=1).steps("filed")
    assert met(log, "E4")
    assert log.started("E7").due.date() == (log.now + timedelta(days=3)).date()
    log.after(days=1).steps("goods_handed_over", "sent_to_procuratorate")
    assert met(log, "E7")
    assert closed(log, "sentenced").settles


def test_48_missing_papers_are_asked_for_in_a_day_and_supplied_in_three_and_are_no_reason_to_refuse() -> None:
    log = opened(Track.CRIMINAL).steps("incomplete_found")
    assert log.started("E5").due == log.now + timedelta(hours=24)
    log.steps("papers_asked")
    assert log.started("E5s").due.date() == datetime(2025, 3, 6, tzinfo=CHINA).date()
    assert "E4" not in log.clocks()
    log.after(days=2).steps("papers_supplied")
    assert log.started("E4").due.date() == datetime(2025, 3, 10, tzinfo=CHINA).date(), (
        "three days from Wednesday, rolled over the weekend"
    )


def test_48_police_that_are_not_competent_forward_it_within_a_day() -> None:
    log = opened(Track.CRIMINAL).steps("not_competent")
    assert log.started("E3").due == log.now + timedelta(hours=24)
    end = ended(log.after(hours=3).reports("forwarded", to="GZ-PSB"))
    assert (end.next, end.next_body) == (Track.CRIMINAL, "GZ-PSB")
    assert met(log, "E3")


def test_48_against_a_refusal_stand_reconsideration_and_the_procuratorate() -> None:
    log = opened(Track.CRIMINAL).steps("not_filed", "reconsideration_asked")
    assert log.started("E6d").due.date() == (log.now + timedelta(days=3)).date()
    log.steps("refusal_upheld")
    assert log.started("E6p").due.date() == (log.now + timedelta(days=3)).date()
    log.steps("supervision_asked", "reasons_asked")
    assert log.started("E8").due.date() == (log.now + timedelta(days=7)).date()
    log.steps("reasons_given", "filing_ordered")
    assert log.started("E8f").due.date() == (log.now + timedelta(days=15)).date()
    log.steps("filed")
    assert met(log, "E8f")


def test_48_a_refusal_nobody_objects_to_stands() -> None:
    log = opened(Track.CRIMINAL).steps("not_filed")
    log.lapse("E6")
    assert not closed(log, "not_filed").settles


# --- 49: and back


def test_49_who_is_not_prosecuted_may_still_be_penalised_the_opinion_goes_to_the_administrative_body() -> None:
    log = opened(Track.CRIMINAL).steps("filed", "goods_handed_over", "sent_to_procuratorate")
    end = closed(log, "not_prosecuted", to="SZ-AMR")
    assert (end.next, end.next_body, end.settles) == (Track.PENALTY, "SZ-AMR", False)


# --- penalty


def test_a_lead_is_checked_in_fifteen_working_days_and_once_for_as_long_again() -> None:
    log = opened(Track.PENALTY)
    assert log.started("B12").due.date() == datetime(2025, 3, 24, tzinfo=CHINA).date()
    log.steps("check_extended")
    (extended,) = [each for each in log.said if isinstance(each, SlaExtended)]
    assert extended.due.date() == datetime(2025, 4, 15, tzinfo=CHINA).date(), "thirty working days; 4 April is a holiday"
    log.steps("filed")
    assert {"B9", "B12t"} <= log.clocks()


def test_a_penalty_is_decided_in_ninety_days_without_the_time_of_hearing_and_appraisal() -> None:
    log = opened(Track.PENALTY).steps("filed")
    assert log.started("B9").due.date() == datetime(2025, 6, 3, tzinfo=CHINA).date(), "1 June is in the Dragon Boat holiday"
    log.after(days=10).says(BODY, "suspended", ground=Ground.HEARING)
    log.after(days=7).says(BODY, "resumed")
    assert log.state.clocks["L1/B9"].due.date() == datetime(2025, 6, 9, tzinfo=CHINA).date(), "seven days after 1 June, a Sunday"


def test_registered_items_are_decided_on_in_seven_working_days() -> None:
    log = opened(Track.PENALTY).steps("filed", "registered")
    assert log.started("B10").due.date() == datetime(2025, 3, 12, tzinfo=CHINA).date()
    log.after(days=8).steps("items_decided")
    assert met(log, "B10")


def test_a_complaint_is_accepted_in_seven_working_days_and_mediated_in_forty_five() -> None:
    log = opened(Track.PENALTY, basis="complaint")
    assert "B11" in log.clocks()
    assert "B12" not in log.clocks()
    log.steps("complaint_accepted")
    assert log.started("B11m").due.date() == datetime(2025, 5, 8, tzinfo=CHINA).date()
    log.steps("mediation_ended")
    assert log.started("B11t").due.date() == datetime(2025, 3, 12, tzinfo=CHINA).date()
    log.step("parties_told")
    assert noted(log).outcome == "not_agreed"


# --- 51: platforms


def test_51_without_proof_of_a_suit_in_fifteen_days_the_measures_are_lifted() -> None:
    log = opened(Track.PLATFORM).steps("passed_on", "measures_taken", "counter_statement")
    assert log.started("F1").due.date() == datetime(2025, 3, 18, tzinfo=CHINA).date()
    assert lapsed(log, "F1").outcome == "measures_lifted"


def test_51_proof_in_time_keeps_them() -> None:
    log = opened(Track.PLATFORM).steps("passed_on", "counter_statement").after(days=14)
    assert closed(log, "measures_kept").outcome == "measures_kept"
    assert met(log, "F1")


def test_51_notarisation_stops_the_fifteen_days_for_twenty_working_days_at_most() -> None:
    log = opened(Track.PLATFORM).steps("passed_on", "counter_statement")
    log.says(BODY, "suspended", ground=Ground.NOTARISATION)
    until = log.state.clocks["L1/F1"].until
    assert until is not None
    log.now = until + timedelta(seconds=1)
    log.tick()
    assert log.state.clocks["L1/F1"].paused is None, "it runs on by itself"


# --- 52: fairs


def test_52_a_fair_decides_in_hours() -> None:
    log = opened(Track.FAIR)
    assert log.started("G1").due == START + timedelta(hours=24)
    log.after(hours=2).steps("exhibitor_told")
    assert log.started("G1r").due == log.now + timedelta(hours=24)
    log.after(hours=30)
    log.lapse("G1r")
    assert closed(log.steps("covered"), "exhibit_covered").settles


@pytest.mark.parametrize(("outcome", "track"), [("handed_to_office", Track.ADJUDICATION), ("handed_to_regulator", Track.PENALTY)])
def test_52_what_a_fair_cannot_settle_goes_to_the_authority(outcome: str, track: Track) -> None:
    assert ended(opened(Track.FAIR).steps("exhibitor_told").reports(outcome)).next is track


# --- customs


def test_customs_find_in_thirty_working_days_and_release_after_fifty_without_a_court() -> None:
    log = opened(Track.CUSTOMS)
    assert log.started("H1").due.date() == datetime(2025, 3, 6, tzinfo=CHINA).date()
    log.after(days=1).steps("detention_asked", "detained")
    assert log.started("H1d").due.date() == datetime(2025, 4, 16, tzinfo=CHINA).date()
    log.lapse("H1d")
    assert lapsed(log, "H1o").outcome == "released"


def test_customs_detain_nothing_where_nobody_asks_in_three_working_days() -> None:
    assert lapsed(opened(Track.CUSTOMS), "H1").outcome == "not_detained"


def test_goods_that_are_held_on_the_owners_own_application_are_released_after_twenty_working_days() -> None:
    log = opened(Track.CUSTOMS, basis="on_application").steps("detained_on_application")
    assert log.started("H1a").due.date() == datetime(2025, 3, 31, tzinfo=CHINA).date()
    assert lapsed(log, "H1a").outcome == "released"


# --- arbitration, opinion, credit


def test_an_arbitration_is_accepted_in_five_days_and_ends_with_an_award() -> None:
    log = opened(Track.ARBITRATION)
    assert log.started("D1").due.date() == datetime(2025, 3, 10, tzinfo=CHINA).date()
    log.steps("accepted", "tribunal_formed", "hearing")
    assert closed(log, "award").settles


def test_53_an_opinion_is_given_by_experts_without_a_conflict_and_settles_nothing() -> None:
    log = opened(Track.OPINION, kind=LegKind.ASSIST)
    (refused,) = log.says(BODY, "progressed", step="experts_assigned")
    assert isinstance(refused, Refuse)
    assert refused.ground is Ground.CONFLICT
    end = closed(log.steps("experts_assigned"), "opinion_given")
    assert not end.settles


def test_55_an_entry_can_be_corrected_and_taken_out() -> None:
    log = opened(Track.CREDIT).steps("checked", "entered", "correction_asked", "corrected")
    assert closed(log, "removed").outcome == "removed"
