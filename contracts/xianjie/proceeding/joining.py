"""Files on one right that a body hears together: each case knows of the other, and each keeps its own outcome (feature 19)."""

from xianjie.messages import proceeding as shapes
from xianjie.messages.proceeding import ProceedingJoined, ProceedingJoinNoted
from xianjie.proceeding.docket import Proceeding
from xianjie.proceeding.moving import DocketTurn, notice
from xianjie.topology import is_case
from xianjie.tracks.track import service_of
from xianjie.vocabulary import Ground

JOINED = "joined"
"""The step with which a body joins two files."""


def wrong(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> tuple[int, Ground, str] | None:
    """Why these two may not be joined so."""
    if said.joins is None:
        return None
    if said.step != JOINED:
        return 422, Ground.OTHER, f"/data/joins: {said.step} joins nothing; say step: {JOINED}"
    if not is_case(said.joins):
        return 422, Ground.OTHER, f"/data/joins: {said.joins} is no case"
    if said.joins == turn.state.case:
        return 403, Ground.OTHER, "a case is not joined with itself: name the other"
    return (403, Ground.DUPLICATE, f"{said.joins} is joined already") if said.joins in about.joined else None


def join(turn: DocketTurn, about: Proceeding, said: shapes.Progressed) -> None:
    """This case knows it at once, the other when it hears it."""
    if said.joins:
        turn.tell(ProceedingJoinNoted(leg=about.leg, other=said.joins))
        told = ProceedingJoined(case=turn.state.case, track=about.track, body=about.receiver)
        turn.say(told, to=service_of(about.track), subject=said.joins)


def hear(turn: DocketTurn, said: ProceedingJoined) -> None:
    """What the body has of this case on the same track is heard with the other; where it has nothing, nothing follows."""
    mine = [
        each for each in turn.state.proceedings.values() if each.open and each.track is said.track and each.receiver == said.body
    ]
    for each in mine:
        if said.case not in each.joined:
            turn.tell(ProceedingJoinNoted(leg=each.leg, other=said.case))
            notice(turn, each.leg, text=f"{said.body} hears it together with {said.case}")
    if not turn.events:
        turn.note(f"{said.body} has nothing of this case to join with {said.case}")
