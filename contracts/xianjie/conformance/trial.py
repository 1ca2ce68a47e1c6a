"""One trial: scripts that play the network towards the system, all at once, each with cases of its own; then those that disturb, one by one."""

import random
import time
import uuid
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import inf
from typing import Any

from xianjie import envelope
from xianjie.conformance.course import Course, offer
from xianjie.conformance.findings import Fault, Findings
from xianjie.conformance.judge import Judge, shown
from xianjie.conformance.place import Place
from xianjie.conformance.roles import Role
from xianjie.conformance.watched import Watched
from xianjie.line import Refused
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.tracks.track import service_of
from xianjie.vocabulary import CHINA, Mode
from xianjie.wording import counted

STEP = 0.05
"""Seconds that the broker is listened to before scripts are asked again."""
LOOK = 1.0
"""Seconds after which it is looked again whether the system consumes its inbox."""
AWAY = 15.0
"""Seconds without a consumer, and no fewer than the patience, after which the trial is over."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a script waits for, until when at the latest (by `time.monotonic`)."""

    done: Callable[[], bool]
    until: float


Script = Generator[Wait, bool, None]


class Trial:
    """The network as the system sees it. `patience`: seconds in which the system must have answered; `quiet`: in which it must not.

    `seed`: of the ids of what is said; without it they are new in every trial, since the system may remember those of the last one."""

    def __init__(self, place: Place, role: Role, patience: float, seed: int | None = None) -> None:
        self.place, self.role, self.patience = place, role, patience
        self.quiet = max(0.5, patience / 3)
        self.findings = Findings()
        self.judge = Judge(place.code, self.findings, now, patience=patience, clock=time.monotonic)
        self.dice = random.Random(seed)
        self.may_be_away = False
        """Whether the trial itself takes the system its inbox, or has asked to stop it."""
        self.over = False
        """Whether the system has gone, and nothing more is played."""
        self._looked, self._there = 0.0, inf
        self._names = uuid.uuid4().hex[:8]
        self._count = 0
        self._last: dict[tuple[str, str], str] = {}
        """By case and service, the last message that the system was sent: what the next one follows."""

    # --- what scripts say

    def open(self, script: str, kind: str = "trial") -> Watched:
        """A case of which the system has not heard yet, or a thread of another kind: `loop`."""
        self._count += 1
        course = Course(f"{kind}-{self._names}-{self._count}", self.place.code, self.role)
        found = self.judge.watched[course.case] = Watched(course, script, now())
        return found

    def offer(self, script: str, **changes: Any) -> Watched:
        """A leg that is offered."""
        found = self.open(script)
        self.say(found, offer(found.course, **changes))
        return found

    def say(self, to: Watched, message: Message) -> bytes:
        """Say it to the system, as the service does whose word it is; returns the bytes."""
        body = self.written(to, message)
        for _ in range(2 if to.twice else 1):
            self.send(to, body, f"{message.name}.v{message.version}")
        return body

    def written(self, to: Watched, message: Message) -> bytes:
        """The message as it would be said now."""
        service, case, id = self._service(message), to.course.case, self.new_id(receipt=isinstance(message, ReceiptGiven))
        follows, self._last[case, service] = self._last.get((case, service)), id
        given = envelope.attributes(message, case, f"/services/{service}", id, time=now(), mode=Mode.TEST, follows=follows)
        return envelope.write(given, message)

    def new_id(self, *, receipt: bool = False) -> str:
        """The id of something that the system is told."""
        id = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.judge.told[id] = receipt
        return id

    def send(self, to: Watched, body: bytes, kind: str) -> None:
        """Put bytes into the inbox."""
        self.place.send(body, kind, to.course.case)

    def _service(self, message: Message) -> str:
        by = message.said_by
        return service_of(self.role.track) if len(by) > 1 else by[0]

    # --- what scripts wait for

    def until(self, done: Callable[[], bool], within: float | None = None) -> Generator[Wait, bool, bool]:
        """Whether it is so within these seconds (the trial's patience)."""
        return (yield Wait(done, time.monotonic() + (self.patience if within is None else within)))

    def expect(
        self, clause: str, of: Watched, *names: str, within: float | None = None, taken: bool = False
    ) -> Generator[Wait, bool, bool]:
        """Wait until the system has said one of these of the case, and was not refused if it must be `taken`: the clause is met by it, and
        broken by silence."""
        seconds = self.patience if within is None else within
        said = yield from self.until(lambda: (of.did if taken else of.has)(*names), seconds)
        if said:
            self.findings.meet(clause)
        else:
            wanted = " or ".join(each.replace(".", f"{self.role.track}.", 1) if each.startswith(".") else each for each in names)
            told = f"{of.said[-1].message.name} was the last that it said" if of.said else "it said nothing that counted"
            says = f"{told}; {of.course.where()}"
            self.fault(clause, of, says, f"{wanted} within {seconds:g} s")
        return said

    def silence(self) -> Generator[Wait, bool, bool]:
        """Wait as long as the system must be quiet."""
        return (yield from self.until(lambda: False, self.quiet))

    def fault(self, clause: str, of: Watched, says: str, expected: str) -> None:
        """The clause is broken in this case; shown with what the system said last of it, if anything."""
        if of.uncounted:
            says += f"; {counted(of.uncounted, 'message')} of it about this case broke the contract, and so did not count"
        self.findings.fault(Fault(clause, of.script, of.course.case, says, expected, shown(of.last) if of.last else None))

    def news(self, to: Watched, tell: Callable[[], object], *answers: str) -> Watched:
        """Tell the system something that its words may cross; returns an offer that is put behind it in the inbox. `answers`: what answers it.

        When the system has confirmed that one, and a quiet time is over, it knows; or when it says what only the news calls for.
        """
        before, told = to.as_it_stands(), len(self.judge.told)
        tell()
        ids = frozenset(islice(self.judge.told, told, None))
        behind, end = self.offer(to.script), list[float]()

        def on_its_way() -> bool:
            if not end and behind.has("referral.delivered"):
                end.append(time.monotonic() + self.quiet)
            return not end or time.monotonic() < end[0]

        to.crosses(before, on_its_way, answers, ids)
        return behind

    # --- the course of it

    def attend(self, limit: float) -> None:
        """Wait until the system consumes its inbox; `Refused` if nobody does within `limit` seconds."""
        end = time.monotonic() + limit
        while self.place.waiting()[1] == 0:
            if time.monotonic() > end:
                remedy = "start the system on this broker and virtual host, then try it again"
                raise Refused(f"nobody consumes agency.{self.place.code}", "not_set_up", remedy)
            self._listen(0.2)
        self._there = time.monotonic()

    def run(self, scripts: Iterable[Callable[["Trial"], Script]]) -> None:
        """Let these scripts go on at the same time until each has ended, or the system has gone: then nothing more is played."""
        begun = [] if self.over else [each(self) for each in scripts]
        waiting = [(script, wait) for script in begun if (wait := next(script, None))]
        while waiting or self.judge.order:
            self._listen(STEP)
            if self._has_gone():
                self._gone()
                return
            waiting = [(script, wait) for each in waiting if (wait := _go_on(*each)) for script in each[:1]]

    def _has_gone(self) -> bool:
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            if self.may_be_away or self.place.waiting()[1]:
                self._there = now
        return now - self._there > max(self.patience, AWAY)

    def _gone(self) -> None:
        """It has ended, or hangs where it does not consume: the first message that it did not acknowledge is what it may have ended over."""
        self.over = True
        case, head = self.place.next_waiting() or ("–", None)
        of = self.judge.watched.get(case)
        says = f"nobody consumes agency.{self.place.code} any more: has it ended? Nothing more was played"
        if head is not None:
            says += "; the first message that it did not acknowledge is shown"
        expected = "a consumer, whatever comes"
        message = None if head is None else shown(head)
        self.findings.fault(Fault("inbox.emptied", of.script if of else "–", case, says, expected, message))

    def _listen(self, seconds: float) -> None:
        for each in self.place.arrived(seconds):
            self._tell(self.judge.hear(each))
        self._tell(self.judge.overdue())

    def _tell(self, told: Iterable[tuple[str, Message]]) -> None:
        for case, message in told:
            known = self.judge.watched.get(case) or Watched(Course(case, self.place.code, self.role), "–")
            self.say(known, message)


def _go_on(script: Script, wait: Wait) -> Wait | None:
    """What the script waits for next: the same, another thing, or nothing more."""
    done = wait.done()
    if not done and time.monotonic() < wait.until:
        return wait
    try:
        return script.send(done)
    except StopIteration:
        return None


def now() -> datetime:
    """The present moment, as the network writes it."""
    return datetime.now(CHINA)
