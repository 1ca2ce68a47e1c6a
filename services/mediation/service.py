"""The outside of mediation on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.mediation.rules import rules
from xianjie.messages.mediation import (
    MediationCancelAnswered,
    MediationCancelAsked,
    MediationOutcomeAcknowledged,
    MediationOutcomeReported,
    MediationProgressed,
    MediationResumed,
    MediationReturned,
    MediationSuspended,
)
from xianjie.messages.routing import RoutingLegTaken


class Mediation:
    """Keeps the proceedings before mediators. tracks/mediation.yaml says what follows."""

    name = "mediation"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()

    hears = listen(
        MediationCancelAnswered,
        MediationCancelAsked,
        MediationOutcomeAcknowledged,
        MediationOutcomeReported,
        MediationProgressed,
        MediationResumed,
        MediationReturned,
        MediationSuspended,
        RoutingLegTaken,
    )
