"""Legs that somebody asks for: the applicant by a wish, the owner, or a body that has taken a leg."""

from services.routing import choosing, guards, moving, offering, registers
from services.routing.custody import Custody, evolve
from services.routing.guards import Way, Why
from services.routing.leg import Wanted
from services.routing.moving import RoutingTurn
from xianjie.deciding import Event, Given, Hold, Turn
from xianjie.envelope import Heard
from xianjie.facts import bearing
from xianjie.messages.case import CaseAccepted, CaseFactNoted
from xianjie.messages.referral import ReferralBodyChosen, ReferralPlanDropped, ReferralRequested
from xianjie.messages.routing import RoutingBodyUnreachable, RoutingCaseKnown, RoutingExclusionsNoted
from xianjie.vocabulary import Ground, LegKind, Track


def know(turn: RoutingTurn, said: CaseAccepted) -> None:
    """An accepted case: remember what finds it a home, and plan its first leg if the applicant wished for a track."""
    known = RoutingCaseKnown(
        owner=said.owner, right=said.right, respondent_areas=said.respondent_areas, applicant_area=said.applicant_area,
        infringement_area=said.infringement_area, sued=said.sued, arbitration_agreed=said.arbitration_agreed,
        papers=said.papers, paper_kinds=said.paper_kinds, batch=said.batch, priority=said.priority,
    )  # fmt: skip
    turn.say(known)
    registers.propose(turn, said)
    if said.wish and not said.batch:
        kind = LegKind.ASSIST if said.wish.track is Track.OPINION else LegKind.FILE
        wanted = Wanted(track=said.wish.track, kind=kind, sender=said.owner)
        offering.plan(turn, wanted, wished=said.wish.body)
    if (bodies := moving.directory(turn).bodies) and said.owner not in bodies:
        turn.say(RoutingBodyUnreachable(body=said.owner), to="intake")


def look_for(turn: RoutingTurn, body: str) -> None:
    """Whoever is to answer for a case must be in the network; intake, which has no directory, hears if that is not so."""
    known = moving.directory(turn)
    if not known.bodies or body in known.bodies:
        turn.note(f"{body} is in the network" if known.bodies else "no directory was imported yet")
        return
    turn.say(RoutingBodyUnreachable(body=body), to="intake")


def note_fact(turn: RoutingTurn, said: CaseFactNoted) -> None:
    """A fact that opens or shuts a track holds for every later leg, and for what is offered and not yet taken."""
    now = {"sued": turn.state.sued, "arbitration_agreed": turn.state.arbitration_agreed}
    then = {**now, **bearing(said.fact)}
    if turn.state.owner is None:
        turn.note("not accepted yet: what bears on the dispute comes with the acceptance")
    elif then == now:
        turn.note(f"{said.fact} opens and shuts no track")
    else:
        turn.say(RoutingExclusionsNoted(**then))


def request(custody: Custody, heard: Heard, given: Given) -> list[Event]:
    """T1: a body asks for a leg. Only who has to do with the case may, and the guards of T3 hold."""
    said = heard.message
    assert isinstance(said, ReferralRequested)
    if custody.owner is None:
        return [Hold("acceptance of the case")]
    turn = Turn(custody, evolve, heard, given)
    wanted = Wanted(
        track=said.track, kind=said.kind, sender=heard.speaker, basis=said.basis, pseudonymised=said.pseudonymised,
        consent=said.needs_consent and not said.legal_basis,
    )  # fmt: skip
    hops = _hops(custody, wanted)
    if refused := _refused(turn, wanted, said, hops):
        turn.refuse(403, *refused)
    elif wrong := guards.claimed(moving.directory(turn), wanted):
        turn.refuse(*wrong)
    elif said.body and not offering.legal_basis(turn, wanted, said.body, said.legal_basis):
        text = (
            f"{wanted.sender} names no legal basis, and {said.body} has none: give legal_basis, or ask the party (needs_consent)"
        )
        turn.refuse(403, Ground.PAPERS_INCOMPLETE, text)
    elif said.body is None:
        offering.plan(turn, wanted, new_facts=bool(said.new_facts), text=said.text, hops=hops)
    else:
        offering.offer(turn, wanted, said.body, text=said.text, rule=said.legal_basis, hops=hops)
    return turn.events


def _hops(custody: Custody, wanted: Wanted) -> int:
    """Who got the matter by a leg and asks for one of the same track sends it on: the hops count on. A leg to itself is none."""
    got = [each for each in custody.legs.values() if each.track is wanted.track and each.receiver == wanted.sender != each.sender]
    return max((each.hops + 1 for each in got if each.state in ("taken", "closed")), default=0)


def _refused(turn: RoutingTurn, wanted: Wanted, said: ReferralRequested, hops: int) -> Why:
    custody = turn.state
    involved = any(each.receiver == wanted.sender and each.state == "taken" for each in custody.legs.values())
    if wanted.sender != custody.owner and not involved:
        return Ground.NOT_YOURS, "only the owner, or a body that has taken a leg of this case, may ask for a leg"
    if refused := guards.leaving(custody, wanted):
        return refused
    if said.body:
        way = Way(receiver=said.body, hops=hops, new_facts=bool(said.new_facts), by_law=bool(said.legal_basis))
        return guards.going(custody, moving.directory(turn), wanted, way)
    if any(each.wanted == wanted for each in custody.open_legs):
        return Ground.DUPLICATE, "a body is being asked for this already; name another to ask it as well"
    return None


def choose(turn: RoutingTurn, said: ReferralBodyChosen | ReferralPlanDropped) -> None:
    """A person settles what routing could not: the owner, who wanted the leg, or a body above the owner."""
    custody, speaker, known = turn.state, turn.heard.speaker, moving.directory(turn)
    wanted = custody.homeless.get(said.track.value)
    above = known.superiors(custody.owner) if custody.owner else []
    if speaker not in (custody.owner, *above, wanted.sender if wanted else None):
        turn.refuse(403, Ground.NOT_YOURS, "only the owner, its superior or who wanted the leg may choose")
    elif wanted is None:
        turn.refuse(410, Ground.TOO_LATE, f"no choice is open for {said.track}; ask for a leg with referral.requested")
    elif isinstance(said, ReferralPlanDropped):
        choosing.settle(turn, said.track)
    elif refused := guards.leaving(custody, wanted) or guards.going(
        custody, known, wanted, Way(receiver=said.body, new_facts=True, by_law=True)
    ):
        turn.refuse(403, *refused)
    else:
        offering.offer(turn, wanted, said.body, text=said.text)
