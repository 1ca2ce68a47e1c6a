"""Logs and journal held against each other: what was said is recorded, and what was recorded as committed is still in the logs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.recording.choosing import committed, tells_commits

Place = tuple[str, str]
"""A service, and a case in its log."""
Commits = list[dict[str, Any]]


@dataclass(slots=True)
class Logs:
    """What the logs of these services hold. `said`: by id of what was said, where; `hashes`: of every commit of a log, by its number."""

    services: tuple[str, ...] = SERVICES
    said: dict[str, str] = field(default_factory=dict)
    hashes: dict[Place, dict[int, str]] = field(default_factory=dict)

    def take(self, service: str, case: str, commits: Commits) -> None:
        """The log of one case at one service, as its door shows it."""
        self.hashes[service, case] = _hashes(commits)
        self.said |= {said["id"]: f"{case} at {service}" for each in commits if not each["unsent"] for said in each["said"]}

    @property
    def commits(self) -> int:
        return sum(map(len, self.hashes.values()))


@dataclass(slots=True)
class Journal:
    """What the journal holds: how much, since which offset, which ids; and the commits that it was told of."""

    count: int = 0
    first: int = 0
    ids: set[str] = field(default_factory=set)
    committed: dict[Place, dict[int, set[str]]] = field(default_factory=dict)
    """By number, every hash that it was told of: more than one if a log was cut and went on."""


def read(messages: Iterable[Recorded]) -> Journal:
    """Everything in these messages of the journal that logs are held against."""
    seen = Journal()
    for seen.count, each in enumerate(messages, 1):
        seen.first = each.offset if seen.count == 1 else seen.first
        seen.ids.add(each.id or "")
        if tells_commits(each):
            service = each.key.partition(".")[0]
            for row in committed(each):
                seen.committed.setdefault((service, row.case), {}).setdefault(row.n, set()).add(row.hash)
    return seen


def lost(seen: Journal, logs: Logs, look_again: Callable[[str, str], Commits], case: str | None = None) -> Iterator[str]:
    """Commits that the journal was told of and that no log has, or has otherwise: a log was cut, or an older copy was restored.

    `look_again`: the log of a case at a service as it is now; it may have grown since it was read, or be one that no list names.
    """
    for (service, about), told in sorted(seen.committed.items()):
        if (
            service not in logs.services
            or case not in (None, about)
            or _amiss(told, logs.hashes.get((service, about), {})) == ([], [])
        ):
            continue
        gone, other = _amiss(told, _hashes(look_again(service, about)))
        if gone:
            yield (
                f"{about} at {service}: {_numbers(gone)} in the journal and not in the log: the database of {service} lost them, "
                f"or was restored from an older copy; restore a later one"
            )
        if other:
            yield f"{about} at {service}: {_numbers(other)} in the journal with another hash than in the log: the log was written anew"


def _amiss(told: dict[int, set[str]], there: dict[int, str]) -> tuple[list[int], list[int]]:
    """The numbers that are gone, and those under which something else stands."""
    return sorted(n for n in told if n not in there), sorted(n for n in told if n in there and told[n] != {there[n]})


def _hashes(commits: Commits) -> dict[int, str]:
    return {each["n"]: each["hash"] for each in commits}


def _numbers(found: list[int]) -> str:
    if len(found) == 1:
        return f"commit {found[0]} is"
    return f"{len(found)} commits, {found[0]} to {found[-1]}, are"
