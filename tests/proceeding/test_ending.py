"""How a proceeding ends, the same in every track: T18 to T22, and that nothing follows an end."""

import pytest

from xianjie.vocabulary import Ground, Precision, Track

from .telling import BODY, OWNER, Log, ended, news, opened, paper, refusal, the, to

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


@pytest.mark.parametrize("make", [lambda: opened(Track.ADJUDICATION), begun, suspended])
def test_28_T18_the_sender_asks_to_stop_and_the_body_is_asked(make: object) -> None:
    log: Log = make()  # type: ignore[operator]
    assert refusal(log.says(BODY, "cancel_asked")) == NOT_YOURS
    events = log.says(OWNER, "cancel_asked", text="we settled")
    assert the(events, BODY, "proceeding.cancel_requested").text == "we settled"
    assert log.about().state == "cancel_requested"
    assert "N2.cancel" in log.clocks()
    assert refusal(log.says(OWNER, "cancel_asked")) == LATE


def test_28_T19_the_body_stops_and_routing_hears_it() -> None:
    log = asked()
    assert refusal(log.says(OWNER, "cancel_answered", agreed=True)) == NOT_YOURS
    end = ended(log.says(BODY, "cancel_answered", agreed=True))
    assert (end.how, end.ground) == ("cancelled", Ground.WITHDRAWN)
    assert not log.state.clocks


@pytest.mark.parametrize("make", [lambda: opened(Track.ADJUDICATION), begun, suspended])
def test_T19a_the_body_goes_on_where_it_stood(make: object) -> None:
    log: Log = make()  # type: ignore[operator]
    state = log.about().state
    log.says(OWNER, "cancel_asked")
    events = log.says(BODY, "cancel_answered", agreed=False, text="nearly done")
    assert log.about().state == state
    assert news(events).text == "nearly done"


def test_T19b_without_an_answer_the_work_goes_on_and_both_hear_it() -> None:
    log = asked()
    events = log.lapse("N2.cancel")
    assert log.about().state == "in_progress"
    assert to(events, OWNER, "proceeding.noticed")
    assert to(events, BODY, "proceeding.noticed")
    assert "N2.work" in log.clocks()


def test_T19b_a_halted_proceeding_stays_halted_when_nobody_answers_and_its_days_stay_counted() -> None:
    log = suspended()
    log.after(days=5)
    log.says(OWNER, "cancel_asked")
    log.lapse("N2.cancel")
    assert log.about().state == "suspended"
    log.after(days=5)
    log.says(BODY, "resumed")
    assert log.about().days_suspended == 16, "from the 3rd to the 19th, asked to stop or not"


def test_T19c_the_work_is_done_before_the_body_could_stop() -> None:
    log = asked()
    assert news(log.reports("infringement_found")).outcome == "infringement_found"
    assert log.about().state == "outcome_reported"


@pytest.mark.parametrize(
    ("track", "outcome", "kind"),
    [
        (Track.ADJUDICATION, "no_infringement", "decision"),
        (Track.COURT, "judged_for_claimant", "judgment"),
        (Track.COURT, "remanded", "ruling"),
    ],
)
def test_T21_an_outcome_that_needs_a_paper_is_refused_without_it(track: Track, outcome: str, kind: str) -> None:
    log = opened(track).steps("docketed")
    for papers in ((), (paper("cover_letter"),)):
        events = log.reports(outcome, papers=papers)
        assert refusal(events) == (422, Ground.PAPERS_INCOMPLETE)
        assert events[0].text.startswith("/data/papers: ")  # type: ignore[union-attr]
        assert kind in events[0].text  # type: ignore[union-attr]
    log.reports(outcome, papers=(paper("cover_letter"), paper(kind)))
    assert log.about().outcome == outcome


@pytest.mark.parametrize(
    ("track", "step"),
    [(Track.ADJUDICATION, "not_docketed"), (Track.COURT, "wrong_forum"), (Track.CONFIRMATION, "not_accepted"),
     (Track.MEDIATION, "consent_refused"), (Track.MEDIATION, "no_contact")],
)  # fmt: skip
def test_T20_a_step_that_gives_the_leg_back_carries_the_inventory_and_is_refused_without(track: Track, step: str) -> None:
    log = opened(track)
    for events in (log.says(BODY, "progressed", step=step), log.says(BODY, "returned", ground=Ground.CONFLICT)):
        assert refusal(events) == (422, Ground.PAPERS_INCOMPLETE)
        assert events[0].text.startswith("/data/inventory ")  # type: ignore[union-attr]
    assert ended(log.says(BODY, "progressed", step=step, inventory=("request", "evidence"))).inventory == ("request", "evidence")


@pytest.mark.parametrize("make", [lambda: opened(Track.ADJUDICATION), begun, suspended])
def test_25_T20_the_body_gives_the_leg_back_with_an_inventory_of_its_papers(make: object) -> None:
    log: Log = make()  # type: ignore[operator]
    assert refusal(log.says(OWNER, "returned", ground=Ground.CAPACITY)) == NOT_YOURS
    end = ended(log.says(BODY, "returned", ground=Ground.CONFLICT, inventory=("request", "evidence"), text="recused"))
    assert (end.how, end.ground, end.inventory, end.text) == ("returned", Ground.CONFLICT, ("request", "evidence"), "recused")
    assert not log.state.clocks


