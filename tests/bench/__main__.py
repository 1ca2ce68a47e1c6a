"""`python -m tests.bench`: everything in one run, each rate beside what it is compared with; a table, and the same in .local/bench.json."""

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.machine import Machine
from deploy.local.process import MachineError
from tests.bench import conditions, latency, limits, measure, ours, replaying, validating, whole

OUT = Path(".local/bench.json")
HOMES = Path(".local/bench")
BARS: dict[str, tuple[str, float]] = {
    "hops_vs_nameko": ("≥", 4), "hops_vs_faststream": ("≥", 4), "floor_share": ("≥", 0.35), "cold_share": ("≥", 0.7),
    "idle_latency_vs_floor": ("≤", 2.5), "poison_share": ("≥", 0.9), "growth": ("≥", 0.9), "rss_mb": ("≤", 120), "due_us": ("≤", 50),
    "replay_per_s": ("≥", 2500), "replay_trusted_per_s": ("≥", 5000), "replay_rss_mb": ("≤", 300), "record_cost": ("≤", 0.1),
    "validate_per_s": ("≥", 10_000), "validate_slowest_per_s": ("≥", 10_000), "validate_differs": ("≤", 0), "validate_missed": ("≤", 0),
}  # fmt: skip
DURABILITY = (
    "the same everywhere: quorum queues, persistent messages, publisher confirms, MongoDB writes by majority and journal; "
    "the journal bound everywhere but in the one run that journal_cost compares with; prefetch and workers of the stock frameworks 50; "
    "one process each; broker and database on this machine. poison_share: parked cases whose ladder is at its end. "
    "validate: bytes to a checked message, of one processor's time; _vs_: ours to theirs; _missed: of 500 invalid bodies and envelopes. "
    "replay: messages of the recording per second of one processor, outputs and news of commits among them; replay_commits_per_s: decisions"
)


class Run:
    """The figures as they come in, said as they do."""

    def __init__(self, machine: Machine, pairs: int, n: int) -> None:
        self.machine, self.pairs, self.n = machine, pairs, n
        self.figures: dict[str, float] = {}
        self.console = Console(stderr=True)

    def note(self, name: str, value: float) -> None:
        """One figure."""
        self.figures[name] = round(value, 3)
        self.console.print(f"  {name} {value:.3g}")

    def paired(self, other: str, n: int, journal: bool) -> tuple[float, float, float]:
        """Medians of ours and of a contestant, run in turn, and the median of the ratios pair by pair."""
        rates: list[tuple[float, float]] = []
        for _ in range(self.pairs):
            mine = ours.hops(self.machine, self.n, journal=journal)
            theirs = measure.run(other, self.machine.broker.uri(), self.machine.database.uri(), n, journal)
            rates.append((mine, theirs))
            self.console.print(f"  ours {mine:.0f}/s, {other} {theirs:.0f}/s: {mine / theirs:.2f}")
        mine_all, theirs_all = zip(*rates, strict=True)
        return statistics.median(mine_all), statistics.median(theirs_all), statistics.median(a / b for a, b in rates)

    def share(self, name: str, measured: Callable[[int], tuple[float, float]]) -> None:
        """A ratio of two of our own rates: the second to the first, median of the pairs.

        Bars lie near 1, and single runs of a few seconds scatter by a tenth: so these are longer, and there are two pairs more.
        """
        pairs = [measured(self.n * 2) for _ in range(self.pairs + 2)]
        self.console.print("  " + ", ".join(f"{a:.0f}/s → {b:.0f}/s" for a, b in pairs))
        self.note(name, statistics.median(b / a for a, b in pairs))

    def replays(self, path: Path) -> None:
        """A recording decided again, with and without contracts; the median of the runs."""
        checked, trusted = ([replaying.replayed(path, trusted=each) for _ in range(self.pairs)] for each in (False, True))
        self.note("replay_per_s", statistics.median(each["messages_per_s"] for each in checked))
        self.note("replay_commits_per_s", statistics.median(each["commits_per_s"] for each in checked))
        self.note("replay_trusted_per_s", statistics.median(each["messages_per_s"] for each in trusted))
        self.note("replay_rss_mb", max(each["rss_mb"] for each in checked))


