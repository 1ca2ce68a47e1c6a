"""The outside of enforcement_liaison on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.enforcement_liaison.rules import rules
from xianjie.messages.proceeding import ProceedingHandlersNamed, ProceedingJoined, ProceedingJoinUnmet
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.tracks import ADJUDICATION, CONFIRMATION, COURT, CREDIT, CRIMINAL, CUSTOMS, FAIR, OPINION, PENALTY, PLATFORM


class EnforcementLiaison:
    """Keeps the proceedings before offices, courts, regulators, police, customs and the others. Their track tables say what follows."""

    name = "enforcement_liaison"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()

    hears = listen(
        ProceedingHandlersNamed,
        ProceedingJoined,
        ProceedingJoinUnmet,
        RoutingLegTaken,
        *ADJUDICATION.heard,
        *CONFIRMATION.heard,
        *COURT.heard,
        *PENALTY.heard,
        *CRIMINAL.heard,
        *PLATFORM.heard,
        *FAIR.heard,
        *CUSTOMS.heard,
        *OPINION.heard,
        *CREDIT.heard,
    )