def test_T20_what_is_asked_to_stop_is_answered_not_returned() -> None:
    assert refusal(asked().says(BODY, "returned", ground=Ground.CONFLICT)) == LATE
    log = opened(Track.ADJUDICATION)
    log.says(OWNER, "cancel_asked")
    assert refusal(log.says(BODY, "progressed", step="not_docketed", inventory=("none",))) == LATE


def test_T21_an_outcome_of_the_track_is_told_to_the_sender_with_its_papers_and_only_its_own_clock_runs_on() -> None:
    decision = paper("decision")
    log = begun()
    events = log.reports("infringement_found", papers=(decision,), text="stop")
    assert (news(events).outcome, news(events).papers, news(events).text) == ("infringement_found", (decision,), "stop")
    assert log.clocks() == {"N2.close"}
    assert log.met("B4") == (0, 0)


def test_35_T21_nothing_closes_without_an_outcome_that_the_track_knows_and_the_stage_allows() -> None:
    log = opened(Track.ADJUDICATION)
    assert refusal(log.reports("a_draw")) == (422, Ground.OTHER)
    assert refusal(log.reports("infringement_found")) == LATE
    assert refusal(log.says(OWNER, "outcome_reported", outcome="withdrawn")) == NOT_YOURS
    assert refusal(log.says(OWNER, "outcome_acknowledged")) == LATE


def test_T21_a_halted_proceeding_goes_on_before_it_ends() -> None:
    assert refusal(suspended().reports("infringement_found")) == LATE
    log = opened(Track.ADJUDICATION)
    log.says(BODY, "suspended", ground=Ground.APPRAISAL)
    assert refusal(log.says(BODY, "progressed", step="sent_up")) == LATE


def test_T22_the_sender_takes_note_and_the_loop_is_closed() -> None:
    log = reported()
    assert refusal(log.says(BODY, "outcome_acknowledged")) == NOT_YOURS
    end = ended(log.says(OWNER, "outcome_acknowledged"))
    assert (end.how, end.outcome, end.settles, end.next) == ("closed", "infringement_found", True, None)
    assert not log.state.clocks
    assert refusal(log.says(OWNER, "outcome_acknowledged")) == LATE


def test_T22a_an_outcome_that_nobody_takes_note_of_closes_by_itself() -> None:
    log = reported()
    events = log.lapse("N2.close")
    assert ended(events).how == "closed"
    assert log.about().state == "closed"
    assert not log.state.clocks


def test_T22_a_body_that_serves_itself_needs_to_take_no_note() -> None:
    log = opened(Track.ADJUDICATION, sender=BODY).steps("docketed")
    events = log.reports("turned_to_mediation")
    assert ended(events).next is Track.MEDIATION
    assert not to(events, BODY, "proceeding.noticed")


def test_T22_the_body_that_the_outcome_named_goes_on_even_if_the_sender_takes_note_later() -> None:
    log = begun()
    log.reports("sent_down", to="SZ-FT-IPO")
    end = ended(log.after(days=3).says(OWNER, "outcome_acknowledged"))
    assert (end.next, end.next_body) == (Track.ADJUDICATION, "SZ-FT-IPO")


@pytest.mark.parametrize("how", sorted(ENDS))
def test_whatever_is_said_in_a_proceeding_that_has_ended_is_too_late(how: str) -> None:
    log = {"closed": reported, "returned": begun, "cancelled": asked}[how]()
    if how == "closed":
        log.says(OWNER, "outcome_acknowledged")
    elif how == "returned":
        log.says(BODY, "returned", ground=Ground.CAPACITY, inventory=("none",))
    else:
        log.says(BODY, "cancel_answered", agreed=True)
    before = log.state
    for code, verb, data in (
        (BODY, "progressed", {"step": "served"}), (BODY, "suspended", {"ground": Ground.APPRAISAL}), (BODY, "resumed", {}),
        (BODY, "returned", {"ground": Ground.CAPACITY}), (BODY, "outcome_reported", {"outcome": "withdrawn"}),
        (OWNER, "cancel_asked", {}), (BODY, "cancel_answered", {"agreed": True}), (OWNER, "outcome_acknowledged", {}),
    ):  # fmt: skip
        assert refusal(log.says(code, verb, **data)) == LATE
    assert log.state == before


def test_what_is_known_only_to_the_month_judges_no_limit() -> None:
    log = opened(Track.ADJUDICATION)
    log.says(BODY, "progressed", step="docketed", precision=Precision.MONTH)
    assert not log.breached("B1")
    assert any(each.name == "sla.not_judged" and each.clock == "L1/B1" for each in log.said)  # type: ignore[attr-defined]
    assert not log.started("B4").judged


def test_a_reminder_goes_to_who_must_act_before_the_limit_passes() -> None:
    log = opened(Track.ADJUDICATION)
    assert to(log.tick(), BODY, "proceeding.noticed")
