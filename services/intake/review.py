"""The receiving body's verdict on an application, and the appeal against a refusal."""

from services.intake import batch, duplicates
from services.intake.moving import CaseTurn, due, move, notice
from services.intake.papers import kinds, missing
from xianjie.law.catalogue import service
from xianjie.messages.case import (
    CaseAccepted,
    CaseAppealDecided,
    CaseAppealed,
    CaseAppealOpened,
    CaseAppealPut,
    CaseRefused,
    CaseRefusedFinally,
    CaseReviewed,
    CaseSubmitted,
    CaseSuperiorsNoted,
    CaseSupplementAsked,
    Gap,
)
from xianjie.messages.routing import RoutingSuperiorsNamed
from xianjie.protocol.table import Row
from xianjie.vocabulary import Ground

ELSEWHERE = (Ground.TAKEN_ELSEWHERE, Ground.DUPLICATE)
"""Grounds for which a case that a peer forwarded is not refused: the peer's own file is that other one."""


def judge(turn: CaseTurn, said: CaseReviewed, row: Row) -> None:
    """C3, C6, C7: accepted, sent back once with every gap, or refused with a ground."""
    match said.verdict:
        case "accept":
            accept(turn, row, said.text)
        case "gaps":
            ask_supplement(turn, said, row)
        case _:
            refuse(turn, said, row)


def accept(turn: CaseTurn, row: Row, text: str = "") -> None:
    """The case is taken: routing finds it a way, its owner plans. A batch opens its cases instead, and waits for them."""
    move(turn, row, text=text)
    application, owner = turn.state.file, turn.state.owner
    assert owner is not None
    areas = tuple(dict.fromkeys(each.area for each in application.respondents if each.area))
    accepted = CaseAccepted(
        owner=owner, right=application.right.type, respondent_areas=areas,
        applicant_area=application.applicant.area, infringement_area=application.infringement_area,
        wish=application.wish, sued=turn.state.sued, arbitration_agreed=turn.state.arbitration_agreed,
        papers=len(turn.state.papers), paper_kinds=tuple(sorted(kinds(application, turn.state.papers))), parent=turn.state.parent,
        batch=batch.many(application), priority=application.applicant.priority, skill=_skill(turn), parties=_parties(application),
    )  # fmt: skip
    turn.say(accepted, to="routing")
    if accepted.batch:
        batch.open_children(turn)
    else:
        duplicates.register(turn)
    notice(turn, text=text)


def _skill(turn: CaseTurn) -> str | None:
    """What the service needs of others. The cases of a batch are helped with their batch."""
    asked = turn.state.file.service
    return asked if service(asked).matched and turn.state.parent is None else None


def _parties(application: CaseSubmitted) -> tuple[str, ...]:
    code = application.applicant.credit_code
    return (code,) if code and not application.hidden else ()


def ask_supplement(turn: CaseTurn, said: CaseReviewed, row: Row) -> None:
    """One notice lists every gap: those that the clerk saw, and what the service needs and the file does not hold."""
    if turn.state.supplement_asked:
        turn.refuse(403, Ground.OTHER, "gaps were asked for already, and one notice lists every gap; accept or refuse")
        return
    gaps = _together(said.gaps, missing(turn.state.file, turn.state.papers, turn.state.details))
    if not gaps:
        turn.refuse(403, Ground.OTHER, "nothing is missing for this service; a verdict of gaps must name at least one")
        return
    move(turn, row, Ground.PAPERS_INCOMPLETE, said.text)
    turn.say(CaseSupplementAsked(gaps=gaps, due=due(turn)), to=turn.state.receiver)


def _together(seen: tuple[Gap, ...], needed: list[Gap]) -> tuple[Gap, ...]:
    named = {each.field for each in seen}
    return (*seen, *(each for each in needed if each.field not in named))


def refuse(turn: CaseTurn, said: CaseReviewed, row: Row) -> None:
    """Not taken, with its ground, what else helps, and until when the applicant may appeal."""
    if said.ground is None:
        turn.refuse(403, Ground.OTHER, "a refusal needs a ground")
        return
    peer = turn.state.file.forwarded_by
    if said.ground in ELSEWHERE and peer not in (None, turn.state.receiver):
        turn.refuse(
            403, Ground.OTHER, f"{peer} forwarded this case: it is not refused as filed elsewhere; another ground may be named"
        )
        return
    move(turn, row, said.ground, said.text)
    turn.say(CaseRefused(ground=said.ground, text=said.text, remedy=said.remedy))
    notice(turn, said.ground, said.text)


def appeal(turn: CaseTurn, said: CaseAppealed, row: Row) -> None:
    """C8: a superior decides, whom routing names."""
    body = turn.state.receiver
    assert body is not None
    move(turn, row, text=said.text)
    turn.say(CaseAppealOpened(body=body), to="routing")
    notice(turn, text=said.text)


def put(turn: CaseTurn, said: RoutingSuperiorsNamed) -> None:
    """C8a: who may decide the appeal, or reopen the case. The nearest gets the file of an appeal."""
    turn.say(CaseSuperiorsNoted(bodies=said.bodies))
    if turn.state.status == "appealed" and said.bodies:
        file = turn.state.file
        appeal_put = CaseAppealPut(
            body=said.of, plea=turn.state.plea, applicant=file.applicant, right=file.right, respondents=file.respondents,
            papers=turn.state.papers, summary=file.summary, due=due(turn),
        )  # fmt: skip
        turn.say(appeal_put, to=said.bodies[0])


def decide_appeal(turn: CaseTurn, said: CaseAppealDecided, row: Row) -> None:
    """C10, C11: the refusal is overturned and the case taken, or it stands."""
    if said.result == "overturn":
        accept(turn, row, said.text)
    else:
        stand(turn, row, said.text)


def stand(turn: CaseTurn, row: Row, text: str, ground: Ground | None = None) -> None:
    """The refusal is final."""
    move(turn, row, ground, text)
    turn.say(CaseRefusedFinally())
    notice(turn, ground, text)
