"""When a time limit ends: hours, days, working days and months on the Chinese calendar, with pauses and extensions.

All of it in Asia/Shanghai. Days end with their last second.
"""

import calendar as months
from datetime import date, datetime, time, timedelta

from xianjie.law import calendar
from xianjie.law.deadlines import counting
from xianjie.law.rule import Deadline, Span, Unit
from xianjie.vocabulary import CHINA

Stops = tuple[tuple[datetime, datetime], ...]
"""Pauses, each [from, to)."""


def due(rule: Deadline, start: datetime, *, extended: int = 0, stopped: Stops = ()) -> datetime:
    """When `rule` is due that started at `start`, with `extended` extensions and the pauses of `stopped`.

    Hours are exact. Days and months are counted through, pauses added in days (working days for working-day limits), and only
    the last day is rolled to a working day, where the rule's convention rolls.
    """
    if rule.unit == "h":
        hours = rule.length + (rule.extend.length * extended if rule.extend else 0)
        still = (end - max(begin, start) for begin, end in stopped if end > start)
        return start + timedelta(hours=hours) + sum(still, timedelta())
    last = counted(calendar.day(start), rule, extended)
    for begin, end in stopped:
        last = pushed(last, calendar.day(begin), calendar.day(end), rule.unit)
    return end_of(calendar.rolled(last) if counting(rule).rolls else last)


def end_of(day: date) -> datetime:
    """The last second of `day`."""
    return datetime.combine(day, time(23, 59, 59), CHINA)


def plus(day: date, length: int, unit: Unit) -> date:
    """`length` days, working days or months after `day`, which is not counted; not yet rolled."""
    if unit == "wd":
        return calendar.after(day, length)
    return day + timedelta(days=length) if unit == "d" else _month_later(day, length)


def _month_later(day: date, count: int) -> date:
    """The day with the same number, or the month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def counted(start: date, rule: Deadline, extended: int = 0) -> date:
    """The last day without pauses, not yet rolled. An extension in the same unit is counted through from the first day."""
    first = start - timedelta(days=1) if counting(rule).first_day else start
    last = plus(first, rule.length, rule.unit)
    extend = rule.extend
    if extend is None or not extended:
        return last
    if extend.unit == rule.unit:
        return plus(first, rule.length + extend.length * extended, rule.unit)
    return plus(last, extend.length * extended, extend.unit)


def pushed(last: date, begin: date, end: date, unit: Unit) -> date:
    """`last` moved by a pause: by its working days for working-day limits, else by its days; never before the day it went on."""
    if end <= begin:
        return last
    moved = calendar.after(last, calendar.between(begin, end)) if unit == "wd" else last + (end - begin)
    return max(moved, end)


def runs_out(cap: Span, begin: datetime, stopped: Stops) -> datetime:
    """The moment at which a pause that begins at `begin` is over by itself, `stopped` having used up a part of what `cap` allows."""
    left = cap.length - sum(_length(calendar.day(start), calendar.day(end), cap.unit) for start, end in stopped)
    first = calendar.day(begin)
    if left <= 0:
        return begin
    last = first + timedelta(days=left - 1) if cap.unit == "d" else calendar.after(first - timedelta(days=1), left)
    return datetime.combine(last + timedelta(days=1), time(), CHINA)


def _length(begin: date, end: date, unit: Unit) -> int:
    return calendar.between(begin, end) if unit == "wd" else (end - begin).days


def warning(rule: Deadline, end: datetime) -> datetime | None:
    """When to warn that `end` is near: `rule.warn` calendar days before, or never."""
    return end - timedelta(days=rule.warn) if rule.warn else None


def provisional(end: datetime) -> bool:
    """Whether `end` lies past the announced holidays, so that only weekends were counted."""
    return not calendar.known(calendar.day(end))
