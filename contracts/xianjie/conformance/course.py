"""The way of one leg as the network knows it: what the system under trial may say now, what it is answered, and what is said to it.

The leg goes by the published protocol; from acceptance on, the rules of proceedings decide that the services themselves decide by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xianjie import envelope
from xianjie.conformance.roles import Role
from xianjie.deciding import Event, Given, Hold, Refuse, Say
from xianjie.envelope import Heard
from xianjie.message import Message, named
from xianjie.messages import referral
from xianjie.messages.case import Applicant, CaseFileReleased, DisputedRight, Respondent
from xianjie.messages.loop import LoopAnswered
from xianjie.messages.routing import RoutingLegTaken
from xianjie.proceeding import rules_for
from xianjie.protocol.table import NotYours, Row, TooLate, table
from xianjie.tracks.track import service_of
from xianjie.vocabulary import ApplicantKind, Ground, LegKind, Level, Track

LEG, PROCEEDING, CASE = table("leg"), table("proceeding"), table("case")
SENDER, SUPERIOR, OTHER = "KIT-SENDER", "KIT-SUPERIOR", "KIT-OTHER-BODY"
"""Who is on the other side of every leg, above the system under trial, and beside it."""
AREA = "310115"
TURN, RULE, OPENED, WAY = "protocol.turn", "protocol.rule", "protocol.opened", "loop.answered"


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows from one message: its receipt, and what is said to the system. `breaks`: the clause that it breaks, if any."""

    status: int
    says: tuple[Message, ...] = ()
    ground: Ground | None = None
    text: str = ""
    breaks: str | None = None
    expected: str = ""
    judged: bool = True
    """Whether the protocol says anything about it: it does not about what is neither of a leg nor of a case."""


