"""The ground that the chassis is proved on: a virtual host, a database, the probe as a real process, and everybody else played here."""

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient

from deploy.local.machine import Machine
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.process import last_lines
from tests.chassis import nursery
from xianjie import envelope, journal
from xianjie.definitions import definitions, users
from xianjie.envelope import CONTENT_TYPE, Attributes
from xianjie.message import Message
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.tracks import MEDIATION
from xianjie.topology import address
from xianjie.vocabulary import LegKind, Level, Track

BODY = "CN-PROBE"
"""The agency that speaks to the probe."""
SALT = "salt of the tests"
QUEUES = ("mediation.1", "routing.1", "xianjie.unrouted", f"agency.{BODY}")


def until(reached: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Wait for it, with a limit; what it returned in the end."""
    end = time.monotonic() + seconds
    while not (found := reached()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
    return found


def taken(order: str = "") -> RoutingLegTaken:
    """A message of another service, ordering the probe to do something."""
    return RoutingLegTaken(
        leg="L1", track=Track.MEDIATION, kind=LegKind.FILE, sender="CN-SENDER", receiver=BODY, area="310000", level=Level.PROVINCE,
        right="design", basis=order.replace(" ", "_") or None,
    )  # fmt: skip


def progressed(order: str = "") -> MEDIATION.progressed:
    """A message of an agency, ordering the probe to do something."""
    return MEDIATION.progressed(leg="L1", step="mediated", text=order)


def encode(message: Message, case: str, source: str, id: str | None = None, follows: str | None = None, **more: Any) -> bytes:
    """A valid message, as its sender would write it."""
    attributes = Attributes(
        specversion="1.0", id=id or str(uuid.uuid4()), source=source, type=message.type, subject=case,
        datacontenttype="application/json", time=more.pop("time", datetime.now(UTC)), follows=follows, **more,
    )  # fmt: skip
    return envelope.write(attributes, message)


class Said:
    """One message as it stood in a queue."""

    def __init__(self, key: str, body: bytes) -> None:
        self.key, self.body = key, body
        self.attributes: dict[str, Any] = json.loads(body)
        self.data: dict[str, Any] = self.attributes["data"]
        self.id, self.case, self.type = self.attributes["id"], self.attributes["subject"], self.attributes["type"]


class Ground:
    """One virtual host and one database of the machine."""

    def __init__(self, machine: Machine, vhost: str, home: Path, exercise: str | None = None) -> None:
        self.machine, self.vhost, self.home, self.exercise = machine, vhost, home, exercise
        self.passwords = {each: machine.password(each) for each in users([BODY], exercise=bool(exercise))}
        self.database = f"probe-{uuid.uuid4().hex[:12]}"
        self.broken = home / "broken"
        self.probes: list[Probe] = []
        self._client: MongoClient[dict[str, Any]] | None = None
        self._one = threading.Lock()

    def prepare(self) -> None:
        """Make what the virtual host holds."""
        holds = definitions(self.vhost, [BODY], partitions={}, passwords=self.passwords, exercise=bool(self.exercise))
        self.machine.broker.import_definitions(holds)

    # --- the database

    @property
    def store(self) -> Any:
        """The probe's own database, looked into from outside."""
        with self._one:  # a test may look from two threads at once
            if self._client is None:
                self._client = MongoClient(self.machine.database.uri(), tz_aware=True, serverSelectionTimeoutMS=20_000)
        return self._client[self.database]

    def commits(self, case: str) -> list[dict[str, Any]]:
        return list(self.store.log.find({"case": case}).sort("n", 1))

    def decided(self) -> int:
        """How many messages of cases are committed."""
        return int(self.store.log.count_documents({"outcome": {"$ne": "kept"}}))

    def kept(self) -> list[dict[str, Any]]:
        return list(self.store.log.find({"outcome": "kept"}))

    def parked(self, case: str | None = None) -> list[dict[str, Any]]:
        return list(self.store.parked.find({"case": case} if case else {}).sort([("case", 1), ("k", 1)]))

    def tale(self, case: str) -> list[str]:
        """The ids of what was decided in this case, in order, as the state has it."""
        found = self.commits(case)
        return list(json.loads(found[-1]["state"])["state"]["steps"]) if found else []

    # --- the broker

    def uri(self, user: str | None = None) -> str:
        return self.machine.broker.uri(self.vhost, *((user, self.passwords[user]) if user else ()))

    @contextmanager
    def channel(self, user: str | None = None) -> Iterator[BlockingChannel]:
        with pika.BlockingConnection(pika.URLParameters(self.uri(user))) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    def publish(self, messages: Sequence[tuple[str, str, Any, bytes]]) -> None:
        """Exchange, routing key, case and body of each; in order, and all there when it returns: the last is confirmed, after the others."""
        with pika.BlockingConnection(pika.URLParameters(self.uri())) as connection:
            channel = connection.channel()
            for at, (exchange, key, case, body) in enumerate(messages, 1):
                if at == len(messages):
                    channel.confirm_delivery()
                properties = (
                    case
                    if isinstance(case, pika.BasicProperties)
                    else pika.BasicProperties(headers={"case": case}, delivery_mode=2, content_type=CONTENT_TYPE)
                )
                channel.basic_publish(exchange, key, body, properties)

    def tell(self, *said: tuple[str, str, Message], **more: Any) -> None:
        """Case, id and message of each, as routing says it; each names the one before it in its case."""
        before: dict[str, str] = dict(more.pop("after", {}))
        made = []
        for case, id, message in said:
            body = encode(message, case, "/services/routing", id, before.get(case), exercise=self.exercise, **more)
            made.append((*address("routing", message.name, 1, "mediation"), case, body))
            before[case] = id
        self.publish(made)

    def report(self, case: str, id: str, message: Message, **more: Any) -> bytes:
        """The same as the agency says it; returns the bytes."""
        body = encode(message, case, f"/agencies/{BODY}", id, exercise=self.exercise, **more)
        self.publish([(*address(BODY, message.name, 1, None), case, body)])
        return body

    def order(self, case: str, message: Message) -> None:
        """The same as an operator says it."""
        body = encode(message, case, "/operators/ann", exercise=self.exercise)
        self.publish([(*address("operator", message.name, 1, "mediation"), case, body)])

    def heard_by(
        self, queue: str, count: int | None = None, quiet: float = 0.4, seconds: float = 20.0, only: str = ""
    ) -> list[Said]:
        """What waits in a queue, which is empty then: `count` messages (repeated ones counted once), or until nothing more comes."""
        found: list[Said] = []
        end = time.monotonic() + seconds
        with self.channel() as channel:
            for method, _, body in channel.consume(queue, inactivity_timeout=quiet):
                if method is not None:
                    found += [each for each in [Said(method.routing_key, body)] if only in each.type]
                    channel.basic_ack(method.delivery_tag)
                if (method is None and count is None) or time.monotonic() > end or len({each.id for each in found}) == count:
                    break
            channel.cancel()
        return found

    def receipts(self, count: int) -> dict[str, list[dict[str, Any]]]:
        """So many receipts, by the message that they answer."""
        found = self.heard_by(f"agency.{BODY}", count, only="receipt.given")
        assert len(found) == count, f"{count} receipts were awaited, {[each.data for each in found]} came"
        answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in found:
            answers[each.data["to"]].append(each.data)
        return answers

    def journal(self) -> list[Said]:
        """Everything that was ever said."""
        there = journal.read(self.uri(), quiet=0.5)
        return [Said(each.key, each.body) for each in there if each.body.startswith(b'{"')]

    def depth(self, queue: str = "mediation.1") -> int:
        with self.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).method.message_count)

    def empty(self) -> None:
        """Nothing waits anywhere."""
        with self.channel() as channel:
            for queue in QUEUES:
                channel.queue_purge(queue)
        seen = {"$set": {"at": datetime.now(UTC)}}  # an empty database beside a full journal is no restored one
        self.store.leases.update_one({"_id": "seen"}, seen, upsert=True)

    # --- the probe

    def probe(self, **environment: str) -> "Probe":
        """A probe in a process of its own, ready."""
        probe = Probe(self, environment)
        self.probes.append(probe)
        return probe.start()

    def probe_unready(self, **environment: str) -> "Probe":
        """A probe that runs; nobody has waited until it is ready."""
        probe = Probe(self, environment)
        self.probes.append(probe)
        return probe.start(ready=False)

    def probe_that_dies(self, step: str) -> "Probe":
        """A probe that is killed at this step, or by what it hears; it has ended when this returns."""
        probe = self.probe_unready(PROBE_KILL=step)
        until(lambda: not probe.process.alive(), f"the probe ends {step}", 30)
        return probe

    def close(self) -> None:
        """End what runs, drop what was stored."""
        for probe in self.probes:
            probe.process.send(signal.SIGKILL)
            probe.process.gone_within(5)
        if self._client:
            self._client.drop_database(self.database)
            self._client.close()
            self._client = None


