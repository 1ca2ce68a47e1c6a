"""`python -m tests.soak`: the network for long, while everything under it is killed, paused and replaced; a day of ten thousand cases, recorded
and decided again; then a log of a million commits.

Ends with one line that says whether anything was lost, doubled or parked, and with exit status 1 if so; the figures stand in .local/soak.json.
"""

import itertools
import json
import random
import shutil
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo import MongoClient
from rich.console import Console

from deploy.local.broker import Broker
from deploy.local.database import Database
from deploy.local.machine import Machine
from deploy.local.network import Network
from deploy.local.process import MachineError
from tests.bench import conditions, measure
from tests.bench.whole import COURT, OFFICE
from tests.chassis import clocks
from tests.chassis.ground import Ground, until
from tests.faults.lives import Lives, carry, introduce
from tests.load import recorded_day
from xianjie.cli import network as seen
from xianjie.cli.verify import verified
from xianjie.message import SERVICES

HOME, OUT = Path(".local/soak"), Path(".local/soak.json")
CALM = 0.2
"""Share of the time, at its end, in which nothing is broken and memory is watched."""
STANDSTILL = 7.0
"""Seconds for which broker or database stand still: longer than the services wait for an answer."""
READ_AGAIN = 600
"""Seconds in which a service has read the whole journal of the run again: some hundred thousand messages, at several thousand a second."""
MOST_MIB = 120
LEAST_GROWTH = 0.9
LATEST = 1.0


@dataclass
class Trouble:
    """Breaks one thing after another, at random moments, and mends it."""

    lives: Lives
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    failed: BaseException | None = None

    def until(self, end: float) -> None:
        """Until that moment of the monotonic clock, or until something is not mended."""
        try:
            while time.monotonic() < end:
                time.sleep(self.dice.uniform(2, 12))
                name = self.dice.choice(list(self.faults))
                self.faults[name]()
                self.done[name] += 1
        except BaseException as fault:
            self.failed = fault

    @property
    def faults(self) -> dict[str, Callable[[], object]]:
        """What may happen, by name."""
        broker, database = self.lives.network.machine.broker, self.lives.network.machine.database
        assert isinstance(broker, Broker), "a broker of our own"
        assert isinstance(database, Database), "a database of our own"
        return {
            "a service is killed": self.killed,
            "a service is killed and stays away": lambda: self.killed(self.dice.uniform(2, 10)),
            "a service is relieved by another": lambda: self.lives.relieve(self.dice.choice(SERVICES)),
            "a service stands still": self.paused,
            "the broker is killed": lambda: self.killed_part(broker),
            "the broker is restarted": broker.restart,
            "the broker stands still": lambda: self.stood_still(broker),
            "the database is killed": lambda: self.killed_part(database),
            "the database is restarted": database.restart,
            "the database stands still": lambda: self.stood_still(database),
            "an older copy of a database is put in its place": lambda: self.put_back(database),
        }

    def killed(self, away: float = 0.0) -> None:
        service = self.dice.choice(SERVICES)
        process = self.lives.network.processes[service]
        process.send(9)
        process.gone_within(5)
        time.sleep(away)
        self.lives.network.processes[service] = self.lives.start(service)

    def paused(self) -> None:
        process = self.lives.network.processes[self.dice.choice(SERVICES)]
        process.pause()
        time.sleep(self.dice.uniform(1, 5))
        process.send(18)

    def put_back(self, database: Database) -> None:
        """A service is killed, and finds a copy of its database that is some seconds older, and looks as if it had lain for long."""
        service = self.dice.choice(SERVICES)
        process = self.lives.network.processes[service]
        process.send(9)
        process.gone_within(5)
        since = datetime.now(UTC) - timedelta(seconds=self.dice.uniform(1, 8))
        with MongoClient[dict[str, Any]](database.uri(), tz_aware=True) as client:
            there = client[f"{self.lives.network.name}_{service}"]
            later = {"at": {"$gt": since}}
            firsts = there.log.aggregate([{"$match": later}, {"$group": {"_id": "$case", "n": {"$min": "$n"}}}])
            heads = [f"{each['_id']}/{each['n'] - 1}" for each in firsts]
            there.log.delete_many(later)
            there.parked.delete_many(later)
            there.log.update_many({"_id": {"$in": heads}}, {"$set": {"head": True}})
            there.leases.update_one({"_id": "seen"}, {"$set": {"at": since - timedelta(hours=2)}}, upsert=True)
        self.lives.network.processes[service] = self.lives.start(service, limit=READ_AGAIN)

    def killed_part(self, part: Broker | Database) -> None:
        part.kill()
        part.start()

    def stood_still(self, part: Broker | Database) -> None:
        part.pause()
        time.sleep(STANDSTILL)
        part.resume()


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long cases go through, a fifth of it undisturbed.")] = 15,
    commits: Annotated[int, typer.Option(min=0, help="The long log; 0: leave it out.")] = 1_000_000,
    pairs: Annotated[int, typer.Option(min=1, help="Runs over the short and the long log, in turn.")] = 3,
    many: Annotated[
        int, typer.Option(min=0, help="Open clocks, and races of a clock with what it waits for; 0: leave them out.")
    ] = 100_000,
    day: Annotated[
        int, typer.Option("--day", min=0, help="Cases of the day that is recorded and decided again; 0: leave it out.")
    ] = 10_000,
    seed: Annotated[int | None, typer.Option(help="Of the faults; the one used is printed.")] = None,
) -> None:
    """Carry cases through the network while it is broken at random; record a day and decide it again; then measure over a long log. Takes
    about 75 minutes."""
    say = Console(stderr=True).print
    seed = seed if seed is not None else random.randrange(10**6)
    machine = Machine(HOME / "machine", environ={})
    machine.down()  # what an earlier run may have left, if it was killed
    shutil.rmtree(HOME, ignore_errors=True)
    figures: dict[str, float] = {"seed": seed}
    wrong: list[str] = []
    machine.up()
    try:
        wrong += _faults(machine, minutes * 60, random.Random(seed), figures, say)
        if day:
            wrong += recorded_day.soak(machine, HOME, day, seed, figures, say)
        if many:
            wrong += _clocks(machine, many, figures, say)
        if commits:
            wrong += _long_log(machine, commits, pairs, figures, say)
    except (MachineError, measure.Unfinished, AssertionError) as fault:
        wrong.append(str(fault))
    finally:
        machine.down()
        OUT.write_text(json.dumps(figures, indent=1) + "\n")
    for each in wrong:
        print(f"soak: {each}", file=sys.stderr)
    print(f"soak: {figures.get('cases', 0):.0f} cases, {figures.get('faults', 0):.0f} faults, {len(wrong)} wrong, seed {seed}")
    raise SystemExit(bool(wrong))


