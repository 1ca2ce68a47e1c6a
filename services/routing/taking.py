"""A body takes a leg that it was offered, or does not: it declines, is silent, or cannot be reached; and what follows."""

from services.routing import choosing, guards, moving, offering, recalls
from services.routing.leg import LEG, UNOFFERED, Leg
from services.routing.moving import RoutingTurn
from xianjie.messages.routing import RoutingCustodyMoved, RoutingFileDue, RoutingLegTaken, RoutingRolesShown
from xianjie.protocol.table import Row
from xianjie.tracks.track import service_of
from xianjie.vocabulary import NATION, Ground, LegKind, Level


def acknowledge(turn: RoutingTurn, leg: Leg, row: Row) -> None:
    """回执. A notification ends here (T14a)."""
    moved = moving.move(turn, leg.id, row)
    moving.news(turn, moved)
    if leg.kind is LegKind.NOTIFY:
        moving.close(turn, moving.move(turn, leg.id, LEG.taken(moved.state, "notified", "routing")), None)


def take(turn: RoutingTurn, leg: Leg, row: Row) -> None:
    """T8: the leg becomes a proceeding; a TRANSFER moves custody in this very commit; the file may go out."""
    taken = moving.move(turn, leg.id, row)
    if leg.kind is LegKind.TRANSFER:
        turn.say(RoutingCustodyMoved(leg=leg.id, owner=leg.receiver), to="intake")
    if not leg.pseudonymised:
        turn.say(
            RoutingFileDue(leg=leg.id, receiver=leg.receiver, authority=moving.directory(turn).authority(leg.receiver)),
            to="intake",
        )
    late = leg.state == "recall_requested"
    text = f"recall_too_late: {leg.receiver} has accepted" if late else ""
    moving.news(turn, taken, ground=Ground.TOO_LATE if late else None, text=text)
    _show_roles(turn, taken)
    _open_proceeding(turn, leg)
    recalls.supersede(turn, leg)


def _show_roles(turn: RoutingTurn, leg: Leg) -> None:
    """A body that had another part in the case is shown as a possible conflict, and not barred: it may be lawful."""
    before = [
        each for each in turn.state.legs.values() if each.took and each.receiver == leg.receiver and each.track != leg.track
    ]
    if before:
        turn.tell(RoutingRolesShown(leg=leg.id, body=leg.receiver, others=tuple(each.id for each in before)))
        had = ", ".join(f"{each.id} {each.track}" for each in before)
        moving.news(
            turn, leg, ground=Ground.CONFLICT, text=f"a possible conflict, which may be lawful: {leg.receiver} has had {had}"
        )


def _open_proceeding(turn: RoutingTurn, leg: Leg) -> None:
    body = moving.directory(turn).described(leg.receiver)
    opened = RoutingLegTaken(
        leg=leg.id, track=leg.track, kind=leg.kind, sender=leg.sender, receiver=leg.receiver, right=turn.state.right,
        area=body.area if body else NATION, level=body.level if body else Level.NATION, basis=leg.basis,
        judged=turn.heard.judged, received=leg.received, received_judged=leg.received_judged and turn.heard.judged,
        superiors=tuple(moving.directory(turn).overseers(leg.receiver)),
    )  # fmt: skip
    turn.say(opened, to=service_of(leg.track))


def decline(turn: RoutingTurn, leg: Leg, row: Row, ground: Ground, text: str, *, party: bool = False) -> None:
    """T9: custody has not moved; the sender hears code and words, the preview is wiped, the next candidate is asked."""
    closed = moving.move(turn, leg.id, row, ground, text)
    moving.news(turn, closed, ground=ground, text=text, party=party)
    moving.wipe(turn, closed)
    moving.close(turn, closed, ground, text)
    if leg.planned and closed.state != "recalled":
        offering.plan(turn, leg.wanted, after=leg)


def consent(turn: RoutingTurn, leg: Leg, row: Row, agreed: bool) -> None:
    """T2: with the party's consent the leg is sent, if nothing bars it by now; without, it ends, and the receiver never hears of it."""
    barred = guards.meanwhile(turn.state, moving.directory(turn), leg) if agreed else None
    if barred:
        _bar(turn, leg, *barred)
    elif agreed:
        offering.send(turn, leg.id, row)
    else:
        closed = moving.move(turn, leg.id, row, Ground.PARTY_REFUSED)
        moving.close(turn, closed, Ground.PARTY_REFUSED)


def _bar(turn: RoutingTurn, leg: Leg, ground: Ground, text: str) -> None:
    """T2d: what bars the leg came while the party was asked. Its sender hears it; a planned one goes to the next candidate."""
    closed = moving.move(turn, leg.id, LEG.taken(leg.state, "barred", "routing"), ground, text)
    moving.news(turn, closed, ground=ground, text=text)
    moving.close(turn, closed, ground, text)
    if leg.planned:
        offering.plan(turn, leg.wanted, after=leg)


def give_up(turn: RoutingTurn, leg: Leg, what: str, ground: Ground, text: str) -> None:
    """Silence, or no way to reach the receiver: the sender is told, the next candidate is asked, else a person."""
    by = "clock" if what.startswith("clock:") else "routing"
    moved = moving.move(turn, leg.id, LEG.taken(leg.state, what, by), ground, text)
    moving.news(turn, moved, ground=ground, text=text)
    if moved.state == "expired" and leg.state != UNOFFERED:
        moving.wipe(turn, moved, text)
    moving.close(turn, moved, ground, text)
    if leg.planned:
        offering.plan(turn, leg.wanted, after=leg)
    elif leg.state != UNOFFERED:
        choosing.ask(turn, leg.wanted, f"{leg.receiver} did not take {leg.id}")
