"""Who is competent: a receiver names another body, or disputes; the two settle it, else a superior designates, which binds."""

from services.routing import guards, moving, offering, taking
from services.routing.guards import Way
from services.routing.leg import LEG, Leg
from services.routing.moving import RoutingTurn
from xianjie.messages.referral import ReferralDesignationAsked
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground, LegKind, Track

SENT_ON = frozenset({Track.CRIMINAL})
"""Tracks whose receiver sends a transferred case on by itself where it is not competent (移送规定 7)."""


def deciders(turn: RoutingTurn, leg: Leg) -> list[str]:
    """Who may designate, the nearest first: the common superiors of both; across lines of authority, those above the owner."""
    known = moving.directory(turn)
    common = known.common_superiors(leg.receiver, leg.sender)
    above = common or (known.superiors(turn.state.owner) if turn.state.owner else [])
    return [each for each in above if each not in (leg.sender, leg.receiver)]


def redirect(turn: RoutingTurn, leg: Leg, row: Row, to: str, text: str) -> None:
    """T10: a new leg goes to the body that the receiver named, and the sender is told."""
    refused = _not_to_go(turn, leg, to)
    if refused:
        turn.refuse(403, *refused)
        return
    moved = _turn_away(turn, leg, row, f"{to} is competent. {text}".strip())
    offering.offer(turn, leg.wanted, to, planned=leg.planned, hops=leg.hops + 1, after=moved)


def _not_to_go(turn: RoutingTurn, leg: Leg, to: str) -> guards.Why:
    if leg.kind is LegKind.TRANSFER and leg.track not in SENT_ON:
        return Ground.NOT_COMPETENT, "a transferred case is not transferred again; dispute it instead"
    custody = turn.state
    way = Way(receiver=to, hops=leg.hops + 1)
    return guards.leaving(custody, leg.wanted) or guards.going(custody, moving.directory(turn), leg.wanted, way)


def _turn_away(turn: RoutingTurn, leg: Leg, row: Row, text: str) -> Leg:
    moved = moving.move(turn, leg.id, row, Ground.NOT_COMPETENT, text)
    moving.news(turn, moved, ground=Ground.NOT_COMPETENT, text=text)
    moving.wipe(turn, moved)
    moving.close(turn, moved, Ground.NOT_COMPETENT, text)
    return moved


def dispute(turn: RoutingTurn, leg: Leg, row: Row, text: str) -> None:
    """T11: the two have a time to settle it: the receiver may still accept or redirect. Their superior may designate at once."""
    moved = moving.move(turn, leg.id, row, Ground.NOT_COMPETENT, text)
    moving.news(turn, moved, ground=Ground.NOT_COMPETENT, text=text)


def escalate(turn: RoutingTurn, leg: Leg) -> None:
    """T14d: they did not settle it. The common superior, or a person, is asked to designate; with nobody above, it expires."""
    moved = moving.move(turn, leg.id, LEG.taken(leg.state, "clock:N2.settle", "clock"), Ground.LAPSED, "not settled by the two")
    above = next(iter(deciders(turn, leg)), None)
    if above is None:
        taking.give_up(turn, moved, "nobody_above", Ground.NOT_COMPETENT, "disputed, and no body is above both")
        return
    moving.news(turn, moved, ground=Ground.LAPSED, text=f"{above} is asked to designate")
    asked = ReferralDesignationAsked(
        leg=leg.id, sender=leg.sender, receiver=leg.receiver, text="not settled in time", due=moving.due(turn, leg.id)
    )
    turn.say(asked, to=above)


def designate(turn: RoutingTurn, leg: Leg, row: Row, body: str, text: str) -> None:
    """T12: designation binds. The receiver takes the leg; or it goes to another body, or stays with its sender."""
    stays = body == leg.sender and leg.kind is not LegKind.FILE
    if not stays and (refused := _not_to_designate(turn, leg, body)):
        turn.refuse(403, *refused)
        return
    if body == leg.receiver:
        taking.take(turn, leg, row)
        return
    moved = _turn_away(turn, leg, row, f"{body} is designated. {text}".strip())
    if not stays:
        words = f"designated. {text}".strip()
        offering.offer(turn, leg.wanted, body, hops=leg.hops + 1, after=moved, text=words, designated=True)


def _not_to_designate(turn: RoutingTurn, leg: Leg, body: str) -> guards.Why:
    """What bars the matter binds who designates too; another body than the receiver must also be one that it can go to."""
    way = Way(receiver=body, new_facts=True)
    barred = guards.excluded(turn.state, leg.wanted)
    return barred or (None if body == leg.receiver else guards.going(turn.state, moving.directory(turn), leg.wanted, way))
