"""Taking an offer back: a request that may cross the receiver's answer. The receiver's log decides."""

from services.routing import moving
from services.routing.leg import LEG, UNOFFERED, Leg
from services.routing.moving import RoutingTurn
from xianjie.message import Message
from xianjie.messages.referral import ReferralAccepted, ReferralMoved, ReferralRecallRequested
from xianjie.messages.routing import RoutingConsentGone
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground, LegKind


def ask(turn: RoutingTurn, leg: Leg, row: Row, text: str) -> None:
    """T13: the sender wants the offer back."""
    moving.move(turn, leg.id, row, text=text)
    turn.say(ReferralRecallRequested(leg=leg.id, text=text), to=leg.receiver)


def recall(turn: RoutingTurn, leg: Leg, row: Row, ground: Ground, text: str = "") -> None:
    """T13a: the receiver has let go and wipes the preview, if it had one; the sender is told, and nobody else is asked."""
    moved = moving.move(turn, leg.id, row, ground, text)
    moving.news(turn, moved, ground=ground, text=text)
    moving.close(turn, moved, ground, text)
    if leg.state != UNOFFERED:
        moving.wipe(turn, moved, text)


def _crossed(leg: Leg, name: str) -> Row | None:
    """What the receiver's word that crossed the recall means: the row from where the leg stood before."""
    row = LEG.row(leg.before or leg.state, name, ["receiver"])
    return row if isinstance(row, Row) else None


def acceptable(leg: Leg) -> bool:
    """Whether the receiver could accept the leg if there were no recall."""
    return _crossed(leg, ReferralAccepted.name) is not None


def out_of_turn(leg: Leg, said: Message) -> tuple[int, Ground, str] | None:
    """A receipt or an acceptance that crossed the recall still must follow from where the leg stood. A notification is never accepted."""
    row = LEG.row(leg.state, said.name, ["receiver"])
    follows = isinstance(row, Row) and (row.to == "same" or (row.to == "taken" and leg.kind is not LegKind.NOTIFY))
    if leg.state == "recall_requested" and follows and _crossed(leg, said.name) is None:
        return (
            410,
            Ground.TOO_LATE,
            f"{leg.id} was {leg.before} when it was to be recalled; {said.name} does not follow from that",
        )
    return None


def cross(turn: RoutingTurn, leg: Leg, row: Row) -> None:
    """T13e: a receipt crossed the recall, which goes on. Should it come to nothing, the leg stands where the receipt says."""
    crossed = _crossed(leg, turn.heard.message.name)
    assert crossed is not None
    moving.move(turn, leg.id, row, before=crossed.to)
    if leg.kind is LegKind.NOTIFY and crossed.to == "acknowledged":
        closed = moving.move(turn, leg.id, LEG.taken("recall_requested", "notified", "routing"))
        moving.news(turn, closed, ground=Ground.TOO_LATE, text=f"recall_too_late: {leg.receiver} has taken note")
        moving.close(turn, closed, None)


def stand(turn: RoutingTurn, leg: Leg, row: Row, why: str, ground: Ground | None = None) -> None:
    """T13c, T13f: the recall came to nothing; the offer stands where it stood, and its clock starts anew."""
    moved = moving.move(turn, leg.id, row, ground, why)
    moving.news(turn, moved, ground=ground, text=f"{why}; the offer stands")


def supersede(turn: RoutingTurn, taken: Leg) -> None:
    """The first acceptance wins: what was offered to others for the same purpose is taken back at once."""
    for each in turn.state.open_legs:
        if each.state != "taken" and _same_purpose(each, taken):
            row = LEG.taken(each.state, "superseded", "routing")
            recall(turn, each, row, Ground.SUPERSEDED, f"{taken.receiver} was the first to accept ({taken.id})")


def withdraw_consent(turn: RoutingTurn, leg: str | None, text: str) -> None:
    """The party's consent is gone: offers that rest on it are taken back; bodies that took such a leg hear it, and disclose no more."""
    speaker = turn.heard.speaker
    mine = [each for each in turn.state.open_legs if each.consent and speaker in (each.sender, turn.state.owner)]
    resting = [each for each in mine if not each.withdrawn and leg in (None, each.id)]
    for each in resting:
        if each.state == "taken":
            told = ReferralMoved(
                leg=each.id, state=each.state, body=each.receiver, ground=Ground.PARTY_REFUSED, text=f"consent withdrawn: {text}"
            )
            turn.say(told, to=each.receiver)
            turn.say(RoutingConsentGone(leg=each.id), to="intake")
        else:
            recall(turn, each, LEG.taken(each.state, "superseded", "routing"), Ground.PARTY_REFUSED, text)
    if not resting:
        turn.refuse(
            410,
            Ground.TOO_LATE,
            "no such open leg of yours in this case rests on the party's consent, or it was withdrawn before",
        )


def _same_purpose(one: Leg, other: Leg) -> bool:
    """Two transfers of the case, or two requests of one party for the same decision."""
    if one.kind is LegKind.TRANSFER:
        return other.kind is LegKind.TRANSFER
    return one.kind is LegKind.FILE and one.wanted == other.wanted
