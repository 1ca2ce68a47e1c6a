"""What the log itself says: receipts, notes, commits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from xianjie.fields import Answered, CaseId, Coded, Count, Digest, MessageId, Name, Reason, Text, Word
from xianjie.message import AGENCY, SERVICES, Message, message
from xianjie.vocabulary import Ground


@message("receipt.given", said_by=SERVICES, heard_by=AGENCY)
class ReceiptGiven(Message):
    """The one answer to an agency's message: 202 taken, 403 not yours, 409 known already, 410 too late, 422 invalid. Never answered."""

    to: Answered
    status: Literal[202, 403, 409, 410, 422]
    ground: Ground | None = None
    text: Reason = ""
    faults: tuple[Text, ...] = ()
    """For 422: every fault, as `<JSON pointer> <what is wrong>`."""
    first: Literal[202, 403, 410, 422] | None = None
    """For 409: what the first answer was."""
    code: Word | None = None
    """For 422 against the contract: the reason, by which documents name a remedy."""


@message("log.noted", said_by=SERVICES)
class LogNoted(Message):
    """Something was heard that changes nothing, and why. What is heard is never dropped. `words`: an operator's, of who asked and why."""

    text: Reason
    ground: Ground | None = None
    words: Text | None = None


@message("log.held", said_by=SERVICES)
class LogHeld(Message):
    """A message came before the one it follows, or before the fact it speaks about; it waits in the log."""

    id: MessageId
    source: Coded
    awaits: Coded


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """One commit, as the journal names it."""

    case: CaseId
    n: Count
    source: Name
    id: MessageId
    now: datetime
    versions: tuple[Name, ...]
    hash: Digest


@message("log.committed", said_by=SERVICES)
class LogCommitted(Message):
    """One batch of commits is durable and said: per commit the case, its number, its cause, its moment and its hash."""

    service: Coded
    commits: tuple[Committed, ...]


@message("log.parked", said_by=SERVICES)
class LogParked(Message):
    """A message of this case could not be decided; it and its successors wait, in order. The combined view of all services."""

    service: Coded
    rows: Count
    fingerprint: Coded


@message("log.released", said_by=SERVICES)
class LogReleased(Message):
    """Nothing of this case is parked any more."""

    service: Coded
