"""The proceeding: what is the same in every track, from acceptance to the outcome. Tracks say it under their own prefix."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from xianjie.fields import CaseId, Code, Coded, Count, LegId, Name, Person, Text, Word
from xianjie.message import AGENCY, Message, message
from xianjie.messages.case import Paper
from xianjie.vocabulary import Ground, LegKind, Track

TRACK_SERVICES = ("mediation", "enforcement_liaison")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Message):
    """The proceeding is open here: from now on the body speaks in it."""

    leg: LegId
    kind: LegKind
    sender: Code
    stage: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed(Message):
    """The body took a step of the track, or made an interim report.

    `by`: who of the parties did what the step records, or `all`. `to`: the body that a step names. `inventory`: where the step
    gives the leg back, the papers that go back with it. `recusal_checked`: declares, where a step needs it, that who will handle
    it need not withdraw; left out, it is not declared. `persons`: who that is, by codes of the body's own, never by name. `joins`: another case
    on the same right, which the body hears together with this one from now on.
    """

    leg: LegId
    step: Word
    by: Name | None = None
    ground: Ground | None = None
    text: Text = ""
    papers: tuple[Paper, ...] = ()
    court: Code | None = None
    to: Code | None = None
    inventory: tuple[Name, ...] = ()
    recusal_checked: bool = False
    persons: tuple[Person, ...] = ()
    joins: CaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(Message):
    """The body halts the proceeding, for a coded ground. Clocks stop where their rule says so.

    `proof`: what kind of paper shows the ground, where the track asks for one; a filing receipt is not an acceptance notice.
    """

    leg: LegId
    ground: Ground
    proof: Name | None = None
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Message):
    """The body goes on."""

    leg: LegId
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Message):
    """The body gives the leg back with an inventory of the papers; custody goes back where it had moved. `none`: there are none."""

    leg: LegId
    ground: Ground
    inventory: tuple[Name, ...] = ()
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReported(Message):
    """The body reports the outcome, by a code of the track. Nothing closes without one.

    `ground`: why, where the track asks for it. `to`: the body that goes on, where one does.
    """

    leg: LegId
    outcome: Word
    papers: tuple[Paper, ...] = ()
    text: Text = ""
    to: Code | None = None
    ground: Ground | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked(Message):
    """The sender asks the body to stop the work."""

    leg: LegId
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAnswered(Message):
    """The body stops, or goes on to the end."""

    leg: LegId
    agreed: bool
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeAcknowledged(Message):
    """The sender has taken note of the outcome: the loop is closed."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeContested(Message):
    """The sender does not take the outcome as it is: on which ground, and what is wrong with it. Once in a proceeding."""

    leg: LegId
    ground: Ground
    text: Text
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestAnswered(Message):
    """The body takes the work up again, or stands by the outcome, and says why."""

    leg: LegId
    again: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Message):
    """The sender, to whom the answer does not do, puts the outcome to the body above."""

    leg: LegId
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Message):
    """A superior of the body orders the work to be taken up again, or that the outcome stands. It ends the matter."""

    leg: LegId
    again: bool
    text: Text


@message("proceeding.noticed", said_by=TRACK_SERVICES, heard_by=AGENCY)
class ProceedingNoticed(Message):
    """News of a proceeding for its sender or its body: state, stage, outcome, ground, what is due.

    With an outcome come its papers, and the facts that a mediation found undisputed; never a concession.
    """

    leg: LegId
    track: Track
    state: Word
    stage: Word
    outcome: Word | None = None
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None
    papers: tuple[Paper, ...] = ()
    facts: tuple[Text, ...] = ()


@message("proceeding.cancel_requested", said_by=TRACK_SERVICES, heard_by=AGENCY)
class ProceedingCancelRequested(Message):
    """The sender asks you to stop the work. Answer `<track>.cancel_answered`."""

    leg: LegId
    track: Track
    text: Text = ""