def everything(run: Run) -> None:
    """All of it, in an order that warms the machine first."""
    run.note("due_us", limits.due_us())
    for name, value in validating.measured().items():
        run.note(name, value)
    run.replays(replaying.recording(HOMES / "published.journal"))
    hops, nameko, ratio = run.paired("stock_nameko", max(run.n // 4, 400), True)
    run.note("hops_per_s", hops)
    run.note("nameko_per_s", nameko)
    run.note("hops_vs_nameko", ratio)
    _, faststream, ratio = run.paired("stock_faststream", max(run.n // 4, 400), True)
    run.note("faststream_per_s", faststream)
    run.note("hops_vs_faststream", ratio)
    _, floor, ratio = run.paired("floor", run.n, True)
    run.note("floor_per_s", floor)
    run.note("floor_share", ratio)
    run.share("journal_kept", lambda n: (ours.hops(run.machine, n, journal=False), ours.hops(run.machine, n, journal=True)))
    run.note("journal_cost", 1 - run.figures.pop("journal_kept"))
    run.share("recorded_kept", lambda n: (ours.hops(run.machine, n), replaying.recorded_too(run.machine, n)))
    run.note("record_cost", 1 - run.figures.pop("recorded_kept"))
    run.share("cold_share", lambda n: conditions.cold(run.machine, n))
    run.share("poison_share", lambda n: conditions.poisoned(run.machine, n))
    run.share("growth", lambda n: conditions.grown(run.machine, n, (10_000, 100_000)))
    ones = [(latency.hop(run.machine, 200), latency.floor(run.machine, 200)) for _ in range(run.pairs)]
    run.note("idle_latency_ms", statistics.median(a for (a, _), _ in ones))
    run.note("idle_latency_vs_floor", statistics.median(a / b for (a, _), b in ones))
    run.note("idle_whole_way_ms", statistics.median(a for (_, a), _ in ones))
    measured = whole.cases(HOMES, 60)
    run.note("cases_per_s", measured.cases_per_s)
    run.note("agency_messages_per_case", measured.messages_per_case)
    run.note("rss_mb", max(measured.rss_mb.values()))
    run.note("ready_s", max(measured.ready_s.values()))


def table(figures: dict[str, float]) -> Table:
    """The figures beside their bars."""
    shown = Table("figure", "value", "bar", "", title=DURABILITY, title_justify="left")
    for name, value in figures.items():
        sign, bar = BARS.get(name, ("", 0))
        met = "" if not sign else "met" if (value >= bar if sign == "≥" else value <= bar) else "MISSED"
        shown.add_row(name, f"{value:g}", f"{sign} {bar:g}" if sign else "", met)
    return shown


def main(
    n: Annotated[int, typer.Option("--messages", min=200, help="Messages per run of ours.")] = 6000,
    pairs: Annotated[int, typer.Option("--pairs", min=1, help="Runs of each comparison, in turn.")] = 3,
) -> None:
    """Measure one process of ours beside stock frameworks and a bare loop. Takes about 20 minutes; a quiet machine gives calmer figures."""
    machine = Machine(HOMES / "machine")
    machine.up()
    run = Run(machine, pairs, n)
    try:
        everything(run)
    except (measure.Unfinished, MachineError) as fault:
        print(f"bench: {fault}", file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        machine.down()
        if run.figures:
            OUT.parent.mkdir(exist_ok=True)
            OUT.write_text(json.dumps(run.figures, indent=1) + "\n")
            Console(width=120).print(table(run.figures))


if __name__ == "__main__":
    typer.run(main)
