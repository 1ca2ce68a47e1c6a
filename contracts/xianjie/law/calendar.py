"""The Chinese working-day calendar, with make-up working days: one table, built once."""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import cache

from chinese_calendar import constants, is_workday

from xianjie.vocabulary import CHINA

FIRST = date(min(each.year for each in constants.holidays), 1, 1)
LAST = date(max(each.year for each in constants.holidays), 12, 31)
"""The years whose holidays are announced. Past them only weekends are known."""


class UnknownYear(ValueError):
    """The holidays of that year are not announced yet, or lie before the table."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"the holidays of {day.year} are not in the calendar, which knows {FIRST.year} to {LAST.year}: no time limit can be "
            f"counted there; name a day of those years, or bring in a chinesecalendar that knows more"
        )


@cache
def _table() -> tuple[list[date], frozenset[date]]:
    """Every working day of the known years, in order; `is_workday` costs 30 µs a call, this costs one look-up."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    working = [day for day in days if is_workday(day)]
    return working, frozenset(working)


def day(moment: datetime) -> date:
    """The day that `moment` falls on in China."""
    return moment.astimezone(CHINA).date()


def known(day: date) -> bool:
    """Whether the holidays of that day's year are announced."""
    return FIRST <= day <= LAST


def announced(day: date) -> date:
    """`day`, whose year's holidays are announced; raises `UnknownYear`. For what people enter: services count weekends there."""
    if not known(day):
        raise UnknownYear(day)
    return day


def working(day: date) -> bool:
    """Whether `day` is a working day; outside the known years, whether it is no weekend."""
    return day in _table()[1] if known(day) else day.weekday() < 5


def rolled(day: date) -> date:
    """`day`, or the next working day if it is none."""
    while not working(day):
        day += timedelta(days=1)
    return day


def after(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself is not counted."""
    table = _table()[0]
    if known(day) and count > 0 and (at := bisect_right(table, day) + count - 1) < len(table):
        return table[at]
    while count > 0:
        day += timedelta(days=1)
        count -= working(day)
    return day


def between(first: date, end: date) -> int:
    """How many working days lie in [first, end)."""
    return sum(working(first + timedelta(days=n)) for n in range((end - first).days))
