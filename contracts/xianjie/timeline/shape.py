"""What a timeline is made of: one case with its owners, legs, steps, clocks and messages."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xianjie.message import plain
from xianjie.vocabulary import CHINA

Period = tuple[datetime, datetime | None]
"""From when until when; None: still."""


@dataclass(slots=True)
class Clock:
    """One time limit. `state`: running, paused, met, breached, not judged, stopped.

    Days are calendar days as its service counted them; net is without pauses.
    """

    name: str
    rule: str
    started: datetime
    due: datetime
    state: str = "running"
    cited: str = ""
    verified: bool = True
    """Whether the text of its rule was checked against its source."""
    window: bool = False
    """Whether it is a chance for a party, and no duty of the body."""
    provisional: bool = False
    """Whether `due` counts weekends alone, in a year whose holidays the service did not know."""
    gross_days: int | None = None
    net_days: int | None = None
    ended: datetime | None = None
    pauses: list[Period] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One move of a leg: by which row of the protocol, to which state, and in which stage of its track."""

    at: datetime
    row: str
    state: str
    stage: str | None = None
    step: str | None = None
    outcome: str | None = None
    ground: str | None = None
    by: str | None = None
    text: str = ""


@dataclass(slots=True)
class Leg:
    """One handing of the case, or of a task in it. `state` is the proceeding's from acceptance on."""

    leg: str
    track: str
    kind: str
    sender: str
    receiver: str
    state: str = "draft"
    outcome: str | None = None
    ground: str | None = None
    after: str | None = None
    steps: list[Step] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    suspended: list[Period] = field(default_factory=list)
    gross_days: int | None = None
    net_days: int | None = None
    """Calendar days of its proceeding, all and without suspensions, as its service counted them when it ended."""


@dataclass(slots=True)
class Entry:
    """One message. `at`: when, by its sender's claim; `now`: when decided; `status`, `answer`: its receipt, if one was due."""

    at: datetime | None
    precision: str
    now: datetime
    speaker: str
    type: str
    to: str | None
    leg: str | None
    text: str
    id: str
    status: int | None = None
    answer: str = ""


@dataclass(slots=True)
class Timeline:
    """The whole case. `owners`: who answered for it, and since when; `clocks`: those that are about no leg."""

    case: str
    owner: str | None = None
    status: str | None = None
    outcome: str | None = None
    parent: str | None = None
    children: list[str] = field(default_factory=list)
    owners: list[tuple[datetime, str]] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    suspended: list[Period] = field(default_factory=list)
    """When the case itself stood still."""
    satisfaction: int | None = None
    """What the applicant said at the return visit: 1 (not at all) to 5 (fully)."""
    spent_fen: int = 0
    """What the help cost its bodies, as far as it stands in the ledger."""
    service: str | None = None
    channel: str | None = None
    groups: list[str] = field(default_factory=list)
    """What was asked for, by what way it came in, and the applicant's target groups and bases."""
    checks: dict[str, bool] = field(default_factory=dict)
    """By body above the owner: whether the case passed its last check."""
    test: bool = False
    """Whether it was submitted as a test: then it counts nowhere."""

    def leg(self, name: str | None) -> Leg | None:
        """The leg of that id."""
        return next((each for each in self.legs if each.leg == name), None)

    @property
    def all_clocks(self) -> list[Clock]:
        return [*self.clocks, *(clock for leg in self.legs for clock in leg.clocks)]


def path(timeline: Timeline) -> list[str]:
    """The way of the case: `L1 adjudication CN-SH-IPO closed turned_to_mediation`, …; last the outcome, else the ground."""
    return [
        " ".join(filter(None, (each.leg, each.track, each.receiver, each.state, each.outcome or each.ground)))
        for each in timeline.legs
    ]


def clocks(timeline: Timeline) -> dict[str, str]:
    """Every clock by name (`L1/B1`; a second of the same name is `L1/B1#2`) with its state."""
    return {each.name: each.state for each in timeline.all_clocks}


def as_json(timeline: Timeline) -> dict[str, Any]:
    """The stable form for programs: fields as in the classes of this module, moments as RFC 3339, nothing left out."""
    return _plain(timeline)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return plain(value)


def moment(text: str) -> datetime:
    """A moment as the doors write it, in Asia/Shanghai."""
    return datetime.fromisoformat(text).astimezone(CHINA)
