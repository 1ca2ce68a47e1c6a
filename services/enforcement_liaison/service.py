"""The outside of enforcement_liaison on one screen: what it stands on, and what it hears."""

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from services.enforcement_liaison.rules import rules
from xianjie.messages.adjudication import (
    AdjudicationCancelAnswered,
    AdjudicationCancelAsked,
    AdjudicationOutcomeAcknowledged,
    AdjudicationOutcomeReported,
    AdjudicationProgressed,
    AdjudicationResumed,
    AdjudicationReturned,
    AdjudicationSuspended,
)
from xianjie.messages.confirmation import (
    ConfirmationCancelAnswered,
    ConfirmationCancelAsked,
    ConfirmationOutcomeAcknowledged,
    ConfirmationOutcomeReported,
    ConfirmationProgressed,
    ConfirmationResumed,
    ConfirmationReturned,
    ConfirmationSuspended,
)
from xianjie.messages.court import (
    CourtCancelAnswered,
    CourtCancelAsked,
    CourtOutcomeAcknowledged,
    CourtOutcomeReported,
    CourtProgressed,
    CourtResumed,
    CourtReturned,
    CourtSuspended,
)
from xianjie.messages.routing import RoutingLegTaken


class EnforcementLiaison:
    """Keeps the proceedings before adjudication offices and courts. Their track tables say what follows."""

    name = "enforcement_liaison"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()

    hears = listen(
        AdjudicationCancelAnswered,
        AdjudicationCancelAsked,
        AdjudicationOutcomeAcknowledged,
        AdjudicationOutcomeReported,
        AdjudicationProgressed,
        AdjudicationResumed,
        AdjudicationReturned,
        AdjudicationSuspended,
        ConfirmationCancelAnswered,
        ConfirmationCancelAsked,
        ConfirmationOutcomeAcknowledged,
        ConfirmationOutcomeReported,
        ConfirmationProgressed,
        ConfirmationResumed,
        ConfirmationReturned,
        ConfirmationSuspended,
        CourtCancelAnswered,
        CourtCancelAsked,
        CourtOutcomeAcknowledged,
        CourtOutcomeReported,
        CourtProgressed,
        CourtResumed,
        CourtReturned,
        CourtSuspended,
        RoutingLegTaken,
    )
