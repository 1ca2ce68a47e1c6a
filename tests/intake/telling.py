"""Tells a case its history, one message after another, with a clock that only the test moves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.intake.case import Case
from services.intake.rules import rules
from xianjie.deciding import Event, Given, Hold, Note, Refuse, Say
from xianjie.envelope import Attributes, Heard
from xianjie.message import Message, plain
from xianjie.messages.case import (
    Applicant,
    CaseConclusionProposed,
    CaseReviewed,
    CaseSubmitted,
    CaseSuspensionAsked,
    DisputedRight,
    Paper,
    Respondent,
    Wish,
)
from xianjie.messages.ops import ClockTicked
from xianjie.messages.routing import RoutingCleared, RoutingFileDue, RoutingLegClosed, RoutingLegOpened
from xianjie.vocabulary import CHINA, ApplicantKind, Ground, LegKind, Precision, Track

HALT = CaseSuspensionAsked(ground=Ground.NEED_OTHER_CASE)
START = datetime(2025, 3, 3, 9, 0, tzinfo=CHINA)
CENTRE, OFFICE, COURT, STRANGER = "SZ-AC", "SZ-IPO", "SZ-IPC", "GD-IPO"
DOOR, ROUTING, INTAKE = "/services/door", "/services/routing", "/services/intake"


APPLICANT = Applicant(
    name="深圳某某科技有限公司", kind=ApplicantKind.LEGAL_PERSON, credit_code="91440300708461136T", phone="13800138000"
)


def body(code: str) -> str:
    return f"/agencies/{code}"


def paper(kind: str) -> Paper:
    return Paper(id=f"p-{kind}", kind=kind, title=kind, media_type="application/pdf", size=1000, sha256="0" * 64)


def application(**other: Any) -> CaseSubmitted:
    """An application that lacks nothing, but for what `other` says."""
    whole = CaseSubmitted(
        receiving_body=CENTRE,
        applicant=APPLICANT,
        right=DisputedRight(type="invention", number="ZL201510000001.2"),
        respondents=(Respondent(name="某某电子厂", area="440305"),),
        infringement_area="440300",
        wish=Wish(track=Track.ADJUDICATION),
        papers=(paper("right_proof"), paper("infringement_evidence")),
    )  # fmt: skip
    return replace(whole, **other)


def opened(leg: str, receiver: str = OFFICE, track: Track = Track.ADJUDICATION, kind: LegKind = LegKind.FILE) -> RoutingLegOpened:
    return RoutingLegOpened(leg=leg, track=track, kind=kind, sender=CENTRE, receiver=receiver)


def closed(leg: str, settles: bool = False, how: str = "closed", outcome: str | None = None) -> RoutingLegClosed:
    return RoutingLegClosed(leg=leg, how=how, track=Track.ADJUDICATION, settles=settles, outcome=outcome)


class Log:
    """One case, or one register: its state after each message, and everything that it said."""

    def __init__(self, case: str = "C1") -> None:
        self.state: Case = rules.initial(case)
        self.now = START
        self.said: list[Event] = []
        self.count = 0

    def hear(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> list[Event]:
        """What follows from `message`. The state moves by what was said of this case, and by nothing else."""
        self.count += 1
        attributes = Attributes(
            specversion="1.0", id=f"m{self.count}", source=source, type=message.type, subject=self.state.case,
            datacontenttype="application/json", time=self.now, timeprecision=precision,
        )  # fmt: skip
        events = rules.decide(self.state, Heard(attributes, message), Given(self.now))
        for each in events:
            if isinstance(each, Say):
                assert each.message.schema.load(plain(each.message)) == each.message, "what is said keeps its contract"
            if isinstance(each, Say) and each.subject is None:
                self.state = rules.evolve(self.state, each.message)
        self.said += events
        return events

    def after(self, **time: float) -> "Log":
        self.now += timedelta(**time)
        return self

    def tick(self) -> list[Event]:
        """Let the next due moment come."""
        moment = rules.due(self.state)
        assert moment is not None, "nothing is due"
        self.now = max(self.now, moment)
        return self.hear(INTAKE, ClockTicked(n=self.count, due=moment))

    def tick_until(self, status: str) -> list[Event]:
        events: list[Event] = []
        while self.state.status != status:
            events += self.tick()
        return events


def submitted(**other: Any) -> Log:
    log = Log()
    log.hear(DOOR, application(**other))
    return log


def accepted(**other: Any) -> Log:
    log = submitted(**other)
    log.hear(body(CENTRE), CaseReviewed(verdict="accept"))
    return log


def refused(**other: Any) -> Log:
    log = submitted(**other)
    log.hear(body(CENTRE), CaseReviewed(verdict="refuse", ground=Ground.OUT_OF_SCOPE, text="no IP matter", remedy="ask a court"))
    return log


def in_service(*legs: str, **other: Any) -> Log:
    log = accepted(**other)
    for leg in legs or ("L1",):
        log.hear(ROUTING, opened(leg))
    return log


def concluding() -> Log:
    log = in_service("L1")
    log.hear(ROUTING, RoutingFileDue(leg="L1", receiver=OFFICE))
    log.hear(ROUTING, closed("L1"))
    log.hear(body(CENTRE), CaseConclusionProposed(outcome="settled"))
    return log


def visited() -> Log:
    log = concluding()
    log.hear(ROUTING, RoutingCleared())
    return log


def says(events: list[Event], *, of_others: bool = False) -> list[str]:
    """The names of what was said, `sla.*` left out; of other cases only if asked."""
    found = [each for each in events if isinstance(each, Say) and (of_others or each.subject is None)]
    return [each.message.name for each in found if not each.message.name.startswith("sla.")]


def to(events: list[Event], whom: str | None, name: str) -> list[Any]:
    """The messages of that name that were said to `whom`."""
    return [each.message for each in events if isinstance(each, Say) and each.to == whom and each.message.name == name]


def the(events: list[Event], name: str) -> Any:
    """The one message of that name; it must be there once."""
    (found,) = [each.message for each in events if isinstance(each, Say) and each.message.name == name]
    return found


def refusal(events: list[Event]) -> Refuse:
    (only,) = events
    assert isinstance(only, Refuse), f"not refused: {events}"
    return only


def noted(events: list[Event]) -> bool:
    return len(events) == 1 and isinstance(events[0], Note)


def held(events: list[Event]) -> bool:
    return len(events) == 1 and isinstance(events[0], Hold)


def running(log: Log) -> list[str]:
    return sorted(log.state.clocks)
