"""Adjudication 行政裁决 with its steps, returns and failures."""

from datetime import datetime

from xianjie.messages.sla import SlaNotJudged
from xianjie.vocabulary import CHINA, Ground, Level, Precision, Track

from .telling import BODY, OWNER, Log, ended, opened, refusal, to

TOO_LATE = (410, Ground.TOO_LATE)


# --- adjudication


def adjudicating(*steps: str, **more: object) -> Log:
    return opened(Track.ADJUDICATION, **more).steps(*steps)  # type: ignore[arg-type]


def test_50_the_ordinary_way_from_filed_to_decided_with_its_limits() -> None:
    log = adjudicating(area="310000", level=Level.PROVINCE)
    for days, step, clocks in (
        (4, "docketed", {"B4", "B2"}), (3, "served", {"B4", "B3"}), (15, "answered", {"B4"}), (1, "hearing_noticed", {"B4", "B5"}),
        (5, "heard", {"B4"}), (20, "inspected", {"B4"}),
    ):  # fmt: skip
        log.after(days=days).step(step)
        assert log.clocks() == {"N2.work", *clocks}, step
    log.reports("infringement_found")
    assert (log.met("B1"), log.met("B2"), log.met("B3"), log.met("B4")) == ((4, 4), (3, 3), (15, 15), (44, 44))


def test_B3_without_an_answer_it_goes_on() -> None:
    log = adjudicating("docketed", "served")
    events = log.lapse("B3")
    assert "goes on" in to(events, BODY, "proceeding.noticed")[0].text
    log.step("heard")


def test_B5_a_hearing_sooner_than_three_days_after_its_notice_breaches_and_a_later_one_never_does() -> None:
    log = adjudicating("docketed", "hearing_noticed").after(days=2).steps("heard")
    assert log.breached("B5")
    log = adjudicating("docketed", "hearing_noticed").after(days=3).steps("heard")
    assert log.met("B5") == (3, 3)
    log = adjudicating("docketed", "hearing_noticed").after(days=60).steps("heard")
    assert log.met("B5") == (60, 60)


def test_B5_a_hearing_of_which_nobody_had_notice_is_a_breach_and_the_decision_stands_all_the_same() -> None:
    log = adjudicating("docketed").after(days=30).steps("heard")
    assert log.breached("B5")
    assert log.clocks() == {"N2.work", "B4"}
    log.reports("no_infringement")
    assert log.about().outcome == "no_infringement"


def test_B5_a_hearing_goes_on_another_day_without_a_notice_of_its_own() -> None:
    log = adjudicating("docketed", "hearing_noticed").after(days=5).steps("heard").after(days=1).steps("heard")
    assert log.met("B5") == (5, 5)
    assert not log.breached("B5")


def test_B5_of_a_hearing_on_a_day_that_is_not_known_is_not_judged() -> None:
    log = adjudicating("docketed")
    log.step("heard", precision=Precision.MONTH)
    assert not log.breached("B5")
    assert [each.clock for each in log.said if isinstance(each, SlaNotJudged)] == ["L1/B5"]


def test_50_it_is_suspended_only_on_an_accepted_invalidation_request_for_a_filing_receipt_is_not_enough() -> None:
    log = adjudicating("docketed")
    log.step("suspension_asked", by="respondent")
    for proof in (None, "filing_receipt", "payment_voucher"):
        no = log.says(BODY, "suspended", ground=Ground.INVALIDATION, proof=proof)
        assert refusal(no) == (403, Ground.PAPERS_INCOMPLETE)
    assert log.about().state == "in_progress"
    log.says(BODY, "suspended", ground=Ground.INVALIDATION, proof="acceptance_notice")
    assert log.about().state == "suspended"
    assert log.state.clocks["L1/B4"].paused


def test_a_request_that_is_not_docketed_goes_back_with_its_ground() -> None:
    log = adjudicating()
    assert ended(log.step("not_docketed", ground=Ground.SUED)).ground is Ground.SUED
    assert refusal(adjudicating("docketed").says(BODY, "progressed", step="not_docketed")) == TOO_LATE


def test_B4_is_lengthened_once_before_it_has_passed() -> None:
    log = adjudicating("docketed")
    due = log.state.clocks["L1/B4"].due
    log.step("extended")
    assert log.state.clocks["L1/B4"].due > due
    assert refusal(log.says(BODY, "progressed", step="extended")) == (403, Ground.LAPSED)


def test_it_turns_into_mediation_goes_up_or_comes_down() -> None:
    log = adjudicating("docketed")
    log.reports("turned_to_mediation")
    assert ended(log.says(OWNER, "outcome_acknowledged")).next is Track.MEDIATION
    log = adjudicating()
    log.step("sent_up", text="in 24 provinces")
    assert ended(log.says(OWNER, "outcome_acknowledged")).next is Track.ADJUDICATION
    log = adjudicating()
    assert refusal(log.says(BODY, "progressed", step="sent_down")) == (422, Ground.OTHER)
    log.step("sent_down", to="GD-IPO")
    assert ended(log.says(OWNER, "outcome_acknowledged")).next_body == "GD-IPO"


def test_59_B6_a_decision_waits_fifteen_days_for_a_suit_and_can_then_be_enforced() -> None:
    log = adjudicating("docketed", "decided", "decision_received")
    assert log.clocks() == {"N2.work", "B6"}
    assert "enforced" in to(log.lapse("B6"), BODY, "proceeding.noticed")[-1].text
    log.reports("infringement_found")
    log = adjudicating("docketed", "decided", "decision_received").after(days=10).steps("sued")
    assert log.met("B6") == (10, 10)
    log.reports("overruled")


def test_related_files_are_joined_and_requests_may_be_withdrawn_settled_or_dismissed() -> None:
    for outcome in ("withdrawn", "settled", "dismissed"):
        log = adjudicating("docketed", "joined")
        log.reports(outcome)
        assert ended(log.says(OWNER, "outcome_acknowledged")).settles


def test_the_national_office_serves_the_copy_in_five_working_days() -> None:
    log = adjudicating("docketed", area="000000", level=Level.NATION, now=datetime(2021, 11, 5, 9, tzinfo=CHINA))
    assert log.started("B2").due.date().isoformat() == "2021-11-12"
    assert "B2" not in adjudicating("docketed").clocks(), "elsewhere no such limit is known"
