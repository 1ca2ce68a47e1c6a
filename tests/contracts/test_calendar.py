"""The working-day calendar: holidays, make-up working days, and years that are not announced."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from chinese_calendar import is_workday
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.years import NEXT, TEXT, announced
from xianjie.law import calendar
from xianjie.vocabulary import CHINA
from xianjie.written import BadFile

known_days = st.dates(calendar.first(), calendar.last() - timedelta(days=400))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2020, 9, 27), True),   # a Sunday on which one works for the holiday
        (date(2020, 9, 30), True),
        (date(2020, 10, 1), False),
        (date(2020, 10, 8), False),
        (date(2020, 10, 9), True),
        (date(2020, 10, 10), True),  # a Saturday on which one works for the holiday
        (date(2020, 10, 11), False),
        (date(2022, 1, 29), True),   # a Saturday before the Spring Festival
        (date(2022, 2, 4), False),
    ],
)  # fmt: skip
def test_holidays_are_free_and_make_up_days_are_worked(day: date, works: bool) -> None:
    assert calendar.working(day) is works


@given(known_days)
def test_the_table_says_what_the_library_says(day: date) -> None:
    assert calendar.working(day) == is_workday(day)


@given(known_days, st.integers(1, 60))
def test_the_nth_working_day_after_is_a_working_day_with_n_minus_one_between(day: date, count: int) -> None:
    found = calendar.after(day, count)
    assert calendar.working(found)
    assert found > day
    assert calendar.between(day + timedelta(days=1), found) == count - 1


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 40))
def test_counting_goes_through_the_years_that_nobody_knows(day: date, count: int) -> None:
    found = calendar.after(day, count)
    assert found >= day
    assert calendar.after(day, count + 1) > found
    assert calendar.working(calendar.rolled(day))
    assert calendar.rolled(day) >= day


def test_outside_the_announced_years_only_weekends_are_free() -> None:
    future = date(calendar.last().year + 1, 10, 1)
    assert not calendar.known(future)
    assert calendar.working(future) is (future.weekday() < 5)
    assert calendar.known(calendar.last())
    assert str(calendar.last().year) in str(calendar.UnknownYear(future))


def test_a_moment_falls_on_the_day_that_it_is_in_china() -> None:
    assert calendar.day(datetime(2020, 6, 1, 0, 30, tzinfo=CHINA)) == date(2020, 6, 1)
    assert calendar.day(datetime(2020, 5, 31, 16, 30, tzinfo=UTC)) == date(2020, 6, 1)
    assert calendar.day(datetime(2020, 5, 31, 15, 30, tzinfo=UTC)) == date(2020, 5, 31)


def test_a_year_that_an_operator_wrote_down_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not calendar.known(date(NEXT, 5, 1))
    with announced(monkeypatch, tmp_path):
        assert calendar.last() == date(NEXT, 12, 31)
        assert not calendar.working(date(NEXT, 10, 1))
        assert calendar.free(date(NEXT, 10, 1)) == "public holiday"
        assert calendar.working(date(NEXT, 10, 9)), "a day worked for the holiday"
    assert not calendar.known(date(NEXT, 5, 1))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TEXT.format(year=NEXT + 1), f"the year after {NEXT - 1} must be {NEXT}"),
        (TEXT.format(year=NEXT).replace("source", "sauce"), "source"),
        (TEXT.format(year=NEXT).replace(f"{NEXT}-09-26", "2020-09-26"), f"{NEXT}: 2020-09-26 is not of that year"),
        (f"- {{year: {NEXT}, source: s, free: []}}", "no free day is not of that year"),
        (TEXT.format(year=NEXT).replace("-10-07", "-12-07"), "is longer than a month"),
        ("year: 2027", "is no list of years"),
        ("- [", "is not YAML"),
    ],
)
def test_a_file_of_years_that_cannot_be_used_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, says: str
) -> None:
    with announced(monkeypatch, tmp_path, text), pytest.raises(BadFile) as refused:
        calendar.last()
    assert says in str(refused.value)
    assert calendar.VARIABLE in str(refused.value)


def test_a_file_of_years_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with announced(monkeypatch, tmp_path) as file:
        file.unlink()
        with pytest.raises(BadFile, match="No such file"):
            calendar.last()


def test_every_free_day_says_why() -> None:
    assert calendar.free(date(2020, 10, 1)) == "National Day"
    assert calendar.free(date(2020, 10, 11)) == "Sunday"
    assert calendar.free(date(2020, 10, 10)) == ""


@given(st.dates(date(2003, 6, 1), date(2028, 6, 1)), st.integers(0, 400))
def test_working_days_between_are_those_counted_one_by_one(first: date, length: int) -> None:
    days = [first + timedelta(days=n) for n in range(length)]
    assert calendar.between(first, first + timedelta(days=length)) == sum(calendar.working(day) for day in days)
