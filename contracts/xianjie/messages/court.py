"""The track court 诉讼: what the court and the sender say in it, and what the service answers."""

from xianjie.message import AGENCY, message
from xianjie.messages import proceeding


@message("court.opened", said_by="enforcement_liaison", heard_by=AGENCY)
class CourtOpened(proceeding.Opened):
    """The suit is open here: the court may speak in it."""


@message("court.progressed", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtProgressed(proceeding.Progressed):
    """The court took a step of the track, or reports in between."""


@message("court.suspended", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtSuspended(proceeding.Suspended):
    """The court halts the suit, for a coded ground."""


@message("court.resumed", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtResumed(proceeding.Resumed):
    """The court goes on."""


@message("court.returned", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtReturned(proceeding.Returned):
    """The court gives the leg back, with an inventory of the papers."""


@message("court.outcome_reported", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtOutcomeReported(proceeding.OutcomeReported):
    """The court reports how the court ended."""


@message("court.cancel_asked", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtCancelAsked(proceeding.CancelAsked):
    """The sender asks the court to stop."""


@message("court.cancel_answered", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtCancelAnswered(proceeding.CancelAnswered):
    """The court stops, or goes on to the end."""


@message("court.outcome_acknowledged", said_by=AGENCY, heard_by="enforcement_liaison")
class CourtOutcomeAcknowledged(proceeding.OutcomeAcknowledged):
    """The sender has taken note of the outcome."""
