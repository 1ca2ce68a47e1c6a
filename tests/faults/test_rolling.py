"""Rolling restarts under load: a new process beside the old one, which then drains. Nothing comes twice, nothing is lost or out of order."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bench.whole import OFFICE, application
from tests.chassis.ground import Ground, taken, until
from tests.faults.lives import Lives, carry, introduce, sound
from xianjie.agency import Agency
from xianjie.message import SERVICES
from xianjie.vocabulary import Mode

pytestmark = pytest.mark.broker
CASES = 40
BEHIND = 2000
"""Messages that wait at most: more than a draining process is handed, and soon decided in the end."""


@contextmanager
def steady(ground: Ground) -> Iterator[list[tuple[str, str]]]:
    """Messages of many cases keep coming; each names the one before it in its case."""
    said: list[tuple[str, str]] = []
    before: dict[str, str] = {}
    over = threading.Event()

    def tell() -> None:
        while not over.wait(0.02):
            if len(said) > ground.decided() + BEHIND:
                continue
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
    until(lambda: ground.decided() == len(said), "everything is decided", 180)
    probe.drain()
    lives = [each.lines("drained")[0] for each in ground.probes]
    assert [each["redelivered"] for each in lives] == [0] * 6
    assert sum(each["heard"] for each in lives) == len(said), "each was handed out once"
    assert all(each["heard"] for each in lives[:-1])
    assert [each.lines("outage") for each in ground.probes] == [[]] * 6
    assert (ground.parked(), ground.kept(), ground.depth()) == ([], [], 0)
    for number in range(CASES):
        assert ground.tale(f"c-{number}") == [id for case, id in said if case == f"c-{number}"]


@pytest.mark.timeout(600)
def test_each_service_is_relieved_while_cases_go_through_and_no_message_comes_twice(lives: Lives) -> None:
    network = lives.network
    for service in SERVICES:
        network.processes[service] = lives.start(service)
    network.wait_known("routing", "directory", introduce(network))
    relieved, said = threading.Event(), list[str]()

    def relieve() -> None:
        for service in SERVICES:
            reached = len(said) + 5
            until(lambda reached=reached: len(said) > max(20, reached), "cases go through meanwhile", 150)
            lives.relieve(service)
        relieved.set()

    def coming() -> Iterator[str]:
        while roller.is_alive():
            said.append(f"roll-{len(said)}")
            yield said[-1]

    roller = threading.Thread(target=relieve)
    roller.start()
    names = carry(network, coming())
    roller.join()
    assert relieved.is_set()
    assert len(names) > 35, "twenty are under way at a time"
    clean: dict[str, list[str]] = {service: [] for service in SERVICES}
    assert {name: sound(network, name) for name in names} == dict.fromkeys(names, clean)
    network.stop()
    ended = lives.drained()
    assert sorted(each["service"] for each in ended) == sorted(SERVICES * 2)
    assert [(each["service"], each["redelivered"]) for each in ended if each["redelivered"]] == []


ORDERS = [order for at, order in enumerate(itertools.permutations(SERVICES)) if at % 6 == 3]
"""Of the 24 orders one that begins with each service."""


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
