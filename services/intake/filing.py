"""What goes on file: an application, alone or as a part of a batch, what was missing in it, and facts from outside."""

from dataclasses import replace

from services.intake import duplicates, review
from services.intake.case import CASE
from services.intake.moving import CaseTurn, due, move, notice, step
from services.intake.papers import doubts
from xianjie.messages.case import (
    CaseBodyUnreachable,
    CaseChildOpened,
    CaseFactNoted,
    CaseFactReported,
    CaseFiled,
    CaseRegistered,
    CaseSubmitted,
    CaseSupplemented,
    CaseSupplementFiled,
)
from xianjie.messages.routing import RoutingBodyUnreachable
from xianjie.protocol.table import Row

UNREACHED = "is not in the network, or has no inbox, and nobody there has heard of it"


def submit(turn: CaseTurn, said: CaseSubmitted, row: Row) -> None:
    """C1, C2: custody begins with the receiving body, which gets the file and reviews it. Only the door gives query codes."""
    if turn.heard.from_agency:
        said = replace(said, query_hash=None)
    speaker = turn.heard.speaker
    submitter = speaker if turn.heard.from_agency and speaker != said.receiving_body else None
    turn.say(CaseFiled(application=said, submitter=submitter), to=said.receiving_body)
    move(turn, row)
    move(turn, step(turn, "register"))
    registered = CaseRegistered(
        receiving_body=said.receiving_body, service=said.service, right=said.right.type, respondents=len(said.respondents),
        due=due(turn), applicant=said.applicant.kind, channel=said.channel, groups=said.applicant.groups, bases=said.applicant.bases,
        priority=said.applicant.priority, doubts=doubts(said),
    )  # fmt: skip
    for each in (said.receiving_body, "routing"):
        turn.say(registered, to=each)
    duplicates.register(turn)


def open_child(turn: CaseTurn, said: CaseChildOpened, row: Row) -> None:
    """C12b: a case of a batch was reviewed with its batch; it is accepted at once."""
    turn.say(CaseFiled(application=said.submitted, parent=said.parent), to=said.submitted.receiving_body)
    review.accept(turn, row)


def supplement(turn: CaseTurn, said: CaseSupplemented, row: Row) -> None:
    """C4: the papers join the file, and the time for the review starts anew."""
    move(turn, row)
    turn.say(CaseSupplementFiled(papers=said.papers, text=said.text, due=due(turn), details=said.details), to=turn.state.receiver)


def unreached(turn: CaseTurn, said: RoutingBodyUnreachable) -> None:
    """The body that answers for the case is not in the network, or has no inbox. Whoever handed the application in for it hears that nobody
    has it there."""
    if said.body != turn.state.owner or turn.state.status in CASE.ends or turn.state.unreachable:
        turn.note("the case does not wait for this body, or it is known that nobody is there")
        return
    turn.say(CaseBodyUnreachable(body=said.body))
    if turn.state.submitter and turn.state.status == "under_review":
        text = f"{said.body} {UNREACHED}: submit this case to another body, under another id"
        notice(turn, text=text, to=turn.state.submitter)


def note_fact(turn: CaseTurn, said: CaseFactReported) -> None:
    """C25: what happened to the dispute elsewhere is counted; the owner hears it, and routing, which may bar a track for it."""
    turn.say(CaseFactNoted(fact=said.fact, reported=turn.heard.id), to="routing")
    if turn.heard.speaker != turn.state.owner:
        notice(turn, text=f"{said.fact}, reported by {turn.heard.speaker}: {said.text}"[:4000])
