"""Asking for parked cases to be decided again: one of each kind first, the rest at a bounded rate, and then what came of it."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.progress import Progress

from xianjie.cli.cases import pages
from xianjie.cli.network import Network
from xianjie.cli.showing import Fault, console
from xianjie.message import Message
from xianjie.vocabulary import Precision
from xianjie.voice import Operator

RATE, FASTEST = 20.0, 1000.0
"""Cases a second that are asked for; without a word, and at most."""
PATIENCE = 10.0
"""Seconds after which a case that still waits at the same message has not got going, where nothing says so before."""

Row = dict[str, Any]


def rate(text: str) -> float:
    """`20` or `20/s` as a number; a Fault for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/s)?", text.strip())
    if not found or not 0 < float(found[1]) <= FASTEST:
        raise Fault(f"--rate {text!r} is no rate: give cases a second, above 0 and at most {FASTEST:g}, as in 20/s", 2)
    return float(found[1])


@dataclass(slots=True)
class Kind:
    """The cases that wait at one service for one reason; `cases` of them when it was looked."""

    service: str
    fingerprint: str
    cases: int


@dataclass(slots=True)
class Freed:
    """What was asked for and what came of it. `spared`: kinds of which the first was parked again, so that the others were left alone."""

    asked: dict[tuple[str, str, int], str] = field(default_factory=dict)
    """And the id of what was said."""
    left: set[tuple[str, str, int]] = field(default_factory=set)
    spared: list[Kind] = field(default_factory=list)


def kinds(network: Network, service: str | None, fingerprint: str | None) -> list[Kind]:
    """Every reason for which cases wait, at every service or one."""
    return [
        Kind(each, group["_id"], group["cases"])
        for each in network.doors
        if service in (None, each)
        for group in network.ask(each, "/parked?limit=1")["groups"]
        if fingerprint in (None, group["_id"])
    ]


class Freeing:
    """One operator's asking, over one connection."""

    def __init__(self, network: Network, message: Message, per_second: float, wait: Callable[[float], None] = time.sleep) -> None:
        self._network, self._message, self._pause, self._wait = network, message, 1 / per_second, wait
        self._next = 0.0
        self.freed = Freed()

    def retry(self, found: list[Kind]) -> Freed:
        """Ask for all of these: of each kind one first, and the others only if that one got going."""
        out = console(err=True)
        with self._operator() as operator, Progress(console=out, disable=not out.is_terminal, transient=True) as progress:
            task = progress.add_task("asking", total=sum(each.cases for each in found))
            for kind in found:
                self._kind(operator, kind, lambda: progress.advance(task))
        self.freed.left = self._still(found)
        return self.freed

    def _operator(self) -> Operator:
        return Operator(self._network.operator, "cli", exercise=self._network.exercise)

    def _kind(self, operator: Operator, kind: Kind, tell: Callable[[], object]) -> None:
        for at, row in enumerate(self._rows(kind)):
            asked = self._ask(operator, kind.service, row)
            tell()
            if at == 0 and kind.cases > 1 and not gone(self._network, kind.service, row, asked):
                self.freed.spared.append(kind)
                return

    def _rows(self, kind: Kind) -> Iterator[Row]:
        """Those that wait now; one that fails again keeps its place behind us, and is not asked for twice."""
        return pages(self._network, kind.service, fingerprint=kind.fingerprint)

    def _ask(self, operator: Operator, service: str, row: Row) -> str:
        now = time.monotonic()
        self._wait(max(0.0, self._next - now))
        self._next = max(now, self._next) + self._pause
        asked = say(operator, self._network, self._message, row["case"], service)
        self.freed.asked[service, row["case"], row["k"]] = asked
        return asked

    def _still(self, found: Iterable[Kind]) -> set[tuple[str, str, int]]:
        """Those asked for that still wait at the same message after a moment; what still waits is read once a second, in pages."""
        end = time.monotonic() + PATIENCE
        asked = self.freed.asked
        while True:
            still = {
                key: each.get("failed")
                for kind in found
                for each in self._rows(kind)
                if (key := (kind.service, each["case"], each["k"])) in asked
            }
            if all(failed == asked[key] for key, failed in still.items()) or time.monotonic() >= end or self.freed.spared:
                return set(still)
            time.sleep(1.0)


def say(operator: Operator, network: Network, message: Message, case: str, service: str) -> str:
    """An operator's word about one case, to the service where it is parked; its id."""
    return operator.say(message, case, to=service, precision=Precision.NONE if network.exercise else Precision.SECOND)


def gone(network: Network, service: str, row: Row, asked: str, seconds: float = PATIENCE) -> bool:
    """Whether the row is no longer what its case waits at, within `seconds`; it stays if the attempt that was `asked` for has failed."""
    end = time.monotonic() + seconds
    while waits := [each.get("failed") for each in pages(network, service, case=row["case"]) if each["k"] == row["k"]]:
        if waits[0] == asked or time.monotonic() >= end:
            return False
        time.sleep(0.1)
    return True
