"""What the help in a case cost the bodies that gave it. It is free for the applicant (the Opinion of 2020, §十二): no message asks a fee."""

from datetime import datetime
from typing import Annotated, Literal

from marshmallow import validate

from xianjie.fields import Code, Count, Text, Word
from xianjie.message import AGENCY, Message, message
from xianjie.vocabulary import CostPurpose, Ground
from xianjie.wire import LARGEST

Fen = Annotated[int, validate.Range(min=1, max=LARGEST)]
"""Money, in fen: a hundredth of a yuan."""


@message("cost.reported", said_by=AGENCY, heard_by="routing")
class CostReported(Message):
    """A body that has to do with the case paid for something: under a name of its own for it, how many fen, and what for."""

    item: Word
    fen: Fen
    purpose: CostPurpose
    text: Text = ""


@message("cost.noted", said_by="routing")
class CostNoted(Message):
    """A cost that goes beyond the cap of the case waits for a decision."""

    body: Code
    item: Word
    fen: Fen
    purpose: CostPurpose
    text: Text = ""


@message("cost.approval_asked", said_by="routing", heard_by=AGENCY)
class CostApprovalAsked(Message):
    """With this cost a case of a body below you goes beyond its cap (all in fen). Answer `cost.decided`."""

    body: Code
    item: Word
    fen: Fen
    purpose: CostPurpose
    booked: Count
    cap: Count
    text: Text = ""
    due: datetime | None = None


@message("cost.decided", said_by=AGENCY, heard_by="routing")
class CostDecided(Message):
    """A body above the owner lets a cost beyond the cap stand, or does not and says why."""

    body: Code
    item: Word
    approved: bool
    text: Text = ""


@message("cost.booked", said_by="routing")
class CostBooked(Message):
    """A cost stands in the ledger of the case: by whose word, where it goes beyond the cap, and how many fen that makes with all before."""

    body: Code
    item: Word
    fen: Fen
    purpose: CostPurpose
    booked: Count
    approved_by: Code | None = None


@message("cost.dropped", said_by="routing")
class CostDropped(Message):
    """A cost that waited does not stand, and nobody waits any more."""

    body: Code
    item: Word


@message("cost.told", said_by="routing", heard_by=AGENCY)
class CostTold(Message):
    """News for the body that paid: the cost is booked, a decision is asked for, or it does not stand. `booked`: fen of the case so far."""

    item: Word
    state: Literal["booked", "asked", "refused", "unanswered"]
    booked: Count
    ground: Ground | None = None
    text: Text = ""
    due: datetime | None = None