def _faults(
    machine: Machine, seconds: float, dice: random.Random, figures: dict[str, float], say: Callable[..., None]
) -> list[str]:
    """Cases go through while things break; what is wrong in the end."""
    network = Network(machine, HOME, f"soak{uuid.uuid4().hex[:8]}")
    network.prepare([OFFICE, COURT])
    lives = Lives(network, {"XIANJIE_LOG_LEVEL": "warning"})
    try:
        for service in SERVICES:
            network.processes[service] = lives.start(service)
        network.wait_known("routing", "directory", introduce(network))
        began = time.monotonic()
        trouble = Trouble(lives, dice)
        breaker = threading.Thread(target=trouble.until, args=(began + seconds * (1 - CALM),), daemon=True)
        memory = Memory(lives, began + seconds * (1 - CALM))
        watcher = threading.Thread(target=memory.watch, args=(began + seconds,), daemon=True)
        breaker.start()
        watcher.start()

        def names() -> Iterator[str]:
            for at in itertools.count():
                if time.monotonic() > began + seconds or trouble.failed:
                    return
                yield f"soak-{at}"

        def progress(done: int) -> None:
            gone = time.monotonic() - began
            say(f"  {gone:4.0f} of {seconds:.0f} s: {done} cases went through, {trouble.done.total()} faults", highlight=False)

        cases = carry(network, names(), limit=seconds + 300, progress=progress)
        breaker.join()
        watcher.join()
        if trouble.failed:
            return [f"not mended: {trouble.failed}"]
        for name, count in sorted(trouble.done.items()):
            say(f"  {count} × {name}", highlight=False)
        figures |= {"cases": len(cases), "faults": trouble.done.total(), **memory.figures()}
        return [*_verified(network, cases, say), *memory.wrong()]
    finally:
        network.clear()


