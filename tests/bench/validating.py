"""How many messages one core checks in a second, beside other ways of checking; and whether all refuse the same.

`python -m tests.bench.validating` measures in this process and prints JSON; `measured()` does so in a fresh one.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.contestants import CONTESTANTS, Read, marshmallow, ours
from tests.contracts.mutants import mutants, variants
from tests.contracts.places import SAMPLES, Arriving
from xianjie.message import MESSAGES, Message
from xianjie.messages.referral import ReferralOffered

ROUNDS, SECONDS, SEED, COUNT = 7, 0.25, 1, 500
ROOT = Path(__file__).parents[2]


def measured() -> dict[str, float]:
    """The figures, of a fresh process."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.validating"], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def figures() -> dict[str, float]:
    """`validate_*`. Rates are of one core's time; ratios of runs in turn, median of the rounds; `*_missed`: invalid messages of 500 taken."""
    body = (SAMPLES / "referral.offered.v1.json").read_bytes()
    ways = {name: make(ReferralOffered) for name, make in {"ours": ours, **CONTESTANTS}.items()}
    ways["floor"] = msgspec.json.Decoder().decode
    rounds = [{name: rate(read, body) for name, read in ways.items()} for _ in range(ROUNDS)]
    found = {"validate_per_s": statistics.median(each["ours"] for each in rounds)}
    for name in CONTESTANTS:
        found[f"validate_vs_{name}"] = statistics.median(each["ours"] / each[name] for each in rounds)
    found["validate_floor_share"] = statistics.median(each["ours"] / each["floor"] for each in rounds)
    every = sorted(rate(ours(cls), (SAMPLES / f"{cls.name}.v{cls.version}.json").read_bytes(), 0.01) for cls in MESSAGES.values())
    return {**found, "validate_median_per_s": statistics.median(every), "validate_slowest_per_s": every[0], **verdicts()}


def rate(read: Read, body: bytes, seconds: float = SECONDS) -> float:
    """How often in a second of the processor's time."""
    read(body)
    done, step, began = 0, 50, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for _ in range(step):
            read(body)
        done += step
    return done / spent


def verdicts() -> dict[str, float]:
    """On 500 invalid bodies and envelopes and 500 valid ones: where ours says another thing than marshmallow, and what the others miss."""
    broken = [each for each in mutants(SEED, COUNT * 2) if each.place in ("body", "envelope")][:COUNT]
    odd = variants(SEED, COUNT)
    asked = [
        each for each in broken if each.breaks not in ("time ahead", "exercise in operation")
    ]  # those no contract alone can see
    differ = sum(takes(ours, each) != takes(marshmallow, each) for each in [*asked, *odd])
    missed = {f"validate_{name}_missed": float(sum(takes(make, each) for each in asked)) for name, make in CONTESTANTS.items()}
    return {"validate_differs": float(differ), "validate_missed": float(sum(takes(ours, each) for each in asked)), **missed}


def takes(make: Callable[[type[Message]], Read], given: Arriving) -> bool:
    """Whether this way of checking takes it."""
    read = _made(make, given.said)
    try:
        read(given.body)
    except Exception:  # each refuses by an exception of its own
        return False
    return True


@cache
def _made(make: Callable[[type[Message]], Read], cls: Any) -> Read:
    return make(cls)


if __name__ == "__main__":
    print(json.dumps(figures()))
