"""What routing says of the legs of a case: opened, taken, closed; and whose the case is."""

from services.intake import ending
from services.intake.moving import CaseTurn, move, notice
from services.intake.papers import shown
from xianjie.messages.case import CaseFileReleased, CaseFileWithheld, CaseLegClosed, CaseLegOpened, CaseOwnerChanged, CasePlanned
from xianjie.messages.routing import RoutingConsentGone, RoutingCustodyMoved, RoutingFileDue, RoutingLegClosed, RoutingLegOpened
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground


def opened(turn: CaseTurn, said: RoutingLegOpened, row: Row) -> None:
    """C12, C12c: with its first leg an accepted case is in service."""
    if said.leg in turn.state.legs:
        turn.note(f"{said.leg} is open here")
        return
    first = turn.state.place == "accepted"
    move(turn, row)
    turn.say(CaseLegOpened(leg=said.leg, track=said.track, sender=said.sender, receiver=said.receiver))
    if first:
        turn.say(CasePlanned(leg=said.leg))


def release(turn: CaseTurn, said: RoutingFileDue) -> None:
    """The body that took the leg gets the full file; nobody else does. A hidden reporter's name and words are for authorities alone."""
    if said.leg not in turn.state.legs:
        turn.note(f"{said.leg} is not open here")
        return
    file = turn.state.file
    hidden = file.hidden and not said.authority
    released = CaseFileReleased(
        leg=said.leg, applicant=None if hidden else file.applicant, right=file.right, respondents=file.respondents,
        papers=shown(turn.state.papers, named=not hidden), summary="" if hidden else file.summary,
    )  # fmt: skip
    turn.say(released, to=said.receiver)


def withhold(turn: CaseTurn, said: RoutingConsentGone) -> None:
    """The party has withdrawn its consent: what the body has, it has; it gets nothing more."""
    if said.leg in turn.state.legs:
        turn.tell(CaseFileWithheld(leg=said.leg))
    else:
        turn.note(f"{said.leg} is not open here")


def hand_over(turn: CaseTurn, said: RoutingCustodyMoved) -> None:
    """C13: another body answers for the case now; the one before and the new one both hear it."""
    before = turn.state.owner
    if said.owner == before:
        turn.note(f"{said.owner} owns the case")
        return
    turn.say(CaseOwnerChanged(owner=said.owner, leg=said.leg))
    notice(turn, text=f"{said.owner} answers for the case now, by {said.leg}", to=before)
    wish = turn.state.withdrawal
    notice(turn, text=f"You answer for the case now, by {said.leg}")
    if wish is not None:
        notice(turn, Ground.WITHDRAWN, wish)


def closed(turn: CaseTurn, said: RoutingLegClosed) -> None:
    """C13b: a leg has ended. With the last one the case is proposed for conclusion if it is settled, or withdrawn if that is wished."""
    if said.leg not in turn.state.legs:
        turn.note(f"{said.leg} is not open here")
        return
    settled = (said.outcome or "settled") if said.settles else None
    turn.say(CaseLegClosed(leg=said.leg, how=said.how, settled=settled))
    ending.settle(turn)
