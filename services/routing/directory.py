"""The directory: which bodies there are, who is above whom, what each may take. One log, `subject: directory`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xianjie.competence import DISTANCE, covers
from xianjie.deciding import Event, Given, Note, Refuse, Say
from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.messages.org import (
    Body,
    OrgChanged,
    OrgDrained,
    OrgImported,
    OrgLeft,
    OrgListed,
    OrgLoadCounted,
    OrgResumed,
    OrgSupportsNoted,
)
from xianjie.messages.provider import Provider, ProviderListed, ProviderUnlisted
from xianjie.messages.referral import ReferralOffered
from xianjie.topology import DIRECTORY
from xianjie.vocabulary import AgencyKind, Ground, Track
from xianjie.wording import counted

SUBJECT = DIRECTORY
T = TypeVar("T")
COURTS = frozenset(
    {
        AgencyKind.BASIC_COURT,
        AgencyKind.INTERMEDIATE_COURT,
        AgencyKind.IP_COURT,
        AgencyKind.INTERNET_COURT,
        AgencyKind.HIGH_COURT,
        AgencyKind.SUPREME_COURT,
    }
)
"""Kinds of body that are courts."""
AUTHORITIES = COURTS | {
    AgencyKind.NATIONAL_OFFICE, AgencyKind.PROVINCIAL_IP_OFFICE, AgencyKind.MUNICIPAL_IP_OFFICE, AgencyKind.COUNTY_IP_OFFICE,
    AgencyKind.PROTECTION_CENTRE, AgencyKind.ASSISTANCE_CENTRE, AgencyKind.RAPID_CENTRE, AgencyKind.SUB_CENTRE, AgencyKind.MARKET_REGULATOR,
    AgencyKind.POLICE, AgencyKind.PROCURATORATE, AgencyKind.CUSTOMS,
}  # fmt: skip
"""Kinds of body that act for the state, or for one that does."""


OFFERED = f"{ReferralOffered.name}.v{ReferralOffered.version}"
"""What a system must read to be offered anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supports:
    """What a body's system declared: the types that it reads or says, and the tracks it takes; none: all of its entry."""

    types: tuple[str, ...]
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Every body by its code, which of them take no new legs, and how many legs and cases each had open when last counted."""

    bodies: Mapping[str, Body] = field(default_factory=dict)
    drained: Mapping[str, bool] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    cases: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, int] = field(default_factory=dict)
    """Of a hundred legs that were offered to it, how many a body declined or let lapse."""
    providers: Mapping[str, Provider] = field(default_factory=dict)
    """The registers of organisations, experts and volunteers, by code."""
    gone: Mapping[str, Body] = field(default_factory=dict)
    """Bodies that left, as they were last described: a leg may still name one. No import brings one back; being named by itself does."""
    supports: Mapping[str, Supports] = field(default_factory=dict)
    """What the systems of bodies declared; who declared nothing is taken to support all that its entry names."""

    def body(self, code: str) -> Body | None:
        """The body of that code, or None."""
        return self.bodies.get(code)

    def unsupported(self, code: str, track: Track) -> str:
        """Why the system of a body cannot be offered this track, by what it declared itself; empty if it can."""
        declared = self.supports.get(code)
        if declared is None:
            return ""
        if OFFERED not in declared.types:
            return f"the system of {code} has declared that it does not read {OFFERED}"
        return f"the system of {code} has declared that it takes no {track}" if track not in (declared.tracks or (track,)) else ""

    def authority(self, code: str) -> bool:
        """Whether it is an authority: such bodies learn of a hidden reporter, and no others, whom a report may be about."""
        body = self.described(code)
        return body is not None and body.kind in AUTHORITIES

    def described(self, code: str) -> Body | None:
        """The body of that code, even if it has left."""
        return self.bodies.get(code) or self.gone.get(code)

    def superiors(self, code: str) -> list[str]:
        """The bodies above `code` in its line of authority, nearest first."""
        found: list[str] = []
        body = self.bodies.get(code)
        while body and body.parent and body.parent not in found:
            found.append(body.parent)
            body = self.bodies.get(body.parent)
        return found

    def overseers(self, code: str) -> list[str]:
        """Who may order what becomes of a contested outcome of `code`: its superiors; of police, the procuratorates of its place first."""
        body = self.bodies.get(code)
        if body is None or body.kind is not AgencyKind.POLICE:
            return self.superiors(code)
        watching = [
            each
            for each in self.bodies.values()
            if each.kind is AgencyKind.PROCURATORATE and each.inbox and covers(each, body.area)
        ]
        return [
            *(each.code for each in sorted(watching, key=lambda each: (DISTANCE[each.level], each.code))),
            *self.superiors(code),
        ]

    def above(self, code: str) -> list[str]:
        """Who reviews what `code` decided, nearest first: its superiors; at the top of its line, itself (行政复议法 25)."""
        return self.superiors(code) or [each for each in (code,) if each in self.bodies]

    def common_superiors(self, one: str, other: str) -> list[str]:
        """The bodies above both in one line of authority, nearest first; none across lines, where a person decides."""
        above = self.superiors(other)
        return [each for each in self.superiors(one) if each in above]


def initial(_: str) -> Directory:
    """Before the first import nobody is known."""
    return Directory()


def evolve(directory: Directory, said: Message) -> Directory:
    """The directory after one change."""
    match said:
        case OrgImported(bodies=bodies):
            staying = {each.code: each for each in bodies if each.code not in directory.gone}
            return replace(directory, bodies={**directory.bodies, **staying})
        case OrgChanged(body=body):
            return replace(directory, bodies={**directory.bodies, body.code: body}, gone=_but(body.code, directory.gone))
        case OrgDrained(code=code):
            return replace(directory, drained={**directory.drained, code: True}, load=_but(code, directory.load))
        case OrgResumed(code=code):
            return replace(directory, drained=_but(code, directory.drained))
        case OrgLeft(code=code) if code in directory.bodies:
            return _without(directory, code)
        case ProviderListed(providers=providers):
            return replace(directory, providers={**directory.providers, **{each.code: each for each in providers}})
        case ProviderUnlisted(code=code):
            return replace(directory, providers=_but(code, directory.providers))
        case OrgSupportsNoted(code=code, types=types, tracks=tracks):
            return replace(directory, supports={**directory.supports, code: Supports(types=types, tracks=tracks)})
        case OrgLoadCounted(code=code, open_legs=open_legs, cases=cases, refused=refused):
            record = directory.record if refused is None else {**directory.record, code: refused}
            return replace(
                directory, load={**directory.load, code: open_legs}, cases={**directory.cases, code: cases}, record=record
            )
        case _:
            return directory


def _without(directory: Directory, code: str) -> Directory:
    bodies, drained = _but(code, directory.bodies), _but(code, directory.drained)
    providers = {each.code: each for each in directory.providers.values() if each.body != code}
    return replace(
        directory, bodies=bodies, drained=drained, providers=providers, gone={**directory.gone, code: directory.bodies[code]},
        supports=_but(code, directory.supports),
    )  # fmt: skip


def _but(code: str, known: Mapping[str, T]) -> dict[str, T]:
    return {each: one for each, one in known.items() if each != code}


def decide(directory: Directory, heard: Heard, given: Given) -> list[Event]:
    """Take a change of the directory, or say why not."""
    said = heard.message
    match said:
        case OrgImported() | OrgChanged():
            after = evolve(directory, said)
            lost = sorted({each.parent for each in after.bodies.values() if each.parent} - set(after.bodies))
            if lost:
                named = ", ".join(f"{each} (has left)" if each in after.gone else each for each in lost)
                return [Refuse(422, Ground.OTHER, f"no body has the code of these superiors: {named}")]
        case ProviderListed(providers=providers):
            if lost := sorted({each.body for each in providers} - set(directory.bodies)):
                return [
                    Refuse(
                        422, Ground.OTHER, f"no body has the code of these, through whom providers are asked: {', '.join(lost)}"
                    )
                ]
            return [Say(said)]
        case ProviderUnlisted(code=code):
            known = code in directory.providers
            return [Say(said) if known else Refuse(422, Ground.OTHER, f"nobody in the registers has the code {code}")]
        case OrgSupportsNoted(code=code):
            return [Say(said) if code in directory.bodies else Note(f"the directory knows no body {code}")]
        case OrgDrained(code=code) | OrgResumed(code=code) | OrgLeft(code=code) | OrgLoadCounted(code=code) if (
            code not in directory.bodies
        ):
            left = f"{code} has left the network; it comes back by org.changed, with its whole entry"
            unknown = f"no body has the code {code}: all of the files are listed by xianjie directory show"
            return [Refuse(422, Ground.OTHER, left if code in directory.gone else unknown)]
        case OrgResumed(code=code) if not directory.drained.get(code):
            return [Note(f"{code} is not drained")]
        case OrgLeft(code=code) if not directory.drained.get(code):
            return [Refuse(403, Ground.OTHER, f"{code} may have legs open: drain it first")]
        case OrgLeft(code=code) if directory.load.get(code) != 0:
            n = directory.load.get(code)
            legs = "an unknown number of open legs" if n is None else counted(n, "open leg")
            return [Refuse(403, Ground.OTHER, f"{code} has {legs}; it leaves when none is counted")]
        case OrgLeft(code=code) if cases := directory.cases.get(code):
            return [
                Refuse(403, Ground.OTHER, f"{code} answers for {counted(cases, 'open case')}; transfer or conclude them first")
            ]
        case OrgLeft(code=code) if below := sorted(each.code for each in directory.bodies.values() if each.parent == code):
            return [Refuse(403, Ground.OTHER, f"{code} is above {', '.join(below)}; give them another superior first")]
        case OrgDrained() | OrgResumed() | OrgLeft() | OrgLoadCounted():
            after = evolve(directory, said)
        case _:
            return [Note("the directory hears only what is said of bodies and providers")]
    return [Say(said), Say(OrgListed(bodies=len(after.bodies)))]
