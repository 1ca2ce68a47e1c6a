"""Time limits as dated data: which version holds, when it is due, and what pauses and extensions do to that."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianjie.law import calendar, deadlines
from xianjie.law.deadlines import Deadline
from xianjie.vocabulary import CHINA, Ground, Level

NEEDED = {
    *(f"A{k}" for k in range(1, 4)), *(f"B{k}" for k in range(1, 7)), "B15", *(f"C{k}" for k in range(3, 10)), "C8b",
    *(f"N2.{each}" for each in ("deliver", "acknowledge", "decide", "gaps", "cancel", "close", "visit")),
}  # fmt: skip


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


def due(id: str, start: datetime, region: str = "", level: str = "", extended: int = 0) -> date:
    return deadlines.due(deadlines.rule(id, start.date(), region, level), start, extended=extended).date()


# --- the data


def test_every_time_limit_that_this_stage_needs_is_there() -> None:
    assert {each.id for each in deadlines.deadlines()} >= NEEDED


def test_every_version_names_its_source_and_what_its_lapse_means() -> None:
    for each in deadlines.deadlines():
        assert each.title, each.id
        assert each.lapse, each.id
        assert each.source, each.id
        assert each.length > 0
        assert each.unit in ("h", "d", "wd", "m")
        assert all(Ground(ground) for ground in each.stops)
        assert not each.level or Level(each.level)


def test_of_every_limit_and_place_at_most_one_version_holds_on_a_day() -> None:
    seen: dict[tuple[str, str, str], list[Deadline]] = {}
    for each in deadlines.deadlines():
        seen.setdefault((each.id, each.region, each.level), []).append(each)
    for versions in seen.values():
        for one in versions:
            for other in versions:
                if one is not other:
                    apart = (one.valid_to or date.max) < (other.valid_from or date.min)
                    assert apart or (other.valid_to or date.max) < (one.valid_from or date.min), one.id


def test_what_was_not_read_says_so() -> None:
    unread = {each.id for each in deadlines.deadlines() if not each.verified}
    assert {"A1", "A2", "A3", "B4", "B15"} <= unread


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
    assert deadlines.add(start, 3, "d").date() == date(2020, 10, 9)
    assert deadlines.add(start, 3, "wd").date() == date(2020, 10, 10), "a Saturday on which one works"
    assert deadlines.add(at(2020, 9, 30), 3, "d").date() == date(2020, 10, 9)
    assert deadlines.add(at(2020, 9, 30), 3, "wd").date() == date(2020, 10, 12)
    assert deadlines.add(start, 72, "h") == at(2020, 10, 2)


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
    assert deadlines.add(start, months, "m").date() == end


def test_the_first_day_is_not_counted_and_the_last_one_ends_with_its_last_second() -> None:
    found = deadlines.add(at(2025, 3, 3, 23), 1, "d")
    assert found == datetime.combine(date(2025, 3, 4), time(23, 59, 59), CHINA)


def test_a_make_up_working_day_counts() -> None:
    assert deadlines.add(at(2020, 9, 25), 1, "wd").date() == date(2020, 9, 27)


def test_published_dates_come_out() -> None:
    assert due("B1", at(2020, 5, 25), "310000") == date(2020, 6, 1)
    assert due("C7", at(2020, 9, 29)) == date(2020, 10, 29)
    assert due("B4", at(2021, 11, 5)) == date(2022, 2, 7)
    assert due("B4", at(2021, 11, 5), extended=1) == date(2022, 3, 7)
    assert due("B2", at(2021, 11, 5), "000000", "nation") == date(2021, 11, 12)


def test_a_pause_is_counted_before_the_last_day_is_rolled() -> None:
    rule = deadlines.rule("B4", date(2021, 11, 5))
    stay = ((at(2021, 12, 15), at(2022, 5, 16)),)
    assert deadlines.due(rule, at(2021, 11, 5), stopped=stay).date() == date(2022, 7, 7), (
        "5 February and 152 days, no holiday between"
    )


def test_a_pause_on_a_last_day_that_was_rolled_leaves_that_day_and_no_more() -> None:
    """30 days from 1 January 2022 end on a holiday and roll; a pause on the day they rolled to ends with the day one goes on."""
    rule, start = deadlines.rule("C5", date(2022, 1, 1)), at(2022, 1, 1)
    assert deadlines.due(rule, start).date() == date(2022, 2, 7)
    paused = ((at(2022, 2, 7), at(2022, 2, 16)),)
    assert deadlines.due(rule, start, stopped=paused).date() == date(2022, 2, 16)


def test_a_second_extension_adds_as_much_as_the_first() -> None:
    rule = deadlines.rule("C5", date(2025, 3, 3))
    start = at(2025, 3, 3)
    ends = [deadlines.due(rule, start, extended=count).date() for count in range(3)]
    assert ends == [date(2025, 4, 2), date(2025, 5, 6), date(2025, 6, 3)], "30, 60 and 90 days, rolled"


def test_a_time_that_must_at_least_lie_between_is_not_rolled() -> None:
    assert due("B5", at(2025, 3, 5)) == date(2025, 3, 8), "a Saturday"


def test_a_due_moment_in_a_year_that_is_not_announced_is_provisional() -> None:
    last = calendar.LAST.year
    assert deadlines.provisional(deadlines.add(at(last, 12, 20), 30, "d"))
    assert not deadlines.provisional(deadlines.add(at(last, 3, 1), 30, "d"))
    assert not deadlines.provisional(datetime(last, 12, 31, 23, 59, 59, tzinfo=CHINA))


# --- properties

rules = st.sampled_from(deadlines.deadlines())
moments = st.datetimes(datetime(2010, 1, 1), datetime(2028, 12, 31), timezones=st.just(CHINA))


@st.composite
def paused(draw: st.DrawFn) -> tuple[Deadline, datetime, tuple[tuple[datetime, datetime], ...]]:
    """A limit, its start, and pauses that follow one another while it runs."""
    rule, start = draw(rules), draw(moments)
    stops: list[tuple[datetime, datetime]] = []
    for _ in range(draw(st.integers(0, 4))):
        running = deadlines.due(rule, start, stopped=tuple(stops))
        first = stops[-1][1] if stops else start
        begin = first + (running - first) * draw(st.floats(0, 1))
        stops.append((begin, begin + timedelta(hours=draw(st.integers(0, 5000)))))
    return rule, start, tuple(stops)


@given(rules, moments, st.integers(0, 3))
def test_due_never_before_start_and_never_on_a_free_day(rule: Deadline, start: datetime, extended: int) -> None:
    found = deadlines.due(rule, start, extended=extended)
    assert found > start
    if rule.unit != "h" and not rule.least:
        assert calendar.working(calendar.day(found))


@given(rules, moments, st.integers(0, 3))
def test_an_extension_never_brings_the_end_forward(rule: Deadline, start: datetime, extended: int) -> None:
    """Both may roll to the same day: seven days more ended within the eleven free days of January 2020."""
    before, after = (deadlines.due(rule, start, extended=count) for count in (extended, extended + 1))
    assert before <= after if rule.extend else before == after


@given(paused())
def test_a_pause_never_brings_the_end_forward_and_never_leaves_it_within_the_pause(
    told: tuple[Deadline, datetime, tuple[tuple[datetime, datetime], ...]],
) -> None:
    rule, start, stops = told
    ends = [deadlines.due(rule, start, stopped=stops[:count]) for count in range(len(stops) + 1)]
    assert ends == sorted(ends)
    for end, (_, resumed) in zip(ends[1:], stops, strict=True):
        assert calendar.day(end) >= calendar.day(resumed)


@given(rules, moments, st.integers(0, 3000))
def test_who_starts_later_is_due_no_earlier(rule: Deadline, start: datetime, hours: int) -> None:
    later = start + timedelta(hours=hours)
    assert deadlines.due(rule, later) >= deadlines.due(rule, start)


@given(rules, moments)
def test_a_warning_comes_before_the_end(rule: Deadline, start: datetime) -> None:
    end = deadlines.due(rule, start)
    warned = deadlines.warning(rule, end)
    assert warned is None or warned < end
