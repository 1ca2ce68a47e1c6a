"""The case: its file, its status, its owner, its open legs, and the batch that it opens or is a part of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.intake import shelf
from services.intake.aside import Way, planned, way
from services.intake.shelf import Shelf
from xianjie import clocks
from xianjie.clocks import Clock
from xianjie.facts import bearing
from xianjie.message import Message
from xianjie.messages.case import (
    CaseBatchOpened,
    CaseBodyUnreachable,
    CaseChildNoted,
    CaseConcluded,
    CaseConclusionAsked,
    CaseDuplicateFlagged,
    CaseFactNoted,
    CaseFiled,
    CaseFileReleased,
    CaseFileWithheld,
    CaseLegClosed,
    CaseLegOpened,
    CaseMoved,
    CaseOwnerChanged,
    CasePartyListed,
    CasePlanned,
    CaseSubmitted,
    CaseSuperiorsNoted,
    CaseSupplementAsked,
    CaseSupplementFiled,
    CaseWithdrawn,
    Details,
    Paper,
)
from xianjie.messages.visit import VisitRecorded
from xianjie.protocol.table import table
from xianjie.vocabulary import Track

CASE = table("case")
LONGEST_REGISTER = 100
"""A register remembers this many of its latest cases."""
REGISTER = "dup-"
"""Ids that begin so are no cases: each is the register of one party, right and respondent."""
QUESTION, TOPIC = "kb-", "topic-"
"""Ids that begin so are no cases either: each is a question of the knowledge base, or the list of one topic."""
FOUND_BY = ("query",)
"""A case is found by the hash of its query code."""
MIXED = "mixed"
"""The outcome of a batch whose cases ended differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An open leg, as far as the case must know it. `taken`: its receiver has the file."""

    track: Track
    receiver: str
    taken: bool = False
    named: bool = False
    """Whether it was told who applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What intake knows of one case. `owner` is None only until it is submitted."""

    case: str
    status: str = "none"
    back: Way = ()
    """Of a case that is put aside: the statuses through which it goes back, the next one last."""
    application: CaseSubmitted | None = None
    supplement: tuple[Paper, ...] = ()
    """Papers that came after the application."""
    supplied: Details | None = None
    """Details that came after the application, and take the place of its own."""
    owner: str | None = None
    bodies: tuple[str, ...] = ()
    """Every body that has or had to do with the case: its receiving body, owners, senders and receivers of legs."""
    supplement_asked: bool = False
    """Whether the one notice that lists every gap has gone out."""
    legs: Mapping[str, Leg] = field(default_factory=dict)
    """The open legs."""
    settled: str | None = None
    """What settles the case, the outcome of a leg or of the whole batch, until another leg is opened or the case concludes."""
    plea: str = ""
    """What the applicant says against the refusal."""
    superiors: tuple[str, ...] = ()
    """The bodies above the one that answers for the case, as routing last named them."""
    police: bool = False
    """Whether police took the case, and have not returned it: it is not withdrawn any more."""
    withdrawal: str | None = None
    """What the applicant said with the wish to withdraw, from then on until the case ends."""
    outcome: str | None = None
    """The outcome with which routing was last asked to let the case end."""
    tries: int = 0
    """Tries of the return visit made so far."""
    facts: int = 0
    """Facts from outside that were noted."""
    exclusions: Mapping[str, bool] = field(default_factory=dict)
    """What facts made true or untrue of the dispute since the application: `sued`, `arbitration_agreed`."""
    unreachable: str | None = None
    """The body that answers for the case, if it is not in the network or has no inbox, and the case has not moved since."""
    duplicates: tuple[str, ...] = ()
    submitter: str | None = None
    """The body that handed the application in, if it is not the receiving body."""
    parent: str | None = None
    children: Mapping[str, str | None] = field(default_factory=dict)
    """The cases of the batch, each with its outcome once it has ended."""
    register: tuple[str, ...] = ()
    """Of a register alone: the cases of its party, right and respondent."""
    shelf: Shelf | None = None
    """Of a thread of the knowledge base alone: what it keeps."""
    clocks: Mapping[str, Clock] = field(default_factory=dict)

    @property
    def file(self) -> CaseSubmitted:
        """The application; every case that was submitted has one."""
        assert self.application is not None, f"{self.case} was never submitted"
        return self.application

    @property
    def place(self) -> str:
        """The status in which the case is, or, put aside, goes on in the end."""
        return self.back[0] if self.back else self.status

    @property
    def sued(self) -> bool:
        """Whether a party has sued over the dispute, as far as anybody has said."""
        return self.exclusions.get("sued", self.file.sued)

    @property
    def arbitration_agreed(self) -> bool:
        """Whether the parties have agreed on arbitration, as far as anybody has said."""
        return self.exclusions.get("arbitration_agreed", self.file.arbitration_agreed)

    @property
    def receiver(self) -> str | None:
        """The body that received the application, and reviews it."""
        return self.application.receiving_body if self.application else None

    @property
    def papers(self) -> tuple[Paper, ...]:
        return (*self.application.papers, *self.supplement) if self.application else self.supplement

    @property
    def details(self) -> Details:
        """What the service needs to know, as it was last given."""
        return self.supplied or (self.application.details if self.application else None) or Details()

    @property
    def open_children(self) -> list[str]:
        return [child for child, outcome in self.children.items() if outcome is None]


def initial(case: str) -> Case:
    """A case that intake has not heard of, or an empty register."""
    return Case(case=case)


def evolve(case: Case, said: Message) -> Case:
    """The case after one event."""
    match said:
        case CaseMoved(status=status):
            plea = said.text if status == "appealed" else case.plea
            back = way(case.back, case.status, status)
            wish = said.text if status == "withdrawing" else case.withdrawal
            return replace(case, status=status, back=back, plea=plea, withdrawal=wish, unreachable=None)
        case CaseSuperiorsNoted(bodies=bodies):
            return _with(replace(case, superiors=bodies), *bodies[:1])
        case CaseFiled(application=application, parent=parent, submitter=submitter):
            owner = application.receiving_body
            return _with(replace(case, application=application, owner=owner, parent=parent, submitter=submitter), owner)
        case CaseSupplementAsked():
            return replace(case, supplement_asked=True)
        case CaseSupplementFiled(papers=papers, details=details):
            return replace(case, supplement=(*case.supplement, *papers), supplied=details or case.supplied)
        case CaseOwnerChanged(owner=owner):
            return _with(replace(case, owner=owner), owner)
        case CaseLegOpened() | CaseFileReleased() | CaseFileWithheld() | CaseLegClosed() | CasePlanned():
            return _legs(case, said)
        case CaseConclusionAsked(outcome=outcome):
            return replace(case, outcome=outcome)
        case CaseConcluded() | CaseWithdrawn():
            return replace(case, settled=None, tries=0, withdrawal=None)
        case VisitRecorded(tries=tries):
            return replace(case, tries=tries)
        case CaseBodyUnreachable(body=body):
            return replace(case, unreachable=body)
        case said if isinstance(said, shelf.Kept):
            return replace(case, shelf=shelf.evolve(case.shelf or Shelf(), said))
        case CaseBatchOpened() | CaseChildNoted() | CaseDuplicateFlagged() | CasePartyListed() | CaseFactNoted():
            return _beside(case, said)
        case _:
            ticking = clocks.evolve(case.clocks, said)
            return case if ticking is case.clocks else replace(case, clocks=ticking)


def _with(case: Case, *bodies: str) -> Case:
    return replace(case, bodies=tuple(dict.fromkeys((*case.bodies, *bodies))))


def _legs(case: Case, said: Message) -> Case:
    """The open legs. A leg that opens while the accepted case is put aside finds it in service when it goes on."""
    match said:
        case CaseLegOpened(leg=leg, track=track, sender=sender, receiver=receiver):
            opened = {**case.legs, leg: Leg(track=track, receiver=receiver)}
            return _with(replace(case, legs=opened, settled=None), sender, receiver)
        case CaseFileWithheld(leg=leg):
            return replace(case, legs={**case.legs, leg: replace(case.legs[leg], taken=False)})
        case CaseFileReleased(leg=leg, applicant=applicant):
            taken = replace(case.legs[leg], taken=True, named=applicant is not None)
            return replace(case, legs={**case.legs, leg: taken}, police=case.police or taken.track is Track.CRIMINAL)
        case CaseLegClosed(leg=leg, how=how, settled=settled):
            given_back = how == "returned" and case.legs[leg].track is Track.CRIMINAL
            rest = {other: each for other, each in case.legs.items() if other != leg}
            return replace(case, legs=rest, settled=settled or case.settled, police=case.police and not given_back)
        case CasePlanned():
            return replace(case, back=planned(case.back))
        case _:
            return case


def _beside(case: Case, said: Message) -> Case:
    """What stands beside the case: its batch, its duplicates, facts from outside."""
    match said:
        case CaseBatchOpened(children=children):
            return replace(case, children=dict.fromkeys(children))
        case CaseChildNoted(child=child, outcome=outcome):
            return _counted(case, {**case.children, child: outcome})
        case CaseDuplicateFlagged(other=other):
            return replace(case, duplicates=(*case.duplicates, other))
        case CasePartyListed(case=listed):
            return replace(case, register=(*case.register, listed)[-LONGEST_REGISTER:])
        case CaseFactNoted(fact=fact):
            return replace(case, facts=case.facts + 1, exclusions={**case.exclusions, **bearing(fact)})
        case _:
            return case


def _counted(case: Case, children: Mapping[str, str | None]) -> Case:
    """The last case of a batch settles it, with the outcome that all have in common."""
    outcomes = set(children.values())
    settled = case.settled if None in outcomes else outcomes.pop() if len(outcomes) == 1 else MIXED
    return replace(case, children=children, settled=settled)


def due(case: Case) -> datetime | None:
    """When the next clock of the case has something to say."""
    return clocks.next_due(case.clocks)


def glance(case: Case) -> dict[str, object]:
    """What lists show: status, owner, open legs, what is late; and what the front door finds it by. Nothing personal."""
    if case.case.startswith(REGISTER):
        return {"register": len(case.register)}
    if case.shelf:
        return {"answers": len(case.shelf.answers), "best": case.shelf.best, "entries": len(case.shelf.entries)}
    query = case.application.query_hash if case.application else None
    return {
        **({"query": query} if query else {}),
        "status": case.status,
        "owner": case.owner,
        "service": case.application.service if case.application else None,
        "right": case.application.right.type if case.application else None,
        "priority": case.application is not None and case.application.applicant.priority,
        "open_legs": [f"{name} {each.track} {each.receiver}" for name, each in case.legs.items()],
        **clocks.glance(case.clocks),
        "unreachable": case.unreachable,
        "duplicates": len(case.duplicates),
        "facts": case.facts,
        "open_children": len(case.open_children),
    }
