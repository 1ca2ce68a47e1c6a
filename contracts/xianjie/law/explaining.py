"""One time limit from its dated facts: when it is due, what became of it, its days gross and net, and every day that was skipped, with why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

from xianjie.law import calendar, counting
from xianjie.law.deadlines import counting as convention
from xianjie.law.rule import UNITS, Deadline

Standing = Literal["open", "near", "met", "breached", "met late"]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Days from `first` to `last` that did not count: `days` of them, and why."""

    first: date
    last: date
    days: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a limit comes to. `gross_days`: all calendar days from the start to the due day; `net_days`: without those it stood still.

    `counted` + the days of `skipped` = `gross_days`, for limits that are counted in days, working days or months.
    """

    rule: Deadline
    start: datetime
    due: datetime
    warn: datetime | None
    standing: Standing
    gross_days: int
    net_days: int
    counted: int
    skipped: tuple[Skipped, ...]


def account(
    rule: Deadline, start: datetime, *, stopped: counting.Stops = (), extended: int = 0, met: datetime | None = None,
    now: datetime | None = None,
) -> Account:  # fmt: skip
    """What `rule` comes to that started at `start`, with pauses one after another, extensions, and when it was met, as seen at `now`."""
    due = counting.due(rule, start, extended=extended, stopped=stopped)
    gross = (calendar.day(due) - calendar.day(start)).days
    still = sum((calendar.day(end) - calendar.day(begin)).days for begin, end in stopped)
    skipped = tuple(_skipped(rule, calendar.day(start), calendar.day(due), extended, stopped))
    return Account(
        rule=rule, start=start, due=due, warn=counting.warning(rule, due), standing=_standing(rule, due, met, now),
        gross_days=gross, net_days=gross - still, counted=gross - sum(each.days for each in skipped), skipped=skipped,
    )  # fmt: skip


def _standing(rule: Deadline, due: datetime, met: datetime | None, now: datetime | None) -> Standing:
    if met is not None:
        if rule.least:
            return "breached" if calendar.day(met) < calendar.day(due) else "met"
        return "met" if met <= due else "met late"
    if now is None or rule.least:
        return "open"
    warn = counting.warning(rule, due)
    return "breached" if due <= now else "near" if warn and warn <= now else "open"


def _skipped(rule: Deadline, start: date, due: date, extended: int, stopped: counting.Stops) -> Iterator[Skipped]:
    """Every day after the start that did not count: where it stood still, where it is free, where it rolled on."""
    if rule.unit == "h":
        return
    pauses = [(calendar.day(begin), calendar.day(end)) for begin, end in stopped if calendar.day(begin) < calendar.day(end)]
    last = counting.counted(start, rule, extended)
    for begin, end in pauses:
        moved = counting.pushed(last, begin, end, rule.unit)
        days = calendar.between(begin, end) if rule.unit == "wd" else (end - begin).days
        if days:
            yield Skipped(first=begin, last=end - DAY, days=days, why="it stood still")
        through = calendar.after(last, days) if rule.unit == "wd" else last + days * DAY
        if moved > through:
            extra = calendar.between(through + DAY, moved + DAY) if rule.unit == "wd" else (moved - through).days
            if extra:
                yield Skipped(
                    first=through + DAY, last=moved, days=extra, why="it does not end before the day on which it goes on"
                )
        last = moved
    if rule.unit == "wd":
        yield from _free(start + DAY, due)
    else:
        yield from (_as_rolled(each) for each in _free(last, due) if last < due)


def _free(first: date, last: date) -> Iterator[Skipped]:
    """The days from `first` to `last` that are no working days, those of one reason together."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    for why, group in groupby(days, key=_why):
        found: Sequence[date] = list(group)
        if why:
            yield Skipped(first=found[0], last=found[-1], days=len(found), why=why)


def _why(day: date) -> str:
    free = calendar.free(day)
    return "weekend" if free in ("Saturday", "Sunday") else free


def _as_rolled(each: Skipped) -> Skipped:
    return Skipped(first=each.first, last=each.last, days=each.days, why=f"the last day rolls on: {each.why}")


def story(found: Account) -> list[str]:
    """The account in sentences: which version, how it is counted, and how the due moment comes about."""
    rule, counting_ = found.rule, convention(found.rule)
    first = "the first day counts" if counting_.first_day else "the first day is not counted"
    rolls = "a last day that is no working day rolls on" if counting_.rolls else "the last day does not roll on"
    post = "; what was posted in time is in time" if counting_.transit else ""
    says = [
        f"{rule.version}: {rule.title}, {rule.span}",
        f"says so: {rule.cited} ({'read' if rule.verified else 'not read'}; confidence {rule.confidence})",
        f"counted: {counting_.title}" + ("" if rule.unit == "h" else f": {first}; {rolls}{post}"),
    ]
    if rule.note:
        says.append(f"note: {rule.note}")
    if rule.unit != "h":
        of = UNITS["wd" if rule.unit == "wd" else "d"]
        total = sum(each.days for each in found.skipped)
        says.append(f"{found.gross_days} days = {found.counted} {of} that count + {total} skipped")
    return says
