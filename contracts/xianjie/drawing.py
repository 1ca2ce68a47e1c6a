"""Which cases are drawn for a check: by chance, but anybody who has the word can draw them again, and nobody can choose."""

from collections.abc import Iterable
from hashlib import sha256
from math import ceil

from xianjie.timeline import Timeline


def drawn(timelines: Iterable[Timeline], percent: float, word: str) -> list[Timeline]:
    """Of each body's cases so many of a hundred, at least one, by the hash of `word` and the case's id; by body, then by case."""
    by_owner: dict[str, list[Timeline]] = {}
    for each in timelines:
        if each.owner and not each.test:
            by_owner.setdefault(each.owner, []).append(each)
    return [each for owner in sorted(by_owner) for each in _some(by_owner[owner], percent, word)]


def _some(cases: list[Timeline], percent: float, word: str) -> list[Timeline]:
    ranked = sorted(cases, key=lambda each: sha256(f"{word}|{each.case}".encode()).hexdigest())
    return sorted(ranked[: ceil(len(cases) * percent / 100)], key=lambda each: each.case)
