"""The review of an application: what is missing, acceptance, refusal, and the appeal against it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from xianjie.fields import Area, CaseId, Code, Count, CreditCode, Name, Right, Text, Word
from xianjie.message import AGENCY, DOOR, Message, message
from xianjie.messages.case.application import Applicant, Details, DisputedRight, Paper, Respondent, Wish
from xianjie.vocabulary import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is missing from an application."""

    field: Word
    text: Name


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
    """The applicant supplied what was missing. `details` take the place of those of the application."""

    papers: tuple[Paper, ...] = ()
    text: Text = ""
    details: Details | None = None


@message("case.supplement_filed", said_by="intake", heard_by=AGENCY, personal=True)
class CaseSupplementFiled(Message):
    """What the applicant supplied is on file with the rest; the receiving body reviews again."""

    papers: tuple[Paper, ...] = ()
    text: Text = ""
    due: datetime | None = None
    details: Details | None = None


@message("case.deemed_withdrawn", said_by="intake")
class CaseDeemedWithdrawn(Message):
    """Nothing was supplied in time."""


@message("case.accepted", said_by="intake", heard_by="routing")
class CaseAccepted(Message):
    """The case is taken; `owner` answers for it. Routing finds it a way, if a track is wished for."""

    owner: Code
    right: Right
    respondent_areas: tuple[Area, ...] = ()
    applicant_area: Area | None = None
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
    priority: bool = False
    skill: Word | None = None
    """What the service needs of those in the registers. Routing tells the owner who can (`provider.told`)."""
    parties: tuple[CreditCode, ...] = ()
    """The organisations whose case it is: nobody is proposed who has to do with them. None of a hidden reporter."""


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


@message("case.lapse_found", said_by=AGENCY, heard_by="intake")
class CaseLapseFound(Message):
    """A person finds that the applicant's time is over, where no clock could judge it: nothing was supplied, or the refusal stands."""

    text: Text = ""


@message("case.refused_finally", said_by="intake")
class CaseRefusedFinally(Message):
    """The refusal stands."""
