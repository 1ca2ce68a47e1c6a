"""The track mediation 调解: what the mediator's office and the sender say in it, and what the service answers."""

from xianjie.message import AGENCY, message
from xianjie.messages import proceeding


@message("mediation.opened", said_by="mediation", heard_by=AGENCY)
class MediationOpened(proceeding.Opened):
    """The mediation is open here: the mediator's office may speak in it."""


@message("mediation.progressed", said_by=AGENCY, heard_by="mediation")
class MediationProgressed(proceeding.Progressed):
    """The mediator's office took a step of the track, or reports in between."""


@message("mediation.suspended", said_by=AGENCY, heard_by="mediation")
class MediationSuspended(proceeding.Suspended):
    """The mediator's office halts the mediation, for a coded ground."""


@message("mediation.resumed", said_by=AGENCY, heard_by="mediation")
class MediationResumed(proceeding.Resumed):
    """The mediator's office goes on."""


@message("mediation.returned", said_by=AGENCY, heard_by="mediation")
class MediationReturned(proceeding.Returned):
    """The mediator's office gives the leg back, with an inventory of the papers."""


@message("mediation.outcome_reported", said_by=AGENCY, heard_by="mediation")
class MediationOutcomeReported(proceeding.OutcomeReported):
    """The mediator's office reports how the mediation ended."""


@message("mediation.cancel_asked", said_by=AGENCY, heard_by="mediation")
class MediationCancelAsked(proceeding.CancelAsked):
    """The sender asks the mediator's office to stop."""


@message("mediation.cancel_answered", said_by=AGENCY, heard_by="mediation")
class MediationCancelAnswered(proceeding.CancelAnswered):
    """The mediator's office stops, or goes on to the end."""


@message("mediation.outcome_acknowledged", said_by=AGENCY, heard_by="mediation")
class MediationOutcomeAcknowledged(proceeding.OutcomeAcknowledged):
    """The sender has taken note of the outcome."""