@message("proceeding.contested", said_by=TRACK_SERVICES, heard_by=AGENCY)
class ProceedingContested(Message):
    """The sender does not take your outcome as it is. Answer `<track>.contest_answered`, until then; else it goes to your superior."""

    leg: LegId
    track: Track
    outcome: Word
    ground: Ground
    text: Text = ""
    papers: tuple[Paper, ...] = ()
    due: datetime | None = None


@message("proceeding.order_asked", said_by=TRACK_SERVICES, heard_by=AGENCY)
class ProceedingOrderAsked(Message):
    """An outcome of a body below you is contested, and it stands by it or does not answer. Say `<track>.ordered`."""

    leg: LegId
    track: Track
    sender: Code
    receiver: Code
    outcome: Word
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None


@message("proceeding.opened", said_by=TRACK_SERVICES)
class ProceedingOpened(Message):
    """A leg that was taken is a proceeding of this track."""

    leg: LegId
    track: Track
    kind: LegKind
    sender: Code
    receiver: Code
    stage: Word
    area: Coded
    level: Word
    right: Word
    at: datetime
    basis: Word | None = None
    superiors: tuple[Code, ...] = ()


@message("proceeding.moved", said_by=TRACK_SERVICES)
class ProceedingMoved(Message):
    """A proceeding is in another state or stage: by which row or step, and why.

    `parties`: who has agreed so far, where a step needs several. `fact`: what the step found undisputed. `to`: who goes on.
    """

    leg: LegId
    state: Word
    stage: Word
    row: Coded
    at: datetime
    step: Word | None = None
    outcome: Word | None = None
    ground: Ground | None = None
    text: Text = ""
    by: Name | None = None
    parties: tuple[Name, ...] = ()
    fact: Text | None = None
    to: Code | None = None


@message("proceeding.ended", said_by=TRACK_SERVICES, heard_by="routing")
class ProceedingEnded(Message):
    """The proceeding is over: closed with an outcome, returned, or cancelled. `next` is the track that follows by itself."""

    leg: LegId
    track: Track
    how: Literal["closed", "returned", "cancelled"]
    outcome: Word | None = None
    ground: Ground | None = None
    next: Track | None = None
    next_body: Code | None = None
    settles: bool = False
    text: Text = ""
    gross_days: Count = 0
    net_days: Count = 0
    inventory: tuple[Name, ...] = ()
    """The papers that come back with a leg that is returned."""


@message("proceeding.handlers_named", said_by=TRACK_SERVICES, heard_by=TRACK_SERVICES)
class ProceedingHandlersNamed(Message):
    """Who has which part in a proceeding: some parts exclude others in the same case, in whatever track."""

    leg: LegId
    track: Track
    role: Word
    persons: tuple[Person, ...]


@message("proceeding.handlers_noted", said_by=TRACK_SERVICES)
class ProceedingHandlersNoted(Message):
    """These people have a part in the case, and are known by it from now on."""

    leg: LegId
    role: Word
    persons: tuple[Person, ...]


@message("proceeding.joined", said_by=TRACK_SERVICES, heard_by=TRACK_SERVICES)
class ProceedingJoined(Message):
    """The body hears the matter of this case together with that of another. Its subject is the other."""

    case: CaseId
    track: Track
    body: Code


@message("proceeding.join_noted", said_by=TRACK_SERVICES)
class ProceedingJoinNoted(Message):
    """This proceeding is heard together with the one of another case; each keeps its own outcome."""

    leg: LegId
    other: CaseId


@message("proceeding.join_unmet", said_by=TRACK_SERVICES, heard_by=TRACK_SERVICES)
class ProceedingJoinUnmet(Message):
    """The body has nothing open of this case on that track, so there is nothing to hear together. Its subject is the case that asked."""

    case: CaseId
    track: Track
    body: Code


@message("proceeding.join_undone", said_by=TRACK_SERVICES)
class ProceedingJoinUndone(Message):
    """This proceeding is not heard together with the other case after all: the body has nothing open of it."""

    leg: LegId
    other: CaseId
