"""Tells routing the history of one case, one message after another, with a clock that only the test moves."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.routing import directory
from services.routing.custody import Custody
from services.routing.directory import Directory
from services.routing.leg import Leg
from services.routing.rules import rules
from xianjie.deciding import Event, Given, Hold, Note, Refuse, Say
from xianjie.envelope import Attributes, Heard
from xianjie.message import Message, plain
from xianjie.messages.case import CaseAccepted, Wish
from xianjie.messages.ops import ClockTicked
from xianjie.messages.org import Body, Capability
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralDelivered,
    ReferralDisputed,
    ReferralInfoRequested,
    ReferralRecallAsked,
    ReferralRequested,
)
from xianjie.vocabulary import CHINA, AgencyKind, Ground, LegKind, Level, Precision, Track

START = datetime(2025, 3, 3, 9, 0, tzinfo=CHINA)
CENTRE, CITY, CITY2, PROVINCE, NATION = "SZ-AC", "SZ-IPO", "DG-IPO", "GD-IPO", "CNIPA"
MEDIATOR, COURT, COURT2, HIGH, POLICE, STRANGER = "SZ-MED", "SZ-IPC", "DG-IC", "GD-HC", "SZ-PSB", "BJ-IPO"
OFFICES = [Track.ADJUDICATION, Track.MEDIATION]


def _body(code: str, kind: AgencyKind, level: Level, parent: str | None, area: str, tracks: Iterable[Track] = ()) -> Body:
    able = tuple(Capability(track=each, rights=("invention", "utility_model", "design"), source="test") for each in tracks)
    return Body(code=code, name=code, kind=kind, level=level, parent=parent, area=area, capabilities=able)


BODIES = (
    _body(NATION, AgencyKind.NATIONAL_OFFICE, Level.NATION, None, "000000", [Track.ADJUDICATION]),
    _body(PROVINCE, AgencyKind.PROVINCIAL_IP_OFFICE, Level.PROVINCE, NATION, "440000", OFFICES),
    _body(CITY, AgencyKind.MUNICIPAL_IP_OFFICE, Level.PREFECTURE, PROVINCE, "440300", OFFICES),
    _body(CITY2, AgencyKind.MUNICIPAL_IP_OFFICE, Level.PREFECTURE, PROVINCE, "441900", OFFICES),
    _body(CENTRE, AgencyKind.ASSISTANCE_CENTRE, Level.PREFECTURE, PROVINCE, "440300"),
    _body(STRANGER, AgencyKind.PROVINCIAL_IP_OFFICE, Level.PROVINCE, NATION, "110000", OFFICES),
    _body(MEDIATOR, AgencyKind.MEDIATION_BODY, Level.PREFECTURE, None, "440300", [Track.MEDIATION]),
    _body(HIGH, AgencyKind.HIGH_COURT, Level.PROVINCE, None, "440000"),
    _body(COURT, AgencyKind.IP_COURT, Level.PREFECTURE, HIGH, "440300", [Track.COURT, Track.CONFIRMATION]),
    _body(COURT2, AgencyKind.INTERMEDIATE_COURT, Level.PREFECTURE, HIGH, "441900", [Track.COURT, Track.CONFIRMATION]),
    _body(POLICE, AgencyKind.POLICE, Level.PREFECTURE, None, "440300", [Track.CRIMINAL]),
)  # fmt: skip
DIRECTORY = Directory(bodies={each.code: each for each in BODIES})


def able(track: Track, *codes: str) -> Directory:
    """The directory, with bodies in it that take this track too."""
    more = Capability(track=track, source="test")
    taking = {code: replace(DIRECTORY.bodies[code], capabilities=(*DIRECTORY.bodies[code].capabilities, more)) for code in codes}
    return replace(DIRECTORY, bodies={**DIRECTORY.bodies, **taking})


class Log:
    """The custody of one case: its state after each message, and everything that was said of it."""

    def __init__(self, directory: Directory = DIRECTORY) -> None:
        self.state: Custody = rules.initial("C1")
        self.directory = directory
        self.now = START
        self.count = 0
        self.refolded: Custody = rules.initial("C1")
        self.said: list[Message] = []

    def hear(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> list[Event]:
        """What follows from `message`. As in a commit, a refusal is all that stands; else the state moves by what was said."""
        self.count += 1
        attributes = Attributes(
            specversion="1.0", id=f"m{self.count}", source=source, type=message.type, subject=self.state.case,
            datacontenttype="application/json", time=self.now, timeprecision=precision,
        )  # fmt: skip
        events = rules.decide(self.state, Heard(attributes, message), self.given())
        refusals = [each for each in events if isinstance(each, Refuse)]
        for each in refusals or events:
            if isinstance(each, Say):
                assert each.message.schema.load(plain(each.message)) == each.message, "what is said keeps its contract"
                self.state = rules.evolve(self.state, each.message)
                self.refolded = rules.evolve(self.refolded, each.message)
                self.said.append(each.message)
        return list(refusals or events)

    def given(self) -> Given:
        """What a decision knows beside case and message."""
        return Given(self.now, self.directory, ("xianjie:1", "directory:7"))

    def says(self, code: str, message: Message, precision: Precision = Precision.SECOND) -> list[Event]:
        """What follows from what a body says."""
        return self.hear(f"/agencies/{code}", message, precision)

    def after(self, **time: float) -> "Log":
        self.now += timedelta(**time)
        return self

    def tick(self) -> list[Event]:
        """Let the next due moment come; none may be left at it."""
        moment = rules.due(self.state)
        assert moment is not None, "nothing is due"
        self.now = max(self.now, moment)
        events = self.hear("/services/routing", ClockTicked(n=self.count, due=moment))
        later = rules.due(self.state)
        assert later is None or later > self.now, "a clock that is due now would tick for ever"
        return events

    def lapse(self, name: str) -> list[Event]:
        """Let time pass until this clock, as in L1/N2.decide, has passed; what that tick says."""
        due = self.state.clocks[name].due
        events: list[Event] = []
        while self.now < due:
            events = self.tick()
        return events

    # --- shorthand

    @property
    def owner(self) -> str | None:
        return self.state.owner

    def leg(self, id: str = "L1") -> Leg:
        return self.state.legs[id]

    def clocks(self) -> list[str]:
        return sorted(self.state.clocks)

    def asks(self, code: str, track: Track, kind: LegKind, body: str | None = None, **more: Any) -> list[Event]:
        return self.says(code, ReferralRequested(track=track, kind=kind, body=body, **more))

    def ends(self, leg: str, how: Any, **more: Any) -> list[Event]:
        """The track's service says that the proceeding is over."""
        return self.hear("/services/mediation", ProceedingEnded(leg=leg, track=self.leg(leg).track, how=how, **more))

    def goes(self, leg: str, *states: str) -> "Log":
        """The receiver takes a leg along: delivered, acknowledged, then asked about, disputed or taken; or the sender recalls it."""
        message = {
            "delivered": ReferralDelivered(leg=leg), "acknowledged": ReferralAcknowledged(leg=leg),
            "taken": ReferralAccepted(leg=leg, recusal_checked=True), "disputed": ReferralDisputed(leg=leg, text="not ours"),
            "info_requested": ReferralInfoRequested(leg=leg, gaps=("a seal",)), "recall_requested": ReferralRecallAsked(leg=leg),
        }  # fmt: skip
        for state in states:
            about = self.leg(leg)
            self.says(about.sender if state == "recall_requested" else about.receiver, message[state])
            assert self.leg(leg).state == state
        return self

    def taken(self, leg: str = "L1") -> "Log":
        return self.goes(leg, "delivered", "acknowledged", "taken")


