"""In an exercise: the clock is moved from outside, ticks fire when it moves, and each service says how far it has come."""

from collections.abc import Iterable
from datetime import UTC
from uuid import uuid4

from services.chassis.commit import Spoken, tick_id
from services.chassis.delivery import Delivery
from services.chassis.desk import Desk
from services.chassis.speaking import speak
from services.chassis.store import Document
from xianjie import envelope
from xianjie.messages.ops import ClockAdvanced, ClockAsked, ClockReached, ClockTicked, Told
from xianjie.vocabulary import CHINA


def answer_clock(desk: Desk, batch: list[Delivery]) -> None:
    """Advance, let due clocks tick, and answer what was heard and said since the last answer."""
    desk.settle()
    for each in batch:
        try:
            message = envelope.read(each.body).message
        except envelope.Invalid as refused:
            desk.telemetry.log.warning("clock", error=str(refused)[:200])
            continue
        if isinstance(message, ClockAdvanced) and desk.settings.exercise:
            desk.clock.advance(message.to)
            desk.said += tick(desk)
        if isinstance(message, ClockAdvanced | ClockAsked):
            _reached(desk, message.round)


def ticks(desk: Desk, reached: Iterable[Document]) -> list[Spoken]:
    """A tick for every case whose moment is reached; the same tick has the same identity."""
    service, now = desk.rules.service, desk.clock.now()
    made = []
    for each in reached:
        due = each["due"].astimezone(CHINA)
        id = tick_id(service, each["case"], each["n"], each["due"].astimezone(UTC))
        made.append(speak(service, ClockTicked(n=each["n"], due=due), service, each["case"], id, now, desk.settings.exercise))
    return made


def tick(desk: Desk) -> int:
    """Send the ticks that are due into the cases' own queue; how many there were."""
    count, now = 0, desk.clock.now()
    reached = desk.store.due(now)
    while reached:
        desk.sender.send(ticks(desk, reached))
        count += len(reached)
        reached = desk.store.due(now, after=reached[-1])
    return count


def _reached(desk: Desk, round: int) -> None:
    due = desk.store.next_due()
    answer = ClockReached(
        service=desk.rules.service, partition=desk.settings.partition, round=round, heard=desk.heard, said=desk.said,
        parked=desk.parking.count(), next_due=due.astimezone(CHINA) if due else None,
        told=tuple(Told(agency=code, count=count) for code, count in sorted(desk.told.items())),
    )  # fmt: skip
    desk.heard = desk.said = 0
    desk.told.clear()
    desk.sender.send([speak(desk.rules.service, answer, None, "clock", str(uuid4()), desk.clock.now(), desk.settings.exercise)])
