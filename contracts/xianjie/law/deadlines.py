"""The time limits that the network knows: which version of which holds where and when."""

from datetime import date
from functools import cache, lru_cache

from xianjie.law.reading import Law, read
from xianjie.law.rule import Counting, Deadline
from xianjie.shipped import shipped

FILE = "law/deadlines.yaml"


class NoSuchRule(KeyError):
    """No time limit has this id, or none of its versions is in force there and then."""

    def __str__(self) -> str:
        return str(self.args[0])


@cache
def law() -> Law:
    """All that the shipped file says."""
    return read(shipped(FILE), FILE)


@cache
def deadlines() -> tuple[Deadline, ...]:
    """Every version of every time limit, as the data file gives them."""
    return law().deadlines


@cache
def versions(id: str) -> tuple[Deadline, ...]:
    """Every version of one time limit; none if no limit has this id."""
    return tuple(each for each in deadlines() if each.id == id)


def counting(rule: Deadline) -> Counting:
    """How the days of this version are counted."""
    return law().countings[rule.counting]


@cache
def count(name: str) -> int:
    """A limit of the network's own that is counted and not timed, as the data file gives it; raises `NoSuchRule`."""
    found = law().counts.get(name)
    if found is None:
        raise NoSuchRule(f"no count is named {name}")
    return found


@lru_cache(maxsize=4096)
def rule(id: str, day: date, region: str = "", level: str = "") -> Deadline:
    """The version of `id` in force on `day`, the most local one first; raises `NoSuchRule`."""
    found = [each for each in versions(id) if each.holds(day, region, level)]
    if not found:
        raise NoSuchRule(f"no version of {id} is in force on {day} for area {region or 'any'}")
    return max(found, key=lambda each: (len(each.region), bool(each.level), each.valid_from or date.min))


def exists(id: str, day: date, region: str = "", level: str = "") -> bool:
    """Whether some version of `id` is in force there and then."""
    return any(each.holds(day, region, level) for each in versions(id))


@cache
def least(id: str) -> bool:
    """Whether `id` is a time that must at least lie between, and not one that must not pass."""
    return any(each.least for each in versions(id))
