"""The application: who asks for help, about which right, against whom, with which papers. Intake alone keeps it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from marshmallow import validate

from xianjie.fields import (
    Area,
    CaseId,
    Code,
    Coded,
    Count,
    Country,
    CreditCode,
    Digest,
    IdentityNumber,
    Name,
    Right,
    Service,
    Text,
    Word,
)
from xianjie.message import AGENCY, DOOR, Message, message
from xianjie.vocabulary import ApplicantKind, Base, Channel, TargetGroup, Track

Phone = Annotated[
    str,
    validate.Regexp(r"[0-9 +()-]{5,24}\Z", error="must be a telephone number: 5 to 24 of 0-9, spaces, +, -, ( and )"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who asks for help. Personal data: only intake keeps it."""

    name: Name
    kind: ApplicantKind
    credit_code: CreditCode | None = None
    identity_number: IdentityNumber | None = None
    phone: Phone | None = None
    area: Area | None = None
    groups: tuple[TargetGroup, ...] = ()
    bases: tuple[Base, ...] = ()

    @property
    def priority(self) -> bool:
        """Whether they belong to a group, or sit in a base, that the Opinion (二, 七) asks to serve first."""
        return bool(self.groups or self.bases)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fair or another event at which a centre is to serve: its name, where, and from which day to which."""

    name: Name
    area: Area
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a service needs to know beside papers. `topics`: words of the service; `countries`: ISO 3166-1, two letters."""

    topics: tuple[Word, ...] = ()
    event: Event | None = None
    countries: tuple[Country, ...] = ()
    attendees: Count | None = None


@message("case.submitted", said_by=(DOOR, AGENCY), heard_by="intake", personal=True)
class CaseSubmitted(Message):
    """An application came in, through whatever channel. Custody begins with the receiving body."""

    receiving_body: Code
    applicant: Applicant
    right: DisputedRight
    respondents: tuple[Respondent, ...] = ()
    infringement_area: Area | None = None
    service: Service = "dispute"
    details: Details | None = None
    """What the service needs to know, as the catalogue of services says."""
    wish: Wish | None = None
    channel: Channel = Channel.WEB
    summary: Text = ""
    papers: tuple[Paper, ...] = ()
    sued: bool = False
    arbitration_agreed: bool = False
    batch: bool = False
    """One child case per respondent, each with a log of its own."""
    hidden: bool = False
    """Who reports does not want to be known: authorities alone learn who it is, and nobody whom it may be about."""
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
    submitter: Code | None = None
    """The body that handed it in, if that is another than the one that answers for it."""


@message("case.registered", said_by="intake", heard_by=(AGENCY, "routing"))
class CaseRegistered(Message):
    """The application is on file and waits for the receiving body's review. Routing says if there is no such body in the network (any more)."""

    receiving_body: Code
    service: Service
    right: Right
    respondents: Count
    due: datetime | None = None
    applicant: ApplicantKind | None = None
    channel: Channel | None = None
    groups: tuple[TargetGroup, ...] = ()
    bases: tuple[Base, ...] = ()
    priority: bool = False
    """Whether the applicant belongs to a group, or sits in a base, that the Opinion asks to serve first."""
    doubts: tuple[Coded, ...] = ()
    """Places of the application whose value has not the form that such values have, or is in no list: look twice."""
