"""What follows in routing from time alone: undeliverable, expired, on to the next body or up to a person; and reminders."""

from types import ModuleType

from services.routing import abroad, choosing, disputes, moving, pulling, recalls, spending, taking
from services.routing.leg import ASKED, LEG, UNOFFERED, Leg
from services.routing.moving import RoutingTurn
from xianjie import clocks
from xianjie.messages.referral import ReferralReminded
from xianjie.messages.routing import RoutingOfferUnroutable
from xianjie.messages.sla import SlaWarned
from xianjie.vocabulary import Ground

QUESTIONS: dict[str, ModuleType] = {pulling.PULL.prefix: pulling, spending.COST.prefix: spending, abroad.EXPORT.prefix: abroad}
"""By what their clocks are about: the modules that say what follows when nobody answers, and whom to remind before."""


def lapse(turn: RoutingTurn) -> None:
    """Clocks that passed take effect; warnings remind who must act."""
    said = clocks.lapse(turn.state.clocks, turn.now)
    turn.tell(*said)
    for name in clocks.lapsed(said):
        about, rule = name.split("/")
        if leg := turn.state.legs.get(about):
            _pass(turn, leg, rule)
        elif question := _question(about):
            question.lapse(turn, about)
        else:
            choosing.remind(turn, about, passed=True)
    for each in said:
        if isinstance(each, SlaWarned):
            _remind(turn, each)
    if not said:
        turn.note("no clock of this case is due")


def _question(about: str) -> ModuleType | None:
    return next((module for prefix, module in QUESTIONS.items() if about.startswith(prefix)), None)


def _pass(turn: RoutingTurn, leg: Leg, rule: str) -> None:
    match rule:
        case "N2.recall":
            row = LEG.taken(leg.state, f"clock:{rule}", "clock")
            recalls.stand(turn, leg, row, "the recall was not answered", Ground.LAPSED)
        case moving.SETTLE | moving.COMPLAINTS:
            disputes.escalate(turn, leg)
        case "N2.deliver":
            taking.give_up(turn, leg, f"clock:{rule}", Ground.UNDELIVERABLE, "no transport receipt in time")
        case _:
            taking.give_up(turn, leg, f"clock:{rule}", Ground.LAPSED, f"{rule} passed")


def _remind(turn: RoutingTurn, warned: SlaWarned) -> None:
    about = warned.clock.split("/")[0]
    leg = turn.state.legs.get(about)
    if question := _question(about):
        question.remind(turn, about)
    elif leg is None:
        choosing.remind(turn, about, passed=False)
    elif leg.open:
        turn.say(ReferralReminded(leg=leg.id, due=warned.due), to=_who_acts(turn, leg))


def _who_acts(turn: RoutingTurn, leg: Leg) -> str:
    if leg.state in (UNOFFERED, ASKED):
        return leg.sender
    if leg.state == "designation_pending":
        return next(iter(disputes.deciders(turn, leg)), leg.sender)
    return leg.receiver


def unroutable(turn: RoutingTurn, said: RoutingOfferUnroutable) -> None:
    """T5: the offer came back at once, for its receiver has no inbox. If it was to be recalled, it is."""
    leg = turn.state.legs.get(said.leg)
    text = "the receiver has no inbox"
    if leg and leg.state == "sent":
        taking.give_up(turn, leg, "unroutable", Ground.UNDELIVERABLE, text)
    elif leg and leg.state == "recall_requested" and leg.before == "sent":
        recalls.recall(turn, leg, LEG.taken(leg.state, "unroutable", "routing"), Ground.UNDELIVERABLE, text)
    else:
        turn.note(f"{said.leg} is no longer on its way")
