"""Feature 36, T23 and T24: the sender contests an outcome, its body answers, and a body above it gives an order."""

import pytest

from xianjie.vocabulary import Ground, Track

from .telling import BODY, OWNER, STRANGER, Log, ended, news, opened, refusal, the, to

ABOVE, TOP = "GD-IPO", "CNIPA"
NOT_YOURS, LATE = (403, Ground.NOT_YOURS), (410, Ground.TOO_LATE)


def reported(superiors: tuple[str, ...] = (ABOVE, TOP), track: Track = Track.ADJUDICATION) -> Log:
    log = opened(track, superiors=superiors).steps("docketed")
    log.reports("no_infringement")
    return log


def contested(superiors: tuple[str, ...] = (ABOVE, TOP)) -> Log:
    log = reported(superiors)
    log.says(OWNER, "outcome_contested", ground=Ground.NO_FACTS, text="the second product was not compared")
    return log


def answered() -> Log:
    log = contested()
    log.says(BODY, "contest_answered", again=False, text="it was, on page 4")
    return log


def escalated() -> Log:
    log = answered()
    log.says(OWNER, "escalated", text="page 4 is about another product")
    return log


def test_36_a_sender_contests_an_outcome_and_its_body_hears_why_and_until_when() -> None:
    log = reported()
    assert refusal(log.says(STRANGER, "outcome_contested", ground=Ground.NO_FACTS, text="no")) == NOT_YOURS
    events = log.says(OWNER, "outcome_contested", ground=Ground.NO_FACTS, text="the second product was not compared")
    told = the(events, BODY, "proceeding.contested")
    assert (told.outcome, told.ground, told.due) == ("no_infringement", Ground.NO_FACTS, log.state.clocks["L1/N2.contest"].due)
    assert log.about().state == "contested"
    assert "N2.close" not in log.clocks()


def test_36_the_body_takes_the_work_up_again_and_the_outcome_is_gone() -> None:
    log = contested()
    assert refusal(log.says(OWNER, "contest_answered", again=True, text="so be it")) == NOT_YOURS
    told = news(log.says(BODY, "contest_answered", again=True, text="it will be compared"))
    assert (told.state, told.outcome) == ("in_progress", None)
    assert (log.about().state, log.about().outcome) == ("in_progress", None)
    log.reports("infringement_found")
    assert ended(log.says(OWNER, "outcome_acknowledged")).outcome == "infringement_found"


def test_36_the_body_stands_by_its_outcome_and_the_sender_may_take_note_after_all() -> None:
    log = answered()
    assert (log.about().state, log.about().outcome) == ("outcome_reported", "no_infringement")
    assert refusal(log.says(OWNER, "outcome_contested", ground=Ground.NO_FACTS, text="once more")) == (403, Ground.DUPLICATE)
    assert ended(log.says(OWNER, "outcome_acknowledged")).outcome == "no_infringement"


def test_36_whoever_contested_may_take_note_without_waiting_for_the_answer() -> None:
    assert ended(contested().says(OWNER, "outcome_acknowledged")).how == "closed"
    assert ended(escalated().says(OWNER, "outcome_acknowledged")).how == "closed"


def test_36_an_outcome_is_contested_before_it_is_put_to_the_body_above() -> None:
    assert refusal(reported().says(OWNER, "escalated", text="at once")) == (403, Ground.TOO_LATE)


def test_T23d_the_nearest_superior_is_asked_for_its_order() -> None:
    log = answered()
    events = log.says(OWNER, "escalated", text="page 4 is about another product")
    asked = the(events, ABOVE, "proceeding.order_asked")
    assert (asked.sender, asked.receiver, asked.outcome, asked.ground) == (OWNER, BODY, "no_infringement", Ground.NO_FACTS)
    assert asked.due == log.state.clocks["L1/N2.order"].due
    assert f"put to {ABOVE}" in news(events, BODY).text
    assert to(events, TOP, "proceeding.order_asked") == []


def test_T23c_a_body_that_does_not_answer_is_put_to_its_superior_by_the_clock() -> None:
    log = contested()
    assert the(log.lapse("N2.contest"), ABOVE, "proceeding.order_asked").text == "N2.contest passed without an answer"
    assert log.about().state == "escalated"
    assert log.breached("N2.contest")
    assert refusal(log.says(BODY, "contest_answered", again=True, text="too late")) == LATE


@pytest.mark.parametrize("who", [ABOVE, TOP])
def test_T24_any_superior_orders_that_the_work_is_taken_up_again(who: str) -> None:
    log = escalated()
    for other in (OWNER, BODY, STRANGER):
        assert refusal(log.says(other, "ordered", again=True, text="do it")) == NOT_YOURS
    events = log.says(who, "ordered", again=True, text="compare the second product")
    for hearer in (OWNER, BODY):
        assert f"{who} orders: compare" in news(events, hearer).text
    assert (log.about().state, log.about().outcome) == ("in_progress", None)
    log.reports("no_infringement")
    assert refusal(log.says(OWNER, "outcome_contested", ground=Ground.NO_FACTS, text="again")) == (403, Ground.DUPLICATE)


def test_T24a_a_superior_orders_that_the_outcome_stands_and_the_loop_is_closed() -> None:
    log = escalated()
    end = ended(log.says(ABOVE, "ordered", again=False, text="the comparison is there"))
    assert (end.how, end.outcome) == ("closed", "no_infringement")
    assert not log.state.clocks


def test_T24b_a_superior_that_does_not_order_is_reminded() -> None:
    log = escalated()
    events = log.lapse("N2.order")
    assert "adjudication.ordered is waited for" in the(events, ABOVE, "proceeding.noticed").text
    assert log.about().state == "escalated"
    assert "N2.order" in log.clocks()


def test_T23e_where_nobody_is_above_the_outcome_stands_and_the_sender_hears_it() -> None:
    log = contested(superiors=())
    told = news(log.lapse("N2.contest"))
    assert "nobody is above SZ-IPO in the network: the outcome stands" in told.text
    assert log.about().state == "outcome_reported"
    assert refusal(log.says(OWNER, "escalated", text="please")) == (403, Ground.OTHER)
    assert ended(log.lapse("N2.close")).outcome == "no_infringement"


def test_36_what_was_closed_already_is_not_contested() -> None:
    log = reported()
    log.says(OWNER, "outcome_acknowledged")
    assert refusal(log.says(OWNER, "outcome_contested", ground=Ground.NO_FACTS, text="late")) == LATE
