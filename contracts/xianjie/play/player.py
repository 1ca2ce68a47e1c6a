"""The player: leads an exercise through time, lets everybody who has a part speak, and waits until nothing moves any more."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Protocol

from xianjie.agency import Agency, Received
from xianjie.message import DOOR, SERVICES
from xianjie.messages.log import ReceiptGiven
from xianjie.play import manners
from xianjie.play.rounds import PATIENCE, Reached, Rounds
from xianjie.play.scenario import Line as Said
from xianjie.play.scenario import Scenario
from xianjie.vocabulary import Precision
from xianjie.voice import Door

HEARTBEAT = 10.0
"""Seconds after which every body's connection is looked after, whether it has something to hear or not."""
REPEATED = 3.0
"""Seconds after which what is owed to a body was a repetition that its client had heard before (a service died and said it again)."""


@dataclass(slots=True)
class Part:
    """One body's client, and what it has been told by receipts."""

    agency: Agency
    receipts: dict[str, ReceiptGiven] = field(default_factory=dict)
    owed: int = 0
    """Messages that services say are in its inbox, and that it has not heard yet."""


class Stage:
    """An exercise: its clock, the services, and a client for every body that has a part."""

    def __init__(self, name: str, uri: Callable[[str], str], partitions: dict[str, int] | None = None) -> None:
        self.name, self._uri = name, uri
        self._rounds = Rounds(uri("player"), name, sum((partitions or {}).get(each, 1) for each in SERVICES))
        self._door = Door(uri(DOOR), exercise=name, patience=PATIENCE)
        self.parts: dict[str, Part] = {}
        self.manners: dict[tuple[str, str], tuple[str, ...]] = {}
        self.precisions: dict[str, tuple[datetime | None, Precision]] = {}
        self._scenarios: dict[str, str] = {}
        """Of every case: the scenario it belongs to."""
        self.parked = 0
        self._spoke = 0
        self._beat = time.monotonic()

    def close(self) -> None:
        """Everybody goes home."""
        for each in self.parts.values():
            each.agency.close()
        self._door.close()
        self._rounds.close()

    def cast(self, scenario: Scenario) -> None:
        """Give every body of a scenario a client, and its manners in that case."""
        for code in sorted(scenario.bodies):
            if code not in self.parts:
                self.parts[code] = Part(Agency(self._uri(code), code, exercise=self.name).open())
        for code, rules in scenario.manners.items():
            self.manners[scenario.id, code] = rules
        self._scenarios.update(dict.fromkeys(scenario.cases, scenario.id))

    # --- time

    @property
    def now(self) -> datetime | None:
        """Where the clock stands; None before it is first set."""
        return self._rounds.now

    def go_to(self, moment: datetime) -> None:
        """Move the clock on to `moment`, stopping at every moment that is due before, until all is quiet there."""
        if self._spoke or self.now is None:
            self.rest()
        for stop in self._rounds.stops(moment):
            if self._take_in(self._rounds.advance(stop)) or self._spoke:
                self.rest()

    def rest(self) -> None:
        """Ask round after round until two in succession count nothing, agencies included."""
        self._rounds.rest(self._ask)

    def _ask(self) -> int:
        """One round: every service answers, then every body hears what was said to it; returns how much moved."""
        spoke, self._spoke = self._spoke, 0
        return self._take_in(self._rounds.ask()) + spoke

    def _take_in(self, reached: Reached) -> int:
        """How far the services have come; every body hears what is in its inbox. Returns how much moved."""
        for code, count in reached.told.items():
            if code in self.parts:
                self.parts[code].owed += count
        self.parked = reached.parked
        return reached.moved + sum(self._listen(each) for each in self.parts.values() if each.owed) + self._keep_alive()

    # --- speaking

    def say(self, said: Said) -> str:
        """One line of a scenario, in the name of who says it."""
        self.precisions[said.case] = (said.time, said.precision)
        voice = self._door if said.speaker == DOOR else self.parts[said.speaker].agency
        self._spoke += 1
        return voice.say(said.message, said.case, time=said.time, precision=said.precision)

    def _listen(self, part: Part) -> int:
        """What services have put into a body's inbox: heard, and answered by its manners; a repetition is heard only once."""
        moved = 0
        while part.owed:
            received = part.agency.hear(REPEATED)
            if received is None:
                part.owed = 0
                break
            self._take(part, received)
            moved += 1
        return moved

    def _take(self, part: Part, received: Received) -> None:
        part.owed = max(0, part.owed - 1)
        if isinstance(received.message, ReceiptGiven):
            part.receipts[received.message.to] = received.message
        self._reply(part, received)
        part.agency.done(received)

    def _keep_alive(self) -> int:
        """Let the connections of bodies that have nothing to hear answer the broker's heartbeats now and then."""
        moved = 0
        if time.monotonic() - self._beat > HEARTBEAT:
            self._beat = time.monotonic()
            for part in self.parts.values():
                if received := part.agency.hear(0):
                    self._take(part, received)
                    moved += 1
        return moved

    def _reply(self, part: Part, received: Received) -> None:
        """What a body says by its manners: dated as exactly as what was last said of the case, or of the batch it is a part of."""
        scenario = self._scenarios.get(received.case, received.case)
        unknown = (None, Precision.SECOND)
        claimed, precision = self.precisions.get(received.case) or self.precisions.get(scenario, unknown)
        time = self.now if precision in (Precision.SECOND, Precision.DAY) else claimed
        for reply in manners.replies(received.heard, self.manners.get((scenario, part.agency.code), manners.DEFAULT)):
            part.agency.say(reply, received.case, time=time, precision=precision, because=received.heard.id)


