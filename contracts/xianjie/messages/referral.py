"""The leg as it crosses the border between the network and an agency: offered, answered, recalled."""

from datetime import datetime
from typing import Literal

from xianjie.fields import Area, Code, Count, LegId, Name, Right, Text, Word
from xianjie.message import AGENCY, Message, message
from xianjie.vocabulary import Ground, LegKind, Track


@message("referral.requested", said_by=AGENCY, heard_by="routing")
class ReferralRequested(Message):
    """A body asks for a leg: the owner refers its case, a court entrusts a regulator, a procuratorate notifies one.

    Without `body`, routing finds the competent one. `basis`: one of those that the data of the track name; some only a court may say.
    """

    track: Track
    kind: LegKind
    body: Code | None = None
    basis: Word | None = None
    legal_basis: Text = ""
    needs_consent: bool = False
    new_facts: Text = ""
    """What is new since this body last declined, returned or let lapse the same track."""
    text: Text = ""
    pseudonymised: bool = False
    """The receiver shall not learn whose case it is, and gets no file. A case is never transferred so."""


@message("referral.offered", said_by="routing", heard_by=AGENCY)
class ReferralOffered(Message):
    """Will you take this leg? A preview with what the decision needs and no more; the file follows acceptance."""

    leg: LegId
    track: Track
    kind: LegKind
    sender: Code
    right: Right
    area: Area | None = None
    respondents: Count = 0
    papers: Count = 0
    rule: Text = ""
    text: Text = ""
    due: datetime | None = None
    priority: bool = False
    """Whether the applicant is one whom the Opinion asks to serve first."""


@message("referral.consent_withdrawn", said_by=AGENCY, heard_by="routing")
class ReferralConsentWithdrawn(Message):
    """The party no longer consents to this leg, or to any: what was not taken is taken back; who took it reads the file no more."""

    leg: LegId | None = None
    text: Text = ""


@message("referral.delivered", said_by=AGENCY, heard_by="routing")
class ReferralDelivered(Message):
    """The receiver's gateway has the offer: the transport receipt, made by the gateway itself."""

    leg: LegId


@message("referral.acknowledged", said_by=AGENCY, heard_by="routing")
class ReferralAcknowledged(Message):
    """A clerk of the receiver has it on the desk 回执; the time to accept or decline runs."""

    leg: LegId
    reference: Name | None = None


@message("referral.info_requested", said_by=AGENCY, heard_by="routing")
class ReferralInfoRequested(Message):
    """The receiver needs more before it decides: one list of everything, sent once."""

    leg: LegId
    gaps: tuple[Name, ...]


@message("referral.info_supplied", said_by=AGENCY, heard_by="routing")
class ReferralInfoSupplied(Message):
    """The sender supplied what the receiver asked for."""

    leg: LegId
    text: Text = ""


@message("referral.accepted", said_by=AGENCY, heard_by="routing")
class ReferralAccepted(Message):
    """The receiver takes the leg, and declares that nobody who will handle it must withdraw."""

    leg: LegId
    recusal_checked: bool = False
    """The declaration. Left out, it is not made, and the acceptance is refused."""
    reference: Name | None = None
    """The receiver's own number for it."""
    address: Name | None = None
    """Where the receiver may be reached about this leg. Shown to people; who accepts is known by its code alone."""


@message("referral.declined", said_by=AGENCY, heard_by="routing")
class ReferralDeclined(Message):
    """The receiver will not take the leg. Custody has not moved; routing offers it to the next competent body."""

    leg: LegId
    ground: Ground
    refused_by: Literal["agency", "party"] = "agency"
    text: Text


@message("referral.redirected", said_by=AGENCY, heard_by="routing")
class ReferralRedirected(Message):
    """The receiver is not competent, and names the body that is: a new leg goes there, and the sender is told.

    Not where the case itself is to be transferred: then the receiver disputes.
    """

    leg: LegId
    to: Code
    text: Text = ""


@message("referral.disputed", said_by=AGENCY, heard_by="routing")
class ReferralDisputed(Message):
    """The receiver disputes that it is competent. The two have 7 working days to settle it; then their superior designates."""

    leg: LegId
    text: Text


@message("referral.designation_asked", said_by="routing", heard_by=AGENCY)
class ReferralDesignationAsked(Message):
    """Two bodies dispute who is competent, and did not settle it. Designate one, as their common superior or across lines."""

    leg: LegId
    sender: Code
    receiver: Code
    text: Text = ""
    due: datetime | None = None


@message("referral.designated", said_by=AGENCY, heard_by="routing")
class ReferralDesignated(Message):
    """The common superior has named the competent body. It binds: that body may not decline, redirect or dispute."""

    leg: LegId
    body: Code
    text: Text = ""


@message("referral.recall_asked", said_by=AGENCY, heard_by="routing")
class ReferralRecallAsked(Message):
    """The sender wants the offer back. A request: the receiver's log decides."""

    leg: LegId
    text: Text = ""


@message("referral.recall_requested", said_by="routing", heard_by=AGENCY)
class ReferralRecallRequested(Message):
    """The sender wants this offer back. Answer `referral.recalled`, or `referral.recall_refused` to keep it."""

    leg: LegId
    text: Text = ""


@message("referral.recalled", said_by=AGENCY, heard_by="routing")
class ReferralRecalled(Message):
    """The receiver has let go of the offer and wiped the preview."""

    leg: LegId


@message("referral.recall_refused", said_by=AGENCY, heard_by="routing")
class ReferralRecallRefused(Message):
    """The receiver does not let go of the offer: it takes the leg, where it could accept it; else the offer stands where it stood."""

    leg: LegId
    recusal_checked: bool = False
    """As in `referral.accepted`: needed where the leg is taken by this."""


@message("referral.consented", said_by=AGENCY, heard_by="routing")
class ReferralConsented(Message):
    """The party agrees that its data goes to the receiver, or does not."""

    leg: LegId
    agreed: bool


@message("referral.reminded", said_by="routing", heard_by=AGENCY)
class ReferralReminded(Message):
    """A time limit of this leg is near."""

    leg: LegId
    due: datetime


@message("referral.moved", said_by="routing", heard_by=AGENCY)
class ReferralMoved(Message):
    """News of a leg for its sender or receiver: its state now, with ground and words where there are any.

    A receiver that hears `declined`, `expired`, `recalled` or `undeliverable` wipes the preview.
    """

    leg: LegId
    state: Word
    body: Code
    ground: Ground | None = None
    refused_by: Literal["agency", "party"] | None = None
    outcome: Word | None = None
    text: Text = ""
    wipe: bool = False
    inventory: tuple[Name, ...] = ()


@message("referral.choice_asked", said_by="routing", heard_by=AGENCY)
class ReferralChoiceAsked(Message):
    """No competent body is left by rule: choose one with `referral.body_chosen`, or drop the plan."""

    track: Track
    text: Text = ""
    due: datetime | None = None


@message("referral.body_chosen", said_by=AGENCY, heard_by="routing")
class ReferralBodyChosen(Message):
    """The owner or its superior chooses the body where routing has no answer."""

    track: Track
    body: Code
    text: Text = ""


@message("referral.plan_dropped", said_by=AGENCY, heard_by="routing")
class ReferralPlanDropped(Message):
    """The owner or its superior gives the track up for this case."""

    track: Track
    ground: Ground
    text: Text = ""
