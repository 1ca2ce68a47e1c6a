"""Confirmation 司法确认 and court 诉讼 with their steps, returns and failures."""

import pytest

from xianjie.vocabulary import Ground, LegKind, Track

from .telling import COURT, OWNER, Log, ended, news, opened, refusal, to

TOO_LATE = (410, Ground.TOO_LATE)


# --- confirmation


def confirming(*steps: str) -> Log:
    return opened(Track.CONFIRMATION, receiver=COURT).steps(*steps)


def test_a_confirmation_is_accepted_in_3_days_and_decided_in_15_with_10_more() -> None:
    log = confirming()
    assert log.clocks() == {"N2.start", "C8"}
    log.after(days=2).steps("accepted")
    assert log.met("C8") == (2, 2)
    due = log.state.clocks["L1/C8b"].due
    log.step("extended")
    assert (log.state.clocks["L1/C8b"].due - due).days >= 8
    assert refusal(log.says(COURT, "progressed", step="extended")) == (403, Ground.LAPSED)
    log.reports("confirmed")
    end = ended(log.says(OWNER, "outcome_acknowledged"))
    assert (end.outcome, end.settles) == ("confirmed", True)


def test_a_court_may_confirm_on_the_day_of_the_request() -> None:
    log = confirming()
    log.reports("confirmed")
    assert log.met("C8") == (0, 0)


def test_a_rejection_gives_its_ground() -> None:
    log = confirming("accepted")
    assert refusal(log.reports("rejected")) == (422, Ground.OTHER)
    assert news(log.reports("rejected", ground=Ground.VALIDITY_BARRED)).ground is Ground.VALIDITY_BARRED
    assert not ended(log.says(OWNER, "outcome_acknowledged")).settles


def test_45_content_that_settles_validity_or_ownership_is_rejected_at_any_stage_and_never_confirmed() -> None:
    for steps in ((), ("accepted",)):
        log = confirming(*steps)
        assert refusal(log.reports("confirmed", ground=Ground.VALIDITY_BARRED)) == (403, Ground.VALIDITY_BARRED)
        events = log.step("validity_found", text="it declares the patent void")
        assert (log.about().outcome, news(events).ground) == ("rejected", Ground.VALIDITY_BARRED)


def test_a_request_that_came_too_late_or_is_not_for_the_court_is_not_accepted() -> None:
    assert news(confirming().reports("window_lapsed")).outcome == "window_lapsed"
    assert refusal(confirming("accepted").reports("window_lapsed")) == TOO_LATE
    log = confirming()
    assert ended(log.step("not_accepted")).ground is Ground.OUT_OF_SCOPE
    log = confirming()
    assert ended(log.step("not_accepted", ground=Ground.VALIDITY_BARRED)).ground is Ground.VALIDITY_BARRED


# --- court


def suing(*steps: str, **more: object) -> Log:
    return opened(Track.COURT, receiver=COURT, **more).steps(*steps)  # type: ignore[arg-type]


def test_C9_docketing_takes_seven_days_and_starts_anew_after_gaps_are_filled() -> None:
    log = suing("gaps_noticed")
    assert "C9" not in log.clocks()
    log.after(days=20).steps("gaps_filled")
    assert log.started("C9").start == log.now
    log.after(days=3).steps("docketed")
    assert log.met("C9") == (3, 3)
    assert "C11" in log.clocks()


@pytest.mark.parametrize(("step", "rule", "days"), [("docketed", "C11", 184), ("docketed_summary", "C11s", 92)])
def test_a_suit_is_tried_in_six_months_or_three(step: str, rule: str, days: int) -> None:
    log = suing(step)
    assert (log.started(rule).due.date() - log.now.date()).days in range(days - 3, days + 4)
    log.steps("hearing", "hearing", "interim_order", "judgment", "judgment_received")
    assert rule not in log.clocks()
    assert "C12" in log.clocks()


def test_a_judgment_that_nobody_appeals_is_in_force() -> None:
    log = suing("docketed", "judgment", "judgment_received")
    assert "in force" in to(log.lapse("C12"), COURT, "proceeding.noticed")[-1].text
    log.reports("judged_for_claimant")
    assert ended(log.says(OWNER, "outcome_acknowledged")).settles


def test_the_wrong_forum_gives_the_suit_back_and_a_suit_may_not_be_docketed() -> None:
    assert ended(suing("docketed").step("wrong_forum")).ground is Ground.NOT_COMPETENT
    assert ended(suing().step("not_docketed", ground=Ground.ARBITRATION_AGREED)).ground is Ground.ARBITRATION_AGREED


def test_54_urgent_preservation_is_ruled_in_48_hours_and_before_a_suit_leaves_30_days_to_sue() -> None:
    log = suing("preservation_asked")
    assert (log.started("C10").due - log.now).total_seconds() == 48 * 3600
    log.after(hours=30).steps("preserved_before_suit")
    assert log.met("C10") == (1, 1)
    assert "C10b" in log.clocks()
    assert "lifted" in to(log.lapse("C10b"), COURT, "proceeding.noticed")[-1].text
    log = suing("docketed", "preservation_asked", "preservation")
    assert "C10b" not in log.clocks()
    log = suing("preservation_asked", "preserved_before_suit", "docketed")
    assert "C10b" not in log.clocks()


def test_a_suit_is_judged_settled_or_ended_by_the_mediation_it_entrusted() -> None:
    for outcome in ("judged_for_claimant", "judged_against_claimant", "settled", "ended_by_mediation"):
        log = suing("docketed", "entrusted")
        log.reports(outcome)
        assert ended(log.says(OWNER, "outcome_acknowledged")).settles, outcome
    assert refusal(suing().reports("judged_for_claimant")) == TOO_LATE


def test_a_case_that_an_appeal_sends_back_is_not_settled() -> None:
    log = suing("appeal_docketed", basis="appeal")
    assert "C12b" in log.clocks()
    log.reports("remanded")
    assert not ended(log.says(OWNER, "outcome_acknowledged")).settles


def test_a_court_that_waits_for_another_case_does_not_run_out_of_time() -> None:
    log = suing("docketed")
    due = log.state.clocks["L1/C11"].due
    log.says(COURT, "suspended", ground=Ground.NEED_OTHER_CASE)
    log.after(days=100)
    log.says(COURT, "resumed")
    assert (log.state.clocks["L1/C11"].due - due).days >= 98


def test_help_among_offices_has_no_limit_of_a_request() -> None:
    assert opened(Track.ADJUDICATION, kind=LegKind.ASSIST).clocks() == {"N2.start"}


def test_a_decision_that_is_quashed_goes_back_to_its_body_to_be_decided_again() -> None:
    log = opened(Track.COURT, basis="admin").steps("docketed", "hearing")
    assert refusal(log.reports("to_decide_again")) == (422, Ground.OTHER), "it names the body"
    log.reports("to_decide_again", to="SZ-IPO-2")
    told = ended(log.says(OWNER, "outcome_acknowledged"))
    assert (told.next, told.next_body, told.settles) == (Track.ADJUDICATION, "SZ-IPO-2", False)
