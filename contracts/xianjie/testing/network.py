"""One service or all four in this process: given what was said, when somebody says something, then what follows from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from xianjie import envelope, topology
from xianjie.cli import installed
from xianjie.envelope import Heard, Invalid
from xianjie.journal import Recorded
from xianjie.message import SERVICES, Message
from xianjie.messages.log import LogCommitted, ReceiptGiven
from xianjie.messages.org import Body
from xianjie.play import manners
from xianjie.play.memory import Disorder, MemoryNetwork
from xianjie.timeline import broken
from xianjie.topology import is_case
from xianjie.vocabulary import CHINA

Told = TypeVar("Told", bound=Message)
START = datetime(2025, 3, 3, 9, tzinfo=CHINA)
DIES, TWICE = 0.05, 0.05
"""With a seed: the chance that a life ends at a step, and that a message comes twice."""


def disorder(seed: int | None) -> Disorder | None:
    """Lanes overtake each other, messages come twice, lives end between any two steps; without a seed nothing of it."""
    return Disorder(Random(seed), dies=DIES, twice=TWICE) if seed is not None else None


@dataclass(frozen=True, slots=True)
class Saying:
    """One message that a service said: who, to whom (None: to the journal alone), in which case."""

    by: str
    to: str | None
    case: str
    message: Message

    @property
    def name(self) -> str:
        return self.message.name


@dataclass(frozen=True, slots=True)
class Then:
    """What followed. `said`: by services, in order, what comes twice once, news of commits left out. `receipt`: the answer to who spoke."""

    said: tuple[Saying, ...]
    receipt: ReceiptGiven | None = None

    @property
    def names(self) -> list[str]:
        """What was said, by name."""
        return [each.name for each in self.said]

    def to(self, hearer: str) -> list[Message]:
        """What a body or a service was told."""
        return [each.message for each in self.said if each.to == hearer]

    def of(self, message: type[Told]) -> list[Told]:
        """Every message of that class."""
        return [each.message for each in self.said if isinstance(each.message, message)]


class Network(MemoryNetwork):
    """Services in memory, in operation, from a moment that the test chooses.

    `services`: those that there are; what they say to others is seen, and goes nowhere. `manners`: by code, what a body answers by itself
    (`xianjie.play.manners`); nothing, where it is not named. `seed`: what is on its way arrives in an order that it chooses, some of it
    twice, and lives end between any two steps; what follows must be the same.
    """

    def __init__(
        self, services: Iterable[str] = SERVICES, *, at: datetime = START, manners: Mapping[str, tuple[str, ...]] | None = None,
        seed: int | None = None,
    ) -> None:  # fmt: skip
        self.recorded: list[Recorded] = []
        """Everything that was said since the beginning, as the journal would have it."""
        self.manners = dict(manners or {})
        engine, rules = installed.in_process("rehearsal"), installed.rules()
        wanted = [services] if isinstance(services, str) else [*services]
        if unknown := [each for each in wanted if each not in rules]:
            raise ValueError(f"{unknown[0]} is no service: name some of {', '.join(rules)}")
        chosen = {each: rules[each] for each in wanted}
        super().__init__(lambda **given: engine(chosen, **given), at, record=self.recorded.append, disorder=disorder(seed))
        self._seen: set[str] = set()
        self._bodies: set[str] = set()

    def know(self, bodies: Iterable[Body]) -> None:
        """Put these bodies into the directory."""
        known = list(bodies)
        self._bodies |= {each.code for each in known}
        super().know(known)

    def given(self, speaker: str, message: Message, case: str, **more: Any) -> str:
        """Something was said before, and all that follows from it has had its effect; returns its id. `more` as for `speak`."""
        if self._bodies and speaker not in self._bodies and not speaker.islower():
            raise ValueError(f"{speaker} is no body of this network: name one of its directory, door, operator or a service")
        id = self.speak(speaker, message, case, **more)
        self.rest()
        return id

    def when(self, speaker: str, message: Message, case: str, **more: Any) -> Then:
        """Something is said: what follows from it."""
        begin = len(self.recorded)
        id = self.given(speaker, message, case, **more)
        said = tuple(self._since(begin))
        mine = (each.message for each in said if isinstance(each.message, ReceiptGiven) and each.to == speaker)
        return Then(said, next((each for each in mine if isinstance(each, ReceiptGiven) and each.to == id), None))

    def wait(self, until: datetime | timedelta) -> Then:
        """Time passes, stopping at every moment that is due: what follows from that. It does not go back: raises ValueError."""
        begin, moment = len(self.recorded), self.now + until if isinstance(until, timedelta) else until
        if moment < self.now:
            raise ValueError(f"it is {self.now.isoformat()}, and time does not go back to {moment.isoformat()}")
        self.go_to(moment)
        return Then(tuple(self._since(begin)))

    def faults(self) -> list[str]:
        """What must never be: cases that are parked, and what is impossible in one."""
        found = [f"{case} is parked at {service}: {why}" for service, case, why in self.engine.parked()]
        if set(self.engine.services) == set(SERVICES):  # of half a network much looks impossible
            cases = {case for each in self.engine.services.values() for case in each.store.log if is_case(case)}
            found += [f"{case}: {why}" for case in sorted(cases) for why in broken(self.timeline(case))]
        return found

    def answers(self, code: str, heard: Heard) -> Iterable[Message]:
        """What a body answers by its manners."""
        return manners.replies(heard, self.manners.get(code, ()))

    def _since(self, begin: int) -> Iterable[Saying]:
        for each in self.recorded[begin:]:
            heard = _read(each)
            by = heard.speaker if heard else ""
            if heard and by in SERVICES and not isinstance(heard.message, LogCommitted) and heard.id not in self._seen:
                self._seen.add(heard.id)
                yield Saying(by, topology.hearer(each.exchange, each.key), heard.subject, heard.message)


def _read(message: Recorded) -> Heard | None:
    try:
        return envelope.read(message.body)
    except Invalid:
        return None
