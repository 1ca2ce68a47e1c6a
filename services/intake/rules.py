"""The rules of intake: which message leads to which decision."""

from services.intake import batch, case, duplicates, ending, filing, knowledge, lapsing, legs, reading, review, visit
from services.intake.case import CASE, QUESTION, REGISTER, TOPIC, Case
from services.intake.moving import CaseTurn, entitled, from_outside, spoken
from xianjie import clocks
from xianjie.deciding import Event, Given, Hold, Note, Rules, Turn
from xianjie.envelope import Heard
from xianjie.messages import case as shapes
from xianjie.messages.ops import CalendarExtended, ClockTicked
from xianjie.messages.routing import (
    RoutingBodyUnreachable,
    RoutingCleared,
    RoutingConsentGone,
    RoutingCustodyMoved,
    RoutingFileDue,
    RoutingLegClosed,
    RoutingLegOpened,
    RoutingLegsOpen,
    RoutingSuperiorsNamed,
)
from xianjie.messages.visit import VisitAnswered, VisitMissed
from xianjie.protocol.table import Row
from xianjie.topology import is_case
from xianjie.vocabulary import Ground

BEGINNING = (shapes.CaseSubmitted, shapes.CaseChildOpened)
"""What a case begins with."""
GOING_ON = frozenset({"accepted", "in_service", "suspended"})
"""Statuses in which legs may be opened."""


def decide(state: Case, heard: Heard, given: Given) -> list[Event]:
    """What follows from what was heard. What changes nothing is noted, never dropped."""
    turn = Turn(state, case.evolve, heard, given)
    match heard.message:
        case _ if state.case.startswith(REGISTER):
            duplicates.keep(turn)
        case said if state.case.startswith((QUESTION, TOPIC)) or isinstance(said, knowledge.Said):
            knowledge.hear(turn)
        case _ if from_outside(heard) and not is_case(state.case):
            turn.refuse(403, Ground.OTHER, f"{state.case} is the name of a thread, and of no case: give the case another")
        case ClockTicked():
            lapsing.lapse(turn)
        case CalendarExtended():
            turn.tell(*clocks.recount(state.clocks))
        case shapes.CaseDuplicateFound() as said:
            duplicates.flag(turn, said)
        case RoutingCleared() if state.status in GOING_ON:
            ending.unasked(turn)
        case RoutingBodyUnreachable() as said:
            filing.unreached(turn, said)
        case said if not any(spoken(said) in row.on for row in CASE.rows):
            return [Note("nothing follows from this here")]
        case said if state.status == "none" and not isinstance(said, BEGINNING):
            return [Hold("the case")] if from_outside(heard) else [Note("there is no such case")]
        case _:
            if row := entitled(turn):
                (_hear_body if from_outside(heard) else _hear_service)(turn, row)
    return turn.events


def _hear_body(turn: CaseTurn, row: Row) -> None:
    """What agencies say, and the front door for applicants."""
    match turn.heard.message:
        case shapes.CaseSubmitted() as said:
            filing.submit(turn, said, row)
        case shapes.CaseReviewed() as said:
            review.judge(turn, said, row)
        case shapes.CaseSupplemented() as said:
            filing.supplement(turn, said, row)
        case shapes.CaseAppealed() as said:
            review.appeal(turn, said, row)
        case shapes.CaseAppealDecided() as said:
            review.decide_appeal(turn, said, row)
        case shapes.CaseLapseFound() as said:
            lapsing.find(turn, said, row)
        case shapes.CaseSuspensionAsked() as said:
            ending.suspend(turn, said, row)
        case shapes.CaseResumptionAsked() as said:
            ending.resume(turn, said, row)
        case shapes.CaseConclusionProposed() as said:
            ending.propose(turn, said, row)
        case shapes.CaseWithdrawalAsked() as said:
            ending.withdraw(turn, said, row)
        case shapes.CaseReopeningAsked() as said:
            ending.reopen(turn, said, row)
        case shapes.CaseFactReported() as said:
            filing.note_fact(turn, said)
        case shapes.CaseFileAsked() as said:
            reading.ask(turn, said)
        case VisitAnswered() as said:
            visit.answered(turn, said, row)
        case VisitMissed():
            visit.missed(turn)


def _hear_service(turn: CaseTurn, row: Row) -> None:
    """What routing says of the legs, and intake of the cases of a batch."""
    match turn.heard.message:
        case RoutingLegOpened() as said:
            legs.opened(turn, said, row)
        case RoutingFileDue() as said:
            legs.release(turn, said)
        case RoutingConsentGone() as said:
            legs.withhold(turn, said)
        case RoutingCustodyMoved() as said:
            legs.hand_over(turn, said)
        case RoutingLegClosed() as said:
            legs.closed(turn, said)
        case RoutingCleared():
            ending.end(turn, row)
        case RoutingSuperiorsNamed() as said:
            review.put(turn, said)
        case RoutingLegsOpen() as said:
            ending.go_on(turn, said, row)
        case shapes.CaseChildOpened() as said:
            filing.open_child(turn, said, row)
        case shapes.CaseChildConcluded() as said:
            batch.note(turn, said)


rules = Rules(
    service="intake", state=Case, initial=case.initial, decide=decide, evolve=case.evolve, due=case.due, glance=case.glance,
    index=case.FOUND_BY,
)  # fmt: skip