@dataclass
class Memory:
    """Resident memory of the services while nothing is broken."""

    lives: Lives
    since: float
    seen: dict[str, list[float]] = field(default_factory=dict)

    def watch(self, end: float) -> None:
        """Look once a second, from the quiet time's first quarter on: until then the last life is still warming up."""
        start = self.since + (end - self.since) / 4
        while (now := time.monotonic()) < end:
            if now >= start:
                for service, process in dict(self.lives.network.processes).items():
                    self.seen.setdefault(service, []).append(process.memory() / 2**20)
            time.sleep(1)

    def figures(self) -> dict[str, float]:
        """By service: the most MiB, and by how much it grew from the first fifth of the time to the last."""
        found = {}
        for service, mib in self.seen.items():
            fifth = max(1, len(mib) // 5)
            found[f"rss_mb_{service}"] = round(max(mib), 1)
            found[f"rss_grew_mb_{service}"] = round(statistics.median(mib[-fifth:]) - statistics.median(mib[:fifth]), 1)
        return found

    def wrong(self) -> list[str]:
        """Services that take more than the bar allows."""
        return [
            f"{service} takes {max(mib):.0f} MiB, bar {MOST_MIB}" for service, mib in self.seen.items() if max(mib) > MOST_MIB
        ]


def _verified(network: Network, cases: list[str], say: Callable[..., None]) -> list[str]:
    """Every log whole, every case at its return visit, one owner, nothing parked, kept or unsaid."""
    network.write()
    live = seen.find(network.file)
    until(lambda: not any(live.ask(each, "/unsaid")["count"] for each in SERVICES), "everything is said", 60)
    say(f"  verifying {len(cases)} cases")
    found = verified(live)
    wrong = [*found.faults]
    wrong += [f"{found.parked} cases are parked"] if found.parked else []
    wrong += [f"{found.kept} messages are kept"] if found.kept else []
    intake, routing = ({head["case"]: head["glance"] for head in live.heads(each)} for each in ("intake", "routing"))
    for case in cases:
        at, there = intake.get(case, {}), routing.get(case, {})
        if at.get("status") != "visit_due" or there.get("open_legs") or at.get("owner") != there.get("owner"):
            wrong.append(f"{case}: intake has {at.get('status')} of {at.get('owner')}, routing {there.get('owner')}")
    strange = {*intake} - {*cases}
    return [*wrong, *([f"{len(strange)} cases that nobody submitted"] if strange else [])]


def _clocks(machine: Machine, many: int, figures: dict[str, float], say: Callable[..., None]) -> list[str]:
    """How late clocks fire among so many open ones, and whether one fires after what it waited for has happened."""
    ground = Ground(machine, "clocks", HOME / "machine")
    ground.prepare()
    try:
        ground.probe()
        clocks.open_clocks(ground, many)
        late = max(clocks.lateness(ground))
        fired, afterwards = clocks.races(ground, many)
    finally:
        ground.close()
        machine.broker.delete_vhost("clocks")
    figures |= {"late_s": round(late, 2), "open_clocks": many, "races": many, "clock_first": fired, "fired_after_met": afterwards}
    say(
        f"  among {many:,} open clocks the latest fired {late:.2f} s late; of {many:,} races {fired:,} were won by the clock",
        highlight=False,
    )
    wrong = [f"a clock fired {late:.2f} s late, bar {LATEST:g}"] if late > LATEST else []
    return [*wrong, *([f"{afterwards} clocks fired after what they waited for"] if afterwards else [])]


def _long_log(machine: Machine, commits: int, pairs: int, figures: dict[str, float], say: Callable[..., None]) -> list[str]:
    """Throughput over so many commits, against 10,000."""
    rates = []
    for _ in range(pairs):
        rates.append(conditions.grown(machine, 12_000, (10_000, commits)))
        say(f"  over 10,000 commits {rates[-1][0]:.0f}/s, over {commits:,} {rates[-1][1]:.0f}/s", highlight=False)
    figures["growth"] = round(statistics.median(b / a for a, b in rates), 3)
    figures["growth_commits"] = commits
    say(f"  growth {figures['growth']}", highlight=False)
    return [f"growth {figures['growth']}, bar {LEAST_GROWTH}"] if figures["growth"] < LEAST_GROWTH else []


if __name__ == "__main__":
    typer.run(main)
