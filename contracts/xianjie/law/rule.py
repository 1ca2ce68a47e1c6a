"""What a time limit is: how long, how it is counted, where and when it is in force, what stops and lengthens it, and what says so."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from marshmallow import validate

from xianjie.fields import Text
from xianjie.vocabulary import Ground, Level

Unit = Literal["h", "d", "wd", "m"]
"""Hours, calendar days, working days, months."""
Confidence = Literal["high", "medium", "low"]
"""The statute's own text; a secondary source; weak."""

Id = Annotated[
    str, validate.Regexp(r"[A-Z][A-Z0-9]*[a-z]?(\.[a-z_]+)?\Z", error="must be the id of a limit, as in B4, C8b or N2.decide")
]
Length = Annotated[int, validate.Range(min=1, max=1000)]
Days = Annotated[int, validate.Range(min=0, max=365)]
Said = Annotated[str, validate.Length(min=1, max=400)]


def in_force(first: date | None, last: date | None, day: date) -> bool:
    """Whether what holds from `first` to `last` holds on `day`; None: not known, or open."""
    return (first is None or first <= day) and (last is None or day <= last)


def cited(source: str, article: str) -> str:
    """Source and article, as far as the article was seen."""
    return f"{source} {article}" if article[:1].isdigit() else source


UNITS = {"h": "hours", "d": "calendar days", "wd": "working days", "m": "months"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """A convention: whether the first day counts, whether a last day that is free rolls on, whether time in the post counts."""

    id: str
    title: Said
    units: tuple[Unit, ...]
    first_day: bool
    rolls: bool
    transit: bool
    """Whether the time in the post is left out: what was posted in time is in time."""
    article: Text = ""
    source: Said
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What one extension adds, how often it may be had, and who may grant it."""

    length: Length
    unit: Unit
    times: Length = 1
    by: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time in its unit."""

    length: Length
    unit: Literal["d", "wd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A ground for which a limit stands still, and for how long at most, all pauses together."""

    ground: Ground
    at_most: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One version of one time limit: `length` of `unit` from `trigger` until `must` has to have happened, where and when."""

    id: Id
    trigger: Said
    must: Said
    lapse: Said
    window: bool = False
    """A time in which a party may act, and no duty of a body."""
    least: bool = False
    """A time that must at least lie between: acting before its last day is the breach."""
    length: Length
    unit: Unit
    counting: str
    warn: Days = 0
    """Calendar days before the end; 0: never."""
    stops: tuple[Stop, ...] = ()
    extend: Extension | None = None
    region: str = ""
    """The beginning of a division code; empty: everywhere."""
    level: Level | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    """The first and the last day in force; None: not known, or open."""
    article: Text
    source: Said
    confidence: Confidence
    verified: bool
    """Whether the text of the article was read."""
    note: Text = ""

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return f"{self.trigger} → {self.must}"

    @property
    def version(self) -> str:
        """What tells this version from every other one: the limit, the place, the first and the last day in force, as far as given."""
        place = f"@{self.region}" if self.region else ""
        level = f"@{self.level}" if self.level else ""
        span = f"@{self.valid_from or ''}..{self.valid_to or ''}" if self.valid_from or self.valid_to else ""
        return f"{self.id}{place}{level}{span}"

    @property
    def cited(self) -> str:
        """Source and article, as far as the article was seen."""
        return cited(self.source, self.article)

    @property
    def span(self) -> str:
        """Its length in words."""
        return f"{self.length} {UNITS[self.unit].removesuffix('s') if self.length == 1 else UNITS[self.unit]}"

    def holds(self, day: date, region: str, level: str) -> bool:
        """Whether this version is in force on `day` for a body of that area and level."""
        return in_force(self.valid_from, self.valid_to, day) and region.startswith(self.region) and self.level in (None, level)

    def stop(self, ground: str) -> Stop | None:
        """The stop for that ground, if the limit stands still for it."""
        return next((each for each in self.stops if each.ground == ground), None)
