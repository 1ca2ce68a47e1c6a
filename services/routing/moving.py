"""How a leg moves: the protocol's row, the clocks that end and start with it, who is told of it, and its end."""

from datetime import datetime

from services.routing.custody import Custody
from services.routing.directory import Directory
from services.routing.leg import LEG, Leg
from xianjie import clocks
from xianjie.deciding import Turn
from xianjie.message import Message
from xianjie.messages.referral import ReferralDelivered, ReferralInfoSupplied, ReferralMoved
from xianjie.messages.routing import RoutingLegClosed, RoutingLegMoved
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground, Track

RoutingTurn = Turn[Custody]
SETTLE, COMPLAINTS = "N2.settle", "B13"
"""In which time two bodies settle which of them is competent: by default, and for complaints to a market regulator."""
BRINGING = (ReferralDelivered, ReferralInfoSupplied)
"""What tells that the receiver has the request: the transport receipt, and later what it had found missing."""


def directory(turn: RoutingTurn) -> Directory:
    """The directory as the commit names it."""
    found = turn.given.directory
    assert isinstance(found, Directory)
    return found


def directory_version(turn: RoutingTurn) -> int:
    """The number of the directory's commit by which is decided; 0 before there is one."""
    version = next((each for each in turn.given.versions if each.startswith("directory:")), "directory:0")
    return int(version.split(":")[1])


def due(turn: RoutingTurn, leg: str) -> datetime | None:
    """When the state that the leg is in lapses."""
    state = turn.state.legs[leg].state
    clock = turn.state.clocks.get(f"{leg}/{rule_of(turn.state.legs[leg], state)}")
    return clock.due if clock else None


def rule_of(leg: Leg, state: str) -> str | None:
    """The limit that runs while a leg is in this state. Where two disagree about a complaint, the law names it; elsewhere the network does."""
    rule = LEG.clocks.get(state)
    return COMPLAINTS if rule == SETTLE and leg.track is Track.PENALTY and leg.basis == "complaint" else rule


def move(
    turn: RoutingTurn, leg_id: str, row: Row, ground: Ground | None = None, text: str = "", before: str | None = None
) -> Leg:
    """Take a leg along one row: its old clock is met, has lapsed or no longer matters; its new one starts."""
    leg = turn.state.legs[leg_id]
    to = (leg.before or leg.state) if row.to == "before" else leg.state if row.to == "same" else row.to
    judged = turn.heard.judged
    old, new = rule_of(leg, leg.state), rule_of(leg, to)
    ended: list[Message] = []
    if old and to != leg.state:
        running = turn.state.clocks
        unanswered = to == "recall_requested" or row.name == "T8b"
        ended = clocks.stop(running, leg_id) if unanswered else clocks.meet(running, f"{leg_id}/{old}", turn.now, judged=judged)
    got = isinstance(turn.heard.message, BRINGING)
    moved = RoutingLegMoved(
        leg=leg_id, state=to, row=row.name, ground=ground, text=text, before=before,
        received=turn.now if got else None, received_judged=judged or not got,
    )  # fmt: skip
    turn.tell(moved, *ended)
    if new and to != leg.state:
        turn.tell(*clocks.start(leg_id, new, turn.now, judged=judged))
    return turn.state.legs[leg_id]


def news(
    turn: RoutingTurn, leg: Leg, *, ground: Ground | None = None, text: str = "", party: bool = False, outcome: str | None = None,
    inventory: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Tell the sender where its leg stands."""
    if leg.sender != leg.receiver:
        moved = ReferralMoved(
            leg=leg.id, state=leg.state, body=leg.receiver, ground=ground, text=text, outcome=outcome, inventory=inventory,
            refused_by="party" if party else "agency" if leg.state == "declined" else None,
        )  # fmt: skip
        turn.say(moved, to=leg.sender)


def wipe(turn: RoutingTurn, leg: Leg, text: str = "") -> None:
    """Tell the receiver that the offer is gone and its preview must be wiped."""
    turn.say(ReferralMoved(leg=leg.id, state=leg.state, body=leg.receiver, wipe=True, text=text), to=leg.receiver)


def close(
    turn: RoutingTurn, leg: Leg, ground: Ground | None, text: str = "", outcome: str | None = None, settles: bool = False
) -> None:
    """A leg has ended; intake hears how, and how many are still open."""
    turn.tell(*clocks.stop(turn.state.clocks, leg.id))
    closed = RoutingLegClosed(
        leg=leg.id, how=leg.state, track=leg.track, outcome=outcome, ground=ground, text=text,
        open_legs=len(turn.state.open_legs), settles=settles,
    )  # fmt: skip
    turn.say(closed, to="intake")