class Course:
    """One leg offered to the system `code`. `state`: of the leg by the protocol; `taken` once a proceeding is open."""

    def __init__(self, case: str, code: str, role: Role, leg: str = "L1") -> None:
        self.case, self.code, self.role, self.leg = case, code, role, leg
        self.state, self.before = "sent", ""
        self.asked = False
        self.bars: tuple[Ground, str] | None = None
        """With what its acceptance is refused, where the trial wants to see what it makes of that."""
        self.nonce = ""
        """The word of a test of the way that is to be answered; "" where none is."""
        self._rules = rules_for(service_of(role.track))
        self._docket: Any = self._rules.initial(case)
        self._count = 0

    @property
    def proceeding(self) -> Any:
        """The proceeding of the leg; None before it is open."""
        return self._docket.proceedings.get(self.leg)

    @property
    def open(self) -> bool:
        """Whether anything may still be said about it."""
        return self.proceeding.open if self.proceeding else self.state not in LEG.ends

    def where(self) -> str:
        """Where it stands, for people."""
        about = self.proceeding
        return f"the proceeding of {self.leg} is {about.state}, stage {about.stage}" if about else f"{self.leg} is {self.state}"

    def hear(self, heard: Heard, now: datetime) -> Answer:
        """What follows from what the system says about this leg."""
        said = heard.message
        if said.name.startswith("referral."):
            return self._of_leg(said, heard, now)
        if isinstance(said, LoopAnswered):
            return self._of_way(said)
        if said.name.split(".")[0] != self.role.track.value:
            return self._foreign(said)
        if self.proceeding is None:
            text = f"{self.leg} is {self.state}: it was not opened to you"
            return Answer(403, (), Ground.NOT_YOURS, text, OPENED, f"{self.role.track}.opened first, then {said.name}")
        return self._decided(heard, now)

    def as_sender(self, message: Message, now: datetime) -> tuple[Message, ...]:
        """What the system hears when the sender says this in the proceeding."""
        return self._decided(self._heard(message, f"/agencies/{SENDER}", now), now).says

    def recall(self) -> Message:
        """The sender wants the offer back: what the system hears."""
        self.before, self.state = self.state, "recall_requested"
        return referral.ReferralRecallRequested(leg=self.leg, text="the party has turned to somebody else")

    def expire(self) -> Message:
        """The time to answer is over: what the system hears."""
        self.state = "expired"
        return referral.ReferralMoved(leg=self.leg, state="expired", body=self.code, wipe=True, text="no answer in time")

    # --- the leg

    def _of_leg(self, said: Message, heard: Heard, now: datetime) -> Answer:
        what = self._spoken(said)
        found = LEG.row(self.state, what, ["receiver"])
        if isinstance(found, NotYours):
            text = f"of {self.leg}, only its {' or '.join(sorted(found.roles))} may say {said.name}"
            return Answer(403, (), Ground.NOT_YOURS, text, TURN, self._may())
        if isinstance(found, TooLate) or not self._follows(said):
            when = LEG.when(what, ["receiver"])
            text = f"{self.leg} is {self.state}; {said.name} may be said while it is {when}"
            return Answer(410, (), Ground.TOO_LATE, text, TURN, self._may())
        if wrong := self._objection(said, found):
            return wrong
        return self._take_row(said, found, now)

    def _spoken(self, said: Message) -> str:
        if isinstance(said, referral.ReferralRecallRefused):
            return f"{said.name}:{'accepting' if self._from_before('referral.accepted') else 'keeping'}"
        return said.name

    def _from_before(self, name: str) -> Row | None:
        row = LEG.row(self.before or self.state, name, ["receiver"])
        return row if isinstance(row, Row) else None

    def _follows(self, said: Message) -> bool:
        """What crosses a recall must follow from where the leg stood before it."""
        crossing = self.state == "recall_requested" and not isinstance(
            said, referral.ReferralRecalled | referral.ReferralRecallRefused | referral.ReferralDeclined
        )
        return not crossing or self._from_before(said.name) is not None

    def _objection(self, said: Message, row: Row) -> Answer | None:
        match said:
            case referral.ReferralAccepted() | referral.ReferralRecallRefused() if row.to == "taken" and not said.recusal_checked:
                text = "declare that nobody who will handle it must withdraw: say recusal_checked: true"
                return Answer(403, (), Ground.CONFLICT, text, RULE, f"{said.name} with recusal_checked: true")
            case referral.ReferralAccepted() | referral.ReferralRecallRefused() if self.bars and row.to == "taken":
                return Answer(403, (), *self.bars)
            case referral.ReferralRedirected(to=to):
                return self._not_to_go(to)
            case referral.ReferralInfoRequested(gaps=()):
                return Answer(422, (), Ground.OTHER, "/data/gaps is empty: list everything that is missing, once", RULE, "gaps")
            case referral.ReferralInfoRequested() if self.asked:
                return Answer(403, (), Ground.OTHER, "one list of everything; now decide", RULE, "one referral.info_requested")
            case referral.ReferralDeclined(ground=Ground.PAPERS_INCOMPLETE) if self.role.track is Track.CRIMINAL:
                text = "a criminal referral may not be refused for missing papers; ask for them"
                return Answer(403, (), Ground.PAPERS_INCOMPLETE, text, RULE, "referral.info_requested")
        return None

    def _not_to_go(self, to: str) -> Answer | None:
        track, kind = self.role.track, self.role.kind
        if kind is LegKind.TRANSFER and track is not Track.CRIMINAL:
            text = "a transferred case is not transferred again; dispute it instead"
            return Answer(403, (), Ground.NOT_COMPETENT, text, RULE, "referral.disputed")
        if to == self.code or (to == SENDER and kind is not LegKind.FILE):
            text = f"a leg of this track to {to} is open" if to == self.code else f"{to} has it already: no body refers to itself"
            return Answer(403, (), Ground.DUPLICATE, text, RULE, "referral.redirected to the body that is competent")
        return None

    def _take_row(self, said: Message, row: Row, now: datetime) -> Answer:
        state = self.before if row.to == "before" else self.state if row.to == "same" else row.to
        if self.state == "recall_requested" and row.to == "same" and (crossed := self._from_before(said.name)):
            self.before = crossed.to
        self.state = state
        match said:
            case referral.ReferralInfoRequested() if state == "info_requested":
                self.asked, self.state = True, "acknowledged"
                return Answer(202, (self._moved("acknowledged", "everything that was asked for is there"),))
            case referral.ReferralRecalled():
                return Answer(202, (self._moved("recalled", wipe=True),))
        return Answer(202, self._opened(now) if state == "taken" else ())

    def _moved(self, state: str, text: str = "", wipe: bool = False) -> Message:
        return referral.ReferralMoved(leg=self.leg, state=state, body=self.code, text=text, wipe=wipe)

    def _may(self) -> str:
        """What the receiver may say now."""
        about = self.proceeding
        names = {on for row in LEG.rows if "receiver" in row.by and self.state in row.start for on in row.on}
        return f"in this state: {', '.join(sorted(names)) or 'nothing about the leg'}" if about is None else self._steps()

    # --- the proceeding

    def _opened(self, now: datetime) -> tuple[Message, ...]:
        taken = RoutingLegTaken(
            leg=self.leg, track=self.role.track, kind=self.role.kind, sender=SENDER, receiver=self.code, area=AREA,
            level=Level.PROVINCE, right=self.role.right, received=now, superiors=(SUPERIOR,),
        )  # fmt: skip
        return (filed(self), *self._decided(self._heard(taken, "/services/routing", now), now).says)

    def _decided(self, heard: Heard, now: datetime) -> Answer:
        events = self._rules.decide(self._docket, heard, Given(now))
        refused = next((each for each in events if isinstance(each, Refuse)), None)
        if refused:
            of_turn = refused.ground is Ground.NOT_YOURS or (refused.status == 410 and "stage" not in refused.text)
            clause = TURN if of_turn else RULE
            return Answer(refused.status, (), refused.ground, refused.text, clause, self._steps())
        for each in events:
            if isinstance(each, Say) and each.subject is None:
                self._docket = self._rules.evolve(self._docket, each.message)
        return Answer(202, tuple(self._to_system(events)))

    def _to_system(self, events: list[Event]) -> Iterator[Message]:
        for each in events:
            assert not isinstance(each, Hold), "the leg of a course is known"
            if isinstance(each, Say) and each.to == self.code:
                yield each.message

    def _steps(self) -> str:
        about = self.proceeding
        if about is None:
            return self._may()
        may = {on.partition(":")[0] for row in PROCEEDING.rows if "body" in row.by and about.state in row.start for on in row.on}
        said = [f"{self.role.track}.{each}" for each in sorted(may - {"progressed", "outcome_reported"})]
        for what, known in (("progressed", about.rules.steps), ("outcome_reported", about.rules.outcomes)):
            fitting = [name for name, each in known.items() if not each.start or about.stage in each.start]
            if what in may and fitting:
                said.append(f"{self.role.track}.{what} with {', '.join(fitting)}")
        return f"{self.where()}; it may say {'; '.join(said) or 'nothing of it'}"

    def _foreign(self, said: Message) -> Answer:
        """What a body may say beside the leg; another track's word is not its to say."""
        if "leg" in said.__dataclass_fields__:  # type: ignore[attr-defined]
            text = f"{self.leg} is a leg of {self.role.track}, not of {said.name.split('.')[0]}"
            return Answer(403, (), Ground.NOT_YOURS, text, TURN, f"a message of {self.role.track}")
        return of_case(said, "involved", "agency") or Answer(202, judged=False)

    def _of_way(self, said: LoopAnswered) -> Answer:
        """The answer to a test of the way: once, with its word."""
        if said.nonce != self.nonce:
            text = f"no test of the way waits here for {said.nonce}"
            expected = f"nonce {self.nonce}, once" if self.nonce else "nothing: none is asked of it here"
            return Answer(410, (), Ground.TOO_LATE, text, WAY, expected)
        self.nonce = ""
        return Answer(202, judged=False)

    def _heard(self, message: Message, source: str, now: datetime) -> Heard:
        self._count += 1
        return Heard(envelope.attributes(message, self.case, source, f"kit-{self._count}", time=now), message)