def accepted(wish: Wish | None = None, directory: Directory = DIRECTORY, owner: str = CENTRE, **more: Any) -> Log:
    """A case that intake has accepted, against somebody in Shenzhen, over an invention."""
    log = Log(directory)
    told = {"right": "invention", "respondent_areas": ("440305",), "infringement_area": "440300", **more}
    log.hear("/services/intake", CaseAccepted(owner=owner, wish=wish, **told))
    return log


def offered(kind: LegKind = LegKind.FILE, track: Track = Track.ADJUDICATION, to: str = CITY, **more: Any) -> Log:
    """A case of the centre, of which a leg L1 is offered to a body that the centre named."""
    log = accepted(**more)
    log.asks(CENTRE, track, kind, to, legal_basis="" if kind is LegKind.FILE else "a law")
    return log


def planned(track: Track = Track.ADJUDICATION, **more: Any) -> Log:
    """A case of the centre, of which routing has planned a leg L1 by rule."""
    return accepted(wish=Wish(track=track), **more)


def to(events: list[Event], whom: str | None, kind: type[Message] | str) -> list[Any]:
    """The messages of that class that were said to `whom`."""
    name = kind if isinstance(kind, str) else kind.name
    return [each.message for each in events if isinstance(each, Say) and each.to == whom and each.message.name == name]


def the(events: list[Event], whom: str | None, kind: type[Message] | str) -> Any:
    """The one message of that class that was said to `whom`; it must be there once."""
    found = to(events, whom, kind)
    assert len(found) == 1, f"{len(found)} of {kind} to {whom} in {says(events)}"
    return found[0]


def says(events: list[Event]) -> list[str]:
    """What was said to whom, clocks left out."""
    found = [each for each in events if isinstance(each, Say) and not each.message.name.startswith("sla.")]
    return [f"{each.message.name}>{each.to}" for each in found]


def refusal(events: list[Event]) -> tuple[int, Ground]:
    """Status and ground of the refusal, which stands alone."""
    (only,) = events
    assert isinstance(only, Refuse), f"not refused: {events}"
    assert only.text
    return only.status, only.ground


def noted(events: list[Event]) -> bool:
    return len(events) == 1 and isinstance(events[0], Note)


def held(events: list[Event]) -> bool:
    return len(events) == 1 and isinstance(events[0], Hold)


def change(state: Directory, message: Message) -> Directory | Refuse | Note:
    """The directory after one change, or why not."""
    attributes = Attributes(
        specversion="1.0", id="m1", source="/operators/duty", type=message.type, subject="directory",
        datacontenttype="application/json", time=START,
    )  # fmt: skip
    for each in directory.decide(state, Heard(attributes, message), Given(START)):
        if not isinstance(each, Say):
            assert isinstance(each, Refuse | Note)
            return each
        state = directory.evolve(state, each.message)
    return state


def changed(*messages: Message, state: Directory = DIRECTORY) -> Directory:
    for each in messages:
        found = change(state, each)
        assert isinstance(found, Directory), found
        state = found
    return state
