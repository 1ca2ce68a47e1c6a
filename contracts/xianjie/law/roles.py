"""The parts that people have in a matter, and which of them exclude one another: dated by nothing, each with what says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from xianjie.fields import Text, Word
from xianjie.law.reading import listed
from xianjie.law.rule import Said, cited
from xianjie.shipped import shipped
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Track

FILE = "law/roles.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One part. `steps`: with these a body says who has it; `later_barred`: the parts that nobody who had it may have afterwards."""

    id: Word
    track: Track
    steps: tuple[Word, ...]
    later_barred: tuple[Word, ...] = ()
    article: Said
    source: Said
    verified: bool
    note: Text = ""

    @property
    def cited(self) -> str:
        """Source and article, as far as the article was seen."""
        return cited(self.source, self.article)


@cache
def roles() -> dict[str, Role]:
    """Every part of the data file, by its id."""
    return {each.id: each for each in read(shipped(FILE), FILE)}


def role_at(track: Track, step: str) -> Role | None:
    """The part of the people whom a body names with this step; None: the step names nobody."""
    return next((each for each in roles_in(track) if step in each.steps), None)


def roles_in(track: Track) -> list[Role]:
    """Every part that people have in a track."""
    return [each for each in roles().values() if each.track is track]


def read(documents: list[Any], where: str) -> tuple[Role, ...]:
    """The parts of a file of one document; raises `BadFile` with all faults, each with its place."""
    return listed(Role, documents, where, _loose)


def _loose(role: Role) -> Iterator[str]:
    """What is wrong in one part though each of its values is well-formed."""
    for step in role.steps:
        if step not in track_rules(role.track).steps:
            yield f"/steps: {role.track} has no step {step}"
