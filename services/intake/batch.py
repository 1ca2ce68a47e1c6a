"""A batch: one case for each respondent, each with a log of its own. The batch waits for them and has no leg itself."""

from dataclasses import replace

from services.intake import ending
from services.intake.moving import CaseTurn, move, step
from xianjie.batch import child_of
from xianjie.messages.case import CaseBatchOpened, CaseChildConcluded, CaseChildNoted, CaseChildOpened, CaseSubmitted


def many(application: CaseSubmitted) -> bool:
    """Whether an application is to be split: a batch of one is an ordinary case."""
    return application.batch and len(application.respondents) > 1


def open_children(turn: CaseTurn) -> None:
    """C12d: open a case for each respondent, with the papers of the batch; the batch is in service with them."""
    case, application = turn.state, turn.state.file
    move(turn, step(turn, "batch"))
    places = range(1, len(application.respondents) + 1)
    turn.say(CaseBatchOpened(children=tuple(child_of(case.case, place) for place in places)))
    for place, respondent in zip(places, application.respondents, strict=True):
        own = replace(
            application, respondents=(respondent,), batch=False, papers=case.papers, query_hash=None, sued=case.sued,
            arbitration_agreed=case.arbitration_agreed,
        )  # fmt: skip
        opened = CaseChildOpened(parent=case.case, place=place, submitted=own)
        turn.say(opened, to="intake", subject=child_of(case.case, place))


def note(turn: CaseTurn, said: CaseChildConcluded) -> None:
    """A case of the batch has ended; with the last of them the batch concludes by itself."""
    if said.child not in turn.state.open_children:
        turn.note(f"{said.child} is no open case of this batch")
        return
    turn.say(CaseChildNoted(child=said.child, outcome=said.outcome))
    ending.settle(turn)