def of_case(said: Message, *roles: str) -> Answer | None:
    """What is answered to a word about the case itself from who has only these roles in it; None where the protocol has no such word, or
    it may be theirs."""
    meant = [row for row in CASE.rows if any(each.partition(":")[0] == said.name for each in row.on)]
    if not meant or any(row.by & set(roles) for row in meant):
        return None
    text = f"only {' or '.join(sorted(frozenset().union(*(row.by for row in meant))))} of the case may say {said.name}"
    return Answer(403, (), Ground.NOT_YOURS, text, TURN, "nothing of a case for which another answers")


def offer(course: Course, **changes: Any) -> referral.ReferralOffered:
    """The offer of this leg."""
    told = {
        "leg": course.leg, "track": course.role.track, "kind": course.role.kind, "sender": SENDER, "right": course.role.right,
        "area": AREA, "respondents": 1, "papers": 2, "rule": "a trial of conformance", "text": "This is a trial. Please take this leg.",
    }  # fmt: skip
    return referral.ReferralOffered(**{**told, **changes})


def filed(course: Course, summary: str = "A trial: nobody has this name, and nothing happened.") -> CaseFileReleased:
    """The file, which goes to whoever took the leg."""
    applicant = Applicant(name="试验申请人", kind=ApplicantKind.LEGAL_PERSON, area=AREA)
    right = DisputedRight(type=course.role.right, number="ZL201930000000.0", title="试验产品")
    return CaseFileReleased(
        leg=course.leg, applicant=applicant, right=right, respondents=(Respondent(name="试验被申请人", area=AREA),), papers=(),
        summary=summary,
    )  # fmt: skip


def contested(course: Course) -> Message:
    """The sender contests the outcome."""
    cls: Any = named(f"{course.role.track}.outcome_contested")
    made: Message = cls(leg=course.leg, ground=Ground.OTHER, text="a trial: the sender asks to look at it again")
    return made


def cancel(course: Course) -> Message:
    """The sender asks to stop."""
    cls: Any = named(f"{course.role.track}.cancel_asked")
    made: Message = cls(leg=course.leg, text="a trial: the party no longer wants it")
    return made
