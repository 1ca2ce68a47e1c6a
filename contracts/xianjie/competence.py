"""Who may take a matter: by right, place and track, best first, each with its rule; and who may not, with the reason.

Pure: the same bodies, loads and matter give the same answer, whoever asks: routing when it plans, a person on the command line.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from xianjie.law.competence import Rule, rules
from xianjie.law.rule import in_force
from xianjie.messages.org import Body, Capability
from xianjie.vocabulary import NATION, AgencyKind, Ground, Level, RightType, Track

DISTANCE = {Level.COUNTY: 0, Level.TOWN: 0, Level.PREFECTURE: 1, Level.PROVINCE: 2, Level.NATION: 3}
"""Steps up the tree from the place of a matter to the level of a body; the nearest goes first."""
FAMILIES = (
    frozenset({"national_office", "provincial_ip_office", "municipal_ip_office", "county_ip_office"}),
    frozenset({"basic_court", "intermediate_court", "ip_court", "internet_court", "high_court", "supreme_court"}),
)
"""Kinds among which a rule with `only` tells who is competent and who is not."""
DISPUTE = (Track.COURT, Track.ARBITRATION, Track.ADJUDICATION)
"""Tracks on which a body takes the dispute itself."""
EXCLUSIVE = frozenset({Track.ADJUDICATION})
"""Tracks that a suit, or another body's taking of the same dispute, bars (专利法 65)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What competence depends on: track and right, the respondents' places and the place of infringement (GB/T 2260), the day.

    `wished`: the body that a party or a body named. `barred`: bodies that are passed over, each with the reason.
    """

    track: Track
    right: str
    areas: tuple[str, ...]
    today: date
    wished: str | None = None
    barred: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Competent:
    """A body that may take the matter: by which rule and capability, at which place, how far up the tree, how loaded."""

    body: Body
    rule: Rule | None
    capability: Capability
    place: str | None
    load: int
    wished: bool
    refused: int = 0
    """Of a hundred legs that were offered to it, how many it did not take, as last counted."""

    @property
    def distance(self) -> int:
        """Steps up the tree from the place of the matter."""
        return DISTANCE[self.body.level]

    @property
    def cited(self) -> str:
        """By what it is competent, and for which place."""
        law = f"{self.rule.cited}; " if self.rule else ""
        return f"{law}{self.capability.source}; {self.place or 'any place'}"

    @property
    def rank(self) -> tuple[bool, int, int, int, str]:
        """The one that was wished for, then the nearest, then the least loaded, then who refuses least, then by code."""
        return (not self.wished, self.distance, self.load, self.refused, self.body.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A body whose entry says that it takes the track, and why it may not take this matter."""

    body: Body
    why: str


def covers(body: Body, area: str) -> bool:
    """Whether `area` lies in the body's territory, by the prefix of its division code."""
    if body.area == NATION:
        return True
    return area.startswith(
        body.area[:2] if body.area.endswith("0000") else body.area[:4] if body.area.endswith("00") else body.area
    )


def takes(capability: Capability, track: Track, right: str) -> bool:
    """Whether it covers `track` for `right`; without rights it covers every one."""
    rights = capability.rights
    return capability.track is track and (not rights or right in rights or _patent(right, rights))


def _patent(right: str, rights: tuple[str, ...]) -> bool:
    """A patent whose kind is not stated may go where every kind of patent may go."""
    return right == RightType.PATENT and {"utility_model", "design"} <= set(rights)


def judged(
    bodies: Iterable[Body],
    matter: Matter,
    *,
    load: Mapping[str, int],
    drained: Collection[str] = (),
    record: Mapping[str, int] = MappingProxyType({}),
) -> tuple[list[Competent], list[Excluded]]:
    """Of the bodies whose entries say that they take the track: those that are competent, best first, and the others with the reason."""
    found: list[Competent] = []
    others: list[Excluded] = []
    spoken = [each for each in rules() if each.holds(matter.track, matter.right, matter.today)]
    for body in bodies:
        tracks = [each for each in body.capabilities if each.track is matter.track]
        if not tracks:
            continue
        capability = next((each for each in tracks if takes(each, matter.track, matter.right)), None)
        rule = next((each for each in spoken if body.kind in each.kinds), None)
        place = next((area for area in matter.areas if covers(body, area)), None)
        why = _why(body, matter, spoken, rule, capability, place) or (
            "is leaving and takes nothing new" if body.code in drained else ""
        )
        if why or capability is None:
            others.append(Excluded(body=body, why=why))
        else:
            wished = body.code == matter.wished
            found.append(
                Competent(
                    body=body,
                    rule=rule,
                    capability=capability,
                    place=place,
                    load=load.get(body.code, 0),
                    wished=wished,
                    refused=record.get(body.code, 0),
                )
            )
    return sorted(found, key=lambda each: each.rank), sorted(others, key=lambda each: each.body.code)


def _why(
    body: Body, matter: Matter, spoken: list[Rule], rule: Rule | None, capability: Capability | None, place: str | None
) -> str:
    """Why this body may not take the matter; empty if it may."""
    if capability is None:
        return f"takes {matter.track}, but not for {matter.right}"
    if not in_force(body.valid_from, body.valid_to, matter.today):
        return f"does not exist on {matter.today}"
    if not body.inbox:
        return "has no inbox in the network"
    if body.code in matter.barred:
        return matter.barred[body.code]
    strict = next((each for each in spoken if each.only and _family(body.kind) & set(each.kinds)), None)
    if rule is None and strict is not None:
        return f"{strict.cited}: only {', '.join(strict.kinds)} take this right, and it is a {body.kind}"
    if rule and rule.by_name and body.code != matter.wished:
        return f"{rule.cited}: only where it is named"
    anywhere = rule is not None and rule.place == "anywhere"
    if place is None and matter.areas and not anywhere:
        return f"its area {body.area} covers no place of the matter: {', '.join(dict.fromkeys(matter.areas))}"
    return ""


def _family(kind: AgencyKind) -> frozenset[str]:
    return next((each for each in FAMILIES if kind in each), frozenset())


def barred(track: Track, *, sued: bool, agreed: bool, elsewhere: str = "") -> tuple[Ground, str] | None:
    """Why the matter itself bars this track: a suit, an arbitration agreement, another body that took the dispute."""
    if track in EXCLUSIVE and sued:
        return Ground.SUED, "a party has sued over the same dispute"
    if track in EXCLUSIVE and elsewhere:
        return Ground.TAKEN_ELSEWHERE, elsewhere
    if track is Track.COURT and agreed:
        return Ground.ARBITRATION_AGREED, "an arbitration agreement bars the court"
    if track is Track.ARBITRATION and not agreed:
        return Ground.OUT_OF_SCOPE, "arbitration needs an agreement of the parties"
    return None
