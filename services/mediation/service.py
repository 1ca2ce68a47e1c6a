"""The outside of mediation on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.mediation.rules import rules
from xianjie.messages.proceeding import ProceedingHandlersNamed, ProceedingJoined, ProceedingJoinUnmet
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.tracks import ARBITRATION, MEDIATION


class Mediation:
    """Keeps the proceedings before mediators and arbitrators. Their track tables say what follows."""

    name = "mediation"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()

    hears = listen(
        ProceedingHandlersNamed, ProceedingJoined, ProceedingJoinUnmet, RoutingLegTaken, *MEDIATION.heard, *ARBITRATION.heard
    )
