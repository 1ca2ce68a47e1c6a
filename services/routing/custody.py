"""Custody of one case: its legs, and the one body that answers for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.routing.leg import ASKED, UNOFFERED, Leg, Wanted
from xianjie import clocks
from xianjie.clocks import Clock
from xianjie.message import Message
from xianjie.messages.cost import CostBooked, CostDropped, CostNoted
from xianjie.messages.loop import LoopSounded, LoopTold
from xianjie.messages.overseas import ExportNoted, ExportSettled
from xianjie.messages.quality import QualityNoted
from xianjie.messages.routing import (
    RoutingCaseKnown,
    RoutingClosedToLegs,
    RoutingConsentGone,
    RoutingCustodyMoved,
    RoutingExclusionsNoted,
    RoutingHomeless,
    RoutingLegClosed,
    RoutingLegDrafted,
    RoutingLegMoved,
    RoutingPlanned,
    RoutingPullNoted,
    RoutingPullSettled,
)
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import CostPurpose, LegKind, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A body that asked for the case, and waits. `put`: the body above the owner was asked as well."""

    track: Track
    kind: LegKind
    text: str
    put: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a body paid for the help in a case. `stands`: it is booked; else it waits for a decision."""

    body: str
    item: str
    fen: int
    purpose: CostPurpose
    text: str = ""
    stands: bool = False

    @property
    def key(self) -> str:
        return f"{self.body}-{self.item}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Papers that the owner wants to give abroad. `approved`: whether they may go; None while nobody has decided."""

    body: str
    item: str
    country: str
    papers: tuple[str, ...]
    text: str = ""
    approved: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A test of the way to a peer that waits for its answer. `at`: when routing heard the question. Only in threads that are no case."""

    asker: str
    peer: str
    at: datetime
    due: datetime
    to_routing_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What routing knows of one case. `owner` is None until intake has accepted it."""

    case: str
    owner: str | None = None
    right: str = ""
    areas: tuple[str, ...] = ()
    """Where the respondents sit, then the place of infringement."""
    applicant_area: str | None = None
    """Where the applicant sits: it makes a court of confirmation competent, and no other body."""
    sued: bool = False
    arbitration_agreed: bool = False
    papers: int = 0
    paper_kinds: tuple[str, ...] = ()
    batch: bool = False
    priority: bool = False
    legs: Mapping[str, Leg] = field(default_factory=dict)
    tried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By track: the bodies that declined, let lapse or returned it; they are not asked again without new facts."""
    passed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By track: the bodies that could not be reached or named another; a plan passes them over."""
    transfers: tuple[tuple[str, str], ...] = ()
    """Custody before and after each TRANSFER that stands."""
    homeless: Mapping[str, Wanted] = field(default_factory=dict)
    """By track: the leg for which a person must choose the body."""
    pulls: Mapping[str, Pull] = field(default_factory=dict)
    """By code: the bodies that asked for the case and wait for an answer."""
    costs: Mapping[str, Cost] = field(default_factory=dict)
    """By body and its name for it."""
    exports: Mapping[str, Export] = field(default_factory=dict)
    """By the owner's name for it."""
    checks: Mapping[str, bool] = field(default_factory=dict)
    """By body above the owner: whether the case passed its last check."""
    loops: Mapping[str, Loop] = field(default_factory=dict)
    """By nonce: the tests of the way that wait."""
    decided: bool = False
    """Whether a leg has ended with a decision in force."""
    cleared: bool = False
    clocks: Mapping[str, Clock] = field(default_factory=dict)

    @property
    def open_legs(self) -> list[Leg]:
        return [each for each in self.legs.values() if each.open]

    @property
    def spent(self) -> int:
        """Fen that stand in the ledger."""
        return sum(each.fen for each in self.costs.values() if each.stands)

    def next_leg(self) -> str:
        return f"L{len(self.legs) + 1}"


def initial(case: str) -> Custody:
    """A case that routing has not heard of."""
    return Custody(case=case)


def evolve(custody: Custody, said: Message) -> Custody:
    """Custody after one event."""
    match said:
        case RoutingCaseKnown():
            return _known(custody, said)
        case RoutingLegDrafted():
            return _with(custody, _drafted(said))
        case RoutingConsentGone(leg=leg):
            return _with(custody, replace(custody.legs[leg], withdrawn=True))
        case RoutingLegMoved(leg=leg):
            return _with(custody, _stepped(custody.legs[leg], said))
        case RoutingCustodyMoved(owner=owner):
            return _moved(custody, owner)
        case RoutingLegClosed(leg=leg, track=track, outcome=outcome):
            found = track_rules(track).outcomes.get(outcome or "")
            decided = custody.decided or (found is not None and found.decides)
            return replace(_remembered(custody, custody.legs[leg]), decided=decided)
        case RoutingHomeless():
            return replace(custody, homeless={**custody.homeless, said.track.value: _homeless(custody, said)})
        case RoutingPlanned(track=track):
            return replace(custody, homeless={each: wanted for each, wanted in custody.homeless.items() if each != track.value})
        case RoutingPullNoted(asker=asker, track=track, kind=kind, text=text, put=put):
            return replace(custody, pulls={**custody.pulls, asker: Pull(track=track, kind=kind, text=text, put=put)})
        case RoutingPullSettled(asker=asker):
            return replace(custody, pulls={each: pull for each, pull in custody.pulls.items() if each != asker})
        case CostNoted() | CostBooked() | CostDropped():
            return replace(custody, costs=_ledger(custody.costs, said))
        case ExportNoted(item=item):
            made = Export(body=said.body, item=item, country=said.country, papers=said.papers, text=said.text)
            return replace(custody, exports={**custody.exports, item: made})
        case ExportSettled(item=item, approved=approved):
            return replace(custody, exports={**custody.exports, item: replace(custody.exports[item], approved=approved)})
        case LoopSounded(nonce=nonce):
            loop = Loop(asker=said.asker, peer=said.peer, at=said.at, due=said.due, to_routing_ms=said.to_routing_ms)
            return replace(custody, loops={**custody.loops, nonce: loop})
        case LoopTold(nonce=nonce):
            return replace(custody, loops={each: loop for each, loop in custody.loops.items() if each != nonce})
        case QualityNoted(by=by, passed=passed):
            return replace(custody, checks={**custody.checks, by: passed})
        case RoutingExclusionsNoted(sued=sued, arbitration_agreed=agreed):
            return replace(custody, sued=sued, arbitration_agreed=agreed)
        case RoutingClosedToLegs(closed=True):
            return replace(custody, cleared=True, homeless={})
        case RoutingClosedToLegs():
            return replace(custody, cleared=False)
        case _:
            ticking = clocks.evolve(custody.clocks, said)
            return custody if ticking is custody.clocks else replace(custody, clocks=ticking)


