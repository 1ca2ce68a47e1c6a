"""Clocks in numbers: how late they fire while many others are open, and whether one fires after what it waited for has happened."""

import json
import random
import time
from datetime import UTC, datetime, timedelta

from tests.chassis.ground import Ground, taken, until

TICKING, SPREAD = 100, 5
"""So many clocks are due one after another within so many seconds."""
AT_ONCE = 1000
"""Races of one round."""


def open_clocks(ground: Ground, many: int) -> None:
    """So many cases whose clocks are due long from now."""
    ground.tell(("model", "m-1", taken("due 1")))
    until(lambda: ground.commits("model"), "the model is there")
    (model,) = ground.commits("model")[:1]
    later = datetime.now(UTC) + timedelta(days=30)
    for begin in range(0, many, 10_000):
        rows = range(begin, min(begin + 10_000, many))
        ground.store.log.insert_many(
            [{**model, "_id": f"o-{at}/1", "case": f"o-{at}", "due": later + timedelta(seconds=at)} for at in rows], ordered=False
        )


def lateness(ground: Ground) -> list[float]:
    """By how many seconds of the wall clock each of some clocks fires late: from its due moment to the commit of its tick."""
    names = [f"t-{at}" for at in range(TICKING)]
    ground.tell(*((name, f"{name}-1", taken(f"due {2 + at * SPREAD // TICKING}")) for at, name in enumerate(names)))
    until(lambda: all("ticked" in ground.tale(name) for name in names), "all of them tick", SPREAD + 20)
    found = []
    for name in names:
        first, second = ground.commits(name)[:2]
        due = first["now"] + timedelta(seconds=2 + int(name[2:]) * SPREAD // TICKING)
        found.append((second["at"] - due).total_seconds())
    return found


def races(ground: Ground, many: int, seed: int = 0) -> tuple[int, int]:
    """In each, a clock is due at about the moment at which what it waits for happens: how many fired, and how many of them afterwards.

    What "about" is depends on how fast the machine decides: the side that wins a round by far gets a later start in the next.
    """
    dice, start, fired, afterwards = random.Random(seed), 1.0, 0, 0
    for begin in range(0, many, AT_ONCE):
        names = [f"r-{at}" for at in range(begin, min(begin + AT_ONCE, many))]
        began = time.monotonic()
        ground.tell(*((name, f"{name}-1", taken("due 1")) for name in names))
        time.sleep(max(0.0, start + dice.random() * 0.9 - (time.monotonic() - began)))
        ground.tell(*((name, f"{name}-2", taken("met")) for name in names), after={name: f"{name}-1" for name in names})
        wanted = {"case": {"$in": names}, "key": {"$regex": "-2$"}}
        until(lambda wanted=wanted, names=names: ground.store.log.count_documents(wanted) == len(names), "all have met", 60)
        until(lambda: ground.depth() == 0, "no tick is on its way")
        tales = _tales(ground, names)
        assert len(tales) == len(names)
        first = sum("ticked" in each for each in tales)
        fired, afterwards = fired + first, afterwards + sum("ticked" in each[each.index("met") :] for each in tales)
        start += 0.5 if first < len(names) // 4 else -0.5 if first > len(names) * 3 // 4 else 0.0
    return fired, afterwards


def _tales(ground: Ground, names: list[str]) -> list[list[str]]:
    """What each case has gone through."""
    said = ground.store.log.find({"case": {"$in": names}}, {"case": 1, "state": 1}).sort("n", 1)
    return [json.loads(state)["state"]["steps"] for state in {each["case"]: each["state"] for each in said}.values()]
