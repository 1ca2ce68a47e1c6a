"""Tells the dockets of one case, of both track services, their history, with a clock that only the test moves."""

from datetime import datetime, timedelta
from typing import Any

from services.enforcement_liaison.rules import rules as liaison
from services.mediation.rules import rules as mediation
from xianjie.deciding import Event, Given, Hold, Note, Refuse, Say
from xianjie.envelope import Attributes, Heard
from xianjie.message import Message, named, plain
from xianjie.messages.case import Paper
from xianjie.messages.ops import ClockTicked
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.sla import SlaStarted
from xianjie.proceeding import Docket, Proceeding
from xianjie.tracks.track import service_of
from xianjie.vocabulary import CHINA, Ground, LegKind, Level, Precision, Track

START = datetime(2025, 3, 3, 9, 0, tzinfo=CHINA)
OWNER, BODY, COURT, STRANGER = "SZ-AC", "SZ-IPO", "SZ-IPC", "BJ-IPO"
RULES = {track: mediation if service_of(track) == mediation.service else liaison for track in Track}


def paper(kind: str) -> Paper:
    return Paper(id=f"p-{kind}", kind=kind, title=kind, media_type="application/pdf", size=9, sha256="0" * 64)


class Log:
    """The docket of one case: its state after each message, and everything that was said of it."""

    def __init__(self, track: Track, now: datetime = START) -> None:
        self.track, self.rules, self.now = track, RULES[track], now
        self.state: Docket = self.rules.initial("C1")
        self.refolded: Docket = self.rules.initial("C1")
        self.said: list[Message] = []
        self.count = 0

    def hear(self, source: str, message: Message, precision: Precision = Precision.SECOND) -> list[Event]:
        """What follows from `message`. As in a commit, a refusal is all that stands; else the state moves by what was said."""
        self.count += 1
        attributes = Attributes(
            specversion="1.0", id=f"m{self.count}", source=source, type=message.type, subject=self.state.case,
            datacontenttype="application/json", time=self.now, timeprecision=precision,
        )  # fmt: skip
        events = self.rules.decide(self.state, Heard(attributes, message), Given(self.now))
        refusals = [each for each in events if isinstance(each, Refuse)]
        for each in refusals or events:
            if isinstance(each, Say):
                assert each.message.schema.load(plain(each.message)) == each.message, "what is said keeps its contract"
                self.state = self.rules.evolve(self.state, each.message)
                self.refolded = self.rules.evolve(self.refolded, each.message)
                self.said.append(each.message)
        return list(refusals or events)

    def says(self, code: str, verb: str, *, leg: str = "L1", precision: Precision = Precision.SECOND, **data: Any) -> list[Event]:
        """What follows from what a body says under the track's prefix."""
        cls: Any = named(f"{self.track}.{verb}")
        return self.hear(f"/agencies/{code}", cls(leg=leg, **data), precision)

    def step(self, step: str, **data: Any) -> list[Event]:
        """The body takes a step of the track; it must be allowed. It lists the papers that go back, and makes the declaration that is needed."""
        if "recusal_checked" in self.about().rules.steps[step].needs:
            data.setdefault("recusal_checked", True)
        if self.about().rules.steps[step].returns:
            data.setdefault("inventory", ("request", "evidence"))
        events = self.says(self.about().receiver, "progressed", step=step, **data)
        assert not isinstance(events[0], Refuse), events
        return events

    def steps(self, *steps: str) -> "Log":
        for each in steps:
            self.step(each, by="all")
        return self

    def reports(self, outcome: str, **data: Any) -> list[Event]:
        """The body reports an outcome, with the paper that it needs."""
        known = self.about().rules.outcomes.get(outcome)
        data.setdefault("papers", tuple(map(paper, known.papers[:1])) if known else ())
        return self.says(self.about().receiver, "outcome_reported", outcome=outcome, **data)

    def after(self, **time: float) -> "Log":
        self.now += timedelta(**time)
        return self

    def on(self, year: int, month: int, day: int) -> "Log":
        """It is that day, ten in the morning; what is due before is due before."""
        moment = datetime(year, month, day, 10, 0, tzinfo=CHINA)
        while (due := self.rules.due(self.state)) and due < moment:
            self.tick()
        self.now = moment
        return self

    def tick(self) -> list[Event]:
        """Let the next due moment come; none may be left at it."""
        moment = self.rules.due(self.state)
        assert moment is not None, "nothing is due"
        self.now = max(self.now, moment)
        events = self.hear("/services/mediation", ClockTicked(n=self.count, due=moment))
        later = self.rules.due(self.state)
        assert later is None or later > self.now, "a clock that is due now would tick for ever"
        return events

    def lapse(self, rule: str, leg: str = "L1") -> list[Event]:
        """Let time pass until this clock has passed; what that tick says."""
        due = self.state.clocks[f"{leg}/{rule}"].due
        events: list[Event] = []
        while self.now < due:
            events = self.tick()
        return events

    # --- shorthand

    def about(self, leg: str = "L1") -> Proceeding:
        return self.state.proceedings[leg]

    def is_in(self, state: str, stage: str) -> bool:
        return (self.about().state, self.about().stage) == (state, stage)

    def clocks(self) -> set[str]:
        return {name.removeprefix("L1/") for name in self.state.clocks}

    def met(self, rule: str) -> tuple[int, int]:
        """Gross and net days with which this clock was met."""
        (found,) = [each for each in self.said if each.name == "sla.met" and each.clock == f"L1/{rule}"]  # type: ignore[attr-defined]
        return found.gross_days, found.net_days  # type: ignore[attr-defined]

    def breached(self, rule: str) -> bool:
        return any(each.name == "sla.breached" and each.clock == f"L1/{rule}" for each in self.said)  # type: ignore[attr-defined]

    def started(self, rule: str) -> SlaStarted:
        """How this clock was last started."""
        return [each for each in self.said if isinstance(each, SlaStarted) and each.clock == f"L1/{rule}"][-1]


def opened(
    track: Track, *, sender: str = OWNER, receiver: str = BODY, kind: LegKind = LegKind.FILE, basis: str | None = None,
    area: str = "440300", level: Level = Level.PREFECTURE, now: datetime = START, judged: bool = True,
    received: datetime | None = None, received_judged: bool = True, superiors: tuple[str, ...] = (),
) -> Log:  # fmt: skip
    """A proceeding L1 that a body in Shenzhen has just taken."""
    log = Log(track, now)
    taken = RoutingLegTaken(
        leg="L1", track=track, kind=kind, sender=sender, receiver=receiver, area=area, level=level, right="invention", basis=basis,
        judged=judged, received=received, received_judged=received_judged, superiors=superiors,
    )  # fmt: skip
    log.hear("/services/routing", taken)
    return log


def to(events: list[Event], whom: str | None, name: str) -> list[Any]:
    """The messages of that name that were said to `whom`."""
    return [each.message for each in events if isinstance(each, Say) and each.to == whom and each.message.name == name]


def the(events: list[Event], whom: str | None, name: str) -> Any:
    """The one message of that name that was said to `whom`; it must be there once."""
    found = to(events, whom, name)
    assert len(found) == 1, f"{len(found)} of {name} to {whom} in {events}"
    return found[0]


def news(events: list[Event], whom: str = OWNER) -> Any:
    """The one piece of news for the sender."""
    return the(events, whom, "proceeding.noticed")


def ended(events: list[Event]) -> Any:
    """What routing is told of the end."""
    return the(events, "routing", "proceeding.ended")


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
