"""Cases that belong together: duplicates with their register, and a batch with its cases."""

from xianjie.fields import CaseId, Count, Word
from xianjie.message import Message, message
from xianjie.messages.case.application import CaseSubmitted


@message("case.duplicate_flagged", said_by="intake")
class CaseDuplicateFlagged(Message):
    """Another case has the same person, right and respondent. Shown, never refused for it."""

    other: CaseId


@message("case.party_registered", said_by="intake", heard_by="intake")
class CasePartyRegistered(Message):
    """A case of this party, right and respondent. Its subject is their register, `dup-` and 40 digits of their hash."""

    case: CaseId


@message("case.party_listed", said_by="intake")
class CasePartyListed(Message):
    """The register of one party, right and respondent names this case from now on."""

    case: CaseId


@message("case.duplicate_found", said_by="intake", heard_by="intake")
class CaseDuplicateFound(Message):
    """The register names another case of the same party, right and respondent. Its subject is the case that is told."""

    other: CaseId


@message("case.child_opened", said_by="intake", heard_by="intake", personal=True)
class CaseChildOpened(Message):
    """One case of a batch: everything it needs of its parent. Its subject is the child."""

    parent: CaseId
    place: Count
    submitted: CaseSubmitted


@message("case.child_concluded", said_by="intake", heard_by="intake")
class CaseChildConcluded(Message):
    """A case of the batch has ended. Its subject is the parent."""

    child: CaseId
    outcome: Word


@message("case.batch_opened", said_by="intake")
class CaseBatchOpened(Message):
    """The case is a batch: these are its cases, one for each respondent. It waits for them and has no leg of its own."""

    children: tuple[CaseId, ...]


@message("case.child_noted", said_by="intake")
class CaseChildNoted(Message):
    """A case of the batch has ended, and the batch knows it."""

    child: CaseId
    outcome: Word
