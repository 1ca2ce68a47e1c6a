"""Broker or database away, standing still or killed, under load: nothing is parked, nothing is lost, and it goes on within ten seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.chassis.ground import Ground, taken, until

pytestmark = [pytest.mark.broker, pytest.mark.alone]
COUNT = 2400
Noticed = Callable[[], object]
"""Returns when the service has found nobody there: the driver asks twice, and would not notice what is over before."""


@contextmanager
def load(ground: Ground) -> Iterator[Noticed]:
    """Messages of many cases are there, half of them decided when the fault happens, none when nothing is lost in the end."""
    said = [(f"c-{at % 40}", f"m-{at}") for at in range(COUNT)]
    ground.tell(*[(case, id, taken("say 1")) for case, id in said])
    probe = ground.probe(XIANJIE_BATCH="10")
    until(lambda: ground.decided() >= COUNT // 10, "it is at work")
    yield lambda: until(lambda: probe.lines("outage"), "the breaker opens", 90)
    back = time.monotonic()
    until(lambda: probe.ready(), "it is ready again within ten seconds", 10)
    ready, seen = time.monotonic() - back, ground.decided()
    until(
        lambda: COUNT >= ground.decided() > min(seen, COUNT - 1),
        f"it decides again within ten seconds (it was ready after {ready:.1f} s)",
        10 - ready,
    )
    until(lambda: ground.decided() == COUNT, "everything is decided", 30)
    assert (ground.parked(), ground.kept()) == ([], [])
    for case in ("c-0", "c-1", "c-39"):
        assert ground.tale(case) == [id for each, id in said if each == case]
        probe.sound(case)
    until(lambda: ground.store.log.count_documents({"unsent": True}) == 0, "everything is said")
    heard = {each.data["text"] for each in ground.heard_by("routing.1", COUNT, seconds=60)}
    missing = {f"{id}/0" for _, id in said} - heard
    assert (len(heard), sorted(missing)) == (COUNT, []), f"{ground.depth('routing.1')} more wait in the queue"
    assert ground.store.suspects.count_documents({}) == 0


FAULTS = {
    f"the {part} {what}": (part, begin, end)
    for part in ("broker", "database")
    for what, begin, end in (
        ("is restarted", "stop", "start"),
        ("is killed", "kill", "start"),
        ("stands still", "pause", "resume"),
    )
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_outage_under_load_parks_nothing_loses_nothing_and_is_over_within_ten_seconds(ground: Ground, fault: str) -> None:
    part, begin, end = FAULTS[fault]
    server = getattr(ground.machine, part)
    with load(ground) as noticed:
        getattr(server, begin)()
        noticed()
        getattr(server, end)()


def test_while_the_database_is_away_the_service_is_alive_not_ready_and_acknowledges_nothing(ground: Ground) -> None:
    probe = ground.probe()
    ground.machine.database.kill()
    try:
        ground.tell(*[(f"c-{at}", f"m-{at}", taken()) for at in range(5)])
        until(lambda: not probe.ready(), "it is not ready")
        assert probe.get("/live")[0] == 200
        assert probe.get("/ready")[1]["away"].startswith("database")
        assert probe.get("/cases")[0] == 503
        assert (probe.metric("breaker_open"), probe.metric("outages_total", which="database") > 0) == (1, True)
    finally:
        ground.machine.database.start()
    until(lambda: ground.decided() == 5, "all are decided", 15)
    assert ground.parked() == []


def test_an_idle_service_notices_that_its_database_has_gone(ground: Ground) -> None:
    """No message comes, no clock is due: it asks by itself, and is not ready."""
    probe = ground.probe()
    ground.machine.database.kill()
    try:
        until(lambda: not probe.ready(), "it is not ready", 15)
        assert probe.get("/ready")[1]["away"].startswith("database")
        assert probe.metric("breaker_open") == 1
    finally:
        ground.machine.database.start()
    until(lambda: probe.ready(), "it is ready again", 15)


def test_two_services_never_share_a_database(ground: Ground) -> None:
    ground.store.leases.insert_one({"_id": "service", "holder": "routing"})
    probe = ground.probe_unready()
    line = until(lambda: probe.lines("outage"), "it says so")[0]
    assert "holds the cases of routing; mediation needs one of its own" in line["text"]
    assert line["which"] == "database"
    assert not probe.ready()


def test_a_service_started_before_its_broker_and_database_begins_when_they_come(ground: Ground) -> None:
    ground.tell(("c-1", "m-1", taken()))
    ground.machine.broker.stop()
    ground.machine.database.stop()
    try:
        probe = ground.probe_unready()
        until(lambda: probe.alive_door(), "its door answers")
        time.sleep(1)  # it has had the time to give up, and does not
        assert probe.process.alive()
    finally:
        ground.machine.up()
    until(lambda: ground.tale("c-1") == ["m-1"], "the message is decided", 20)


def test_a_missing_queue_is_named_in_one_clear_line_and_found_when_it_comes(ground: Ground) -> None:
    probe = ground.probe_unready(XIANJIE_PARTITION="7")
    line = until(lambda: probe.lines("outage"), "it says so")[0]
    assert "no queue mediation.7" in line["text"]
    assert "Import the definitions" in line["text"]
    assert not probe.ready()
    assert probe.alive_door()


def test_a_missing_virtual_host_and_a_wrong_password_are_named(ground: Ground) -> None:
    good = ground.uri("mediation")
    for uri, says in (
        (good.rsplit("/", 1)[0] + "/nowhere", "nowhere"),
        (good.replace(f":{ground.passwords['mediation']}@", ":wrong@"), "ACCESS_REFUSED"),
    ):
        probe = ground.probe_unready(XIANJIE_AMQP_URI=uri)
        line = until(lambda probe=probe: probe.lines("outage"), "it says so")[0]
        assert says in line["text"]
        assert "wrong@" not in probe.output.read_text()
        assert probe.process.alive()
