"""The course of a case: its status, its legs and owners as intake sees them, how it stands still, ends and is taken up again."""

from datetime import datetime
from typing import Literal

from xianjie.fields import Code, Coded, LegId, MessageId, Name, Text, Word
from xianjie.message import AGENCY, DOOR, Message, message
from xianjie.messages.case.application import Applicant, DisputedRight, Paper, Respondent
from xianjie.vocabulary import Ground, Track


@message("case.moved", said_by="intake")
class CaseMoved(Message):
    """The case has another status: by which row of the protocol, and why."""

    status: Word
    row: Coded
    ground: Ground | None = None
    text: Text = ""


@message("case.noticed", said_by="intake", heard_by=AGENCY)
class CaseNoticed(Message):
    """News of the case for its owner or the body that spoke: its status now, and why."""

    status: Word
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None


@message("case.body_unreachable", said_by="intake")
class CaseBodyUnreachable(Message):
    """The body that answers for the case has no inbox, or is not in the network: nobody there hears of it, and a person must see to it."""

    body: Code


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
    """The full file, for the body that took the leg. Nobody else gets it. `applicant` is left out where a reporter is hidden from it."""

    leg: LegId
    applicant: Applicant | None = None
    right: DisputedRight
    respondents: tuple[Respondent, ...]
    papers: tuple[Paper, ...]
    summary: Text = ""


@message("case.file_withheld", said_by="intake")
class CaseFileWithheld(Message):
    """The body of this leg reads the file no more: the party has withdrawn its consent."""

    leg: LegId


@message("case.file_asked", said_by=AGENCY, heard_by="intake")
class CaseFileAsked(Message):
    """Who answers for the case, has a leg of it, or stands above its owner wants to read its file, and why. What others read is on record."""

    reason: Text


@message("case.file_shown", said_by="intake", heard_by=AGENCY, personal=True)
class CaseFileShown(Message):
    """The file, for the body that asked to read it. `applicant` and `summary` are left out where a reporter is hidden from it."""

    applicant: Applicant | None = None
    right: DisputedRight
    respondents: tuple[Respondent, ...]
    papers: tuple[Paper, ...]
    summary: Text = ""


@message("case.file_read", said_by="intake", heard_by=AGENCY)
class CaseFileRead(Message):
    """Another body than the one that answers for the case has read its file: which, as what, whether it learnt who applies, and why."""

    reader: Code
    role: Word
    named: bool
    reason: Text = ""


@message("case.fact_reported", said_by=AGENCY, heard_by="intake")
class CaseFactReported(Message):
    """Something that happened to the dispute outside the tracks of the network. Some facts open or shut a track: `xianjie.facts`."""

    fact: Word
    text: Text
    body: Name | None = None


@message("case.fact_noted", said_by="intake", heard_by="routing")
class CaseFactNoted(Message):
    """A fact from outside the tracks is on record and counted."""

    fact: Word
    reported: MessageId


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
    """The return visit is done, or its last try failed."""


@message("case.archived", said_by="intake")
class CaseArchived(Message):
    """The retention time is over."""
