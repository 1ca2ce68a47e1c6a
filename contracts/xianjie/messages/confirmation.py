"""The track confirmation 司法确认: what the court and the sender say in it, and what the service answers."""

from xianjie.message import AGENCY, message
from xianjie.messages import proceeding


@message("confirmation.opened", said_by="enforcement_liaison", heard_by=AGENCY)
class ConfirmationOpened(proceeding.Opened):
    """The confirmation is open here: the court may speak in it."""


@message("confirmation.progressed", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationProgressed(proceeding.Progressed):
    """The court took a step of the track, or reports in between."""


@message("confirmation.suspended", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationSuspended(proceeding.Suspended):
    """The court halts the confirmation, for a coded ground."""


@message("confirmation.resumed", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationResumed(proceeding.Resumed):
    """The court goes on."""


@message("confirmation.returned", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationReturned(proceeding.Returned):
    """The court gives the leg back, with an inventory of the papers."""


@message("confirmation.outcome_reported", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationOutcomeReported(proceeding.OutcomeReported):
    """The court reports how the confirmation ended."""


@message("confirmation.cancel_asked", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationCancelAsked(proceeding.CancelAsked):
    """The sender asks the court to stop."""


@message("confirmation.cancel_answered", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationCancelAnswered(proceeding.CancelAnswered):
    """The court stops, or goes on to the end."""


@message("confirmation.outcome_acknowledged", said_by=AGENCY, heard_by="enforcement_liaison")
class ConfirmationOutcomeAcknowledged(proceeding.OutcomeAcknowledged):
    """The sender has taken note of the outcome."""
