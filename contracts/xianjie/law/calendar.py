"""The Chinese working-day calendar, with make-up working days: one table, built once.

The years are those of the library chinesecalendar. The State Council announces a year's holidays shortly before it; who cannot wait for the
library's next release writes the announcement into a file and names it in `XIANJIE_CALENDAR`.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from chinese_calendar import constants
from marshmallow import validate

from xianjie.vocabulary import CHINA
from xianjie.written import BadFile, bad, document, loaded

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
    """The years of `file` that follow `known`, in order and without a hole; raises `BadFile` with all faults."""
    if not file:
        return []
    where = f"{file} (named in {VARIABLE})"
    try:
        rows = document(Path(file))
    except BadFile as fault:
        raise BadFile(f"{fault} (named in {VARIABLE})") from None
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise BadFile(f"{where}: is no list of years, each with year, source, free and working")
    faults: list[str] = []
    spelt = ((f"/{place}", _spelt_out(row, f"/{place}", faults)) for place, row in enumerate(rows))
    found = [each for _, each in loaded(Announced, spelt, faults)]
    found = sorted((each for each in found if each.year > known), key=lambda each: int(each.year))
    faults += _amiss(found, known)
    if faults:
        raise bad(where, faults)
    return found


def _amiss(found: list[Announced], known: int) -> Iterator[str]:
    """What is wrong with years that are well-formed each."""
    for number, each in enumerate(found):
        if each.year != known + 1 + number:
            yield f"the year after {known + number} must be {known + 1 + number}, and not {each.year}"
        strangers = [day for day in (*each.free, *each.working) if day.year != each.year]
        if strangers or not each.free:
            yield f"{each.year}: {strangers[0] if strangers else 'no free day'} is not of that year's announcement"


def _spelt_out(row: dict[str, Any], place: str, faults: list[str]) -> dict[str, Any]:
    """The row with every day of `A..B`, from A to B."""
    spans = {name: row[name] for name in ("free", "working") if isinstance(row.get(name), list)}
    return {
        **row,
        **{name: [day for each in each_span for day in _days(each, place, faults)] for name, each_span in spans.items()},
    }


def _days(span: Any, place: str, faults: list[str]) -> list[Any]:
    begin, _, end = str(span).partition("..")
    try:
        first, last = date.fromisoformat(begin), date.fromisoformat(end or begin)
    except ValueError:
        return [span]  # the schema says what is wrong with it
    if (last - first).days > 31:
        faults.append(f"{place}: {span} is longer than a month")
        return []
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


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
