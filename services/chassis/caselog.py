"""The case log as a dependency of a service: its desk, its store, its health, and the breaker between them and an outage."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from nameko.extensions import DependencyProvider

from services.chassis.connecting import NotOurs
from services.chassis.delivery import Delivery
from services.chassis.desk import Desk
from services.chassis.exercise import answer_clock
from services.chassis.parking import trouble
from services.chassis.restoring import Restoring
from services.chassis.sending import Sender
from services.chassis.settings import Settings
from services.chassis.store import Store, holder
from services.chassis.telemetry import Telemetry
from xianjie import topology
from xianjie.deciding import Rules

PING = 2.0
"""Seconds from one question to the database to the next while nothing is to be done."""


class CaseLog(DependencyProvider):  # type: ignore[misc]
    """`log = CaseLog(rules)` in a service class gives its rules everything they run on."""

    def __init__(self, rules: Rules[Any]) -> None:
        self.rules = rules
        self.service = rules.service

    def setup(self) -> None:
        self.settings: Settings = self.container.config["SETTINGS"]
        self.telemetry = Telemetry(self.service, self.settings.partition, self.settings.log_level)
        self.telemetry.log.info("settings", **self.settings.redacted())
        self.store = Store(self.settings.mongodb_uri, self.settings.database)
        self.sender = Sender(self.settings.amqp_uri, self.service, self.settings.confirm_seconds)
        self.desk = Desk(self.rules, self.store, self.sender, self.settings, self.telemetry)
        self.beaten = self._pinged = time.monotonic()
        self.away: str | None = "starting"
        self._away_since: datetime | None = datetime.now(UTC)
        self._waits_since: datetime | None = None
        self.telemetry.oldest.set_function(self.oldest_undecided)
        self._prepared = self._restored = self._stopped = False

    def get_dependency(self, worker_ctx: Any) -> "CaseLog":
        return self

    def take(self, batch: list[Delivery]) -> None:
        """One batch: business to the desk, the exercise's clock to its answer."""
        if batch[0].exchange == topology.CLOCK:
            answer_clock(self.desk, batch)
        else:
            self.desk.take(batch)

    def stop(self) -> None:
        """The last batch leaves no marks behind; where the database is away, those who come after take them off."""
        if self._stopped:  # a second signal
            return
        self._stopped = True
        with suppress(Exception):
            self.desk.settle()
        count = self.telemetry.registry.get_sample_value
        heard, again = count("xianjie_batch_messages_sum"), count("xianjie_redelivered_total")
        self.telemetry.log.info("drained", heard=int(heard or 0), redelivered=int(again or 0))

    def recover(self) -> None:
        """Both sides must answer before anything is consumed; memory starts empty; what was left unsaid is said. Before all that, what a
        database that was restored has lost is made again."""
        self.store.ping()
        if not self._prepared:
            if (owner := self.store.claim(self.service)) != self.service:
                raise NotOurs(
                    f"the database {self.settings.database} holds the cases of {owner}; {self.service} needs one of its own"
                )
            self.store.prepare(self.rules.index)
            self._prepared = True
        self.desk.memory.forget()
        self.sender.open()
        if not self._restored:
            Restoring(self.desk, holder(), self.beat).take_back()
            self.desk.memory.forget()
            self._restored = True
        self.beat()

    def listening(self, broker: dict[str, Any]) -> None:
        """The breaker closes: from now on messages are taken."""
        self.telemetry.log.info("listening", after=self.away, **broker)
        self.away = self._away_since = None
        self.telemetry.breaker.set(0)
        self.beat()

    def outage(self, fault: BaseException) -> None:
        """The breaker opens: broker or database are away, or not set up for us."""
        which = "database" if isinstance(fault, NotOurs) or fault.__class__.__module__.startswith("pymongo") else "broker"
        self.telemetry.outages.labels(which).inc()
        self.telemetry.log.warning("outage", which=which, error=fault.__class__.__name__, text=str(fault)[:300])
        self._hang_up(f"{which}: {fault.__class__.__name__}")

    def fenced(self, fault: BaseException) -> None:
        """Another writer was here: everything is read again."""
        self.telemetry.log.warning("fenced", text=str(fault)[:200])
        self._hang_up("another writer")

    def last_resort(self, fault: BaseException) -> None:
        """Not even an error record could be written: this line is all there is. The messages stay with the broker, unacknowledged."""
        why = trouble(fault, "a batch")
        self.telemetry.outages.labels("unknown").inc()
        self.telemetry.log.error("unacknowledged", fingerprint=why.fingerprint, error=why.error)
        self._hang_up(f"unexpected: {fault.__class__.__name__}")

    def _hang_up(self, why: str) -> None:
        self.telemetry.breaker.set(1)
        self.away = why
        self._away_since = self._away_since or datetime.now(UTC)
        self.desk.memory.forget()
        self.sender.close()
        self.beat()

    def beat(self) -> None:
        """The loop is alive."""
        self.beaten = time.monotonic()

    def idle(self) -> None:
        """Nothing is to be done: the publishing connection stays alive, and the database is asked now and then, for nobody else would."""
        self.sender.beat()
        if time.monotonic() - self._pinged > PING:
            self.store.ping()
            self._pinged = time.monotonic()

    def alive(self) -> bool:
        """Liveness: the loop turned within the last half minute."""
        return time.monotonic() - self.beaten < 30

    def ready(self) -> bool:
        """Readiness: no outage, and the loop turns."""
        return self.away is None and time.monotonic() - self.beaten < 10

    def gauge(self, held: int, held_since: datetime | None, parked: int, parked_since: datetime | None = None) -> None:
        """What was counted of cases with undecided messages: held or parked, and since when the oldest of each waits."""
        self.telemetry.parked.set(parked)
        self.telemetry.held.set(held)
        self._waits_since = min((each for each in (held_since, parked_since) if each), default=None)

    def oldest_undecided(self) -> float:
        """Seconds for which the oldest undecided message waits: parked, held, or with the broker while nothing can be decided."""
        times = [each for each in (self._waits_since, self._away_since) if each]
        return (datetime.now(UTC) - min(times)).total_seconds() if times else 0.0
