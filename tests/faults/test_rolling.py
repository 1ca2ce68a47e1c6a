"""Rolling restarts under load: a new process beside the old one, which then drains. Nothing comes twice, nothing is lost or out of order."""

import itertools
import json
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from deploy.local.network import Network
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.process import Process, last_lines
from deploy.local.running import DIRECTORY
from tests.bench.whole import COURT, OFFICE, application, replies
from tests.chassis.ground import Ground, taken, until
from xianjie.agency import Agency
from xianjie.bodies import imported, read_bodies
from xianjie.message import SERVICES
from xianjie.messages.visit import VisitDue
from xianjie.vocabulary import Mode
from xianjie.voice import Operator

pytestmark = pytest.mark.broker
CASES = 40


@contextmanager
def steady(ground: Ground) -> Iterator[list[tuple[str, str]]]:
    """Messages of many cases keep coming; each names the one before it in its case."""
    said: list[tuple[str, str]] = []
    before: dict[str, str] = {}
    over = threading.Event()

    def tell() -> None:
        while not over.wait(0.02):
            some = [(f"c-{at % CASES}", f"m-{at}") for at in range(len(said), len(said) + 50)]
            ground.tell(*[(case, id, taken("say 1")) for case, id in some], after=before)
            before.update(some)
            said.extend(some)

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield said
    finally:
        over.set()
        teller.join()


def test_one_process_relieves_another_under_load_and_no_message_comes_twice(ground: Ground) -> None:
    probe = ground.probe()
    with steady(ground) as said:
        for _ in range(5):
            seen = ground.decided()
            until(lambda seen=seen: ground.decided() > seen + 100, "it is at work")
            fresh = ground.probe()
            probe.drain()
            probe = fresh
    until(lambda: ground.decided() == len(said), "everything is decided", 60)
    probe.drain()
    lives = [each.lines("drained")[0] for each in ground.probes]
    assert [each["redelivered"] for each in lives] == [0] * 6
    assert sum(each["heard"] for each in lives) == len(said), "each was handed out once"
    assert all(each["heard"] for each in lives[:-1])
    assert [each.lines("outage") for each in ground.probes] == [[]] * 6
    assert (ground.parked(), ground.kept(), ground.depth()) == ([], [], 0)
    for number in range(CASES):
        assert ground.tale(f"c-{number}") == [id for case, id in said if case == f"c-{number}"]


# --- the four real services


class Lives:
    """A network whose services live several lives, side by side for a moment."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.logs: list[Path] = []

    def start(self, service: str) -> Process:
        """A new process of a service, ready."""
        door, front = free_ports(2)
        self.network.doors[service], self.network.front = f"http://{LOOPBACK}:{door}", f"http://{LOOPBACK}:{front}"
        log = self.network.home / f"{service}-{len(self.logs)}.log"
        self.logs.append(log)
        settings = {**self.network.environment(service), "XIANJIE_BATCH": "10"}  # so that the broker stops after twenty
        process = Process.spawn([sys.executable, "-m", f"services.{service}"], settings, log)
        until(lambda: self.network.ready(service) or not process.alive(), f"{service} is ready", 30)
        assert process.alive(), last_lines(log)
        return process

    def relieve(self, service: str) -> None:
        """A new one beside the old one, which drains."""
        old = self.network.processes[service]
        self.network.processes[service] = self.start(service)
        old.send(15)
        assert old.gone_within(20), last_lines(*self.logs)

    def drained(self) -> list[dict[str, int]]:
        """What each life that has ended said in the end."""
        return [json.loads(line) for log in {*self.logs} for line in log.read_text().splitlines() if '"drained"' in line]


@pytest.fixture
def lives(machine: Machine, tmp_path: Path) -> Iterator[Lives]:
    """A network of which nothing runs yet."""
    network = Network(machine, tmp_path, f"roll{uuid.uuid4().hex[:8]}")
    network.prepare([OFFICE, COURT])
    yield Lives(network)
    network.stop()
    machine.broker.delete_vhost(network.name)


def introduce(network: Network) -> None:
    """The directory is known to routing."""
    with Operator(network.uri("operator"), "setup") as operator:
        operator.say(imported(read_bodies(DIRECTORY), "the directory as the files have it"), "directory", to="routing")


def carry(network: Network, names: Iterable[str] = (), known: Iterable[str] = ()) -> list[str]:
    """Speak for office and court until a return visit is due in every case: in those `known` already, and in those of `names`, which are
    submitted one by one, twenty at a time. Returns them all."""
    said, done, coming = list(known), set[str](), iter(names)
    end, more = time.monotonic() + 120, True
    with Agency(network.uri(OFFICE), OFFICE) as office, Agency(network.uri(COURT), COURT) as court:
        while more or len(done) < len(said):
            assert time.monotonic() < end, f"{len(done)} of {len(said)} cases came to their return visit within two minutes"
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


@pytest.mark.timeout(300)
def test_each_service_is_relieved_while_cases_go_through_and_no_message_comes_twice(lives: Lives) -> None:
    network = lives.network
    for service in SERVICES:
        network.processes[service] = lives.start(service)
    introduce(network)
    network.wait_known("routing", "directory")
    relieved = threading.Event()

    def relieve() -> None:
        for service in SERVICES:
            lives.relieve(service)
        relieved.set()

    roller = threading.Thread(target=relieve)
    roller.start()
    names = carry(network, itertools.takewhile(lambda _: roller.is_alive(), (f"roll-{at}" for at in itertools.count())))
    roller.join()
    assert relieved.is_set()
    assert len(names) > 20
    clean: dict[str, list[str]] = {service: [] for service in SERVICES}
    assert {name: sound(network, name) for name in names} == dict.fromkeys(names, clean)
    network.stop()
    ended = lives.drained()
    assert sorted(each["service"] for each in ended) == sorted(SERVICES * 2)
    assert [(each["service"], each["redelivered"]) for each in ended if each["redelivered"]] == []


ORDERS = [order for at, order in enumerate(itertools.permutations(SERVICES)) if at % 8 == 3]


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(each[0] for each in order) for order in ORDERS])
def test_each_service_starts_alone_in_any_order_and_finds_what_was_said_before(lives: Lives, order: tuple[str, ...]) -> None:
    network = lives.network
    introduce(network)
    with Agency(network.uri(OFFICE), OFFICE) as office:
        office.say(application(0), "early", mode=Mode.TEST)
    for service in order:
        network.processes[service] = lives.start(service)
    carry(network, known=["early"])
    assert sound(network, "early") == {service: [] for service in SERVICES}
