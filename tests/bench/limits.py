"""How long it takes to find which version of a time limit holds and when it is due; every answer another one, so that none was kept."""

import statistics
import time
from datetime import datetime, timedelta

from xianjie.law import calendar, counting, deadlines
from xianjie.vocabulary import CHINA

BEGIN = datetime(2012, 1, 4, 9, tzinfo=CHINA)
REGIONS = ("", "310000", "330100", "440300", "500000")
ROUNDS = 5


def due_us(n: int = 20_000) -> float:
    """Microseconds for one limit, median of the rounds: every limit in turn, started hours apart, every third with a pause."""
    ids = sorted({each.id for each in deadlines.deadlines()})
    asked = []
    for at in range(n * 2):
        start, region = BEGIN + timedelta(hours=2 * at % 100_000, minutes=at % 60), REGIONS[at % len(REGIONS)]
        if deadlines.exists(ids[at % len(ids)], start.date(), region):
            stopped = ((start + timedelta(days=1), start + timedelta(days=9)),) if at % 3 == 0 else ()
            asked.append((ids[at % len(ids)], start, region, stopped))
    asked = asked[:n]
    counting.due(deadlines.rule(*asked[0][:1], calendar.day(asked[0][1])), asked[0][1])  # the calendar is loaded
    times = []
    for _ in range(ROUNDS):
        deadlines.rule.cache_clear()
        begin = time.perf_counter()
        for id, start, region, stopped in asked:
            counting.due(deadlines.rule(id, calendar.day(start), region), start, stopped=stopped)
        times.append((time.perf_counter() - begin) / len(asked))
    return statistics.median(times) * 1e6
