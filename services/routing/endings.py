"""The end of proceedings, what follows them by itself, and the clearing of a case that is to end."""

from services.routing import choosing, guards, moving, offering, pulling
from services.routing.choosing import CHOICE
from services.routing.directory import COURTS
from services.routing.guards import Way
from services.routing.leg import LEG, Leg, Wanted
from services.routing.moving import RoutingTurn
from xianjie import clocks
from xianjie.messages.case import CaseConclusionAsked
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.routing import (
    RoutingCleared,
    RoutingClosedToLegs,
    RoutingCustodyMoved,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.vocabulary import Ground, LegKind, Track

SENT_ON = {Track.ADJUDICATION: "专利法 70", Track.CRIMINAL: "行政处罚法 27", Track.PENALTY: "行政处罚法 27"}
"""What says that a matter is sent on to another body on this track."""
NOT_FOR_IT = (Ground.NOT_COMPETENT, Ground.OUT_OF_SCOPE, Ground.CONFLICT)
"""Grounds for which another body may take what was returned."""


def ended(turn: RoutingTurn, said: ProceedingEnded) -> None:
    """A proceeding is over: its leg closes; custody goes back if it was returned or cancelled; the next track follows.

    The leg that follows a closed one is opened first, so that intake never sees the case without a leg in between. A returned
    one is closed first, so that its body is not asked again.
    """
    leg = turn.state.legs.get(said.leg)
    if leg is None or leg.state != "taken":
        turn.note(f"{said.leg} is not taken here")
        return
    closed = moving.move(turn, leg.id, LEG.taken(leg.state, f"ended:{said.how}", "service"), said.ground, said.text)
    if said.how != "closed" and leg.kind is LegKind.TRANSFER and turn.state.owner == leg.receiver:
        turn.say(RoutingCustodyMoved(leg=leg.id, owner=leg.sender), to="intake")
    moving.news(turn, closed, ground=said.ground, text=said.text, outcome=said.outcome, inventory=said.inventory)
    if said.how == "closed" and said.next:
        _follow_on(turn, leg, said, said.next)
    moving.close(turn, closed, said.ground, said.text, said.outcome, said.settles and said.next is None)
    if said.how == "returned" and leg.planned and said.ground in NOT_FOR_IT:
        offering.plan(turn, leg.wanted, after=leg)


def _follow_on(turn: RoutingTurn, leg: Leg, said: ProceedingEnded, track: Track) -> None:
    """The next track by itself: mediation stays with the body, a confirmation finds its court, a major case goes up or down; what a body
    hands over to police, office or regulator goes to whom it named, else to who is competent by rule. A crime that the owner hands over
    takes the case with it, unless the owner itself got it by a transfer."""
    owner = turn.state.owner or leg.sender
    if track is Track.CONFIRMATION:
        _confirm(turn, leg, owner, said.next_body)
    elif track is Track.MEDIATION:
        wanted = Wanted(track=track, kind=LegKind.FILE, sender=owner)
        offering.plan(turn, wanted, wished=said.next_body or leg.receiver)
    elif said.next_body is None and track is not leg.track:
        offering.plan(turn, Wanted(track=track, kind=LegKind.FILE, sender=owner))
    else:
        its_own = owner == leg.receiver and not guards.transferee(turn.state, owner)
        kind = LegKind.TRANSFER if track is Track.CRIMINAL and its_own else LegKind.FILE
        _send(turn, leg, Wanted(track=track, kind=kind, sender=owner), said.next_body)


def _confirm(turn: RoutingTurn, leg: Leg, owner: str, wished: str | None) -> None:
    """The court that invited the mediation confirms, wherever it sits; else the court of a party's or the mediator's place."""
    sender, mediator = (moving.directory(turn).body(code) for code in (leg.sender, leg.receiver))
    wanted = Wanted(track=Track.CONFIRMATION, kind=LegKind.FILE, sender=owner)
    if sender and sender.kind in COURTS:
        offering.offer(turn, wanted, sender.code, planned=True, rule="民诉法 205: it invited the mediation")
    else:
        places = (turn.state.applicant_area, mediator.area if mediator else None)
        offering.plan(turn, wanted, wished=wished, places=tuple(each for each in places if each))


def _send(turn: RoutingTurn, leg: Leg, wanted: Wanted, named: str | None) -> None:
    """It goes to the body that was named; where none was, a case of national weight goes up to the top of the line (专利法 70)."""
    known = moving.directory(turn)
    to = named or next(iter(known.superiors(leg.receiver)[::-1]), leg.receiver)
    way = Way(receiver=to, hops=leg.hops + 1, new_facts=True)
    refused = guards.leaving(turn.state, wanted) or guards.going(turn.state, known, wanted, way)
    if refused or to == leg.receiver:
        choosing.ask(turn, wanted, refused[1] if refused else f"nobody is above {leg.receiver}")
    else:
        offering.offer(
            turn,
            wanted,
            to,
            planned=True,
            hops=leg.hops + 1,
            after=leg,
            rule=SENT_ON.get(wanted.track, "named by the body before"),
        )


def clear(turn: RoutingTurn, said: CaseConclusionAsked) -> None:
    """A case may end when no leg is open; a choice that is open is dropped. From then on no leg is opened."""
    open_legs = tuple(each.id for each in turn.state.open_legs)
    if open_legs:
        turn.say(RoutingLegsOpen(legs=open_legs), to="intake")
        return
    for track in turn.state.homeless:
        turn.tell(*clocks.stop(turn.state.clocks, f"{CHOICE}{track}"))
    pulling.drop(turn)
    turn.say(RoutingClosedToLegs(closed=True))
    if turn.state.owner:
        name_superiors(turn, turn.state.owner)
    turn.say(RoutingCleared(), to="intake")


def name_superiors(turn: RoutingTurn, body: str) -> None:
    """Tell intake, which has no directory, who may overturn a refusal of this body or reopen its case."""
    turn.say(RoutingSuperiorsNamed(of=body, bodies=tuple(moving.directory(turn).above(body))), to="intake")


def reopen(turn: RoutingTurn) -> None:
    """Legs may be opened again."""
    turn.say(RoutingClosedToLegs(closed=False))