def in_order(scenarios: Iterable[Scenario]) -> list[tuple[Scenario, Said]]:
    """The lines of all scenarios on one time line."""
    lines = [(scenario, line) for scenario in scenarios for line in scenario.lines]
    return sorted(lines, key=lambda pair: (pair[1].moment, pair[0].id, pair[1].place))


class Heard(Protocol):
    """What a body was told by receipts, by the id of what it had said."""

    receipts: dict[str, ReceiptGiven]


class OnStage(Protocol):
    """An exercise, on a network or in memory."""

    @property
    def parts(self) -> Mapping[str, Heard]: ...
    def cast(self, scenario: Scenario) -> None: ...
    def go_to(self, moment: datetime) -> None: ...
    def say(self, said: Said) -> str: ...
    def rest(self) -> None: ...


def play(
    stage: OnStage, scenarios: list[Scenario], tell: Callable[[Scenario, Said], None], ended: Callable[[Scenario], None]
) -> dict[str, list[str]]:
    """Play scenarios together, by date. `ended` is called when a scenario's last line has had its effect.

    Returns by scenario what went otherwise than it says: receipts that it does not expect.
    """
    wrong: dict[str, list[str]] = {each.id: [] for each in scenarios}
    for each in scenarios:
        stage.cast(each)
    for (_, place), together in groupby(in_order(scenarios), key=lambda pair: (pair[0].id, pair[1].place)):
        lines = list(together)
        scenario = lines[0][0]
        stage.go_to(lines[0][1].moment)
        said = []
        for _, line in lines:
            tell(scenario, line)
            said.append((line, stage.say(line)))
        stage.rest()
        wrong[scenario.id] += [fault for line, id in said if (fault := _unexpected(stage, line, id))]
        if place == scenario.lines[-1].place:
            ended(scenario)
    return wrong


def _unexpected(stage: OnStage, line: Said, id: str) -> str | None:
    """What is wrong with the receipt for a line, if anything."""
    if line.speaker == DOOR:
        return None
    receipt = stage.parts[line.speaker].receipts.get(id)
    expected = line.refused or 202
    if receipt and receipt.status == expected:
        return None
    got = f"{receipt.status} {receipt.text} {'; '.join(receipt.faults)}" if receipt else "no receipt"
    return f"line {line.place}, {line.message.name} by {line.speaker}: expected {expected}, got {got}"
