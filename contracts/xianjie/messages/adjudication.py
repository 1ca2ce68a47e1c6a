"""The track adjudication 行政裁决: what the IP office and the sender say in it, and what the service answers."""

from xianjie.message import AGENCY, message
from xianjie.messages import proceeding


@message("adjudication.opened", said_by="enforcement_liaison", heard_by=AGENCY)
class AdjudicationOpened(proceeding.Opened):
    """The adjudication is open here: the IP office may speak in it."""


@message("adjudication.progressed", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationProgressed(proceeding.Progressed):
    """The IP office took a step of the track, or reports in between."""


@message("adjudication.suspended", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationSuspended(proceeding.Suspended):
    """The IP office halts the adjudication, for a coded ground."""


@message("adjudication.resumed", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationResumed(proceeding.Resumed):
    """The IP office goes on."""


@message("adjudication.returned", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationReturned(proceeding.Returned):
    """The IP office gives the leg back, with an inventory of the papers."""


@message("adjudication.outcome_reported", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationOutcomeReported(proceeding.OutcomeReported):
    """The IP office reports how the adjudication ended."""


@message("adjudication.cancel_asked", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationCancelAsked(proceeding.CancelAsked):
    """The sender asks the IP office to stop."""


@message("adjudication.cancel_answered", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationCancelAnswered(proceeding.CancelAnswered):
    """The IP office stops, or goes on to the end."""


@message("adjudication.outcome_acknowledged", said_by=AGENCY, heard_by="enforcement_liaison")
class AdjudicationOutcomeAcknowledged(proceeding.OutcomeAcknowledged):
    """The sender has taken note of the outcome."""
