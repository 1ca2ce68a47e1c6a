"""The case: what applicants, centres and owners say about it, and what intake answers. Intake alone holds the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from marshmallow import validate

from xianjie.fields import (
    Area,
    CaseId,
    Code,
    Coded,
    Count,
    CreditCode,
    Digest,
    IdentityNumber,
    LegId,
    MessageId,
    Name,
    Right,
    Service,
    Text,
    Word,
)
from xianjie.message import AGENCY, DOOR, Message, message
from xianjie.vocabulary import ApplicantKind, Base, Channel, Ground, TargetGroup, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who asks for help. Personal data: only intake keeps it."""

    name: Name
    kind: ApplicantKind
    credit_code: CreditCode | None = None
    identity_number: IdentityNumber | None = None
    phone: Annotated[str, validate.Regexp(r"[0-9 +()-]{5,24}\Z")] | None = None
    area: Area | None = None
    groups: tuple[TargetGroup, ...] = ()
    bases: tuple[Base, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedRight:
    """The right in dispute: its type (open list), number and title where known."""

    type: Right
    number: Annotated[str, validate.Length(max=60)] | None = None
    title: Annotated[str, validate.Length(max=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondent:
    """Against whom: name, and where they sit (GB/T 2260)."""

    name: Name
    area: Area | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document by reference: it never travels in a message. `size` in bytes."""

    id: Name
    kind: Word
    title: Name
    media_type: Annotated[str, validate.Length(max=100)]
    size: Count
    sha256: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the applicant wants done: a track, by a named body if need be. Without one, the owner plans."""

    track: Track
    body: Code | None = None


@message("case.submitted", said_by=(DOOR, AGENCY), heard_by="intake", personal=True)
class CaseSubmitted(Message):
    """An application came in, through whatever channel. Custody begins with the receiving body."""

    receiving_body: Code
    applicant: Applicant
    right: DisputedRight
    respondents: tuple[Respondent, ...] = ()
    infringement_area: Area | None = None
    service: Service = "dispute"
    wish: Wish | None = None
    channel: Channel = Channel.WEB
    summary: Text = ""
    papers: tuple[Paper, ...] = ()
    sued: bool = False
    arbitration_agreed: bool = False
    batch: bool = False
    """One child case per respondent, each with a log of its own."""
    forwarded_by: Code | None = None
    query_hash: Digest | None = None
    """SHA-256 of the query code that the door gave to the applicant."""


@message("case.filed", said_by="intake", heard_by=AGENCY, personal=True)
class CaseFiled(Message):
    """The full application is on file. Its receiving body gets it, for it answers for the case; nobody else does.

    `parent` names the case of the batch that this one is a part of.
    """

    application: CaseSubmitted
    parent: CaseId | None = None


@message("case.moved", said_by="intake")
class CaseMoved(Message):
    """The case has another status: by which row of the protocol, and why."""

    status: Word
    row: Coded
    ground: Ground | None = None
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is missing from an application."""

    field: Word
    text: Name


@message("case.registered", said_by="intake", heard_by=AGENCY)
class CaseRegistered(Message):
    """The application is on file and waits for the receiving body's review."""

    receiving_body: Code
    service: Service
    right: Right
    respondents: Count
    due: datetime | None = None


@message("case.reviewed", said_by=AGENCY, heard_by="intake")
class CaseReviewed(Message):
    """The receiving body has looked at the application: it accepts, names every gap at once, or refuses with a ground."""

    verdict: Literal["accept", "gaps", "refuse"]
    gaps: tuple[Gap, ...] = ()
    ground: Ground | None = None
    text: Text = ""
    remedy: Text = ""


@message("case.supplement_asked", said_by="intake", heard_by=AGENCY)
class CaseSupplementAsked(Message):
    """The one notice that lists every gap. Without a supplement in time the application is deemed withdrawn."""

    gaps: tuple[Gap, ...]
    due: datetime | None = None


@message("case.supplemented", said_by=(DOOR, AGENCY), heard_by="intake", personal=True)
class CaseSupplemented(Message):
    """The applicant supplied what was missing."""

    papers: tuple[Paper, ...] = ()
    text: Text = ""


@message("case.supplement_filed", said_by="intake", heard_by=AGENCY, personal=True)
class CaseSupplementFiled(Message):
    """What the applicant supplied is on file with the rest; the receiving body reviews again."""

    papers: tuple[Paper, ...] = ()
    text: Text = ""
    due: datetime | None = None


@message("case.accepted", said_by="intake", heard_by="routing")
class CaseAccepted(Message):
    """The case is taken; `owner` answers for it. Routing finds it a way, if a track is wished for."""

    owner: Code
    right: Right
    respondent_areas: tuple[Area, ...] = ()
    infringement_area: Area | None = None
    wish: Wish | None = None
    sued: bool = False
    arbitration_agreed: bool = False
    papers: Count = 0
    paper_kinds: tuple[Word, ...] = ()
    """What the file proves or holds: kinds of papers, each once."""
    parent: CaseId | None = None
    batch: bool = False
    """A batch goes its way in its cases; it has no leg of its own."""


@message("case.refused", said_by="intake")
class CaseRefused(Message):
    """Not taken: why, what else helps, and until when the applicant may appeal."""

    ground: Ground
    text: Text = ""
    remedy: Text = ""


@message("case.appealed", said_by=(DOOR, AGENCY), heard_by="intake")
class CaseAppealed(Message):
    """The applicant appeals against the refusal."""

    text: Text = ""


@message("case.appeal_opened", said_by="intake", heard_by="routing")
class CaseAppealOpened(Message):
    """An appeal against the refusal of this body is on file. Routing answers `routing.superiors_named`: who decides it."""

    body: Code


@message("case.superiors_noted", said_by="intake")
class CaseSuperiorsNoted(Message):
    """Who may overturn a refusal, or reopen the case: the bodies above the one that answers for it, the nearest first."""

    bodies: tuple[Code, ...]


@message("case.appeal_put", said_by="intake", heard_by=AGENCY, personal=True)
class CaseAppealPut(Message):
    """The file of a refused application, for the nearest body above the one that refused it: it decides with `case.appeal_decided`."""

    body: Code
    plea: Text = ""
    applicant: Applicant
    right: DisputedRight
    respondents: tuple[Respondent, ...]
    papers: tuple[Paper, ...]
    summary: Text = ""
    due: datetime | None = None


@message("case.appeal_decided", said_by=AGENCY, heard_by="intake")
class CaseAppealDecided(Message):
    """A body above the one that refused overturns the refusal or upholds it."""

    result: Literal["overturn", "uphold"]
    text: Text = ""


@message("case.deemed_withdrawn", said_by="intake")
class CaseDeemedWithdrawn(Message):
    """Nothing was supplied in time."""


@message("case.refused_finally", said_by="intake")
class CaseRefusedFinally(Message):
    """The refusal stands."""


@message("case.noticed", said_by="intake", heard_by=AGENCY)
class CaseNoticed(Message):
    """News of the case for its owner or the body that spoke: its status now, and why."""

    status: Word
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None


@message("case.planned", said_by="intake")
class CasePlanned(Message):
    """Its first leg is under way: the case is in service."""

    leg: LegId


@message("case.leg_opened", said_by="intake")
class CaseLegOpened(Message):
    """A leg of the case is under way: the case cannot end before it."""

    leg: LegId
    track: Track
    sender: Code
    receiver: Code


@message("case.leg_closed", said_by="intake")
class CaseLegClosed(Message):
    """A leg of the case has ended. `settled`: its outcome settles the whole case, and is this one."""

    leg: LegId
    how: Word
    settled: Word | None = None


@message("case.owner_changed", said_by="intake")
class CaseOwnerChanged(Message):
    """Another body answers for the case now."""

    owner: Code
    leg: LegId


@message("case.file_released", said_by="intake", heard_by=AGENCY, personal=True)
class CaseFileReleased(Message):
    """The full file, for the body that took the leg. Nobody else gets it."""

    leg: LegId
    applicant: Applicant
    right: DisputedRight
    respondents: tuple[Respondent, ...]
    papers: tuple[Paper, ...]
    summary: Text = ""


@message("case.suspension_asked", said_by=AGENCY, heard_by="intake")
class CaseSuspensionAsked(Message):
    """The owner halts the case."""

    ground: Ground
    text: Text = ""


@message("case.suspended", said_by="intake")
class CaseSuspended(Message):
    """The case stands still, with its ground."""

    ground: Ground


@message("case.resumption_asked", said_by=AGENCY, heard_by="intake")
class CaseResumptionAsked(Message):
    """The owner lets the case go on."""

    text: Text = ""


@message("case.resumed", said_by="intake")
class CaseResumed(Message):
    """The case goes on where it stood."""


@message("case.conclusion_proposed", said_by=AGENCY, heard_by="intake")
class CaseConclusionProposed(Message):
    """The owner holds that the case is done. Needs an outcome and no open leg."""

    outcome: Word
    text: Text = ""


@message("case.withdrawal_asked", said_by=(DOOR, AGENCY), heard_by="intake")
class CaseWithdrawalAsked(Message):
    """The applicant no longer wants it."""

    text: Text = ""


@message("case.conclusion_asked", said_by="intake", heard_by="routing")
class CaseConclusionAsked(Message):
    """May the case end? Routing answers `routing.cleared`, after which it opens no leg, or `routing.legs_open`."""

    purpose: Literal["conclude", "withdraw"]
    outcome: Word


@message("case.concluded", said_by="intake")
class CaseConcluded(Message):
    """Every leg is closed and the outcome is set."""

    outcome: Word


@message("case.withdrawn", said_by="intake")
class CaseWithdrawn(Message):
    """Ended by the applicant's wish."""


@message("case.reopening_asked", said_by=AGENCY, heard_by="intake")
class CaseReopeningAsked(Message):
    """The owner or a superior takes a closed case up again."""

    text: Text


@message("case.reopened", said_by="intake", heard_by="routing")
class CaseReopened(Message):
    """The case is in service again; legs may be opened."""

    text: Text = ""


@message("case.closed", said_by="intake")
class CaseClosed(Message):
    """The return visit is done, or three tries failed."""


@message("case.archived", said_by="intake")
class CaseArchived(Message):
    """The retention time is over."""


@message("case.duplicate_flagged", said_by="intake")
class CaseDuplicateFlagged(Message):
    """Another case has the same person, right and respondent. Shown, never refused for it."""

    other: CaseId


@message("case.party_registered", said_by="intake", heard_by="intake")
class CasePartyRegistered(Message):
    """A case of this party, right and respondent. Its subject is their register, `dup-` and 40 digits of their hash."""

    case: CaseId


@message("case.party_listed", said_by="intake")
class CasePartyListed(Message):
    """The register of one party, right and respondent names this case from now on."""

    case: CaseId


@message("case.duplicate_found", said_by="intake", heard_by="intake")
class CaseDuplicateFound(Message):
    """The register names another case of the same party, right and respondent. Its subject is the case that is told."""

    other: CaseId


@message("case.fact_reported", said_by=AGENCY, heard_by="intake")
class CaseFactReported(Message):
    """Something that happened to the dispute outside the tracks of the network."""

    fact: Word
    text: Text
    body: Name | None = None


@message("case.fact_noted", said_by="intake")
class CaseFactNoted(Message):
    """A fact from outside the tracks is on record and counted."""

    fact: Word
    reported: MessageId


@message("case.child_opened", said_by="intake", heard_by="intake", personal=True)
class CaseChildOpened(Message):
    """One case of a batch: everything it needs of its parent. Its subject is the child."""

    parent: CaseId
    place: Count
    submitted: CaseSubmitted


@message("case.child_concluded", said_by="intake", heard_by="intake")
class CaseChildConcluded(Message):
    """A case of the batch has ended. Its subject is the parent."""

    child: CaseId
    outcome: Word


@message("case.batch_opened", said_by="intake")
class CaseBatchOpened(Message):
    """The case is a batch: these are its cases, one for each respondent. It waits for them and has no leg of its own."""

    children: tuple[CaseId, ...]


@message("case.child_noted", said_by="intake")
class CaseChildNoted(Message):
    """A case of the batch has ended, and the batch knows it."""

    child: CaseId
    outcome: Word
