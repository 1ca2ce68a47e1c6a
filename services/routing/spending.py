"""The ledger of a case: what the help cost, up to a cap; beyond it a body above the owner decides (feature 62). The applicant pays nothing."""

from typing import Any, Literal

from services.routing.asking import Asking, above
from services.routing.custody import Cost, Custody
from services.routing.moving import RoutingTurn
from xianjie.law import deadlines
from xianjie.messages.cost import CostApprovalAsked, CostBooked, CostDecided, CostDropped, CostNoted, CostReported, CostTold
from xianjie.vocabulary import Ground

COST = Asking("cost-", "N2.cost")
"""The decision on a cost beyond the cap: its key is the body that paid, and its name for the cost."""
State = Literal["booked", "asked", "refused", "unanswered"]
CAP = deadlines.count("cost_cap")
"""Fen that one case may cost before a body above its owner must agree to more."""


def report(turn: RoutingTurn, said: CostReported) -> None:
    """Within the cap it stands at once; beyond it, when a body above the owner has agreed."""
    custody = turn.state
    cost = Cost(body=turn.heard.speaker, item=said.item, fen=said.fen, purpose=said.purpose, text=said.text)
    if cost.body not in _helpers(custody):
        turn.refuse(403, Ground.NOT_YOURS, "costs are reported by the owner, and by bodies that took a leg of this case")
    elif cost.key in custody.costs:
        turn.refuse(
            403, Ground.DUPLICATE, f"a cost of yours is called {said.item} already in this case: give this one another name"
        )
    elif custody.spent + cost.fen <= CAP:
        _book(turn, cost)
    elif not above(turn, but=cost.body):
        turn.refuse(
            403, Ground.OTHER, f"with it the case costs more than {CAP} fen, and nobody above its owner can agree to that"
        )
    else:
        turn.say(CostNoted(body=cost.body, item=cost.item, fen=cost.fen, purpose=cost.purpose, text=cost.text))
        COST.begin(turn, cost.key)
        _ask(turn, cost)
        _tell(turn, cost, "asked", due=COST.due(turn, cost.key))


def _helpers(custody: Custody) -> set[str]:
    """The owner, and every body that took a leg, whatever became of it."""
    took = {each.receiver for each in custody.legs.values() if each.took}
    return took | ({custody.owner} if custody.owner else set())


def _ask(turn: RoutingTurn, cost: Cost) -> None:
    asked = CostApprovalAsked(
        body=cost.body, item=cost.item, fen=cost.fen, purpose=cost.purpose, booked=turn.state.spent, cap=CAP, text=cost.text,
        due=COST.due(turn, cost.key),
    )  # fmt: skip
    for each in above(turn, but=cost.body)[:1]:
        turn.say(asked, to=each)


def _book(turn: RoutingTurn, cost: Cost, by: str | None = None) -> None:
    booked = turn.state.spent + cost.fen
    turn.say(CostBooked(body=cost.body, item=cost.item, fen=cost.fen, purpose=cost.purpose, booked=booked, approved_by=by))
    _tell(turn, cost, "booked")


def _tell(turn: RoutingTurn, cost: Cost, state: State, **more: Any) -> None:
    turn.say(CostTold(item=cost.item, state=state, booked=turn.state.spent, **more), to=cost.body)


def decide(turn: RoutingTurn, said: CostDecided) -> None:
    """The word of a body above the owner: the cost stands, or it does not."""
    cost = turn.state.costs.get(f"{said.body}-{said.item}")
    if cost is None or cost.stands:
        turn.refuse(410, Ground.TOO_LATE, f"no cost of {said.body} called {said.item} waits for a decision in this case")
    elif turn.heard.speaker not in above(turn, but=cost.body):
        turn.refuse(403, Ground.NOT_YOURS, "only a body above the owner that did not pay itself may decide it")
    else:
        COST.answered(turn, cost.key)
        if said.approved:
            _book(turn, cost, by=turn.heard.speaker)
        else:
            _drop(turn, cost, "refused", text=said.text)


def _drop(turn: RoutingTurn, cost: Cost, state: State, **more: Any) -> None:
    COST.over(turn, cost.key)
    turn.say(CostDropped(body=cost.body, item=cost.item))
    _tell(turn, cost, state, **more)


def _waiting(turn: RoutingTurn, about: str) -> list[Cost]:
    """The cost that the clock is about, if it still waits."""
    return [each for each in turn.state.costs.values() if not each.stands and COST.about(each.key) == about]


def remind(turn: RoutingTurn, about: str) -> None:
    """The decision is near its limit: who must take it hears once more."""
    for cost in _waiting(turn, about):
        _ask(turn, cost)


def lapse(turn: RoutingTurn, about: str) -> None:
    """Nobody decided: the cost does not stand, and may be reported anew."""
    for cost in _waiting(turn, about):
        _drop(turn, cost, "unanswered", ground=Ground.LAPSED)
