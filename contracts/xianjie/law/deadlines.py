"""Time limits: which rule holds where and when, and the moment at which it is due."""

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal

from xianjie.law import calendar
from xianjie.shipped import shipped
from xianjie.vocabulary import CHINA

Unit = Literal["h", "d", "wd", "m"]


@dataclass(frozen=True, slots=True)
class Extension:
    """What one extension adds, and how often it may be had."""

    length: int
    unit: Unit
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One version of one time limit: `length` of `unit` (hours, calendar days, working days, months), where and when."""

    id: str
    title: str
    length: int
    unit: Unit
    lapse: str
    article: str
    source: str
    verified: bool
    warn: int = 0
    window: bool = False
    least: bool = False
    extend: Extension | None = None
    stops: tuple[str, ...] = ()
    region: str = ""
    level: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date, region: str, level: str) -> bool:
        """Whether this version is in force on `day` for a body of that area and level."""
        in_force = (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
        return in_force and region.startswith(self.region) and self.level in ("", level)


class NoSuchRule(KeyError):
    """No time limit has this id, or none of its versions is in force there and then."""


def _parsed(row: dict[str, Any]) -> Deadline:
    extend = Extension(**row.pop("extend")) if "extend" in row else None
    return Deadline(**{**row, "stops": tuple(row.pop("stops", ()))}, extend=extend)


@cache
def deadlines() -> tuple[Deadline, ...]:
    """Every version of every time limit, as the data file gives them."""
    return tuple(_parsed(row) for row in _file()[0])


@cache
def count(name: str) -> int:
    """A limit of the network's own that is counted and not timed, as the data file gives it; raises `NoSuchRule`."""
    found: int | None = _file()[1].get(name)
    if found is None:
        raise NoSuchRule(f"no count is named {name}")
    return found


def _file() -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The data file: the versions of the time limits, then the counts."""
    limits, counts = shipped("law/deadlines.yaml")
    return limits, counts


@cache
def rule(id: str, day: date, region: str = "", level: str = "") -> Deadline:
    """The version of `id` in force on `day`, the most local one first; raises `NoSuchRule`."""
    found = [each for each in deadlines() if each.id == id and each.holds(day, region, level)]
    if not found:
        raise NoSuchRule(f"no version of {id} is in force on {day} for area {region or 'any'}")
    return max(found, key=lambda each: (len(each.region), bool(each.level), each.valid_from or date.min))


def exists(id: str, day: date, region: str = "", level: str = "") -> bool:
    """Whether some version of `id` is in force there and then."""
    return any(each.id == id and each.holds(day, region, level) for each in deadlines())


@cache
def least(id: str) -> bool:
    """Whether `id` is a time that must at least lie between, and not one that must not pass."""
    return any(each.id == id and each.least for each in deadlines())


def add(start: datetime, length: int, unit: Unit) -> datetime:
    """The end of `length` of `unit` after `start`: exact for hours, else the end of the last day, rolled to a working day."""
    if unit == "h":
        return start + timedelta(hours=length)
    return _end_of(calendar.rolled(_plus(calendar.day(start), length, unit)))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), CHINA)


def _plus(day: date, length: int, unit: Unit) -> date:
    """`length` days, working days or months after `day`, which is not counted; not yet rolled."""
    if unit == "wd":
        return calendar.after(day, length)
    return day + timedelta(days=length) if unit == "d" else _month_later(day, length)


def _month_later(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


Stops = tuple[tuple[datetime, datetime], ...]
"""Pauses, each [from, to)."""


def due(rule: Deadline, start: datetime, *, extended: int = 0, stopped: Stops = ()) -> datetime:
    """When `rule` is due that started at `start`, with `extended` extensions and the pauses of `stopped`.

    Hours are exact. Days and months are counted through, pauses added in days (working days for working-day limits), and only
    the last day is rolled to a working day. A `least` time is not rolled: its end is the first day on which one may act.
    """
    if rule.unit == "h":
        hours = rule.length + (rule.extend.length * extended if rule.extend else 0)
        return start + timedelta(hours=hours) + sum((end - begin for begin, end in stopped), timedelta())
    last = _counted(calendar.day(start), rule, extended)
    for begin, end in stopped:
        last = _pushed(last, calendar.day(begin), calendar.day(end), rule.unit)
    return _end_of(last if rule.least else calendar.rolled(last))


def _counted(first: date, rule: Deadline, extended: int) -> date:
    """The last day without pauses. An extension in the same unit is counted through from the first day."""
    last = _plus(first, rule.length, rule.unit)
    extend = rule.extend
    if extend is None or not extended:
        return last
    if extend.unit == rule.unit:
        return _plus(first, rule.length + extend.length * extended, rule.unit)
    return _plus(last, extend.length * extended, extend.unit)


def _pushed(last: date, begin: date, end: date, unit: Unit) -> date:
    """`last` moved by a pause: by its working days for working-day limits, else by its days; never before the day it went on."""
    if end <= begin:
        return last
    moved = calendar.after(last, calendar.between(begin, end)) if unit == "wd" else last + (end - begin)
    return max(moved, end)


def warning(rule: Deadline, end: datetime) -> datetime | None:
    """When to warn that `end` is near: `rule.warn` calendar days before, or never."""
    return end - timedelta(days=rule.warn) if rule.warn else None


def provisional(end: datetime) -> bool:
    """Whether `end` lies past the announced holidays, so that only weekends were counted."""
    return not calendar.known(calendar.day(end))