def _known(custody: Custody, said: RoutingCaseKnown) -> Custody:
    areas = tuple(dict.fromkeys((*said.respondent_areas, *([said.infringement_area] if said.infringement_area else []))))
    return replace(
        custody, owner=said.owner, right=said.right, areas=areas, applicant_area=said.applicant_area, sued=said.sued,
        arbitration_agreed=said.arbitration_agreed, papers=said.papers, paper_kinds=said.paper_kinds, batch=said.batch, priority=said.priority,
    )  # fmt: skip


def _ledger(costs: Mapping[str, Cost], said: CostNoted | CostBooked | CostDropped) -> Mapping[str, Cost]:
    key = f"{said.body}-{said.item}"
    if isinstance(said, CostDropped):
        return {each: cost for each, cost in costs.items() if each != key}
    text = said.text if isinstance(said, CostNoted) else ""
    made = Cost(
        body=said.body, item=said.item, fen=said.fen, purpose=said.purpose, text=text, stands=isinstance(said, CostBooked)
    )
    return {**costs, key: made}


def _homeless(custody: Custody, said: RoutingHomeless) -> Wanted:
    sender = said.sender or custody.owner
    assert sender is not None, "a case without an owner has no plan"
    return Wanted(
        track=said.track, kind=said.kind, sender=sender, basis=said.basis, consent=said.consent, pseudonymised=said.pseudonymised
    )


def _with(custody: Custody, leg: Leg) -> Custody:
    return replace(custody, legs={**custody.legs, leg.id: leg})


def _drafted(said: RoutingLegDrafted) -> Leg:
    return Leg(
        id=said.leg, track=said.track, kind=said.kind, sender=said.sender, receiver=said.receiver, state="draft",
        planned=said.planned, hops=said.hops, basis=said.basis, after=said.after,
        designated=said.designated, consent=said.consent, pseudonymised=said.pseudonymised,
    )  # fmt: skip


def _stepped(now: Leg, said: RoutingLegMoved) -> Leg:
    """The list of what is missing may also cross a recall: then it stands in `before`."""
    before = said.before or (now.state if said.state != now.state else now.before)
    moved = replace(now, state=said.state, before=before, asked=now.asked or ASKED in (said.state, before))
    return replace(moved, received=said.received, received_judged=said.received_judged) if said.received else moved


def _moved(custody: Custody, owner: str) -> Custody:
    """A TRANSFER adds a step to the chain of custody; going back to where it came from takes the last step away."""
    assert custody.owner is not None
    if custody.transfers and custody.transfers[-1] == (owner, custody.owner):
        return replace(custody, owner=owner, transfers=custody.transfers[:-1])
    return replace(custody, owner=owner, transfers=(*custody.transfers, (custody.owner, owner)))


def _remembered(custody: Custody, leg: Leg) -> Custody:
    """Who had the offer and would not take it, and who could not be reached or named another. A party's no is not the body's."""
    if leg.before == UNOFFERED:
        return custody
    if leg.state in ("declined", "expired", "returned"):
        return replace(custody, tried=_and(custody.tried, leg))
    if leg.state in ("undeliverable", "redirected"):
        return replace(custody, passed=_and(custody.passed, leg))
    return custody


def _and(bodies: Mapping[str, tuple[str, ...]], leg: Leg) -> Mapping[str, tuple[str, ...]]:
    return {**bodies, leg.track.value: tuple(dict.fromkeys((*bodies.get(leg.track.value, ()), leg.receiver)))}


def due(custody: Custody) -> datetime | None:
    """When the next clock of a leg, or of a choice, has something to say, or a test of the way has waited long enough."""
    waits = [each.due for each in custody.loops.values()]
    return min(waits + [each for each in (clocks.next_due(custody.clocks),) if each], default=None)


def glance(custody: Custody) -> dict[str, object]:
    """What lists show: owner, open legs, what is late."""
    return {
        "owner": custody.owner,
        "open_legs": [f"{each.id} {each.track} {each.receiver} {each.state}" for each in custody.open_legs],
        **clocks.glance(custody.clocks),
        "homeless": list(custody.homeless),
        "pulls": sorted(custody.pulls),
        "spent_fen": custody.spent,
    }
