"""How a case stands still, ends and is taken up again. Whether it may end is asked of routing, which knows every leg."""

from services.intake import visit
from services.intake.moving import CaseTurn, move, notice, step
from xianjie.law.catalogue import service
from xianjie.messages.case import (
    CaseArchived,
    CaseChildConcluded,
    CaseConcluded,
    CaseConclusionAsked,
    CaseConclusionProposed,
    CaseDeemedWithdrawn,
    CaseReopened,
    CaseReopeningAsked,
    CaseResumed,
    CaseResumptionAsked,
    CaseSuspended,
    CaseSuspensionAsked,
    CaseWithdrawalAsked,
    CaseWithdrawn,
)
from xianjie.messages.routing import RoutingLegsOpen
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground

WITHDRAWN = "withdrawn"
HINDERED = ("in_service", "suspended")
"""Where a case waits that is to be withdrawn, while legs are open."""


def suspend(turn: CaseTurn, said: CaseSuspensionAsked, row: Row) -> None:
    """C14: the case stands still; limits stop as far as their rules allow."""
    move(turn, row, said.ground, said.text)
    turn.say(CaseSuspended(ground=said.ground))


def resume(turn: CaseTurn, said: CaseResumptionAsked, row: Row) -> None:
    """C15: it goes on where it stood, and concludes if it was settled meanwhile."""
    move(turn, row, text=said.text)
    turn.say(CaseResumed())
    settle(turn)


def propose(turn: CaseTurn, said: CaseConclusionProposed, row: Row) -> None:
    """C16: the owner holds that the case is done; routing is asked whether every leg is closed."""
    results = service(turn.state.file.service).results
    if results and said.outcome not in results and not turn.state.settled:
        turn.refuse(422, Ground.OTHER, f"/data/outcome: {turn.state.file.service} ends with {', '.join(results)}")
    if turn.events or _batch_is_open(turn):
        return
    move(turn, row, text=said.text)
    ask(turn, said.outcome)


def _batch_is_open(turn: CaseTurn) -> bool:
    waits = turn.state.open_children
    if waits:
        turn.refuse(403, Ground.OTHER, f"{len(waits)} cases of this batch are open; it ends with them. The first is {waits[0]}")
    return bool(waits)


def settle(turn: CaseTurn) -> None:
    """C16, C23a: without an open leg or child a case that is settled is proposed for conclusion; one that is not is withdrawn, if wished."""
    case = turn.state
    if case.legs or case.open_children:
        return
    if case.settled and case.status == "in_service":
        move(turn, step(turn, "settled"))
        ask(turn, case.settled)
    elif not case.settled and case.withdrawal is not None and case.status in HINDERED and not case.police:
        move(turn, step(turn, "withdrawal_stands"), Ground.WITHDRAWN, case.withdrawal)
        ask(turn, WITHDRAWN)


def ask(turn: CaseTurn, outcome: str) -> None:
    """Ask routing whether the case may end."""
    withdraws = turn.state.status == "withdrawing"
    turn.say(CaseConclusionAsked(purpose="withdraw" if withdraws else "conclude", outcome=outcome), to="routing")


def withdraw(turn: CaseTurn, said: CaseWithdrawalAsked, row: Row) -> None:
    """C22, C23: withdrawn at once before acceptance; later, once routing has cleared it. Not once police have taken the case."""
    if turn.state.police:
        turn.refuse(410, Ground.TOO_LATE, "police have accepted the case; it can no longer be withdrawn")
    elif not _batch_is_open(turn):
        move(turn, row, Ground.WITHDRAWN, said.text)
        if turn.state.status == "withdrawing":
            notice(turn, Ground.WITHDRAWN, said.text)
            ask(turn, WITHDRAWN)
        else:
            _withdrawn(turn, said.text)


def _withdrawn(turn: CaseTurn, text: str = "") -> None:
    turn.say(CaseWithdrawn())
    notice(turn, Ground.WITHDRAWN, text)
    _report(turn, WITHDRAWN)


def end(turn: CaseTurn, row: Row) -> None:
    """C17, C18, C24: routing has cleared the case. It ends, unless a leg is known here that routing should have closed first."""
    case = turn.state
    if case.legs:
        turn.note(f"cleared, but {', '.join(case.legs)} is open here")
        return
    move(turn, row, Ground.WITHDRAWN if case.status == "withdrawing" else None)
    if turn.state.status == "withdrawn":
        _withdrawn(turn, case.withdrawal or "")
        return
    outcome = case.outcome or "settled"
    turn.say(CaseConcluded(outcome=outcome))
    _report(turn, outcome)
    visit.begin(turn)


def _report(turn: CaseTurn, outcome: str) -> None:
    """A case of a batch tells the batch that it has ended."""
    if turn.state.parent:
        turn.say(CaseChildConcluded(child=turn.state.case, outcome=outcome), to="intake", subject=turn.state.parent)


def go_on(turn: CaseTurn, said: RoutingLegsOpen, row: Row) -> None:
    """C17a, C24a: the case cannot end yet; its owner hears which legs are open. A wish to withdraw it stands."""
    legs = ", ".join(said.legs)
    wished = turn.state.status == "withdrawing"
    move(turn, row, text=f"open: {legs}")
    later = "; with the last of them it is withdrawn, unless it is settled by then" if wished else ""
    notice(turn, Ground.WITHDRAWN if wished else None, f"The case cannot end while legs are open: {legs}{later}")


def unasked(turn: CaseTurn) -> None:
    """Routing closed a case to new legs that goes on: its answer was overtaken. Legs may be opened again."""
    turn.say(CaseReopened(text="the case goes on"), to="routing")


def reopen(turn: CaseTurn, said: CaseReopeningAsked, row: Row) -> None:
    """C20: a closed case is in service again, and legs may be opened."""
    move(turn, row, text=said.text)
    turn.say(CaseReopened(text=said.text), to="routing")
    notice(turn, text=said.text)


def give_up(turn: CaseTurn, row: Row, text: str = "nothing was supplied in time") -> None:
    """C5, C5a: nothing was supplied in time."""
    move(turn, row, Ground.LAPSED, text)
    turn.say(CaseDeemedWithdrawn())
    notice(turn, Ground.LAPSED, text)


def archive(turn: CaseTurn, row: Row) -> None:
    """C21: the retention time is over."""
    move(turn, row, Ground.LAPSED)
    turn.say(CaseArchived())
