"""When the lines of a scenario are played: each at its date, as exactly as that is known."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from xianjie.law import calendar
from xianjie.vocabulary import CHINA, Precision

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2}))?\Z")


def claim(at: Any) -> tuple[datetime | None, Precision]:
    """What is known of a date: its earliest moment, and how exactly."""
    found = _DATE.match(str(at)) if at is not None else None
    if found is None:
        return None, Precision.NONE
    year, month, day, hour, minute = found.groups()
    precision = Precision.SECOND if hour else Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        return datetime(int(year), int(month or 1), int(day or 1), int(hour or 9), int(minute or 0), tzinfo=CHINA), precision
    except ValueError:
        return None, Precision.NONE


def _unannounced(claims: list[tuple[datetime | None, Precision]]) -> Iterator[str]:
    """Dates in years whose holidays nobody knows: no time limit could be counted from them."""
    for place, (time, _) in enumerate(claims):
        try:
            _ = time and calendar.announced(time.date())
        except calendar.UnknownYear as fault:
            yield f"/says/{place}/at: {fault}"


def moments(rows: list[dict[str, Any]], faults: list[str]) -> Iterator[datetime]:
    """When each line is played: at its date; what is not dated, an hour after the last line or an hour before the next dated one."""
    claims = [claim(row["at"]) for row in rows]
    for place, row in enumerate(rows):
        if row["at"] is not None and claims[place][0] is None:
            faults.append(
                f"/says/{place}/at: {row['at']!r} is no date; write YYYY, YYYY-MM, YYYY-MM-DD, YYYY-MM-DDTHH:MM or null"
            )
    faults += _unannounced(claims)
    last: datetime | None = None
    for place, row in enumerate(rows):
        claimed = claims[place][0]
        ahead = [time for time, _ in claims[place + 1 :] if time is not None]
        if claimed is None and row["near"] == "next" and ahead:
            claimed = ahead[0] - timedelta(hours=1)
        first = claimed or (
            last + timedelta(hours=1)
            if last
            else (ahead[0] - timedelta(hours=len(rows)) if ahead else datetime(2020, 1, 6, 9, tzinfo=CHINA))
        )
        if last and first <= last:
            late = row["say"] == "case.fact_reported"  # a fact is told when it is known, with its own earlier date
            if claims[place][1] is Precision.DAY and first.date() < last.date() and not late:
                faults.append(f"/says/{place}/at: {row['at']} lies before the line before it ({last:%Y-%m-%d})")
            first = last + timedelta(minutes=10)
        last = first
        yield first
