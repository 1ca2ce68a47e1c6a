"""Time limits as dated data: which version holds, when it is due, and what pauses and extensions do to that."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianjie.law import calendar, counting, deadlines
from xianjie.law.rule import Deadline, Unit
from xianjie.vocabulary import CHINA

ROWS = {
    "A1", "A2", "A3", *(f"B{k}" for k in range(1, 16)), *(f"C{k}" for k in range(1, 13)), "D1", *(f"E{k}" for k in range(1, 9)),
    "F1", "F2", "G1", "G2", "H1", "K1", "N1",
    *(f"N2.{each}" for each in ("deliver", "acknowledge", "decide", "gaps", "cancel", "close", "visit")),
}  # fmt: skip
"""The table of time limits, row by row; a row with several lengths has further limits beside it."""
BESIDE = {
    "B3": "B3f", "B8": "B8f", "B11": "B11m B11t", "B12": "B12t", "C6": "C6s", "C8": "C8b", "C10": "C10b", "C11": "C11s C11e", "C12": "C12r C12b",
    "E5": "E5s", "E6": "E6d E6p", "E8": "E8f", "G1": "G1r", "H1": "H1d H1a H1o", "K1": "K1p", "N1": "N1s",
}  # fmt: skip


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


def due(id: str, start: datetime, region: str = "", level: str = "", extended: int = 0) -> date:
    return counting.due(deadlines.rule(id, start.date(), region, level), start, extended=extended).date()


def added(start: datetime, length: int, unit: Unit) -> datetime:
    """The end of `length` of `unit` after `start`, rolled to a working day."""
    if unit == "h":
        return start + timedelta(hours=length)
    return counting.end_of(calendar.rolled(counting.plus(calendar.day(start), length, unit)))


# --- the data


def test_56_every_row_of_the_table_of_time_limits_is_a_rule() -> None:
    there = {each.id for each in deadlines.deadlines()}
    assert there >= ROWS
    assert there >= {id for ids in BESIDE.values() for id in ids.split()}
    assert {id for id in there if not id.startswith("N2.")} == {
        *(id for id in ROWS if not id.startswith("N2.")), *(id for ids in BESIDE.values() for id in ids.split()),
    }  # fmt: skip


def test_every_version_has_a_name_of_its_own() -> None:
    names = [each.version for each in deadlines.deadlines()]
    assert len(names) == len(set(names))


def test_no_limit_of_the_law_is_both_a_least_time_and_rolled() -> None:
    assert all(each.least != deadlines.counting(each).rolls for each in deadlines.deadlines() if each.unit != "h")


@pytest.mark.parametrize(
    ("id", "length", "unit"),
    [
        ("B9", 90, "d"), ("B10", 7, "wd"), ("B11", 7, "wd"), ("B11m", 45, "wd"), ("B12", 15, "wd"), ("B13", 7, "wd"), ("B14", 60, "d"),
        ("C1", 3, "wd"), ("C2", 2, "wd"), ("C10", 48, "h"), ("C11e", 24, "m"), ("C12r", 10, "d"), ("D1", 5, "d"), ("E1", 3, "d"),
        ("E2", 24, "h"), ("E3", 24, "h"), ("E4", 3, "d"), ("E5", 24, "h"), ("E5s", 3, "d"), ("E6", 3, "d"), ("E7", 3, "d"), ("E8", 7, "d"),
        ("E8f", 15, "d"), ("F1", 15, "d"), ("G1", 24, "h"), ("H1", 3, "wd"), ("H1d", 30, "wd"), ("H1a", 20, "wd"), ("H1o", 50, "wd"),
        ("K1", 36, "m"), ("K1p", 24, "m"), ("N1", 1, "m"), ("N1s", 2, "m"),
    ],
)  # fmt: skip
def test_lengths_are_those_of_the_statutes(id: str, length: int, unit: str) -> None:
    found = deadlines.rule(id, date(2025, 3, 3))
    assert (found.length, found.unit) == (length, unit)


def test_what_was_not_read_says_so() -> None:
    unread = {each.id for each in deadlines.deadlines() if not each.verified}
    assert {"A1", "A2", "A3", "B4", "B15", "B14", "C12", "D1", "E8"} <= unread
    assert not {"B9", "B10", "C7", "E4", "F1", "H1"} & unread


def test_what_the_network_counts_and_does_not_time_stands_in_the_same_file() -> None:
    assert (deadlines.count("hops"), deadlines.count("visit_tries")) == (5, 3)
    with pytest.raises(deadlines.NoSuchRule, match="laps"):
        deadlines.count("laps")


# --- which version


def test_the_version_of_the_day_and_the_most_local_one_holds() -> None:
    rule = deadlines.rule
    assert (rule("B1", date(2025, 3, 1)).length, rule("B1", date(2025, 3, 1)).unit) == (5, "wd")
    assert rule("B1", date(2025, 3, 1), "310000").unit == "d"
    assert rule("B1", date(2025, 3, 1), "330100").length == 3
    assert rule("B4", date(2025, 1, 31)).extend.length == 1  # type: ignore[union-attr]
    assert rule("B4", date(2025, 2, 1)).extend.length == 2  # type: ignore[union-attr]
    assert rule("B4", date(2025, 2, 1), "500000").length == 4
    assert rule("B2", date(2022, 1, 1), "000000", "nation").unit == "wd"


def test_where_no_version_holds_there_is_no_such_rule() -> None:
    assert not deadlines.exists("C5", date(2021, 12, 31))
    assert deadlines.exists("C5", date(2022, 1, 1))
    with pytest.raises(deadlines.NoSuchRule, match="C5"):
        deadlines.rule("C5", date(2021, 12, 31))
    assert not deadlines.exists("B2", date(2025, 1, 1), "440300", "prefecture")
    assert not deadlines.exists("Z9", date(2025, 1, 1))


# --- when it is due


def test_19_three_days_over_the_october_holiday_differ_by_statute() -> None:
    """Three calendar days end on 2 October and roll to the first working day; three working days end a day later."""
    start = at(2020, 9, 29)
    assert added(start, 3, "d").date() == date(2020, 10, 9)
    assert added(start, 3, "wd").date() == date(2020, 10, 10), "a Saturday on which one works"
    assert added(at(2020, 9, 30), 3, "d").date() == date(2020, 10, 9)
    assert added(at(2020, 9, 30), 3, "wd").date() == date(2020, 10, 12)
    assert added(start, 72, "h") == at(2020, 10, 2)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (at(2025, 1, 31), 1, date(2025, 2, 28)),
        (at(2024, 1, 31), 1, date(2024, 2, 29)),
        (at(2024, 11, 30), 3, date(2025, 2, 28)),
        (at(2023, 12, 1), 3, date(2024, 3, 1)),
        (at(2025, 3, 31), 6, date(2025, 9, 30)),
        (at(2021, 11, 5), 3, date(2022, 2, 7)),  # the 5th is a holiday
    ],
)
def test_months_end_on_the_same_number_or_the_last_day_and_roll_over_holidays(start: datetime, months: int, end: date) -> None:
    assert added(start, months, "m").date() == end


def test_the_first_day_is_not_counted_and_the_last_one_ends_with_its_last_second() -> None:
    found = added(at(2025, 3, 3, 23), 1, "d")
    assert found == datetime.combine(date(2025, 3, 4), time(23, 59, 59), CHINA)


def test_a_make_up_working_day_counts() -> None:
    assert added(at(2020, 9, 25), 1, "wd").date() == date(2020, 9, 27)


def test_published_dates_come_out() -> None:
    assert due("B1", at(2020, 5, 25), "310000") == date(2020, 6, 1)
    assert due("C7", at(2020, 9, 29)) == date(2020, 10, 29)
    assert due("B4", at(2021, 11, 5)) == date(2022, 2, 7)
    assert due("B4", at(2021, 11, 5), extended=1) == date(2022, 3, 7)
    assert due("B2", at(2021, 11, 5), "000000", "nation") == date(2021, 11, 12)


def test_a_pause_is_counted_before_the_last_day_is_rolled() -> None:
    rule = deadlines.rule("B4", date(2021, 11, 5))
    stay = ((at(2021, 12, 15), at(2022, 5, 16)),)
    assert counting.due(rule, at(2021, 11, 5), stopped=stay).date() == date(2022, 7, 7), (
        "5 February and 152 days, no holiday between"
    )


def test_a_pause_on_a_last_day_that_was_rolled_leaves_that_day_and_no_more() -> None:
    """30 days from 1 January 2022 end on a holiday and roll; a pause on the day they rolled to ends with the day one goes on."""
    rule, start = deadlines.rule("C5", date(2022, 1, 1)), at(2022, 1, 1)
    assert counting.due(rule, start).date() == date(2022, 2, 7)
    paused = ((at(2022, 2, 7), at(2022, 2, 16)),)
    assert counting.due(rule, start, stopped=paused).date() == date(2022, 2, 16)


def test_a_second_extension_adds_as_much_as_the_first() -> None:
    rule = deadlines.rule("C5", date(2025, 3, 3))
    start = at(2025, 3, 3)
    ends = [counting.due(rule, start, extended=count).date() for count in range(3)]
    assert ends == [date(2025, 4, 2), date(2025, 5, 6), date(2025, 6, 3)], "30, 60 and 90 days, rolled"


def test_a_time_that_must_at_least_lie_between_is_not_rolled() -> None:
    assert due("B5", at(2025, 3, 5)) == date(2025, 3, 8), "a Saturday"


def test_a_due_moment_in_a_year_that_is_not_announced_is_provisional() -> None:
    last = calendar.last().year
    assert counting.provisional(added(at(last, 12, 20), 30, "d"))
    assert not counting.provisional(added(at(last, 3, 1), 30, "d"))
    assert not counting.provisional(datetime(last, 12, 31, 23, 59, 59, tzinfo=CHINA))


# --- properties

rules = st.sampled_from(deadlines.deadlines())
moments = st.datetimes(datetime(2010, 1, 1), datetime(2028, 12, 31), timezones=st.just(CHINA))


@st.composite
def paused(draw: st.DrawFn) -> tuple[Deadline, datetime, tuple[tuple[datetime, datetime], ...]]:
    """A limit, its start, and pauses that follow one another while it runs."""
    rule, start = draw(rules), draw(moments)
    stops: list[tuple[datetime, datetime]] = []
    for _ in range(draw(st.integers(0, 4))):
        running = counting.due(rule, start, stopped=tuple(stops))
        first = stops[-1][1] if stops else start
        begin = first + (running - first) * draw(st.floats(0, 1))
        stops.append((begin, begin + timedelta(hours=draw(st.integers(0, 5000)))))
    return rule, start, tuple(stops)


@given(rules, moments, st.integers(0, 3))
def test_due_never_before_start_and_never_on_a_free_day(rule: Deadline, start: datetime, extended: int) -> None:
    found = counting.due(rule, start, extended=extended)
    assert found > start
    if rule.unit != "h" and not rule.least:
        assert calendar.working(calendar.day(found))


@given(rules, moments, st.integers(0, 3))
def test_an_extension_never_brings_the_end_forward(rule: Deadline, start: datetime, extended: int) -> None:
    """Both may roll to the same day: seven days more ended within the eleven free days of January 2020."""
    before, after = (counting.due(rule, start, extended=count) for count in (extended, extended + 1))
    assert before <= after if rule.extend else before == after


@given(paused())
def test_a_pause_never_brings_the_end_forward_and_never_leaves_it_within_the_pause(
    told: tuple[Deadline, datetime, tuple[tuple[datetime, datetime], ...]],
) -> None:
    rule, start, stops = told
    ends = [counting.due(rule, start, stopped=stops[:count]) for count in range(len(stops) + 1)]
    assert ends == sorted(ends)
    for end, (_, resumed) in zip(ends[1:], stops, strict=True):
        assert calendar.day(end) >= calendar.day(resumed)


@given(rules, moments, st.integers(0, 3000))
def test_who_starts_later_is_due_no_earlier(rule: Deadline, start: datetime, hours: int) -> None:
    later = start + timedelta(hours=hours)
    assert counting.due(rule, later) >= counting.due(rule, start)


@given(rules, moments)
def test_a_warning_comes_before_the_end(rule: Deadline, start: datetime) -> None:
    end = counting.due(rule, start)
    warned = counting.warning(rule, end)
    assert warned is None or warned < end


def test_an_hours_limit_stands_still_only_from_its_start_on() -> None:
    rule = deadlines.rule("C10", date(2025, 3, 3))
    start = datetime(2025, 3, 3, 9, tzinfo=CHINA)
    stop = (datetime(2025, 3, 3, tzinfo=CHINA), datetime(2025, 3, 4, tzinfo=CHINA))
    before = (datetime(2025, 3, 1, tzinfo=CHINA), datetime(2025, 3, 2, tzinfo=CHINA))
    assert counting.due(rule, start, stopped=(before, stop)) == datetime(2025, 3, 6, tzinfo=CHINA)


def test_a_limitation_that_ran_when_the_law_changed_is_judged_by_the_longer_one() -> None:
    assert deadlines.rule("K1", date(2019, 6, 2)).length == 36
    assert deadlines.rule("K1", date(2019, 5, 31)).length == 24
