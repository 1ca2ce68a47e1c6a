"""What is said in the proceedings of each track: by its body, by the sender of the leg, and by the service that keeps it.

The shapes are the same in every track (proceeding.py); each track says them under its own noun, so that who may say what is seen by the type.
"""

from dataclasses import dataclass
from typing import TypeVar, cast

from xianjie.message import AGENCY, Message, message
from xianjie.messages import proceeding
from xianjie.vocabulary import Track

Shape = TypeVar("Shape", bound=Message)


@dataclass(frozen=True, slots=True)
class Said:
    """The messages of one track, as classes."""

    opened: type[proceeding.Opened]
    progressed: type[proceeding.Progressed]
    suspended: type[proceeding.Suspended]
    resumed: type[proceeding.Resumed]
    returned: type[proceeding.Returned]
    outcome_reported: type[proceeding.OutcomeReported]
    cancel_asked: type[proceeding.CancelAsked]
    cancel_answered: type[proceeding.CancelAnswered]
    outcome_acknowledged: type[proceeding.OutcomeAcknowledged]
    outcome_contested: type[proceeding.OutcomeContested]
    contest_answered: type[proceeding.ContestAnswered]
    escalated: type[proceeding.Escalated]
    ordered: type[proceeding.Ordered]

    @property
    def heard(self) -> tuple[type[Message], ...]:
        """Those that the service hears which keeps the track."""
        return (
            self.progressed, self.suspended, self.resumed, self.returned, self.outcome_reported, self.cancel_asked,
            self.cancel_answered, self.outcome_acknowledged, self.outcome_contested, self.contest_answered, self.escalated, self.ordered,
        )  # fmt: skip


def _said(track: Track, service: str, work: str, body: str) -> Said:
    """The messages of `track`: `work` is what is done in it, `body` who does it, as in a sentence."""

    def declare(shape: type[Shape], verb: str, says: str) -> type[Shape]:
        said_by, heard_by = (service, AGENCY) if verb == "opened" else (AGENCY, service)
        name = "".join(each.capitalize() for each in f"{track}_{verb}".split("_"))
        bare = type(name, (shape,), {"__doc__": says[0].upper() + says[1:], "__module__": __name__})
        return cast(type[Shape], message(f"{track}.{verb}", said_by=said_by, heard_by=heard_by)(bare))

    return Said(
        declare(proceeding.Opened, "opened", f"{work} is open here: {body} may speak in it."),
        declare(proceeding.Progressed, "progressed", f"{body} took a step of the track, or reports in between."),
        declare(proceeding.Suspended, "suspended", f"{body} halts {work}, for a coded ground."),
        declare(proceeding.Resumed, "resumed", f"{body} goes on."),
        declare(proceeding.Returned, "returned", f"{body} gives the leg back, with an inventory of the papers."),
        declare(proceeding.OutcomeReported, "outcome_reported", f"{body} reports how {work} ended."),
        declare(proceeding.CancelAsked, "cancel_asked", f"the sender asks {body} to stop."),
        declare(proceeding.CancelAnswered, "cancel_answered", f"{body} stops, or goes on to the end."),
        declare(proceeding.OutcomeAcknowledged, "outcome_acknowledged", "the sender has taken note of the outcome."),
        declare(proceeding.OutcomeContested, "outcome_contested", "the sender does not take the outcome as it is."),
        declare(proceeding.ContestAnswered, "contest_answered", f"{body} takes it up again, or stands by the outcome."),
        declare(proceeding.Escalated, "escalated", f"the sender puts the outcome to the body above {body}."),
        declare(
            proceeding.Ordered, "ordered", f"a body above {body} orders that it is taken up again, or that the outcome stands."
        ),
    )


MEDIATION = _said(Track.MEDIATION, "mediation", "the mediation", "the mediator's office")
ARBITRATION = _said(Track.ARBITRATION, "mediation", "the arbitration", "the arbitration commission")
CONFIRMATION = _said(Track.CONFIRMATION, "enforcement_liaison", "the confirmation", "the court")
ADJUDICATION = _said(Track.ADJUDICATION, "enforcement_liaison", "the adjudication", "the IP office")
COURT = _said(Track.COURT, "enforcement_liaison", "the suit", "the court")
PENALTY = _said(Track.PENALTY, "enforcement_liaison", "the penalty case", "the regulator")
CRIMINAL = _said(Track.CRIMINAL, "enforcement_liaison", "the criminal case", "the police")
PLATFORM = _said(Track.PLATFORM, "enforcement_liaison", "the complaint", "the platform")
FAIR = _said(Track.FAIR, "enforcement_liaison", "the complaint", "the fair's complaint office")
CUSTOMS = _said(Track.CUSTOMS, "enforcement_liaison", "the customs case", "the customs house")
OPINION = _said(Track.OPINION, "enforcement_liaison", "the work on the opinion", "the expert body")
CREDIT = _said(Track.CREDIT, "enforcement_liaison", "the entry", "the credit registrar")
