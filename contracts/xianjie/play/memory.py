"""A stage in this process: the same scenarios, with services that are rehearsed in memory instead of a network."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from xianjie import envelope, timeline, topology
from xianjie.bodies import imports
from xianjie.envelope import HEADER, Heard
from xianjie.journal import Recorded
from xianjie.message import DOOR, OPERATOR, Message
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.org import Body
from xianjie.messages.referral import ReferralDelivered, ReferralOffered
from xianjie.play import manners
from xianjie.play.scenario import Line, Scenario
from xianjie.timeline import Timeline
from xianjie.topology import address
from xianjie.vocabulary import Precision

NAMES = uuid.UUID("0b0f2b1c-8a55-5f0e-9d4e-5e3c0b9b7a10")


class Engine(Protocol):
    """Services in memory, as `services.chassis.rehearsing` has them."""

    clock: Any
    services: dict[str, Any]

    def publish(self, message: Recorded) -> None: ...
    def rest(self) -> None: ...
    def go_to(self, moment: datetime) -> None: ...
    def parked(self) -> list[tuple[str, str, str]]: ...
    def shown(self, service: str, case: str) -> list[dict[str, Any]]: ...


@dataclass(slots=True)
class Part:
    """What one body was told by receipts."""

    receipts: dict[str, ReceiptGiven] = field(default_factory=dict)
    heard: set[tuple[str, str]] = field(default_factory=set)


class MemoryStage:
    """An exercise in memory: what `Stage` is for a network, for `player.play`."""

    def __init__(self, engine: Callable[..., Engine], exercise: str, start: datetime, **more: Any) -> None:
        """`engine`: makes the services; `more` is for it."""
        self.exercise = exercise
        self.engine = engine(now=start, exercise=exercise, tell=self._told, **more)
        self.parts: dict[str, Part] = {}
        self.manners: dict[tuple[str, str], tuple[str, ...]] = {}
        self.precisions: dict[str, tuple[datetime | None, Precision]] = {}
        self._scenarios: dict[str, str] = {}
        self._count = 0

    @property
    def now(self) -> datetime:
        """The exercise's clock."""
        found: datetime = self.engine.clock.now()
        return found

    @property
    def parked(self) -> int:
        """How many cases wait for an operator."""
        return len(self.engine.parked())

    def know(self, bodies: Iterable[Body]) -> None:
        """Put these bodies into the directory."""
        for each in imports(list(bodies), "the directory as the files have it"):
            self._say(
                f"/operators/{OPERATOR}",
                each,
                "directory",
                address(OPERATOR, each.name, 1, "routing"),
                self.now,
                Precision.SECOND,
            )
        self.rest()

    def cast(self, scenario: Scenario) -> None:
        """Every body of a scenario has its part, and its manners in that case."""
        for code in scenario.bodies:
            self.parts.setdefault(code, Part())
        for code, rules in scenario.manners.items():
            self.manners[scenario.id, code] = rules
        self._scenarios.update(dict.fromkeys(scenario.cases, scenario.id))

    def go_to(self, moment: datetime) -> None:
        """Move the clock on, stopping at every moment that is due before."""
        self.engine.go_to(moment)

    def rest(self) -> None:
        """Let everything that is on its way arrive."""
        self.engine.rest()

    def say(self, said: Line) -> str:
        """One line of a scenario, in the name of who says it; returns the id of the message."""
        self.precisions[said.case] = (said.time, said.precision)
        source = f"/services/{DOOR}" if said.speaker == DOOR else f"/agencies/{said.speaker}"
        where = address(said.speaker, said.message.name, 1, None)
        return self._say(source, said.message, said.case, where, said.time, said.precision)

    def timeline(self, case: str) -> Timeline:
        """A case across all services; raises KeyError for one that nobody knows."""
        found = {each: commits for each in self.engine.services if (commits := self.engine.shown(each, case))}
        if not found:
            raise KeyError(case)
        return timeline.build(case, found)

    def _told(self, code: str, message: Recorded) -> None:
        heard = envelope.read(message.body)
        part = self.parts.setdefault(code, Part())
        if (heard.source, heard.id) in part.heard:
            return  # as the client of agencies has it: what comes again is heard once
        part.heard.add((heard.source, heard.id))
        if isinstance(heard.message, ReceiptGiven):
            part.receipts[heard.message.to] = heard.message
        for reply, time, precision in self._replies(code, heard):
            where = address(code, reply.name, 1, None)
            self._say(f"/agencies/{code}", reply, heard.subject, where, time, precision, because=heard.id)

    def _replies(self, code: str, heard: Heard) -> Iterator[tuple[Message, datetime | None, Precision]]:
        """What a body says by its manners, dated as exactly as what was last said of the case."""
        scenario = self._scenarios.get(heard.subject, heard.subject)
        claimed, precision = self.precisions.get(heard.subject) or self.precisions.get(scenario, (None, Precision.SECOND))
        time = self.now if precision in (Precision.SECOND, Precision.DAY) else claimed
        if isinstance(heard.message, ReferralOffered):
            yield ReferralDelivered(leg=heard.message.leg), heard.attributes.time, heard.attributes.timeprecision
        for each in manners.replies(heard, self.manners.get((scenario, code), manners.DEFAULT)):
            yield each, time, precision

    def _say(
        self, source: str, message: Message, case: str, where: topology.Address, time: datetime | None, precision: Precision,
        because: str | None = None,
    ) -> str:  # fmt: skip
        self._count += 1
        id = str(uuid.uuid5(NAMES, f"{case} {self._count}"))
        given = envelope.attributes(
            message, case, source, id, time=time, precision=precision, because=because, exercise=self.exercise
        )
        body = envelope.write(given, message)
        self.engine.publish(Recorded(0, where.exchange, where.key, id, body, {HEADER: case}, {"message_id": id}))
        return id
