"""Four real services that live several lives while cases go through them."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from deploy.local.network import Network
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.process import Process, last_lines
from deploy.local.running import DIRECTORY
from tests.bench.whole import COURT, OFFICE, application, replies
from tests.chassis import nursery
from tests.chassis.ground import until
from xianjie.agency import Agency
from xianjie.bodies import imports, read_bodies
from xianjie.messages.visit import VisitDue
from xianjie.vocabulary import Mode
from xianjie.voice import Operator

SMALL = {"XIANJIE_BATCH": "10"}
"""Batches so small that the broker stops after twenty messages."""


class Lives:
    """A network whose services live several lives, side by side for a moment."""

    def __init__(self, network: Network, settings: Mapping[str, str] = SMALL) -> None:
        self.network, self.settings = network, settings
        self.logs: list[Path] = []

    def start(self, service: str, module: str | None = None, limit: float = 90, **more: str) -> Process:
        """A new process of a service, ready within `limit` seconds."""
        door, front = free_ports(2)
        self.network.doors[service], self.network.front = f"http://{LOOPBACK}:{door}", f"http://{LOOPBACK}:{front}"
        log = self.network.home / f"{service}-{len(self.logs)}.log"
        self.logs.append(log)
        settings = {**self.network.environment(service), **self.settings, **more}
        process = nursery.spawn([module, service] if module else [f"services.{service}"], settings, log)
        try:
            until(lambda: self.network.ready(service) or not process.alive(), f"{service} is ready", limit)
            assert process.alive() or more, last_lines(log)
        except BaseException:  # nobody else knows of it yet
            process.send(9)
            raise
        return process

    def relieve(self, service: str) -> None:
        """A new one beside the old one, which drains."""
        old = self.network.processes[service]
        self.network.processes[service] = self.start(service)
        old.send(15)
        assert old.gone_within(60), last_lines(*self.logs)

    def drained(self) -> list[dict[str, int]]:
        """What each life that has ended said in the end."""
        return [json.loads(line) for log in {*self.logs} for line in log.read_text().splitlines() if '"drained"' in line]


def introduce(network: Network) -> str:
    """Tell routing the directory; the id of the last message of it."""
    with Operator(network.uri("operator"), "setup") as operator:
        for each in imports(read_bodies(DIRECTORY), "the directory as the files have it"):
            last = operator.say(each, "directory", to="routing")
    return last


def carry(
    network: Network, names: Iterable[str] = (), known: Iterable[str] = (), limit: float = 400.0,
    progress: Callable[[int], object] = int,
) -> list[str]:  # fmt: skip
    """Speak for office and court until a return visit is due in every case: in those `known` already, and in those of `names`, which are
    submitted one by one, twenty at a time. Returns them all. `progress` hears every ten seconds how many came through."""
    said, done, coming = list(known), set[str](), iter(names)
    end, more, told = time.monotonic() + limit, True, time.monotonic()
    with Agency(network.uri(OFFICE), OFFICE) as office, Agency(network.uri(COURT), COURT) as court:
        while more or len(done) < len(said):
            if time.monotonic() > told + 10:
                told = time.monotonic()
                progress(len(done))
            assert time.monotonic() < end, f"{len(done)} of {len(said)} cases came to their return visit within {limit:g} s"
            if more and len(said) < len(done) + 20:
                name = next(coming, None)
                more = name is not None
                if name is not None:
                    office.say(application(len(said)), name, mode=Mode.TEST)
                    said.append(name)
            for body in (office, court):
                while received := body.hear(0.002):
                    if isinstance(received.message, VisitDue):
                        done.add(received.case)
                    for reply in replies(received):
                        body.say(reply, received.case, because=received.heard.id, mode=Mode.TEST)
                    body.done(received)
    return said


def sound(network: Network, case: str) -> dict[str, list[str]]:
    """By service: what is wrong with its log of a case."""
    found = {}
    for service, door in network.doors.items():
        with urllib.request.urlopen(f"{door}/verify/{case}", timeout=10) as answer:
            found[service] = json.load(answer)["faults"]
    return found
