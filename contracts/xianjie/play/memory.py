"""The network in this process: services that are rehearsed in memory, bodies that answer, and a stage on which scenarios are played."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Protocol

import msgspec

from xianjie import envelope, timeline, topology
from xianjie.bodies import imports
from xianjie.envelope import HEADER, Heard
from xianjie.journal import Recorded
from xianjie.message import DOOR, OPERATOR, SERVICES, Message
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.loop import LoopAnswered, LoopSounded
from xianjie.messages.org import Body
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.play import manners
from xianjie.play.scenario import Line, Scenario
from xianjie.timeline import Timeline
from xianjie.topology import address
from xianjie.vocabulary import Mode, Precision

NAMES = uuid.UUID("0b0f2b1c-8a55-5f0e-9d4e-5e3c0b9b7a10")
Dated = tuple[datetime | None, Precision]
"""When something is said to have happened, and how exactly that is known."""


@dataclass(slots=True)
class Disorder:
    """What may happen on the way: `shuffle` chooses the next lane, `dies` ends a life at a step with that chance, `twice` says a message
    twice with that chance."""

    random: Random
    shuffle: bool = True
    dies: float = 0.0
    twice: float = 0.0


class Engine(Protocol):
    """Services in memory, as `services.chassis.rehearsing` has them."""

    clock: Any
    services: dict[str, Any]

    def publish(self, message: Recorded) -> None: ...
    def rest(self) -> None: ...
    def go_to(self, moment: datetime) -> None: ...
    def parked(self) -> list[tuple[str, str, str]]: ...
    def shown(self, service: str, case: str) -> list[dict[str, Any]]: ...


class MemoryNetwork:
    """Services in memory, and bodies whose clients say the transport receipt of every offer, and hear once what comes twice.

    What bodies answer by themselves, and how it is dated, others say: `answers` and `dated` are for them.
    """

    def __init__(
        self, engine: Callable[..., Engine], start: datetime, *, exercise: str | None = None, mode: Mode | None = None, **more: Any
    ) -> None:  # fmt: skip
        """`engine`: makes the services; `more` is for it. `mode`: of everything that is said from outside."""
        self.exercise, self._mode = exercise, mode
        self.engine = engine(now=start, exercise=exercise, tell=self._told, **more)
        self._heard: set[tuple[str, str, str]] = set()
        self._counts: Counter[tuple[str, str]] = Counter()
        """By speaker and case, how much was said: in whatever order they speak, what each says has the same identity."""

    def answers(self, code: str, heard: Heard) -> Iterable[Message]:
        """What a body says at once when it hears this."""
        return ()

    def dated(self, heard: Heard) -> Dated:
        """When its answer is said to have happened."""
        return self.now, Precision.SECOND

    @property
    def now(self) -> datetime:
        """The network's clock."""
        found: datetime = self.engine.clock.now()
        return found

    @property
    def parked(self) -> int:
        """How many cases wait for an operator."""
        return len(self.engine.parked())

    def know(self, bodies: Iterable[Body]) -> None:
        """Put these bodies into the directory."""
        for each in imports(list(bodies), "the directory as the files have it"):
            self.speak(OPERATOR, each, topology.DIRECTORY, to="routing")
        self.rest()

    def go_to(self, moment: datetime) -> None:
        """Move the clock on, stopping at every moment that is due before."""
        self.engine.go_to(moment)

    def rest(self) -> None:
        """Let everything that is on its way arrive."""
        self.engine.rest()

    def speak(
        self, speaker: str, message: Message, case: str, *, to: str | None = None, dated: Dated | None = None, because: str | None = None
    ) -> str:  # fmt: skip
        """Say it in the name of a body, the door, an operator or a service; returns its id. `to`: for operators and services, who hears it."""
        if not isinstance(message, Message):
            raise TypeError(f"{message!r} is no message: make one of xianjie.messages")
        self._counts[speaker, case] += 1
        id = str(uuid.uuid5(NAMES, f"{speaker} {case} {self._counts[speaker, case]}"))
        root = {OPERATOR: "operators"} | dict.fromkeys((DOOR, *SERVICES), "services")
        time, precision = dated or (self.now, Precision.SECOND)
        given = envelope.attributes(
            message, case, f"/{root.get(speaker, 'agencies')}/{speaker}", id, time=time, precision=precision, because=because,
            exercise=self.exercise, mode=self._mode,
        )  # fmt: skip
        where = address(speaker, message.name, message.version, to)
        self.engine.publish(Recorded(0, *where, id, envelope.write(given, message), {HEADER: case}, {"message_id": id}))
        return id

    def state(self, service: str, case: str) -> dict[str, Any]:
        """What a service knows of a case, as it is stored; raises KeyError if it does not know it."""
        return self._stored(self.engine.services[service].store.log[case][-1])

    def states(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What every service knows of every case."""
        return {
            (name, case): self._stored(log[-1])
            for name, each in self.engine.services.items()
            for case, log in each.store.log.items()
        }

    def _stored(self, commit: Any) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(commit["state"])["state"]
        return found

    def timeline(self, case: str) -> Timeline:
        """A case across all services; raises KeyError for one that nobody knows."""
        found = {each: commits for each in self.engine.services if (commits := self.engine.shown(each, case))}
        if not found:
            raise KeyError(case)
        return timeline.build(case, found)

    def _told(self, code: str, message: Recorded) -> None:
        heard = envelope.read(message.body)
        if (code, heard.source, heard.id) in self._heard:
            return  # as the client of agencies has it: what comes again is heard once
        self._heard.add((code, heard.source, heard.id))
        if isinstance(heard.message, ReferralOffered):
            dated = (heard.attributes.time, heard.attributes.timeprecision)
            self.speak(code, ReferralDelivered(leg=heard.message.leg), heard.subject, dated=dated, because=heard.id)
        elif isinstance(heard.message, LoopSounded):
            self.speak(code, LoopAnswered(nonce=heard.message.nonce), heard.subject, because=heard.id)
        for reply in self.answers(code, heard):
            self.speak(code, reply, heard.subject, dated=self.dated(heard), because=heard.id)


@dataclass(slots=True)
class Part:
    """What one body was told by receipts."""

    receipts: dict[str, ReceiptGiven] = field(default_factory=dict)


class MemoryStage(MemoryNetwork):
    """An exercise in memory: what `Stage` is for a network, for `player.play`."""

    def __init__(self, engine: Callable[..., Engine], exercise: str, start: datetime, **more: Any) -> None:
        super().__init__(engine, start, exercise=exercise, **more)
        self.parts: dict[str, Part] = {}
        self.manners: dict[tuple[str, str], tuple[str, ...]] = {}
        self.precisions: dict[str, Dated] = {}
        self._scenarios: dict[str, str] = {}

    def cast(self, scenario: Scenario) -> None:
        """Every body of a scenario has its part, and its manners in that case."""
        for code in scenario.bodies:
            self.parts.setdefault(code, Part())
        for code, rules in scenario.manners.items():
            self.manners[scenario.id, code] = rules
        self._scenarios.update(dict.fromkeys(scenario.cases, scenario.id))

    def say(self, said: Line) -> str:
        """One line of a scenario, in the name of who says it; returns the id of the message."""
        self.precisions[said.case] = (said.time, said.precision)
        return self.speak(said.speaker, said.message, said.case, dated=(said.time, said.precision))

    def answers(self, code: str, heard: Heard) -> Iterator[Message]:
        """What a body says by its manners."""
        if isinstance(heard.message, ReceiptGiven):
            self.parts.setdefault(code, Part()).receipts[heard.message.to] = heard.message
        yield from manners.replies(heard, self.manners.get((self._scenario(heard), code), manners.DEFAULT))

    def dated(self, heard: Heard) -> Dated:
        """As exactly as what was last said of the case."""
        claimed, precision = self.precisions.get(heard.subject) or self.precisions.get(
            self._scenario(heard), (None, Precision.SECOND)
        )
        return self.now if precision in (Precision.SECOND, Precision.DAY) else claimed, precision

    def _scenario(self, heard: Heard) -> str:
        return self._scenarios.get(heard.subject, heard.subject)
