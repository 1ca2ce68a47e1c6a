"""Code lists, each code with its English and Chinese word: those of the vocabulary, and the steps and outcomes of the tracks."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from handbook import wording
from xianjie import vocabulary
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import RightType, ServiceKind, Term, Track

OPEN = (RightType, ServiceKind)
"""Lists of which readers must expect values that are not in them; `fields` takes such values."""


@dataclass(frozen=True, slots=True)
class Word:
    """One code with its words."""

    code: str
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Codes:
    """One list. `page`: where it is shown in full, below the root of the site. `open`: other values may come."""

    name: str
    chinese: str
    about: str
    open: bool
    words: tuple[Word, ...]
    page: str


def vocabularies() -> list[Codes]:
    """The lists of the vocabulary, by name."""
    found = (each for each in vars(vocabulary).values() if inspect.isclass(each) and issubclass(each, Term) and each is not Term)
    return [codes(each) for each in sorted(found, key=lambda each: each.__name__)]


@cache
def codes(terms: type[Term]) -> Codes:
    """One list of the vocabulary."""
    words = tuple(Word(each.value, each.english, each.chinese) for each in terms)
    name = terms.__name__
    return Codes(name, wording.code_list(name), inspect.cleandoc(terms.__doc__ or ""), terms in OPEN, words, f"lists/{name}.html")


def by_data(track: Track, verb: str) -> Iterator[Codes]:
    """The codes that the data of a track allow in what is said in it."""
    rules, page = track_rules(track), f"tracks/{track}.html"
    if verb == "progressed":
        words = tuple(Word(each.name, each.english, each.chinese) for each in rules.steps.values())
        yield Codes("step", "步骤", f"The steps of the track {track}.", False, words, f"{page}#steps")
    if verb == "outcome_reported":
        words = tuple(Word(each.name, each.english, each.chinese) for each in rules.outcomes.values())
        yield Codes("outcome", "办理结果", f"The outcomes of the track {track}.", False, words, f"{page}#outcomes")
