"""What the journal was told of commits, held against itself: of every log its numbers follow each other, and each has one hash."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from xianjie.messages.log import Committed
from xianjie.wording import counted


@dataclass(slots=True)
class _Chain:
    first: int
    """The number of the first commit that was told of."""
    hashes: "array[int]" = field(default_factory=lambda: array("Q"))
    """From the first on, the beginning of each hash; 0 for what has not come."""
    late: list[int] = field(default_factory=list)
    twice: set[int] = field(default_factory=set)


class Chains:
    """Takes what the journal was told of commits, in the journal's order. What a service did not see confirmed it tells again: that is no fault.

    Keeps eight bytes of every commit.
    """

    def __init__(self) -> None:
        self._chains: dict[tuple[str, str], _Chain] = {}
        self.commits = 0

    def take(self, service: str, row: Committed) -> None:
        """The next commit that a service tells of."""
        chain = self._chains.setdefault((service, row.case), _Chain(row.n))
        at, mark = row.n - chain.first, int(row.hash[:16], 16) | 1  # 0 is for what has not come
        if at < 0:  # the first that was told of is not the first
            chain.late.append(row.n)
            chain.hashes = array("Q", [mark, *([0] * (-at - 1)), *chain.hashes])
            chain.first = row.n
        elif at >= len(chain.hashes):
            chain.hashes.extend([0] * (at - len(chain.hashes)))
            chain.hashes.append(mark)
        elif not chain.hashes[at]:
            chain.hashes[at] = mark
            chain.late.append(row.n)
        elif chain.hashes[at] != mark:
            chain.twice.add(row.n)
            return
        else:
            return
        self.commits += 1

    def begun_later(self) -> Iterator[tuple[str, str, int]]:
        """Logs of which the first commits are not told: service, case, and the number of the first that is."""
        yield from ((*key, each.first) for key, each in sorted(self._chains.items()) if each.first > 1)

    @property
    def broken(self) -> set[tuple[str, str]]:
        """By service and case, the logs that have faults."""
        return {key for key, each in self._chains.items() if each.late or each.twice or 0 in each.hashes}

    @property
    def cases(self) -> set[str]:
        """What has a log."""
        return {case for _, case in self._chains}

    def faults(self) -> Iterator[str]:
        """Every commit that was dropped, stands out of its order, or is told of in two ways."""
        for (service, case), chain in sorted(self._chains.items()):
            where = f"{case} at {service}"
            for n in sorted(chain.late):
                yield f"{where}: commit {n} stands behind a later one: they were reordered"
            for begin, end in _gaps(chain):
                which = f"commit {begin} is" if begin == end else f"{counted(end - begin + 1, 'commit')}, {begin} to {end}, are"
                yield f"{where}: {which} not told of, though later ones are: dropped"
            for n in sorted(chain.twice):
                yield f"{where}: commit {n} is told of with two hashes: one of them was altered, or the log was written anew"


def _gaps(chain: _Chain) -> Iterator[tuple[int, int]]:
    """The first and the last number of every run of commits that never came."""
    begin = None
    for at, mark in enumerate(chain.hashes):
        if not mark and begin is None:
            begin = at
        elif mark and begin is not None:
            yield begin + chain.first, at + chain.first - 1
            begin = None