class Probe:
    """One life after another of the probe's process."""

    def __init__(self, ground: Ground, environment: Mapping[str, str]) -> None:
        self.ground, self.port = ground, free_ports(1)[0]
        self.output = ground.home / f"probe-{len(ground.probes)}.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XIANJIE_", "PROBE_"))},
            "XIANJIE_AMQP_URI": ground.uri("mediation"), "XIANJIE_MONGODB_URI": ground.machine.database.uri(),
            "XIANJIE_DATABASE": ground.database, "XIANJIE_DOOR_PORT": str(self.port), "XIANJIE_SALT": SALT, "PYTHONUNBUFFERED": "1",
            "PROBE_BROKEN": str(ground.broken), **({"XIANJIE_EXERCISE": ground.exercise} if ground.exercise else {}), **environment,
        }  # fmt: skip

    def start(self, ready: bool = True) -> "Probe":
        """Begin a life, and wait until it is ready; or only until it runs."""
        self.process = nursery.spawn(["tests.chassis.probe"], self.environment, self.output)
        if ready:
            until(lambda: self.ready() or not self.process.alive(), "the probe is ready", 30)
            assert self.process.alive(), f"the probe has ended\n{last_lines(self.output)}"
        return self

    def again(self, **environment: str) -> "Probe":
        """The next life, under another environment."""
        self.process.gone_within(20)
        lives = len(list(self.ground.home.glob("probe-*")))
        self.output = self.ground.home / f"probe-again-{lives}.log"
        self.environment = {
            **{name: value for name, value in self.environment.items() if not name.startswith("PROBE_KILL")},
            **environment,
        }
        return self.start()

    def revive(self) -> None:
        """The same life again, without waiting for anything."""
        self.process.gone_within(20)
        self.start(ready=False)

    def alive_door(self) -> bool:
        try:
            return self.get("/live")[0] == 200
        except OSError:
            return False

    def drain(self) -> None:
        """SIGTERM, and wait for the end."""
        self.process.send(signal.SIGTERM)
        assert self.process.gone_within(15), f"did not end\n{last_lines(self.output)}"

    def kill(self) -> None:
        self.process.send(signal.SIGKILL)
        assert self.process.gone_within(5)

    def get(self, path: str) -> tuple[int, Any]:
        """Status and content of one page of its door."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=5) as answer:
                return answer.status, _content(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, _content(refused)

    def ready(self) -> bool:
        try:
            return bool(self.get("/ready")[1]["ready"])
        except (OSError, ValueError, TypeError, KeyError):
            return False

    def metric(self, name: str, **labels: str) -> float:
        """One figure of its metrics; 0 where it was never counted."""
        wanted = "xianjie_" + name + (f"{{{','.join(f'{k}={json.dumps(v)}' for k, v in labels.items())}}}" if labels else "")
        return next(
            (float(line.rsplit(" ", 1)[1]) for line in self.get("/metrics")[1].splitlines() if line.startswith(wanted + " ")), 0.0
        )

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of this kind, in this life."""
        found = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [each for each in found if each.get("event") == event]

    def sound(self, *cases: str) -> None:
        """Numbers without gaps, hashes that chain, states that follow from what was said: asked of the probe itself."""
        for case in cases:
            assert self.get(f"/verify/{case}") == (200, {"case": case, "faults": []})


def _content(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers.get("content-type", "") else text
