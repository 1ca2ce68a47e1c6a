"""Our own runs: a fresh virtual host and database for each, filled, started, watched and cleared away."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pymongo

from deploy.local.machine import Machine
from deploy.local.ports import free_ports
from tests.bench import measure
from tests.bench.measure import Contestant
from xianjie import envelope, topology
from xianjie.definitions import definitions, users
from xianjie.envelope import Attributes
from xianjie.messages.proceeding import ProceedingEnded
from xianjie.vocabulary import Track

EXCHANGE, KEY = topology.address("mediation", ProceedingEnded.name, 1, "routing")
OUTBOX = topology.partition("intake", 1)
SUMMARY = "The parties agreed on a licence; the respondent pays in three instalments and stops. " * 10


@dataclass
class Ground:
    """A virtual host of the network's own definitions, and a database, for one or more lives of our contestant."""

    machine: Machine
    vhost: str
    passwords: dict[str, str]
    port: int
    journal: bool
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> str:
        """Where the stopwatch connects."""
        return self.machine.broker.uri(self.vhost)

    @property
    def database(self) -> str:
        """The contestant's database."""
        return f"{self.vhost}_routing"

    def environment(self) -> dict[str, str]:
        """The settings of the contestant: those of any service."""
        return {
            "XIANJIE_AMQP_URI": self.machine.broker.uri(self.vhost, "routing", self.passwords["routing"]),
            "XIANJIE_MONGODB_URI": self.machine.database.uri(),
            "XIANJIE_DATABASE": self.database,
            "XIANJIE_DOOR_PORT": str(self.port),
            "XIANJIE_SALT": "salt of a benchmark",
            "XIANJIE_DOOR_KEY": "key of a benchmark's door",
            **self.extra,
        }

    @contextmanager
    def contestant(self) -> Iterator[Contestant]:
        """One life of it."""
        with measure.started("tests.bench.hop", self.environment()) as process:
            yield process


@cache
def _passwords() -> dict[str, str]:
    """The same for every ground of this run: users are the broker's, and two grounds may be there at a time."""
    return {user: uuid.uuid4().hex for user in users([])}


@contextmanager
def ground(machine: Machine, *, journal: bool = True, **extra: str) -> Iterator[Ground]:
    """Fresh ground, gone afterwards."""
    vhost = f"bench{uuid.uuid4().hex[:8]}"
    passwords = _passwords()
    machine.broker.import_definitions(definitions(vhost, [], partitions={}, passwords=passwords, journal=journal))
    place = Ground(machine, vhost, passwords, free_ports(1)[0], journal, extra)
    try:
        yield place
    finally:
        machine.broker.delete_vhost(vhost)
        with pymongo.MongoClient[dict[str, object]](machine.database.uri()) as client:
            client.drop_database(place.database)


def messages(n: int, *, per_case: int = 4, tag: str = "") -> Iterator[tuple[str, bytes]]:
    """`n` messages as (case, body), `per_case` of them to a case, those of one case 64 apart."""
    now = datetime.now(UTC)
    for i in range(n):
        block = measure.CASES_AT_ONCE * per_case
        number = measure.CASES_AT_ONCE * (i // block) + i % measure.CASES_AT_ONCE
        case = f"hop{tag}-{number:08d}"
        yield case, body(case, f"{tag}-{i}", now)


def body(case: str, i: str, now: datetime, text: str = SUMMARY) -> bytes:
    """One message of 1.4 kB, as a track service says it."""
    message = ProceedingEnded(leg="L1", track=Track.MEDIATION, how="closed", outcome="agreement", settles=True, text=text)
    attributes = Attributes(
        specversion="1.0", id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"hop {i}")), source="/services/mediation", type=message.type, subject=case,
        datacontenttype="application/json", time=now, correlationid=case, causationid=str(uuid.UUID(int=1)),
    )  # fmt: skip
    return envelope.write(attributes, message)


def fill(place: Ground, bodies: Iterator[tuple[str, bytes]]) -> int:
    """Put messages into the contestant's queue, as the network would."""
    return measure.fill(place.admin, EXCHANGE, KEY, bodies, envelope.CONTENT_TYPE)


def hops(machine: Machine, n: int, *, journal: bool = True, **extra: str) -> float:
    """Messages/s of one process of ours over `n` messages."""
    with ground(machine, journal=journal, **extra) as place:
        fill(place, messages(n))
        with place.contestant() as process:
            return measure.watch(place.admin, OUTBOX, n, process)
