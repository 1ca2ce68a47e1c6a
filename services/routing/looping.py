"""The test of the way to a peer and back: sounded, answered, told. It is no case, and counts nowhere."""

from datetime import datetime, timedelta

from services.routing import moving
from services.routing.moving import RoutingTurn
from xianjie.law import deadlines
from xianjie.messages.loop import LoopAnswered, LoopAsked, LoopReturned, LoopSounded, LoopTold
from xianjie.topology import LOOP
from xianjie.vocabulary import Ground

LIMIT = timedelta(minutes=deadlines.count("loop_minutes"))
"""How long a peer may be silent."""
Said = LoopAsked | LoopAnswered | LoopReturned


def hear(turn: RoutingTurn, said: Said) -> None:
    """What is said in the thread of a test; anywhere else it is refused."""
    if not turn.state.case.startswith(LOOP):
        turn.refuse(403, Ground.OTHER, f"a test of the way has a thread of its own, whose name begins with {LOOP}")
        return
    match said:
        case LoopAsked():
            _ask(turn, said)
        case LoopAnswered(nonce=nonce):
            _answer(turn, nonce)
        case LoopReturned(nonce=nonce) if loop := turn.state.loops.get(nonce):
            turn.say(LoopTold(peer=loop.peer, nonce=nonce, outcome="no_inbox", to_routing_ms=loop.to_routing_ms), to=loop.asker)
        case _:
            turn.note("this test is over")


def _ask(turn: RoutingTurn, said: LoopAsked) -> None:
    known, asker = moving.directory(turn), turn.heard.speaker
    peer = known.body(said.peer)
    if known.body(asker) is None:
        turn.refuse(403, Ground.NOT_YOURS, f"the directory knows no body {asker}: the operators enter it")
    elif peer is None or not peer.inbox:
        turn.refuse(422, Ground.OTHER, f"/data/peer: the directory knows no body {said.peer} that has an inbox")
    elif turn.state.loops:
        turn.refuse(403, Ground.DUPLICATE, "a test runs in this thread: begin another in a thread of its own")
    else:
        sent = turn.heard.attributes.time
        sounded = LoopSounded(
            asker=asker, peer=said.peer, nonce=said.nonce, at=turn.now, due=turn.now + LIMIT, to_routing_ms=_ms(sent, turn.now)
        )
        turn.say(sounded, to=said.peer)


def _answer(turn: RoutingTurn, nonce: str) -> None:
    """Only the peer answers, once."""
    loop = turn.state.loops.get(nonce)
    if loop is None:
        turn.refuse(410, Ground.TOO_LATE, "no test with this nonce waits for an answer in this thread")
    elif turn.heard.speaker != loop.peer:
        turn.refuse(403, Ground.NOT_YOURS, f"{loop.peer} is asked, and nobody else answers")
    else:
        there = turn.heard.attributes.time
        told = LoopTold(
            peer=loop.peer, nonce=nonce, outcome="answered", to_routing_ms=loop.to_routing_ms, to_peer_ms=_ms(loop.at, there),
            from_peer_ms=_ms(there, turn.now), whole_ms=_ms(loop.at, turn.now),
        )  # fmt: skip
        turn.say(told, to=loop.asker)


def lapse(turn: RoutingTurn) -> None:
    """The peer was silent until its time was over: the asker hears it."""
    for nonce, loop in sorted(turn.state.loops.items()):
        if loop.due <= turn.now:
            turn.say(LoopTold(peer=loop.peer, nonce=nonce, outcome="silent", to_routing_ms=loop.to_routing_ms), to=loop.asker)


def _ms(begin: datetime | None, end: datetime | None) -> int | None:
    """Whole milliseconds between two moments, less than 0 where the clocks disagree; None where one is not known."""
    return round((end - begin) / timedelta(milliseconds=1)) if begin and end else None
