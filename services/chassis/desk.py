"""The desk: a batch of raw messages comes in; when `take` returns, every one of them has a durable outcome and has been answered."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from eventlet import spawn

from services.chassis import parking
from services.chassis.clock import Clock
from services.chassis.commit import Spoken, said_id
from services.chassis.delivery import Delivery, Reading, from_agency, read
from services.chassis.drafting import Draft, Drafter
from services.chassis.draining import ASKS, Draining
from services.chassis.filling import unpacked
from services.chassis.memory import Memory
from services.chassis.parking import Parking, Trouble
from services.chassis.rounds import Key, Round
from services.chassis.sending import Sender
from services.chassis.settings import Settings
from services.chassis.speaking import again, committed, speak
from services.chassis.store import Document, Known, Stopped, Store
from services.chassis.telemetry import Telemetry
from xianjie.deciding import Rules
from xianjie.messages.log import LogParked, ReceiptGiven
from xianjie.messages.ops import ClockTicked, GapFound
from xianjie.topology import AGENCIES_OUT
from xianjie.vocabulary import Ground


class Desk:
    """Decides the messages of one partition of one service."""

    def __init__(
        self,
        rules: Rules[Any],
        store: Store,
        sender: Sender,
        settings: Settings,
        telemetry: Telemetry,
        rows: Parking | None = None,
    ) -> None:
        self.rules, self.store, self.sender, self.settings, self.telemetry = rules, store, sender, settings, telemetry
        self.clock = Clock(store, settings.exercise)
        self.parking = rows or Parking(store, rules.service)
        self.memory = Memory(rules, store, settings.cached_cases, self.resend)
        self._drafter = Drafter(rules, self.memory, settings.exercise, settings.salt.encode())
        self._draining = Draining(
            rules.service, store, self.parking, self.memory, self._drafter, settings.exercise, self.clock.now, self._say
        )
        self._clearing: Any = None
        self.heard = self.said = 0
        self.told: Counter[str] = Counter()
        """By agency: messages said to it since the exercise's clock last asked."""

    # --- one batch

    def take(self, deliveries: list[Delivery]) -> None:
        """Decide, store, say. Raises `Fenced`, or an outage of the store's or the sender's, if it is not known what stands:
        then nothing is acknowledged."""
        began = time.perf_counter()
        now = self.clock.now()
        readings = [self._read(each, now) for each in deliveries]
        doubtful, refused = any(each.delivery.redelivered for each in readings), set[Key]()
        self.telemetry.redelivered.inc(sum(each.redelivered for each in deliveries))
        while readings:
            readings = self._round(readings, doubtful, refused)
            doubtful = True
        self.memory.trim()
        self.telemetry.fresh.set(len(self.memory))
        self.heard += len(deliveries)
        self.telemetry.sizes.observe(len(deliveries))
        self.telemetry.batches.observe(time.perf_counter() - began)

    def _read(self, delivery: Delivery, now: datetime) -> Reading:
        """A message, or the one within it that the journal had."""
        reading = read(delivery, self.rules.service, now, self.settings.exercise)
        heard = reading.heard
        if heard and isinstance(heard.message, GapFound) and heard.source == f"/services/{self.rules.service}":
            return read(unpacked(heard.message, reading.case), self.rules.service, now, self.settings.exercise, ahead=False)
        return reading

    def _round(self, readings: list[Reading], doubtful: bool, refused: set[Key]) -> list[Reading]:
        """Decide all, insert once, say what stands; returns what must be decided again."""
        self.settle()
        work = Round(self.clock.now(), refused=refused)
        self._look(work, readings, doubtful)
        for place, reading in enumerate(readings):
            self._one(work, reading, place)
        for case in work.spoilt:
            self.memory.drop(case)
        behind = spawn(self.parking.insert, work.behind())  # beside the commits: one flush of the database's journal serves both
        left = self._insert(work, readings)
        failed = spawn(self.parking.insert, work.failed())
        self._say(work.drafts, [])
        behind.wait()
        failed.wait()
        self._say([], [each for _, each in work.extra])
        for _, line in work.lines:
            self.telemetry.line(**line)
        for _, ask in work.asks:
            self._draining.answer(ask)
        return left

    def _look(self, work: Round, readings: list[Reading], doubtful: bool) -> None:
        """What the database knows of these cases, and of these messages where one may have come before."""
        keys = [(each.case, each.key) for each in readings]
        work.broken, work.depths = self.memory.load({each.case for each in readings})
        work.parked = frozenset(work.depths)
        waiting = [each for each in keys if each[0] in work.depths]
        work.keys = self.store.known(keys if doubtful else waiting, parked=bool(waiting))

    def _insert(self, work: Round, readings: list[Reading]) -> list[Reading]:
        """Everything before what was refused stands, and what waits behind others; the rest is decided again, from what the database holds."""
        try:
            self.store.insert([each.document for each in work.drafts])
        except Stopped as stopped:
            at = work.drafts[stopped.at].place
            if not stopped.known:
                work.refused.add((readings[at].case, readings[at].key))
            self.memory.forget()
            return work.cut(at, readings)
        return []

    def _say(self, drafts: list[Draft], extra: list[Spoken]) -> None:
        """Publish what stands, confirmed, and tell the journal; then its marks are taken away while others go on."""
        said = [each for draft in drafts for each in draft.said]
        documents = [each.document for each in drafts]
        self.sender.send([*said, *extra], committed(self.rules.service, documents, self.settings.exercise) if drafts else ())
        self._count([*said, *extra])
        if drafts:
            self.settle()
            overtaken = [each.overtakes for each in drafts if each.overtakes]
            self._clearing = spawn(self.store.clear, [each["_id"] for each in documents], overtaken)

    def settle(self) -> None:
        """Return when no mark is left on what is said; raises what went wrong with it."""
        clearing, self._clearing = self._clearing, None
        if clearing is not None:  # a green thread that has not begun is false
            clearing.wait()

    def _count(self, said: list[Spoken]) -> None:
        self.said += len(said)
        self.telemetry.said.inc(sum(each.counted for each in said))
        if self.settings.exercise:
            self.told.update(each.key.split(".", 1)[0] for each in said if each.exchange == AGENCIES_OUT)

    def resend(self, unsent: list[Document]) -> None:
        """Say again what an earlier life stored and did not get confirmed."""
        said = again(self.rules.service, unsent, self.settings.exercise)
        self.sender.send(said)
        self.store.clear([each["_id"] for each in unsent], [])
        self._count(said)

    # --- one message

    def _one(self, work: Round, reading: Reading, place: int) -> None:
        began, before = time.perf_counter(), len(work.drafts)
        outcome = self._outcome(work, reading, place)
        heard = reading.heard
        line = {
            "outcome": outcome, "case": reading.case, "heard": heard.message.name if heard else "unreadable",
            "leg": getattr(heard.message, "leg", None) if heard else None, "cause": heard.id if heard else None,
            "said": len(work.drafts[-1].said) if len(work.drafts) > before else 0, "ms": round((time.perf_counter() - began) * 1000, 2),
            "mode": heard.attributes.mode if heard else None,
        }  # fmt: skip
        work.lines.append((place, line))

    def _outcome(self, work: Round, reading: Reading, place: int) -> str:
        """What becomes of one message, in a word."""
        key = (reading.case, reading.key)
        if reading.heard and isinstance(reading.heard.message, ASKS):
            work.asks.append((place, reading))
            return "asked"
        if key in work.keys:
            return self._again(work, reading, place, work.keys[key])
        work.keys[key] = Known(None, reading.delivery.digest)
        if reading.invalid:
            return self._invalid(work, reading, place)
        if reading.case in work.depths or reading.case in work.broken or key in work.refused:
            return self._wait(work, reading, place)
        return self._decide(work, reading, place)

    def _decide(self, work: Round, reading: Reading, place: int) -> str:
        assert reading.heard is not None
        message, head = reading.heard.message, self.memory.get(reading.case)
        if isinstance(message, ClockTicked) and (head is None or head.n != message.n):
            return "stale"  # the commit that armed it is not the last; a later one has a tick of its own
        try:
            draft = self._drafter.decide(reading, work.now, place)
        except Exception as fault:
            work.spoilt.append(reading.case)
            return self._fails(work, reading, place, parking.trouble(fault, message.name))
        work.drafts.append(draft)
        work.keys[reading.case, reading.key] = Known(draft.document["status"], reading.delivery.digest)
        return str(draft.document["outcome"])

    def _wait(self, work: Round, reading: Reading, place: int) -> str:
        """The case is parked, or must be."""
        assert reading.heard is not None
        name = reading.heard.message.name
        if reading.case in work.depths:
            tick = isinstance(reading.heard.message, ClockTicked)  # it is sent again as long as it is due
            return "stale" if tick else self._queue(work, reading, place, None)
        fault = work.broken.get(reading.case)
        return self._queue(work, reading, place, parking.trouble(fault, name) if fault else parking.REFUSED)

    # --- what is not decided

    def _invalid(self, work: Round, reading: Reading, place: int) -> str:
        """Kept, and an agency hears 422; but if one of our own services said it, its case waits for an operator to amend or skip it."""
        assert reading.invalid is not None
        if reading.own:
            first = reading.invalid.faults[0]
            why = Trouble(f"invalid-{reading.invalid.kind}", f"{first.pointer} {first.says}"[:300])
            return (
                self._queue(work, reading, place, None) if reading.case in work.depths else self._fails(work, reading, place, why)
            )
        work.drafts.append(self._drafter.keep(reading, work.now, place))
        work.keys[reading.case, reading.key] = Known(422, reading.delivery.digest)
        return "kept"

    def _again(self, work: Round, reading: Reading, place: int, first: Known) -> str:
        """Known already: an agency hears 409 with the first answer, unless it was our own crash that brought it again.

        The same identity with other bytes is no repetition but another message, and invalid.
        """
        if not first.same(reading.delivery.came):
            other = reading.refused("/id", "was used before for another message", "altered")
            work.keys |= self.store.known([(other.case, other.key)], parked=True)
            return self._outcome(work, other, place)
        agency, to = from_agency(reading), reading.heard.id if reading.heard else None
        if reading.invalid:
            to = reading.invalid.attribute("id") or "unreadable"
        if agency and to and not reading.delivery.redelivered:
            status: Any = first.status
            answer = ReceiptGiven(to=to, status=409, ground=Ground.DUPLICATE, first=status, text="known already")
            self._extra(work, place, reading, answer, agency, f"again {datetime.now(UTC).isoformat()}")
        return "known"

    def _fails(self, work: Round, reading: Reading, place: int, why: Trouble) -> str:
        """Park it, unless it was decided before: then it is only repeated, and may well fail now."""
        key = (reading.case, reading.key)
        first = self.store.known([key]).get(key)
        return self._again(work, reading, place, first) if first else self._queue(work, reading, place, why)

    def _extra(self, work: Round, place: int, reading: Reading, message: Any, to: str | None, position: str) -> None:
        id = said_id(self.rules.service, reading.case, reading.key, position)
        spoken = speak(self.rules.service, message, to, reading.case, id, work.now, self.settings.exercise, reading.heard)
        work.extra.append((place, spoken))

    def _queue(self, work: Round, reading: Reading, place: int, why: Trouble | None, hold: int | None = parking.LADDER[0]) -> str:
        """Park a message: the first with its fault, successors behind it in order."""
        head = self.memory.get(reading.case)
        k = work.depths[reading.case] = work.depths.get(reading.case, 0) + 1
        work.rows.append((place, self.parking.park(reading, k, head.n if head else 0, why, hold)))
        if why:
            self.telemetry.log.warning("parked", case=reading.case, fingerprint=why.fingerprint, error=why.error)
            said = LogParked(service=self.rules.service, rows=k, fingerprint=why.fingerprint)
            self._extra(work, place, reading, said, None, "parked")
        return "parked"

    def park_suspect(self, delivery: Delivery) -> None:
        """A message that was begun three times and never finished: parked without being touched, or kept if it has no case."""
        reading = read(delivery, self.rules.service, self.clock.now(), self.settings.exercise, ahead=False)
        if reading.heard and isinstance(reading.heard.message, ASKS):
            self.telemetry.log.warning("let go", case=reading.case, heard=reading.heard.message.name)
            return  # its rows count their own attempts
        work = Round(self.clock.now())
        work.broken, work.depths = self.memory.load({reading.case})
        key = (reading.case, reading.key)
        if key in self.store.known([key], parked=True):
            return
        if reading.invalid and not reading.own:
            work.drafts.append(self._drafter.keep(reading, work.now))
        else:
            self._queue(work, reading, 0, None if reading.case in work.depths else parking.UNFINISHED, hold=None)
        self.store.insert([each.document for each in work.drafts])
        self.parking.insert([row for _, row in work.rows])
        self._say(work.drafts, [each for _, each in work.extra])
