"""Disputes abroad: warnings that go to every centre, and evidence that leaves the country only with leave."""

from datetime import datetime
from typing import Literal

from xianjie.fields import Code, Country, Name, Right, Text, Word
from xianjie.message import AGENCY, Message, message
from xianjie.vocabulary import Ground


@message("alert.raised", said_by=AGENCY, heard_by="routing")
class AlertRaised(Message):
    """The centre for disputes abroad, a branch or the national office warns: where, over which rights, of what. Under a thread of its own."""

    countries: tuple[Country, ...]
    rights: tuple[Right, ...] = ()
    topics: tuple[Word, ...] = ()
    text: Text


@message("alert.told", said_by="routing", heard_by=AGENCY)
class AlertTold(Message):
    """A warning about disputes abroad, for those who advise enterprises that go there."""

    by: Code
    countries: tuple[Country, ...]
    rights: tuple[Right, ...] = ()
    topics: tuple[Word, ...] = ()
    text: Text


@message("export.asked", said_by=AGENCY, heard_by="routing")
class ExportAsked(Message):
    """The owner wants to give papers of the case to a court or an authority abroad: under a name of its own, which papers, where, and why."""

    item: Word
    papers: tuple[Name, ...]
    country: Country
    text: Text


@message("export.noted", said_by="routing")
class ExportNoted(Message):
    """These papers wait for leave to go abroad; the owner asks."""

    body: Code
    item: Word
    country: Country
    papers: tuple[Name, ...]
    text: Text


@message("export.leave_asked", said_by="routing", heard_by=AGENCY)
class ExportLeaveAsked(Message):
    """A body below you wants to give papers of its case abroad. Answer `export.decided`: leave needs the competent authority's decision."""

    body: Code
    item: Word
    country: Country
    papers: tuple[Name, ...]
    text: Text = ""
    due: datetime | None = None


@message("export.decided", said_by=AGENCY, heard_by="routing")
class ExportDecided(Message):
    """A body above the owner gives leave, by the number of the competent authority's decision, or does not."""

    body: Code
    item: Word
    approved: bool
    decision: Name | None = None
    text: Text = ""


@message("export.settled", said_by="routing")
class ExportSettled(Message):
    """Whether the papers may go, and by whose word."""

    body: Code
    item: Word
    approved: bool
    by: Code | None = None


@message("export.told", said_by="routing", heard_by=AGENCY)
class ExportTold(Message):
    """News for the owner: it is asked for, the papers may go, they may not, or nobody answered. Without leave nothing goes."""

    item: Word
    state: Literal["asked", "approved", "refused", "unanswered"]
    decision: Name | None = None
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None
