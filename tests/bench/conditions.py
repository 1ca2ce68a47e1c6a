"""Our throughput under conditions: cold cases, parked cases, a long log."""

import itertools
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime

import pymongo
from pymongo import WriteConcern

from deploy.local.machine import Machine
from tests.bench import measure, ours
from tests.bench.measure import wait_until

TENTH = 10
"""Of so many cases one is parked."""


def cold(machine: Machine, n: int) -> tuple[float, float]:
    """Messages/s for cases in memory, and for cases that must be read from the log first: the same messages, one per case, in two lives."""
    rates = []
    for cached in (True, False):
        with ours.ground(machine, XIANJIE_CACHED_CASES=str(n * 2)) as place:
            with place.contestant() as process:
                ours.fill(place, ours.messages(n, per_case=1, tag="c"))
                measure.watch(place.admin, ours.OUTBOX, n, process)
                if cached:
                    rates.append(_again(place, n, process))
            if not cached:
                with place.contestant() as process:
                    _ready(place)
                    rates.append(_again(place, n, process))
    return rates[0], rates[1]


def _again(place: ours.Ground, n: int, process: measure.Contestant) -> float:
    """A second message for each of the same cases, through the same process."""
    measure.purge(place.admin, ours.OUTBOX)
    bodies = ((case, ours.body(case, f"again-{case}", datetime.now(UTC))) for case, _ in ours.messages(n, per_case=1, tag="c"))
    process.pause()
    ours.fill(place, bodies)
    process.resume()
    return measure.watch(place.admin, ours.OUTBOX, n, process)


def _ready(place: ours.Ground) -> None:
    def ready() -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{place.port}/ready", timeout=2).status == 200
        except OSError:
            return False

    wait_until(ready, "the contestant is ready")


def poisoned(machine: Machine, n: int) -> tuple[float, float]:
    """Messages/s of healthy cases: with none parked, and with every tenth case parked before the clock starts."""
    healthy = sum(1 for case, _ in ours.messages(n) if int(case.rsplit("-", 1)[1]) % TENTH)
    with ours.ground(machine) as none, ours.ground(machine) as some:
        _park(some, n)
        return _in_turn((none, n), (some, healthy), n)


def _in_turn(one: tuple[ours.Ground, int], other: tuple[ours.Ground, int], n: int) -> tuple[float, float]:
    """The same `n` messages on two grounds, of which so many are said on each."""
    sides = []
    with ExitStack() as stack:
        for place, said in (one, other):
            ours.fill(place, ours.messages(n))
            process = stack.enter_context(place.contestant())
            process.pause()
            sides.append(measure.Side(place.admin, ours.OUTBOX, said, process))
        first, second = measure.turns(sides)
        return first, second


def _park(place: ours.Ground, n: int) -> None:
    """Let every tenth case meet a message that cannot be decided, and put the ladder at its end: they wait for an operator."""
    cases = sorted({case for case, _ in ours.messages(n) if int(case.rsplit("-", 1)[1]) % TENTH == 0})
    now = datetime.now(UTC)
    ours.fill(place, ((case, ours.body(case, f"poison-{case}", now, "poison")) for case in cases))
    with place.contestant(), pymongo.MongoClient[dict[str, object]](place.machine.database.uri()) as client:
        parked = client[place.database]["parked"]
        wait_until(lambda: len(parked.distinct("case")) == len(cases), "every poisoned case is parked")
        parked.update_many({}, {"$set": {"hold_until": None}})


def grown(machine: Machine, n: int, sizes: tuple[int, int]) -> tuple[float, float]:
    """Messages/s of one process over a log that holds so many commits already, for each of two sizes."""
    with ours.ground(machine) as one, ours.ground(machine) as other:
        for place, size in zip((one, other), sizes, strict=True):
            with place.contestant() as process:
                ours.fill(place, ours.messages(200, tag="seed"))
                measure.watch(place.admin, ours.OUTBOX, 200, process)
            measure.purge(place.admin, ours.OUTBOX)
            _multiply(place, size)
        return _in_turn((one, n), (other, n), n)


def _multiply(place: ours.Ground, size: int) -> None:
    """Copy real commits to other cases until the log holds `size` of them."""
    with pymongo.MongoClient[dict[str, object]](place.machine.database.uri()) as client:
        log = client[place.database].get_collection("log", write_concern=WriteConcern(1))
        wait_until(lambda: log.count_documents({"unsent": True}) == 0, "everything is said")
        kept = list(log.find())
        copies = (
            {**each, "_id": f"old{round}-{each['_id']}", "case": f"old{round}-{each['case']}"}
            for round in range(size // len(kept) - 1)
            for each in kept
        )
        while block := list(itertools.islice(copies, 5_000)):
            log.insert_many(block, ordered=False)
        client.admin.command("fsync")  # else what is measured next pays for writing this to the disk
