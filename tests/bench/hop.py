"""Our contestant: one service process on the real chassis, whose rules say one message for each one heard.

It hears `proceeding.ended` (1.4 kB) as routing would, checks it against its contract, decides, commits it with state and hash, and says
`routing.leg_closed` to intake; its queue, its log, its journal and its confirms are those of every service. A message whose text begins with
"poison" cannot be decided: its case is parked.
"""

from services.chassis.host import run  # first: it makes the process green

# isort: split
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from xianjie.deciding import Event, Given, Rules, Say
from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.routing import RoutingLegClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Hops:
    """What the contestant keeps of a case: how many hops it made, and the last."""

    case: str
    hops: int = 0
    last: str = ""


def decide(state: Hops, heard: Heard, given: Given) -> list[Event]:
    """One message for one message."""
    said = heard.message
    assert isinstance(said, ProceedingEnded)
    if said.text.startswith("poison"):
        raise RuntimeError("a message that cannot be decided")
    return [
        Say(
            RoutingLegClosed(leg=said.leg, how=said.how, track=said.track, outcome=said.outcome, open_legs=state.hops),
            to="intake",
        )
    ]


def evolve(state: Hops, said: Message) -> Hops:
    """The state after one hop."""
    return replace(state, hops=state.hops + 1, last=said.name)


def due(state: Hops) -> datetime | None:
    """Nothing is ever due."""
    return None


rules = Rules(service="routing", state=Hops, initial=lambda case: Hops(case=case), decide=decide, evolve=evolve, due=due)


class Hop:
    """The chassis as it is, under other rules."""

    name = "routing"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()
    hears = listen(ProceedingEnded)


if __name__ == "__main__":
    run(Hop)
