"""A bridge as a process, alone on a virtual host of its own: what services would say, the tests say in routing's name."""

import json
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika

from deploy.local.machine import Machine
from deploy.local.network import Network
from deploy.local.process import Process, last_lines
from tests.bridge.asking import Client, until
from xianjie import envelope
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.topology import AGENCIES_OUT, inbox

OFFICE, COURT, CENTRE = "CN-SH-IPO", "CN-SH-PD-COURT", "CN-SH-IPAC"
STRANGER = "CN-BJ-IPO"
"""An agency of the network that comes by AMQP."""


class House:
    """One bridge and what it stands on."""

    def __init__(
        self, machine: Machine, home: Path, settings: Mapping[str, str], bridged: tuple[str, ...] = (OFFICE, COURT, CENTRE)
    ) -> None:
        self.network = Network(machine, home, f"bridge{uuid.uuid4().hex[:8]}")
        self.network.prepare([STRANGER], bridged=bridged)
        self.settings, self._lives = dict(settings), 0
        self.start()

    @property
    def process(self) -> Process:
        return self.network.processes["bridge"]

    @property
    def log(self) -> Path:
        return self.network.home / f"bridge-{self._lives}.log"

    @property
    def agencies(self) -> Path:
        """The file of agencies."""
        return self.network.bridge.agencies

    def start(self) -> None:
        """A new process of the bridge, ready."""
        self._lives += 1
        environment = {**self.network.environment("bridge"), **self.settings}
        self.network.processes["bridge"] = Process.spawn([sys.executable, "-m", "services.bridge"], environment, self.log)
        until(lambda: self.network.ready("bridge") or not self.process.alive(), limit=60)
        assert self.process.alive(), last_lines(self.log)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.end(0, 9)

    def client(self, code: str, key: str | None = None) -> Client:
        return Client(self.network.bridge.address, code, key or self.network.bridge.keys[code])

    def lines(self, of: str) -> list[Any]:
        """What its log says of that kind, of this life."""
        return [
            found
            for line in self.log.read_text().splitlines()
            if line.startswith("{") and (found := json.loads(line))["event"] == of
        ]

    def metrics(self) -> dict[str, float]:
        """By name and labels, as they are scraped."""
        with urllib.request.urlopen(f"{self.network.bridge.door}/metrics") as answer:
            rows = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in rows}

    @contextmanager
    def channel(self, user: str = "") -> Iterator[Any]:
        """A channel of that user, or of the broker's administrator, with confirms."""
        uri = self.network.uri(user) if user else self.network.machine.broker.uri(self.network.name)
        with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    def tell(self, code: str, *ids: str) -> list[str]:
        """Receipts that routing says to an agency, one for each id: their ids, in order."""
        made = [
            envelope.attributes(_receipt(), "c-1", "/services/routing", each, time=None, precision=envelope.Precision.NONE)
            for each in ids
        ]
        self.publish(code, *(envelope.write(each, _receipt()) for each in made))
        return list(ids)

    def publish(self, code: str, *bodies: bytes) -> None:
        """Raw bytes into the inbox of an agency, as routing."""
        properties = pika.BasicProperties(delivery_mode=2, headers={"case": "c-1"}, content_type=envelope.CONTENT_TYPE)
        with self.channel("routing") as channel:
            for each in bodies:
                channel.basic_publish(AGENCIES_OUT, f"{code}.receipt.given.v1", each, properties)

    def waiting(self, code: str) -> int:
        """How many messages the inbox holds on the broker that nobody has in hand."""
        with self.channel() as channel:
            return int(channel.queue_declare(inbox(code), passive=True).method.message_count)

    def nothing_left(self, code: str) -> bool:
        """Whether the inbox is empty, and nothing of any is in hand."""
        return self.waiting(code) == 0 and self.metrics()["xianjie_bridge_oldest_seconds"] == 0

    def said(self, service: str) -> list[bytes]:
        """What waits for a service: the bodies, taken away."""
        found = []
        with self.channel(service) as channel:
            for method, _, body in channel.consume(f"{service}.1", inactivity_timeout=0.2):
                if method is None:
                    break
                found.append(body)
                channel.basic_ack(method.delivery_tag)
            channel.cancel()
        return found

    def empty(self) -> None:
        """Nothing is in any inbox, and nothing in hand."""
        until(self._emptied, limit=30)

    def _emptied(self) -> bool:
        for code in self.network.bridge.codes:
            while some := self.client(code).poll(wait=0, limit=100):
                self.client(code).acknowledge([each["delivery"] for each in some])
        return all(self.nothing_left(code) for code in self.network.bridge.codes)

    def close(self) -> None:
        self.network.clear()


def _receipt() -> Message:
    return ReceiptGiven(to="m-1", status=202)


def names(prefix: str, count: int) -> list[str]:
    """Ids that nobody has used."""
    unique = f"{prefix}-{time.monotonic_ns()}"
    return [f"{unique}-{each}" for each in range(count)]


def only_forbidden(closed: pika.exceptions.ChannelClosedByBroker) -> None:
    """Raises what is another refusal than that of a permission."""
    if closed.reply_code != 403:
        raise closed
