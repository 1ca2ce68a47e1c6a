"""A body asks for a case that another body has: the owner answers in time, else the body above it is asked too."""

from datetime import datetime
from typing import Literal

from xianjie.fields import Code, LegId, Text
from xianjie.message import AGENCY, Message, message
from xianjie.vocabulary import Ground, LegKind, Track


@message("pull.asked", said_by=AGENCY, heard_by="routing")
class PullAsked(Message):
    """A body wants a leg of this case for itself: on which track, of which kind, and why it is the one to have it."""

    track: Track
    kind: LegKind
    text: Text


@message("pull.requested", said_by="routing", heard_by=AGENCY)
class PullRequested(Message):
    """A body asks for your case, or for one of a body below you that has not answered. Answer `pull.answered`."""

    asker: Code
    track: Track
    kind: LegKind
    text: Text = ""
    due: datetime | None = None


@message("pull.answered", said_by=AGENCY, heard_by="routing")
class PullAnswered(Message):
    """The owner lets the asker have it, and a leg is offered to it; or it does not, with a ground."""

    asker: Code
    agreed: bool
    ground: Ground | None = None
    text: Text = ""


@message("pull.told", said_by="routing", heard_by=AGENCY)
class PullTold(Message):
    """News for the body that asked: it is asked for, with `leg` it is offered, it was refused, or nobody answered."""

    state: Literal["asked", "agreed", "refused", "unanswered"]
    track: Track
    leg: LegId | None = None
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None
