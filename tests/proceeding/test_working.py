"""The proceeding at work, the same in every track: T8, T15 to T17, and who may speak in it."""

import pytest

from xianjie.messages.routing import RoutingLegTaken
from xianjie.vocabulary import Ground, LegKind, Level, Track

from .telling import BODY, OWNER, STRANGER, Log, ended, held, news, noted, opened, refusal, the, to

LATE, NOT_YOURS = (410, Ground.TOO_LATE), (403, Ground.NOT_YOURS)
ENDS = {"closed", "returned", "cancelled"}


def begun() -> Log:
    return opened(Track.ADJUDICATION).steps("docketed")


def suspended() -> Log:
    log = begun()
    log.says(BODY, "suspended", ground=Ground.APPRAISAL)
    return log


def asked() -> Log:
    log = begun()
    log.says(OWNER, "cancel_asked", text="we settled")
    return log


def reported() -> Log:
    log = begun()
    log.reports("infringement_found")
    return log


def test_T8_a_leg_that_was_taken_opens_and_its_body_hears_that_it_may_speak() -> None:
    log = Log(Track.ADJUDICATION)
    taken = RoutingLegTaken(
        leg="L1", track=Track.ADJUDICATION, kind=LegKind.FILE, sender=OWNER, receiver=BODY, area="440300", level=Level.PREFECTURE,
        right="invention",
    )  # fmt: skip
    assert the(log.hear("/services/routing", taken), BODY, "adjudication.opened").stage == "filed"
    assert log.is_in("accepted", "filed")
    assert log.clocks() == {"N2.start", "B1"}
    assert noted(log.hear("/services/routing", taken)), "opened twice, it changes nothing"


def test_a_leg_of_another_services_track_is_not_opened_here() -> None:
    log = Log(Track.MEDIATION)
    other = opened(Track.COURT)
    taken = RoutingLegTaken(
        leg="L1", track=Track.COURT, kind=LegKind.FILE, sender=OWNER, receiver=BODY, area="440300", level=Level.PREFECTURE,
        right="invention",
    )  # fmt: skip
    assert noted(log.hear("/services/routing", taken))
    assert other.state.proceedings


def test_who_speaks_of_a_proceeding_that_is_not_open_yet_is_held() -> None:
    assert held(Log(Track.COURT).says(BODY, "progressed", step="docketed"))


def test_nobody_speaks_in_a_proceeding_under_another_tracks_prefix() -> None:
    log = opened(Track.ADJUDICATION)
    log.track = Track.COURT
    assert refusal(log.says(BODY, "progressed", step="docketed")) == NOT_YOURS


def test_T15_the_first_step_begins_the_work() -> None:
    log = begun()
    assert log.is_in("in_progress", "docketed")
    assert "N2.work" in log.clocks()
    assert "N2.start" not in log.clocks()


def test_T15_only_the_body_takes_steps() -> None:
    for other in (OWNER, STRANGER):
        assert refusal(opened(Track.ADJUDICATION).says(other, "progressed", step="docketed")) == NOT_YOURS


def test_T15_a_step_that_the_track_does_not_have_is_invalid_and_one_out_of_turn_too_late() -> None:
    log = begun()
    assert refusal(log.says(BODY, "progressed", step="dancing")) == (422, Ground.OTHER)
    assert refusal(log.says(BODY, "progressed", step="docketed")) == LATE


def test_T15a_a_body_that_does_not_begin_is_reminded_and_the_clock_starts_anew() -> None:
    log = opened(Track.COURT)
    events = log.lapse("N2.start")
    assert any(each.ground is Ground.LAPSED for each in to(events, BODY, "proceeding.noticed"))
    assert log.started("N2.start").start == log.now
    assert log.about().state == "accepted"


@pytest.mark.parametrize("step", ["interim_report", "handler_changed"])
def test_29_34_T16_an_interim_report_and_a_change_of_handler_change_no_state_and_are_told_to_the_sender(step: str) -> None:
    log = begun()
    before = (log.about().state, log.about().stage)
    assert "the panel met" in news(log.step(step, text="the panel met")).text
    assert (log.about().state, log.about().stage) == before


def test_T16_the_body_may_report_while_it_is_halted_or_asked_to_stop_but_goes_no_further_while_halted() -> None:
    log = suspended()
    log.step("interim_report")
    assert log.about().state == "suspended"
    assert refusal(log.says(BODY, "progressed", step="served")) == LATE
    log = asked()
    log.step("interim_report")
    assert log.about().state == "cancel_requested"


def test_T16a_work_that_takes_long_is_reminded_of_again_and_again() -> None:
    log = begun()
    for _ in range(2):
        log.lapse("N2.work")
        assert log.about().state == "in_progress"
        assert log.started("N2.work").start == log.now


def test_37_T17_the_body_halts_for_a_ground_of_the_track_and_the_limit_stops() -> None:
    log = begun()
    events = log.says(BODY, "suspended", ground=Ground.APPRAISAL, text="the laboratory")
    assert (news(events).state, news(events).ground) == ("suspended", Ground.APPRAISAL)
    assert log.state.clocks["L1/B4"].paused == log.now
    assert "N2.suspended" in log.clocks()
    assert refusal(log.says(BODY, "suspended", ground=Ground.APPRAISAL)) == LATE


def test_T17_for_another_ground_it_is_not_suspended() -> None:
    assert refusal(begun().says(BODY, "suspended", ground=Ground.CAPACITY))[0] == 403


def test_T17_a_proceeding_may_be_halted_before_the_first_step() -> None:
    log = opened(Track.ADJUDICATION)
    log.says(BODY, "suspended", ground=Ground.FORCE_MAJEURE)
    assert log.about().state == "suspended"


def test_T17a_it_goes_on_with_a_later_end_and_both_gross_and_net_days_are_known() -> None:
    log = suspended()
    before = log.state.clocks["L1/B4"].due
    log.after(days=20)
    events = log.says(BODY, "resumed")
    assert news(events).state == "in_progress"
    assert (log.state.clocks["L1/B4"].due - before).days in range(20, 24), "rolled to a working day"
    log.after(days=10)
    log.reports("infringement_found")
    end = ended(log.says(OWNER, "outcome_acknowledged"))
    assert (end.gross_days, end.net_days) == (30, 10)


def test_T17a_what_is_not_suspended_is_not_resumed() -> None:
    assert refusal(begun().says(BODY, "resumed")) == LATE


def test_T17b_a_halt_that_lasts_is_reminded_of_again_and_again() -> None:
    log = suspended()
    log.lapse("N2.suspended")
    assert log.about().state == "suspended"
    assert log.started("N2.suspended").start == log.now
