"""Outbox and inbox under whatever happens: what is said arrives in order, under one id, in the same bytes; what is heard is answered once.

The lives of an agency end at any point of its way, as by a power cut; only the broker is played here, by what `Line` promises of it.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from xianjie import envelope
from xianjie.agency import Agency, Retries
from xianjie.line import Published
from xianjie.messages.case import CaseReviewed
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralMoved, ReferralOffered
from xianjie.office import inbox
from xianjie.received import Received
from xianjie.trouble import Away, Refused
from xianjie.vocabulary import CHINA, LegKind, Track

CODE = "CN-SH-IPO"
REFUSED = "refuse me"
CASES = st.sampled_from(["c-1", "c-2", "c-3"])


class Killed(BaseException):
    """The process is no more."""


def well(place: int) -> None:
    """Nothing happens there."""


class Broker:
    """What it has taken, in order; and a line to it that fails when it is told to."""

    user = CODE

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.confirmed = 0
        self.fails: Callable[[int], None] = well
        self.loses = 0
        """So many of the last confirms do not come."""

    def publish_all(self, messages: list[Published]) -> None:
        first = self.confirmed
        for at, (_, body, _) in enumerate(messages):
            self.fails(at)
            if REFUSED.encode() in body:
                raise Refused("the broker has closed the channel", "not_allowed")
            self.taken.append(body)
            self.confirmed += 1
        self.fails(len(messages))
        if self.loses:
            self.confirmed = max(first, self.confirmed - self.loses)
            raise Away("did not confirm in time")

    def take(self, timeout: float) -> list[Any]:
        return []

    def close(self) -> None:
        """Nothing is held."""


class Lives(RuleBasedStateMachine):
    """One agency's file through many lives."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.broker = Broker()
        self.said: list[str] = []
        self.refused: set[str] = set()
        self.told: dict[str, str] = {}
        self.handled: list[str] = []
        self.count = 0
        self.begin()

    def begin(self) -> None:
        self.office = Agency(
            "amqp://a:b@127.0.0.1:9/x", CODE, store=self.folder / "office.sqlite", retries=Retries(times=3, first=0)
        )
        self.desk = self.office._kept()
        for thread in (self.desk.mouth, self.desk.ear):
            thread.start = lambda _=None: None  # type: ignore[method-assign]

    def cut_power(self) -> None:
        """Nothing is ended in order; the system lets go of the lock."""
        self.desk.store._lock.close()  # type: ignore[union-attr]
        self.desk.store._db.close()
        self.begin()

    @rule(case=CASES, refused=st.integers(0, 5).map(lambda each: each == 0))
    def say(self, case: str, refused: bool) -> None:
        self.count += 1
        id = self.office.say(CaseReviewed(verdict="accept", text=f"{REFUSED if refused else 'say'} {self.count}"), case)
        (self.refused.add if refused else self.said.append)(id)

    @rule(times=st.integers(1, 3))
    def send(self, times: int) -> None:
        for _ in range(times):
            self.desk.mouth.turn(self.broker)  # type: ignore[arg-type]

    @rule(at=st.integers(0, 6))
    def die_while_publishing(self, at: int) -> None:
        """Before any, between two, or after the last and before one is marked."""

        def die(place: int) -> None:
            if place == at:
                raise Killed

        self.broker.fails = die
        try:
            self.desk.mouth.turn(self.broker)  # type: ignore[arg-type]
        except Killed:
            self.cut_power()
        finally:
            self.broker.fails = well

    @rule(lost=st.integers(1, 4))
    def lose_confirms(self, lost: int) -> None:
        self.broker.loses = lost
        try:
            self.desk.mouth.turn(self.broker)  # type: ignore[arg-type]
        except Away:
            pass
        finally:
            self.broker.loses = 0

    @rule()
    def die_between(self) -> None:
        self.cut_power()

    @rule(case=CASES, offer=st.booleans(), again=st.booleans())
    def hear(self, case: str, offer: bool, again: bool) -> None:
        """Something new, or what was heard before."""
        if again and self.told:
            id, case = next(iter(self.told.items()))
        else:
            id = f"m-{len(self.told) + 1}"
        message = (
            ReferralOffered(leg="L1", track=Track.COURT, kind=LegKind.FILE, sender="CN-A", right="design")
            if offer or id in self.told
            else ReferralMoved(leg="L1", state="declined", body="CN-A")
        )
        at = datetime(2024, 3, 1, tzinfo=CHINA)
        attributes = envelope.attributes(message, case, "/services/routing", id, time=at)
        with self.desk.store.transaction() as db:
            if inbox.keep(
                db, heard := envelope.read(envelope.write(attributes, message)), envelope.write(attributes, message), 1.0
            ):
                self.told[heard.id] = case

    @precondition(lambda self: self.told)
    @rule(end=st.sampled_from(["well", "well", "well", "raise", "die in it", "die before it is kept", "die after it is kept"]))
    def handle(self, end: str) -> None:
        """One message, if one waits: its handler says two things, and it ends in one way or another."""
        kept = self.desk.next(0)
        if kept is None:
            return
        work = self.office._work
        assert work

        def handler(received: Received) -> None:
            for shape in (ReferralAcknowledged, ReferralAccepted):
                self.office.say(shape(leg="L1"), received.case)
            if end == "raise":
                raise LookupError
            if end == "die in it":
                raise Killed

        real, self.desk.give_back = self.desk.say, lambda _: None  # type: ignore[method-assign]

        def say(those: Any, handled: Any = None) -> None:
            if end == "die before it is kept":
                raise Killed
            real(those, handled)
            self.handled.append(handled.heard.id)
            self.said += [each.id for each in those]
            if end == "die after it is kept":
                raise Killed

        self.desk.say = say  # type: ignore[method-assign]
        try:
            if kept.tries <= 3:
                work._handle(kept, handler)
            else:
                work._aside(kept, "the process ended while it was handled")
            self.desk.say = real  # type: ignore[method-assign]
        except Killed:
            self.cut_power()

    # --- what holds

    @invariant()
    def what_arrives_arrives_in_order(self) -> None:
        """The first time that each does; what comes again comes in the same bytes under the same id."""
        first: dict[str, bytes] = {}
        for body in self.broker.taken:
            id = envelope.read(body).id
            assert first.setdefault(id, body) == body, "the same id in other bytes"
        assert [*first] == self.said[: len(first)], "in the order in which it was said"
        texts = [envelope.read(body).message for body in first.values()]
        said = [each.text for each in texts if isinstance(each, CaseReviewed)]
        assert len(said) == len({*said}), "one thing said under two ids"

    @invariant()
    def what_is_heard_is_answered_once(self) -> None:
        assert len(self.handled) == len({*self.handled})
        for case in ("c-1", "c-2", "c-3"):
            order = [id for id, where in self.told.items() if where == case]
            done = [id for id in self.handled if self.told[id] == case]
            assert done == order[: len(done)], "a case's messages in its order"

    def teardown(self) -> None:
        """In the end all has arrived but what the broker refuses."""
        while self.office.outbox().waiting:
            self.desk.mouth.turn(self.broker)  # type: ignore[arg-type]
        self.what_arrives_arrives_in_order()
        assert {envelope.read(body).id for body in self.broker.taken} == {*self.said}
        assert {each.id for each in self.office.outbox().aside if each.way == "said"} == self.refused
        self.office.close()
        shutil.rmtree(self.folder)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
