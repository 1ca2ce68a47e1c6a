"""Finding a case its next body: plan, draft, offer."""

from services.routing import choosing, guards, moving
from services.routing.directory import COURTS
from services.routing.guards import Way
from services.routing.leg import LEG, Leg, Wanted
from services.routing.moving import RoutingTurn
from xianjie import competence
from xianjie.competence import Matter
from xianjie.law import calendar
from xianjie.messages.referral import ReferralOffered
from xianjie.messages.routing import Candidate, RoutingLegDrafted, RoutingLegOpened, RoutingPlanned
from xianjie.protocol.table import Row
from xianjie.vocabulary import PATENTS, AgencyKind, LegKind, Track

IP_OFFICES = frozenset(
    {AgencyKind.NATIONAL_OFFICE, AgencyKind.PROVINCIAL_IP_OFFICE, AgencyKind.MUNICIPAL_IP_OFFICE, AgencyKind.COUNTY_IP_OFFICE}
)

ADMINISTRATIVE = "administrative"
"""The basis of a mediation of a patent dispute by an IP office (B15)."""


def plan(
    turn: RoutingTurn, wanted: Wanted, *, wished: str | None = None, after: Leg | None = None, places: tuple[str, ...] = (),
    new_facts: bool = False, text: str = "", hops: int = 0,
) -> None:  # fmt: skip
    """Find the competent bodies by rule and offer the leg to the best; without one, ask the owner to choose.

    `places`: areas that make a body competent beside those of the case. `hops`: those before, where it takes no leg's place.
    """
    barred = guards.leaving(turn.state, wanted)
    hops = after.hops + 1 if after else hops
    found = [] if barred else _candidates(turn, wanted, wished, hops, places, new_facts)
    if not found:
        choosing.ask(turn, wanted, barred[1] if barred else "no competent body is left by rule")
        return
    choosing.settle(turn, wanted.track)
    candidates = tuple(found[:10])
    turn.say(
        RoutingPlanned(track=wanted.track, candidates=candidates, directory=moving.directory_version(turn), basis=wanted.basis)
    )
    offer(turn, wanted, found[0].body, planned=True, hops=hops, after=after, rule=found[0].rule, text=text)


def _candidates(
    turn: RoutingTurn, wanted: Wanted, wished: str | None, hops: int, places: tuple[str, ...], new_facts: bool
) -> list[Candidate]:
    custody, known = turn.state, moving.directory(turn)
    shut = dict.fromkeys(custody.passed.get(wanted.track.value, ()), "could not be reached, or named another")
    matter = Matter(
        track=wanted.track,
        right=custody.right,
        areas=(*custody.areas, *places),
        today=calendar.day(turn.now),
        wished=wished,
        barred=shut,
    )
    able, _ = competence.judged(known.bodies.values(), matter, load=known.load, drained=known.drained, record=known.record)
    found = [Candidate(body=each.body.code, rule=each.cited) for each in able]
    ways = {each.body: Way(receiver=each.body, hops=hops, new_facts=new_facts) for each in found}
    return [each for each in found if not guards.going(custody, known, wanted, ways[each.body])]


def offer(
    turn: RoutingTurn, wanted: Wanted, receiver: str, *, planned: bool = False, hops: int = 0, after: Leg | None = None,
    rule: str = "", text: str = "", designated: bool = False,
) -> Leg:  # fmt: skip
    """Draft a leg (T1) and send it (T3), or first ask the party's consent (T2)."""
    leg = turn.state.next_leg()
    choosing.settle(turn, wanted.track)
    drafted = RoutingLegDrafted(
        leg=leg, track=wanted.track, kind=wanted.kind, sender=wanted.sender, receiver=receiver, planned=planned, hops=hops,
        basis=_basis(turn, wanted, receiver), after=after.id if after else None, designated=designated,
        consent=wanted.consent, pseudonymised=wanted.pseudonymised, legal_basis=legal_basis(turn, wanted, receiver, rule),
    )  # fmt: skip
    turn.say(drafted)
    opened = RoutingLegOpened(leg=leg, track=wanted.track, kind=wanted.kind, sender=wanted.sender, receiver=receiver)
    turn.say(opened, to="intake")
    if wanted.consent:
        moving.move(turn, leg, LEG.taken("draft", "needs_consent", "routing"))
    else:
        send(turn, leg, LEG.taken("draft", "send", "routing"), rule, text)
    return turn.state.legs[leg]


def legal_basis(turn: RoutingTurn, wanted: Wanted, receiver: str, rule: str = "") -> str:
    """On what ground the party's data goes to this receiver; empty where there is none, and the party must be asked."""
    if wanted.consent or wanted.pseudonymised:
        return "the party's consent" if wanted.consent else "without the party's data"
    body = moving.directory(turn).described(receiver)
    entry = next((each.source for each in body.capabilities if each.track is wanted.track), "") if body else ""
    return rule or entry


def _basis(turn: RoutingTurn, wanted: Wanted, receiver: str) -> str | None:
    """Under what a leg runs: as its sender says; else, of a mediation, a court's entrustment before or after filing, or an IP office's own.

    Whether it is an office's own, routing sees of each receiver for itself, whatever was said. What a party asks for, no court entrusts.
    """
    said = None if wanted.basis == ADMINISTRATIVE else wanted.basis
    if said or wanted.track is not Track.MEDIATION or wanted.kind in guards.HELPING:
        return said
    sender, body = moving.directory(turn).body(wanted.sender), moving.directory(turn).body(receiver)
    if sender and sender.kind in COURTS and wanted.kind is not LegKind.FILE:
        suits = [each for each in turn.state.open_legs if each.track is Track.COURT and each.receiver == sender.code]
        return "after_filing" if any(each.state == "taken" for each in suits) else "before_filing"
    patent = turn.state.right in PATENTS
    return ADMINISTRATIVE if body and body.kind in IP_OFFICES and patent else None


def send(turn: RoutingTurn, leg_id: str, row: Row, rule: str = "", text: str = "") -> None:
    """Offer the leg to its receiver: a preview with what the decision needs and no more."""
    moving.move(turn, leg_id, row)
    leg, custody = turn.state.legs[leg_id], turn.state
    offered = ReferralOffered(
        leg=leg.id, track=leg.track, kind=leg.kind, sender=leg.sender, right=custody.right, papers=custody.papers,
        area=custody.areas[0] if custody.areas else None, respondents=max(1, len(custody.areas)), rule=rule, text=text,
        due=moving.due(turn, leg.id), priority=custody.priority,
    )  # fmt: skip
    turn.say(offered, to=leg.receiver)
