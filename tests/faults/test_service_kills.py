"""Power cuts in the four real services, at each step of a message's way, while whole cases go through them."""

import itertools
import threading

import pytest

from tests.chassis.ground import until
from tests.faults.lives import Lives, carry, introduce
from tests.faults.test_kills import STEPS
from xianjie.cli import network as seen
from xianjie.cli.verify import verified
from xianjie.message import SERVICES

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]
PATIENCE = 60.0
"""Seconds in which a step must come, while cases go through."""


@pytest.mark.parametrize("mortals", [("intake", "mediation"), ("routing", "enforcement_liaison")], ids="-".join)
def test_services_killed_at_each_step_lose_nothing_double_nothing_and_every_case_has_one_owner(
    lives: Lives, mortals: tuple[str, ...]
) -> None:
    network = lives.network
    for service in SERVICES:
        network.processes[service] = lives.start(service)
    network.wait_known("routing", "directory", introduce(network))
    died: dict[str, list[str]] = {mortal: [] for mortal in mortals}

    def kill(mortal: str) -> None:
        network.stop(mortal)
        for at, step in enumerate(STEPS):
            process = lives.start(mortal, "tests.chassis.mortal", PROBE_KILL=step, PROBE_AT=str(2 + at % 3))
            if process.gone_within(PATIENCE):
                died[mortal].append(step)
            else:
                process.send(9)  # or it would go on hearing, and the next one stand by
        network.processes[mortal] = lives.start(mortal)

    killers = [threading.Thread(target=kill, args=[mortal]) for mortal in mortals]
    for killer in killers:
        killer.start()
    more = itertools.takewhile(lambda _: any(killer.is_alive() for killer in killers), itertools.count())
    names = carry(network, (f"{mortals[0]}-{at}" for at in more), limit=300)
    for killer in killers:
        killer.join()
    assert died == dict.fromkeys(mortals, STEPS)
    network.write()
    live = seen.find(network.file)
    until(lambda: not any(live.ask(each, "/unsaid")["count"] for each in SERVICES), "everything is said")
    found = verified(live)
    assert (found.faults, found.parked) == ([], 0)
    assert [live.ask(each, "/kept")["count"] for each in SERVICES] == [0] * 4
    heads = {service: {head["case"]: head["glance"] for head in live.heads(service)} for service in ("intake", "routing")}
    assert set(heads["intake"]) == set(heads["routing"]) == set(names)
    for name in names:
        assert heads["intake"][name]["owner"] == heads["routing"][name]["owner"]
        assert (heads["intake"][name]["status"], heads["routing"][name]["open_legs"]) == ("visit_due", [])
