"""A service in two partitions, a process for each: cases are spread by the consistent hash, each stays in order, also over a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.machine import Machine
from tests.chassis.ground import BODY, Ground, taken, until
from xianjie.definitions import definitions

pytestmark = pytest.mark.broker
CASES, TURNS = 40, 12
NAMES = [f"c-{at}" for at in range(CASES)]


@pytest.fixture
def halves(machine: Machine, tmp_path: Path) -> Iterator[Ground]:
    """A virtual host in which the probe's service has two partitions."""
    ground = Ground(machine, "halves", tmp_path)
    holds = definitions("halves", [BODY], partitions={"mediation": 2}, passwords=ground.passwords)
    machine.broker.import_definitions(holds)
    yield ground
    ground.close()
    machine.broker.delete_vhost("halves")


def test_every_case_is_handled_in_order_by_one_of_two_processes_though_one_is_killed(halves: Ground) -> None:
    one, two = (halves.probe(XIANJIE_PARTITION=each, XIANJIE_BATCH="10") for each in ("1", "2"))
    said = [(case, f"{case}-{turn}", taken("say 1")) for turn in range(TURNS) for case in NAMES]
    halves.tell(*said[: len(said) // 2])
    until(lambda: halves.decided() > CASES, "both are at work")
    two.kill()
    before = {case: id for case, id, _ in said[: len(said) // 2]}
    halves.tell(*said[len(said) // 2 :], after=before)
    first = {each["case"] for each in one.lines("message")}
    theirs = [case for case in NAMES if case not in first]
    assert first, "one has its cases"
    assert theirs, "and the other"
    until(lambda: all(len(halves.tale(case)) == TURNS for case in first), "the cases of the living one go on", 40)
    assert any(len(halves.tale(case)) < TURNS for case in theirs), "nobody else takes the others"
    two.again()
    until(lambda: all(len(halves.tale(case)) == TURNS for case in NAMES), "all go on", 40)
    assert [halves.tale(case) for case in NAMES] == [[f"{case}-{turn}" for turn in range(TURNS)] for case in NAMES]
    handled = {each["case"] for each in one.lines("message")}, {each["case"] for each in two.lines("message")}
    assert not handled[0] & handled[1], "no case is handled by both"
    heard = halves.heard_by("routing.1", len(said))
    for case in NAMES:
        order = list(dict.fromkeys(each.data["text"] for each in heard if each.case == case))
        assert order == [f"{case}-{turn}/0" for turn in range(TURNS)], "what follows is said in order"
    one.sound(*NAMES)
    two.sound(*NAMES[:3])
