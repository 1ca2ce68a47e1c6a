"""What routing says to the other services: who took a leg, who owns the case, what may end."""

from dataclasses import dataclass
from datetime import datetime

from xianjie.fields import Area, Code, Coded, Count, LegId, Right, Text, Word
from xianjie.message import Message, message
from xianjie.vocabulary import Ground, LegKind, Level, Track


@message("routing.leg_opened", said_by="routing", heard_by="intake")
class RoutingLegOpened(Message):
    """A leg is under way; the case is in service."""

    leg: LegId
    track: Track
    kind: LegKind
    sender: Code
    receiver: Code


@message("routing.leg_taken", said_by="routing", heard_by=("mediation", "enforcement_liaison"))
class RoutingLegTaken(Message):
    """A body accepted the leg; from now on it is a proceeding of its track, under the service that hears this."""

    leg: LegId
    track: Track
    kind: LegKind
    sender: Code
    receiver: Code
    area: Area
    level: Level
    right: Right
    basis: Word | None = None
    """Under what the track runs where that changes its clocks: before_filing or after_filing of a court's entrustment."""
    judged: bool = True
    received: datetime | None = None
    """When the receiver got the request, or the rest of it that it had asked for. What a party files begins with that day."""
    received_judged: bool = True
    """Whether that day is known: not so where the body itself cannot say on which day it took the leg."""
    superiors: tuple[Code, ...] = ()
    """The bodies above the receiver, nearest first, who may order what becomes of a contested outcome."""


@message("routing.file_due", said_by="routing", heard_by="intake")
class RoutingFileDue(Message):
    """A body took the leg: it may have the full file."""

    leg: LegId
    receiver: Code
    authority: bool = True
    """Whether it is an authority, who learns of a hidden reporter."""


@message("routing.consent_gone", said_by="routing", heard_by="intake")
class RoutingConsentGone(Message):
    """The party no longer consents to this leg: its body, though it took it, reads the file no more."""

    leg: LegId


@message("routing.custody_moved", said_by="routing", heard_by="intake")
class RoutingCustodyMoved(Message):
    """The case has a new owner, from this commit on."""

    leg: LegId
    owner: Code


@message("routing.leg_closed", said_by="routing", heard_by="intake")
class RoutingLegClosed(Message):
    """A leg has ended: how, with what outcome, and whether anything follows by itself."""

    leg: LegId
    how: Word
    track: Track
    outcome: Word | None = None
    ground: Ground | None = None
    text: Text = ""
    open_legs: Count = 0
    settles: bool = False


@message("routing.homeless", said_by="routing")
class RoutingHomeless(Message):
    """No competent body is left; the owner must choose one, or end the plan. The leg is to be of this kind, from this sender."""

    track: Track
    text: Text = ""
    kind: LegKind = LegKind.FILE
    sender: Code | None = None
    basis: Word | None = None
    consent: bool = False
    pseudonymised: bool = False


@message("routing.cleared", said_by="routing", heard_by="intake")
class RoutingCleared(Message):
    """No leg is open, and none will be opened."""


@message("routing.superiors_named", said_by="routing", heard_by="intake")
class RoutingSuperiorsNamed(Message):
    """Who is above the body `of`, the nearest first; at the top of a line of authority it is itself; none, if it is not known."""

    of: Code
    bodies: tuple[Code, ...]


@message("routing.legs_open", said_by="routing", heard_by="intake")
class RoutingLegsOpen(Message):
    """The case cannot end yet: these legs are open."""

    legs: tuple[LegId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A body that may take a leg, and by which rule."""

    body: Code
    rule: Text


@message("routing.planned", said_by="routing")
class RoutingPlanned(Message):
    """Who may take the matter, best first, by which rules, as the directory stood then."""

    track: Track
    candidates: tuple[Candidate, ...]
    directory: Count
    basis: Word | None = None


@message("routing.leg_moved", said_by="routing")
class RoutingLegMoved(Message):
    """A leg is in another state: the protocol's row, and why. `before`: where it goes back to if a recall comes to nothing."""

    leg: LegId
    state: Word
    row: Coded
    ground: Ground | None = None
    text: Text = ""
    before: Word | None = None
    received: datetime | None = None
    """When the receiver got it, or the rest of it that it had asked for; only where it did so by this."""
    received_judged: bool = True


@message("routing.leg_drafted", said_by="routing")
class RoutingLegDrafted(Message):
    """A leg is written, not yet sent."""

    leg: LegId
    track: Track
    kind: LegKind
    sender: Code
    receiver: Code
    planned: bool
    hops: Count
    basis: Word | None = None
    after: LegId | None = None
    designated: bool = False
    consent: bool = False
    """Whether the party is asked before its data goes to the receiver."""
    pseudonymised: bool = False
    legal_basis: Text = ""
    """On what ground the party's data goes over: the rule or entry that makes the receiver competent, a law that is named, or its consent."""


@message("routing.case_known", said_by="routing")
class RoutingCaseKnown(Message):
    """What routing keeps of an accepted case: enough to find it a home."""

    owner: Code
    right: Right
    respondent_areas: tuple[Area, ...] = ()
    applicant_area: Area | None = None
    infringement_area: Area | None = None
    sued: bool = False
    arbitration_agreed: bool = False
    papers: Count = 0
    paper_kinds: tuple[Word, ...] = ()
    batch: bool = False
    priority: bool = False


@message("routing.exclusions_noted", said_by="routing")
class RoutingExclusionsNoted(Message):
    """A fact from outside opens or shuts a track from now on: whether a party has sued, whether arbitration is agreed."""

    sued: bool
    arbitration_agreed: bool


@message("routing.closed_to_legs", said_by="routing")
class RoutingClosedToLegs(Message):
    """No leg is opened any more, or again legs may be."""

    closed: bool


@message("routing.body_unreachable", said_by="routing", heard_by="intake")
class RoutingBodyUnreachable(Message):
    """This body is not in the network, or not any more; or what intake said to it came back at once, for it has no inbox."""

    body: Code


@message("routing.offer_unroutable", said_by="routing", heard_by="routing")
class RoutingOfferUnroutable(Message):
    """The offer came back at once: its receiver has no inbox."""

    leg: LegId


@message("routing.pull_noted", said_by="routing")
class RoutingPullNoted(Message):
    """A body waits for the owner's answer: `put` when it waits for that of the body above, too."""

    asker: Code
    track: Track
    kind: LegKind
    text: Text = ""
    put: bool = False


@message("routing.pull_settled", said_by="routing")
class RoutingPullSettled(Message):
    """Nobody waits for this answer any more."""

    asker: Code


@message("routing.roles_shown", said_by="routing")
class RoutingRolesShown(Message):
    """The body that took this leg has had others of the case, on other tracks: a possible conflict, shown and not barred."""

    leg: LegId
    body: Code
    others: tuple[LegId, ...]
