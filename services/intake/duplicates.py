"""Duplicates: the same person, right and respondent in another case. They are flagged, and no case is refused for one.

Each person, right and respondent has a register, an aggregate of its own; cases and registers speak by messages.
"""

import re
import unicodedata
from hashlib import sha256

from services.intake.case import REGISTER
from services.intake.moving import CaseTurn, from_outside, notice
from xianjie.messages.case import (
    CaseDuplicateFlagged,
    CaseDuplicateFound,
    CasePartyListed,
    CasePartyRegistered,
    CaseSubmitted,
    DisputedRight,
)
from xianjie.vocabulary import Ground

MOST_TOLD = 5
"""How many of the latest others are told: enough for a clerk to see, and no flood when somebody sends the same thing a thousand times."""


def registers(application: CaseSubmitted) -> list[str]:
    """The registers where an application belongs: by name and, where known, by code or number, for each respondent."""
    applicant = application.applicant
    persons = [plain(applicant.name), *(each for each in (applicant.credit_code, applicant.identity_number) if each)]
    against = [plain(each.name) for each in application.respondents] or [""]
    right = _right(application.right)
    return list(dict.fromkeys(_register(person, right, other) for person in persons for other in against))


def _register(person: str, right: str, respondent: str) -> str:
    return REGISTER + sha256(f"{person}\n{right}\n{respondent}".encode()).hexdigest()[:40]


def _right(right: DisputedRight) -> str:
    """The number tells a right apart; without one, its type and title. `ZL` before a patent number says nothing."""
    if right.number:
        return plain(right.number).removeprefix("zl")
    return f"{right.type} {plain(right.title or '')}"


def plain(text: str) -> str:
    """A name or number without what writers differ in: width, case, spaces and punctuation."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


def register(turn: CaseTurn) -> None:
    """Ask every register of this case for others, and be found by them. Done at submission, and again at acceptance."""
    for subject in registers(turn.state.file):
        turn.say(CasePartyRegistered(case=turn.state.case), to="intake", subject=subject)


def keep(turn: CaseTurn) -> None:
    """What a register does: it tells a case of the latest others in it, and those of a case that is new in it."""
    said = turn.heard.message
    if not isinstance(said, CasePartyRegistered):
        _no_case(turn)
        return
    listed = turn.state.register
    others = [each for each in listed if each != said.case][-MOST_TOLD:]
    if said.case not in listed:
        turn.say(CasePartyListed(case=said.case))
        for each in others:
            turn.say(CaseDuplicateFound(other=said.case), to="intake", subject=each)
    for each in others:
        turn.say(CaseDuplicateFound(other=each), to="intake", subject=said.case)
    if not turn.events:
        turn.note("no other case of this party, right and respondent")


def _no_case(turn: CaseTurn) -> None:
    text = f"ids that begin with {REGISTER} are registers of intake, not cases"
    if from_outside(turn.heard):
        turn.refuse(403, Ground.NOT_YOURS, text)
    else:
        turn.note(text)


def flag(turn: CaseTurn, said: CaseDuplicateFound) -> None:
    """Show the owner another case of the same matter, once. A batch and its own cases are no duplicates of each other."""
    case = turn.state
    if case.status == "none":
        turn.note("there is no such case")
    elif said.other in case.duplicates or said.other == case.parent or said.other in case.children:
        turn.note(f"{said.other} is known here")
    else:
        turn.say(CaseDuplicateFlagged(other=said.other))
        notice(turn, Ground.DUPLICATE, f"{said.other} has the same party, right and respondent")
