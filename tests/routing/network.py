"""The rules of all four services in one process: no broker, no database, a clock that only the test moves, any lawful order."""

from collections import deque
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from services.routing.directory import Directory
from xianjie.bodies import read_bodies
from xianjie.deciding import Event, Given, Hold, Refuse, Rules, Say
from xianjie.envelope import Attributes, Heard
from xianjie.message import DOOR, SERVICES, Message
from xianjie.messages.ops import ClockTicked
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.play import manners
from xianjie.play.scenario import Line, Scenario
from xianjie.vocabulary import Precision

ROOT = Path(__file__).parents[2]
RULES: dict[str, Rules[Any]] = {each: import_module(f"services.{each}.rules").rules for each in SERVICES}
DIRECTORY = Directory(bodies={each.code: each for each in read_bodies(ROOT / "deploy/directory")})
Channel = tuple[str, str]
"""From whom to whom. What one says to another arrives in order; channels overtake each other."""


class Network:
    """Everybody's state, and what is on its way. `seed` chooses the order among all that a broker might deliver next."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        self.states: dict[tuple[str, str], Any] = {}
        self.channels: dict[Channel, deque[Heard]] = {}
        self.held: list[tuple[str, Heard]] = []
        self.refused: list[tuple[Heard, Refuse]] = []
        self.said: list[tuple[str, Message]] = []
        self.now: datetime | None = None
        self.claims: dict[str, tuple[datetime | None, Precision]] = {}
        self.manners: dict[str, tuple[str, ...]] = {}
        self._count = 0

    def state(self, service: str, case: str) -> Any:
        """What a service knows of a case."""
        return self.states.get((service, case)) or RULES[service].initial(case)

    def bytes(self) -> bytes:
        """Every state of every service, as it would be stored."""
        return msgspec.json.encode(
            sorted(((*key, state) for key, state in self.states.items()), key=lambda row: row[:2]), order="sorted"
        )

    # --- saying and hearing

    def say(self, source: str, message: Message, case: str, to: str, time: datetime | None, precision: Precision) -> None:
        self._count += 1
        attributes = Attributes(
            specversion="1.0", id=f"m{self._count}", source=source, type=message.type, subject=case,
            datacontenttype="application/json", time=time, timeprecision=precision,
        )  # fmt: skip
        self.channels.setdefault((source, to), deque()).append(Heard(attributes, message))

    def rest(self) -> None:
        """Deliver until nothing is on its way, in an order that the seed chooses."""
        while waiting := sorted(channel for channel, queue in self.channels.items() if queue):
            source, to = self._random.choice(waiting)
            heard = self.channels[source, to].popleft()
            if to in SERVICES:
                self.hear(to, heard)
            else:
                self._reply(to, heard)

    def hear(self, service: str, heard: Heard) -> list[Event]:
        """One decision, then those that waited for it."""
        events = self._decide(service, heard)
        for each in [each for each in self.held if each[0] == service]:
            self.held.remove(each)
            self._decide(*each)
        return events

    def _decide(self, service: str, heard: Heard) -> list[Event]:
        key, rules = (service, heard.subject), RULES[service]
        assert self.now is not None
        events = rules.decide(self.state(*key), heard, Given(self.now, DIRECTORY, ("directory:1",)))
        refusal = next((each for each in events if isinstance(each, Refuse)), None)
        if refusal:
            self.refused.append((heard, refusal))
        elif any(isinstance(each, Hold) for each in events):
            self.held.append((service, heard))
        else:
            for each in events:
                if isinstance(each, Say):
                    self._said(key, each)
        return events

    def _said(self, key: tuple[str, str], said: Say) -> None:
        service, case = key
        self.said.append((case, said.message))
        if said.subject is None:
            self.states[key] = RULES[service].evolve(self.state(*key), said.message)
        if said.to:
            self.say(f"/services/{service}", said.message, said.subject or case, said.to, self.now, Precision.SECOND)

    def _reply(self, code: str, heard: Heard) -> None:
        offered = heard.message
        receipts = [ReferralDelivered(leg=offered.leg)] if isinstance(offered, ReferralOffered) else []
        claimed, precision = self.claims.get(heard.subject, (None, Precision.SECOND))
        time = self.now if precision in (Precision.SECOND, Precision.DAY) else claimed
        for each in [*receipts, *manners.replies(heard, self.manners.get(code, manners.DEFAULT))]:
            self.say(f"/agencies/{code}", each, heard.subject, hearer(each), time, precision)

    # --- time

    def go_to(self, moment: datetime) -> None:
        """Move on to `moment`, stopping at every moment that is due before."""
        while due := min((due for due in map(self._due, self.states) if due and due < moment), default=None):
            assert self.now is not None
            self.now = max(self.now, due) + timedelta(milliseconds=1)
            ready = [key for key in sorted(self.states) if (mine := self._due(key)) and mine <= self.now]
            self._random.shuffle(ready)
            for service, case in ready:
                self.say(f"/services/{service}", ClockTicked(n=0, due=self.now), case, service, self.now, Precision.SECOND)
            self.rest()
        self.now = moment

    def _due(self, key: tuple[str, str]) -> datetime | None:
        return RULES[key[0]].due(self.states[key])

    def play(self, scenario: Scenario) -> "Network":
        """All lines of a scenario, each followed by rest."""
        self.manners.update(scenario.manners)
        for line in scenario.lines:
            self.tell(line)
        return self

    def tell(self, line: Line) -> None:
        """One line of a scenario, by whom and when it says."""
        self.now = self.now or line.moment
        self.go_to(line.moment)
        self.claims[line.case] = (line.time, line.precision)
        source = f"/services/{DOOR}" if line.speaker == DOOR else f"/agencies/{line.speaker}"
        self.say(source, line.message, line.case, hearer(line.message), line.time, line.precision)
        self.rest()


def hearer(message: Message) -> str:
    """The one service that hears what an agency or the door says."""
    return next(each for each in message.heard_by if each in SERVICES)
