"""What agencies answer to offers, and what follows: receipt, acceptance, decline, questions, consent."""

from services.routing import disputes, guards, moving, recalls, taking
from services.routing.custody import Custody, evolve
from services.routing.leg import LEG, Leg
from services.routing.moving import RoutingTurn
from xianjie.deciding import Event, Given, Hold, Turn
from xianjie.envelope import Heard
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralConsented,
    ReferralDeclined,
    ReferralDelivered,
    ReferralDesignated,
    ReferralDisputed,
    ReferralInfoRequested,
    ReferralInfoSupplied,
    ReferralMoved,
    ReferralRecallAsked,
    ReferralRecalled,
    ReferralRecallRefused,
    ReferralRedirected,
)
from xianjie.protocol.table import NotYours, Row, TooLate
from xianjie.vocabulary import Ground, LegKind

Answer = (
    ReferralDelivered | ReferralAcknowledged | ReferralInfoRequested | ReferralInfoSupplied | ReferralAccepted | ReferralDeclined
    | ReferralRedirected | ReferralDisputed | ReferralDesignated | ReferralRecallAsked | ReferralRecalled | ReferralRecallRefused
    | ReferralConsented
)  # fmt: skip
"""Everything that an agency says about one leg."""


def answer(custody: Custody, heard: Heard, given: Given) -> list[Event]:
    """What follows from an answer: the protocol's row, if the sender may say this now."""
    said = heard.message
    assert isinstance(said, Answer)
    leg = custody.legs.get(said.leg)
    if leg is None:
        return [Hold(f"leg {said.leg}")]
    turn = Turn(custody, evolve, heard, given)
    what, who_speaks = spoken(said, leg), roles(turn, leg)
    match LEG.row(leg.state, what, who_speaks):
        case NotYours(roles=who):
            turn.refuse(403, Ground.NOT_YOURS, f"of {leg.id}, only its {' or '.join(sorted(who))} may say {said.name}")
        case TooLate(state=state):
            late = "recall_too_late: " if isinstance(said, ReferralRecallAsked) else ""
            when = LEG.when(what, who_speaks)
            turn.refuse(410, Ground.TOO_LATE, f"{late}{leg.id} is {state}; {said.name} may be said while it is {when}")
        case Row() as row:
            wrong = recalls.out_of_turn(leg, said) or objection(turn, leg, row)
            if wrong:
                turn.refuse(*wrong)
            else:
                _follow(turn, leg, row)
    return turn.events


def spoken(said: Answer, leg: Leg) -> str:
    """What was said, as the protocol names it: the message's name, and its verdict where it has one."""
    match said:
        case ReferralConsented(agreed=agreed):
            return f"{said.name}:{'yes' if agreed else 'no'}"
        case ReferralDesignated(body=body):
            return f"{said.name}:{'receiver' if body == leg.receiver else 'other'}"
        case ReferralRecallRefused():
            return f"{said.name}:{'accepting' if recalls.acceptable(leg) else 'keeping'}"
        case _:
            return said.name


def roles(turn: RoutingTurn, leg: Leg) -> list[str]:
    """What the speaker is to this leg."""
    speaker = turn.heard.speaker
    found = [("receiver", speaker == leg.receiver), ("sender", speaker == leg.sender)]
    return [role for role, true in [*found, ("superior", speaker in disputes.deciders(turn, leg))] if true]


def objection(turn: RoutingTurn, leg: Leg, row: Row) -> tuple[int, Ground, str] | None:
    """Why what the protocol's row allows may not be said in this leg all the same."""
    said = turn.heard.message
    conflict = isinstance(said, ReferralDeclined) and (said.refused_by == "party" or said.ground is Ground.CONFLICT)
    match said:
        case ReferralAccepted() | ReferralRecallRefused() if row.to == "taken":
            return _not_to_take(turn, leg)
        case ReferralDeclined() | ReferralRedirected() | ReferralDisputed() if leg.designated and not conflict:
            return 403, Ground.NOT_COMPETENT, f"{leg.receiver} was designated for {leg.id}; that binds"
        case ReferralDeclined(ground=Ground.PAPERS_INCOMPLETE) if leg.track in guards.NEVER_FOR_GAPS:
            return 403, Ground.PAPERS_INCOMPLETE, f"{leg.track} may not be refused for missing papers; ask for them"
        case ReferralInfoRequested() if leg.asked:
            return 403, Ground.OTHER, f"{leg.receiver} has sent its list for {leg.id}: one list of everything; now decide"
        case ReferralInfoRequested(gaps=()):
            return 422, Ground.OTHER, "/data/gaps is empty: list everything that is missing, once"
        case _:
            return None


def _not_to_take(turn: RoutingTurn, leg: Leg) -> tuple[int, Ground, str] | None:
    said = turn.heard.message
    if leg.kind is LegKind.NOTIFY:
        return 403, Ground.OTHER, "a notification is acknowledged, not accepted"
    if isinstance(said, ReferralAccepted | ReferralRecallRefused) and not said.recusal_checked:
        return 403, Ground.CONFLICT, "declare that nobody who will handle it must withdraw: say recusal_checked: true"
    barred = guards.excluded(turn.state, leg.wanted)
    return (403, *barred) if barred else None


def _follow(turn: RoutingTurn, leg: Leg, row: Row) -> None:
    match turn.heard.message:
        case ReferralRecallRefused() if row.to != "taken":
            recalls.stand(turn, leg, row, "the receiver does not let go")
        case ReferralAccepted() | ReferralRecallRefused():
            taking.take(turn, leg, row)
        case ReferralDeclined(ground=ground, text=text, refused_by=refused_by):
            taking.decline(turn, leg, row, ground, text, party=refused_by == "party")
        case ReferralRedirected(to=to, text=text):
            disputes.redirect(turn, leg, row, to, text)
        case ReferralDisputed(text=text):
            disputes.dispute(turn, leg, row, text)
        case ReferralDesignated(body=body, text=text):
            disputes.designate(turn, leg, row, body, text)
        case ReferralRecallAsked(text=text):
            recalls.ask(turn, leg, row, text)
        case ReferralRecalled():
            recalls.recall(turn, leg, row, Ground.WITHDRAWN)
        case ReferralConsented(agreed=agreed):
            taking.consent(turn, leg, row, agreed)
        case _ if leg.state == "recall_requested":
            recalls.cross(turn, leg, row)
        case ReferralAcknowledged():
            taking.acknowledge(turn, leg, row)
        case ReferralInfoRequested(gaps=gaps):
            moving.news(turn, moving.move(turn, leg.id, row), text="; ".join(gaps))
        case ReferralInfoSupplied(text=text):
            supplied = moving.move(turn, leg.id, row)
            turn.say(ReferralMoved(leg=leg.id, state=supplied.state, body=leg.receiver, text=text), to=leg.receiver)
        case _:
            moving.move(turn, leg.id, row)
