"""The services that applicants may ask for: what each needs, what it is about, and how it may end."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from xianjie.fields import Service, Text, Word
from xianjie.law.reading import listed
from xianjie.law.rule import Said
from xianjie.shipped import shipped

FILE = "law/services.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One service. `asks`: details that the application must give; `topics`, `results`: the words for them, any if there are none.
    `matched`: whether those in the registers may render it, who have its id as a skill."""

    id: Service
    papers: tuple[Word, ...] = ()
    asks: tuple[Literal["topics", "event", "countries", "attendees"], ...] = ()
    topics: tuple[Word, ...] = ()
    results: tuple[Word, ...] = ()
    matched: bool = False
    article: Said
    source: Said
    verified: bool
    note: Text = ""


@cache
def services() -> dict[str, Offered]:
    """Every service of the data file, by its id."""
    return {each.id: each for each in read(shipped(FILE), FILE)}


def service(id: str) -> Offered:
    """What is known of a service; of a local one, that nothing is required."""
    return services().get(id) or Offered(id=id, article="not seen", source="a local service", verified=False)


def read(documents: list[Any], where: str) -> tuple[Offered, ...]:
    """The services of a file of one document; raises `BadFile` with all faults, each with its place."""
    return listed(Offered, documents, where, _loose)


def _loose(offered: Offered) -> Iterator[str]:
    """What is wrong in one service though each of its values is well-formed."""
    if offered.topics and "topics" not in offered.asks:
        yield "/topics: are listed, and not asked for: add topics to asks"
