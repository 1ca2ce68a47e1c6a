"""The rules of routing: which message leads to which decision."""

from services.routing import (
    abroad,
    answers,
    custody,
    directory,
    endings,
    lapsing,
    looping,
    pulling,
    recalls,
    registers,
    requests,
    spending,
    supervising,
    supporting,
)
from services.routing.custody import Custody
from services.routing.moving import RoutingTurn
from xianjie import clocks
from xianjie.deciding import Event, Given, Hold, Note, Reference, Refuse, Rules, Say, Turn
from xianjie.envelope import Heard
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.case import CaseAccepted, CaseAppealOpened, CaseConclusionAsked, CaseFactNoted, CaseRegistered, CaseReopened
from xianjie.messages.cost import CostDecided, CostReported
from xianjie.messages.loop import LoopAnswered, LoopAsked, LoopReturned, LoopSounded
from xianjie.messages.ops import CalendarExtended, ClockTicked
from xianjie.messages.org import OrgSupportsDeclared
from xianjie.messages.overseas import AlertRaised, ExportAsked, ExportDecided
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.provider import ProviderAsked
from xianjie.messages.pull import PullAnswered, PullAsked
from xianjie.messages.quality import QualityChecked
from xianjie.messages.referral import (
    ReferralBodyChosen,
    ReferralConsentWithdrawn,
    ReferralOffered,
    ReferralPlanDropped,
    ReferralRequested,
)
from xianjie.messages.routing import RoutingBodyUnreachable, RoutingOfferUnroutable
from xianjie.vocabulary import Ground

OfACase = (
    ExportAsked
    | ExportDecided
    | PullAsked
    | PullAnswered
    | CostReported
    | CostDecided
    | QualityChecked
    | ReferralConsentWithdrawn
)
"""What bodies say of a case that somebody must answer for first."""


def decide(state: Custody, heard: Heard, given: Given) -> list[Event]:
    """What follows from what was heard. What changes nothing is noted, never dropped."""
    turn = Turn(state, custody.evolve, heard, given)
    match heard.message:
        case CapacityAsked() | ProviderAsked() | AlertRaised() if state.owner is not None:
            return [Refuse(403, Ground.OTHER, f"{state.case} is a case: say {heard.message.name} under a thread of your own")]
        case ReferralRequested():
            return requests.request(state, heard, given)
        case AlertRaised() as said:
            abroad.warn(turn, said)
        case LoopAsked() | LoopAnswered() | LoopReturned() as said:
            looping.hear(turn, said)
        case OrgSupportsDeclared() as said:
            supporting.declare(turn, said)
        case ProviderAsked() as said:
            registers.tell(turn, said)
        case CapacityAsked() as said:
            pulling.room(turn, said)
        case said if isinstance(said, OfACase):
            if state.owner is None:
                return [Hold("acceptance of the case")]
            _beside(turn, said)
        case said if isinstance(said, answers.Answer):
            return answers.answer(state, heard, given)
        case CaseRegistered(receiving_body=body):
            requests.look_for(turn, body)
        case CaseAccepted() as said if state.owner is None:
            requests.know(turn, said)
        case CaseFactNoted() as said:
            requests.note_fact(turn, said)
        case CaseAppealOpened(body=body):
            endings.name_superiors(turn, body)
        case CaseConclusionAsked() as said:
            endings.clear(turn, said)
        case CaseReopened():
            endings.reopen(turn)
        case ProceedingEnded() as said:
            endings.ended(turn, said)
        case RoutingOfferUnroutable() as said:
            lapsing.unroutable(turn, said)
        case ReferralBodyChosen() | ReferralPlanDropped() as said:
            requests.choose(turn, said)
        case ClockTicked() if state.loops:
            looping.lapse(turn)
        case ClockTicked():
            lapsing.lapse(turn)
        case CalendarExtended():
            turn.tell(*clocks.recount(state.clocks))
        case _:
            return [Note("nothing follows from this here")]
    return turn.events


def _beside(turn: RoutingTurn, said: OfACase) -> None:
    """What bodies say of a case beside its legs."""
    match said:
        case ExportAsked():
            abroad.ask(turn, said)
        case ExportDecided():
            abroad.decide(turn, said)
        case PullAsked():
            pulling.ask(turn, said)
        case PullAnswered():
            pulling.answer(turn, said)
        case CostReported():
            spending.report(turn, said)
        case CostDecided():
            spending.decide(turn, said)
        case ReferralConsentWithdrawn(leg=leg, text=text):
            recalls.withdraw_consent(turn, leg, text)
        case QualityChecked():
            supervising.check(turn, said)


def unrouted(heard: Heard) -> Say | None:
    """What came back has no receiver: of an offer or a test routing tells itself, where it belongs; of an application it tells intake."""
    match heard.message:
        case ReferralOffered(leg=leg):
            return Say(RoutingOfferUnroutable(leg=leg), to="routing")
        case LoopSounded(nonce=nonce):
            return Say(LoopReturned(nonce=nonce), to="routing")
        case CaseRegistered(receiving_body=body):
            return Say(RoutingBodyUnreachable(body=body), to="intake")
    return None


rules = Rules(
    service="routing", state=Custody, initial=custody.initial, decide=decide, evolve=custody.evolve, due=custody.due,
    glance=custody.glance,
    reference=Reference(directory.SUBJECT, directory.Directory, directory.initial, directory.decide, directory.evolve),
    unrouted=unrouted,
)  # fmt: skip
