"""Who reads a file after it went out, and that others than the owner did (point 6 of what is disclosed)."""

from services.intake.moving import CaseTurn
from services.intake.papers import shown
from xianjie.messages.case import CaseFileAsked, CaseFileRead, CaseFileShown
from xianjie.vocabulary import Ground


def ask(turn: CaseTurn, said: CaseFileAsked) -> None:
    """C26: the owner and the reviewing body read their own file; a body with a leg that it took, and one above the owner, read it on record."""
    reader, case = turn.heard.speaker, turn.state
    legs = [each for each in case.legs.values() if each.receiver == reader and each.taken]
    own = reader == case.owner
    role = "owner" if own else "receiver" if legs else "superior" if reader in case.superiors else None
    if role is None:
        who = "its owner, by a body with an open leg that it took, and, once it was appealed or ends, by one above the owner"
        turn.refuse(403, Ground.NOT_YOURS, f"a file is read by {who}")
        return
    file = case.file
    named = not file.hidden or role != "receiver" or any(each.named for each in legs)
    file_shown = CaseFileShown(
        applicant=file.applicant if named else None, right=file.right, respondents=file.respondents,
        papers=shown(case.papers, named=named),
        summary=file.summary if named else "",
    )  # fmt: skip
    turn.say(file_shown, to=reader)
    if not own:
        turn.say(CaseFileRead(reader=reader, role=role, named=named, reason=said.reason), to=case.owner)
