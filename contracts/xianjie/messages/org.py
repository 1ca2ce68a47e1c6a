"""The directory of bodies: one log under the subject `directory`, kept by routing."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from marshmallow import validate

from xianjie.fields import Area, Code, Count, Name, Right, Spoken, Text, Word
from xianjie.message import AGENCY, OPERATOR, Message, message
from xianjie.vocabulary import AgencyKind, Level, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A track that a body may take, for which rights, and what says so."""

    track: Track
    rights: tuple[Right, ...] = ()
    papers: tuple[Word, ...] = ()
    """Kinds of papers without which the body takes none."""
    source: Text
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body of the network. `parent` is its superior in its own line of authority."""

    code: Code
    name: Name
    english: Name | None = None
    kind: AgencyKind
    level: Level
    parent: Code | None = None
    area: Area
    capabilities: tuple[Capability, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    inbox: bool = True


@message("org.imported", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgImported(Message):
    """A whole list of bodies: those known by code are replaced, others added, none removed; who has left stays out."""

    bodies: tuple[Body, ...]
    text: Text = ""


@message("org.changed", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgChanged(Message):
    """One body is new, or is described anew, or comes back after it left."""

    body: Body
    text: Text = ""


@message("org.drained", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgDrained(Message):
    """The body gets no new legs; those it has go on."""

    code: Code
    text: Text = ""


@message("org.resumed", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgResumed(Message):
    """The body takes new legs again."""

    code: Code
    text: Text = ""


@message("org.left", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgLeft(Message):
    """The body leaves the network. Refused unless it is drained, and was counted without an open leg or case."""

    code: Code
    text: Text = ""


@message("org.load_counted", said_by=(OPERATOR, "routing"), heard_by="routing")
class OrgLoadCounted(Message):
    """How many legs a body has open, and for how many cases it answers, as counted at some moment: how load enters decisions.

    `refused`: of a hundred legs that were offered to it, how many it declined or let lapse; left out, its record stays as it was.
    """

    code: Code
    open_legs: Count
    cases: Count = 0
    refused: Annotated[int, validate.Range(min=0, max=100)] | None = None


@message("org.supports_declared", said_by=AGENCY, heard_by="routing")
class OrgSupportsDeclared(Message):
    """What your system reads and says, by type and major version, and the tracks it takes. The subject is a thread `supports-…` of your own.

    The last word counts. `tracks` empty: all that your entry in the directory names. A track that is not among them is not offered to you.
    """

    types: tuple[Spoken, ...]
    tracks: tuple[Track, ...] = ()


@message("org.supports_noted", said_by="routing", heard_by="routing")
class OrgSupportsNoted(Message):
    """What a body's system supports, as it declared it: passed into the log of the directory, by which offers are decided."""

    code: Code
    types: tuple[Spoken, ...]
    tracks: tuple[Track, ...] = ()


@message("org.listed", said_by="routing")
class OrgListed(Message):
    """The directory changed: how many bodies it knows now."""

    bodies: Count
    text: Text = ""
