"""The Chinese working-day calendar, with make-up working days: one table, built once.

The years are those of the library chinesecalendar. The State Council announces a year's holidays shortly before it; who cannot wait for the
library's next release writes the announcement into a file and names it in `XIANJIE_CALENDAR`.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from chinese_calendar import constants
from marshmallow import ValidationError, validate

from xianjie.fields import schema_for
from xianjie.vocabulary import CHINA

VARIABLE = "XIANJIE_CALENDAR"
_Year = Annotated[int, validate.Range(min=2000, max=2100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One year as it was announced: what says so, the free days and the working days at weekends."""

    year: _Year
    source: Annotated[str, validate.Length(min=1, max=400)]
    free: tuple[date, ...]
    working: tuple[date, ...] = ()


class UnknownYear(ValueError):
    """The holidays of that year are not announced yet, or lie before the table."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"the holidays of {day.year} are not in the calendar, which knows {first().year} to {last().year}: no time limit can be "
            f"counted there; name a day of those years, or bring in a chinesecalendar that knows more, or write the year as it was "
            f"announced into a file and name that in {VARIABLE}"
        )


class BadCalendar(ValueError):
    """The file of announced years cannot be used; the text names the place and what to do."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Every working day of the known years in order, and why a weekday is free; `is_workday` costs 30 µs a call, this a look-up."""

    first: date
    last: date
    days: list[date]
    working: frozenset[date]
    holidays: Mapping[date, str]


@cache
def _table() -> _Table:
    holidays = {day: str(name) for day, name in constants.holidays.items()}
    extra = set(constants.workdays)
    years = {each.year for each in holidays}
    for each in _announced(os.environ.get(VARIABLE), max(years)):
        years.add(each.year)
        holidays |= dict.fromkeys(each.free, "public holiday")
        extra |= set(each.working)
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in days if day in extra or (day.weekday() < 5 and day not in holidays)]
    return _Table(first, last, working, frozenset(working), holidays)


def _announced(file: str | None, known: int) -> list[Announced]:
    """The years of `file` that follow `known`, in order and without a hole; raises `BadCalendar`."""
    if not file:
        return []
    where = f"{file} (named in {VARIABLE})"
    try:
        rows = yaml.safe_load(Path(file).read_text("utf-8"))
        loaded = schema_for(Announced).load([_plain(each) for each in rows], many=True)
    except OSError as fault:
        raise BadCalendar(f"{where}: {fault.strerror}") from None
    except ValidationError as refused:
        raise BadCalendar(f"{where}: {refused.messages}") from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as fault:
        raise BadCalendar(f"{where}: is no list of years, each with year, source, free and working: {fault}") from None
    found = sorted((each for each in loaded if each.year > known), key=lambda each: int(each.year))
    for number, year in enumerate(found):
        if year.year != known + 1 + number:
            raise BadCalendar(f"{where}: the year after {known + number} must be {known + 1 + number}, and not {year.year}")
        strangers = [day for day in (*year.free, *year.working) if day.year != year.year]
        if strangers or not year.free:
            raise BadCalendar(
                f"{where}: {year.year}: {strangers[0] if strangers else 'no free day'} is not of that year's announcement"
            )
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Days as text, which is what fields take; `A..B` is every day from A to B."""
    return {name: [*_days(value)] if name in ("free", "working") else value for name, value in row.items()}


def _days(spans: list[Any]) -> Any:
    for each in spans:
        begin, _, end = str(each).partition("..")
        day, stop = date.fromisoformat(begin), date.fromisoformat(end or begin)
        if (stop - day).days > 31:
            raise ValueError(f"{each} is longer than a month")
        while day <= stop:
            yield day.isoformat()
            day += timedelta(days=1)


def first() -> date:
    """The first day of the first year whose holidays are known."""
    return _table().first


def last() -> date:
    """The last day of the last year whose holidays are known. Past it only weekends are."""
    return _table().last


def day(moment: datetime) -> date:
    """The day that `moment` falls on in China."""
    return moment.astimezone(CHINA).date()


def known(day: date) -> bool:
    """Whether the holidays of that day's year are announced."""
    return _table().first <= day <= _table().last


def announced(day: date) -> date:
    """`day`, whose year's holidays are announced; raises `UnknownYear`. For what people enter: services count weekends there."""
    if not known(day):
        raise UnknownYear(day)
    return day


def working(day: date) -> bool:
    """Whether `day` is a working day; outside the known years, whether it is no weekend."""
    return day in _table().working if known(day) else day.weekday() < 5


def free(day: date) -> str:
    """Why `day` is no working day: the holiday, or the day of the weekend; empty if it is one."""
    if working(day):
        return ""
    return _table().holidays.get(day) or day.strftime("%A")


def rolled(day: date) -> date:
    """`day`, or the next working day if it is none."""
    while not working(day):
        day += timedelta(days=1)
    return day


def after(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself is not counted."""
    table = _table().days
    if known(day) and count > 0 and (at := bisect_right(table, day) + count - 1) < len(table):
        return table[at]
    while count > 0:
        day += timedelta(days=1)
        count -= working(day)
    return day


def between(first: date, end: date) -> int:
    """How many working days lie in [first, end)."""
    if end <= first:
        return 0
    if known(first) and known(end):
        table = _table().days
        return bisect_left(table, end) - bisect_left(table, first)
    return sum(working(first + timedelta(days=n)) for n in range((end - first).days))
