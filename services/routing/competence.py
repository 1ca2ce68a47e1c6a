"""Who may take a matter: the bodies competent by right, place and track, best first, each with its rule."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from services.routing.directory import Directory
from xianjie.messages.org import Body
from xianjie.messages.routing import Candidate
from xianjie.vocabulary import AgencyKind, Level, RightType, Track

_NEAREST = {Level.COUNTY: 0, Level.TOWN: 0, Level.PREFECTURE: 1, Level.PROVINCE: 2, Level.NATION: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What competence depends on: the right, the respondents' places and the place of infringement (GB/T 2260)."""

    right: str
    areas: tuple[str, ...]
    today: date


def covers(body: Body, area: str) -> bool:
    """Whether `area` lies in the body's territory, by the prefix of its division code."""
    if body.area == "000000":
        return True
    return area.startswith(
        body.area[:2] if body.area.endswith("0000") else body.area[:4] if body.area.endswith("00") else body.area
    )


def by_name_only(body: Body, track: Track, right: str) -> bool:
    """Appeals and nationally major disputes are brought to a body by name; no rule alone leads a matter there."""
    if track is Track.COURT:
        return body.kind in (AgencyKind.HIGH_COURT, AgencyKind.SUPREME_COURT)
    return body.kind is AgencyKind.NATIONAL_OFFICE and right != RightType.IC_LAYOUT


def candidates(
    directory: Directory, track: Track, matter: Matter, *, barred: Collection[str] = (), wished: str | None = None
) -> list[Candidate]:
    """The competent bodies, best first: the one the party chose, then the nearest, then the least loaded, then by code."""
    found: list[tuple[tuple[bool, int, int, str], Candidate]] = []
    for body, source in directory.capable(track, matter.right, matter.today):
        place = next((area for area in matter.areas if covers(body, area)), None)
        if body.code in barred or (place is None and matter.areas) or not body.inbox:
            continue
        if body.code != wished and by_name_only(body, track, matter.right):
            continue
        rank = (body.code != wished, _NEAREST[body.level], directory.load.get(body.code, 0), body.code)
        found.append((rank, Candidate(body=body.code, rule=f"{source}; {place or 'any place'}")))
    return [candidate for _, candidate in sorted(found, key=lambda pair: pair[0])]
