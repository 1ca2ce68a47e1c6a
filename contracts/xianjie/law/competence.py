"""The rules of competence: which kinds of body may take which matters, where and since when, and what says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from xianjie.fields import Text, Word
from xianjie.law.reading import backwards, listed
from xianjie.law.rule import Said, cited, in_force
from xianjie.shipped import shipped
from xianjie.vocabulary import AgencyKind, RightType, Track

FILE = "law/competence.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of one rule: for which tracks and rights which kinds of body are competent, where and since when."""

    id: str
    tracks: tuple[Track, ...]
    kinds: tuple[AgencyKind, ...]
    rights: tuple[Word, ...] = ()
    place: Literal["there", "anywhere"] = "there"
    by_name: bool = False
    only: bool = False
    article: Said
    source: Said
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None
    note: Text = ""

    @property
    def cited(self) -> str:
        """Source and article, as far as the article was seen."""
        return cited(self.source, self.article)

    def holds(self, track: Track, right: str, today: date) -> bool:
        """Whether it speaks of this track and right, and is law on that day."""
        return (
            in_force(self.valid_from, self.valid_to, today) and track in self.tracks and (not self.rights or right in self.rights)
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the data file."""
    return read(shipped(FILE), FILE)


def read(documents: list[Any], where: str) -> tuple[Rule, ...]:
    """The rules of a file of one document; raises `BadFile` with all faults, each with its place."""
    return listed(Rule, documents, where, _loose)


def _loose(rule: Rule) -> Iterator[str]:
    """What is wrong in one rule though each of its values is well-formed."""
    if not rule.tracks or not rule.kinds:
        yield f"/{'kinds' if rule.tracks else 'tracks'}: must name one at least"
    for right in rule.rights:
        if right not in {*RightType}:
            yield f"/rights: {right} is no right; there are {', '.join(RightType)}"
    yield from backwards(rule.valid_from, rule.valid_to)
