"""The conformance kit against simulated agencies on a real broker: who behaves passes, and every wrong is named by its clause."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from deploy.local.machine import Machine
from xianjie.conformance.clauses import clauses
from xianjie.conformance.disturbing import ONE_BY_ONE
from xianjie.conformance.findings import Findings
from xianjie.conformance.place import Place
from xianjie.conformance.roles import ROLES
from xianjie.conformance.scripts import TOGETHER
from xianjie.conformance.simulated import WRONGS, Manner, Simulated, Stumbled
from xianjie.conformance.trial import Trial

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

CODE = "CN-TRIED"
PATIENCE = 4.0
AT_ONCE = 6


@contextmanager
def simulated(uri: str, manner: Manner) -> Iterator[None]:
    """A simulated agency in a thread of its own."""
    agency = Simulated(uri, CODE, manner)

    def attend() -> None:
        with suppress(Stumbled):
            agency.attend()
        agency.close()

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        yield
    finally:
        agency.stop()
        thread.join(20)
    assert not thread.is_alive()


def tried(uri: str, role: str, *wrongs: str) -> Findings:
    """What a trial finds of a simulated agency."""
    with Place(uri, CODE) as place, simulated(uri, Manner(ROLES[role], frozenset(wrongs))):
        trial = Trial(place, ROLES[role], PATIENCE)
        trial.attend(20)
        trial.run(TOGETHER)
        for each in ONE_BY_ONE:
            trial.run([each])
    return trial.findings


def failed(findings: Findings) -> dict[str, list[str]]:
    """By clause that failed or was not shown, what was said of it."""
    return {
        each.id: [f"{fault.script}: {fault.says} / {fault.expected}" for fault in findings.faults if fault.clause == each.id]
        for each in clauses().values()
        if findings.verdict(each) in ("failed", "not shown")
    }


Tried = tuple[str, tuple[str, ...]]
ALL: list[Tried] = [*((role, ()) for role in ROLES), *(("court", (wrong,)) for wrong in WRONGS)]


@pytest.fixture(scope="module")
def found(machine: Machine) -> Iterator[dict[Tried, Findings]]:
    """What trials find of every role that behaves, and of a court in every wrong: several at a time, for they mostly wait."""
    places = {each: f"trial-{number}" for number, each in enumerate(ALL)}
    machine.broker.import_definitions({"vhosts": [{"name": each} for each in places.values()]})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {each: pool.submit(tried, machine.broker.uri(vhost), each[0], *each[1]) for each, vhost in places.items()}
        yield {each: trial.result() for each, trial in running.items()}
    for vhost in places.values():
        machine.broker.delete_vhost(vhost)


@pytest.mark.parametrize("role", ROLES)
def test_an_agency_that_behaves_conforms(found: dict[Tried, Findings], role: str) -> None:
    """In every role: nothing fails, and nothing that must be shown stays unseen."""
    findings = found[role, ()]
    assert failed(findings) == {}
    assert findings.conforms


@pytest.mark.parametrize("wrong", WRONGS)
def test_every_wrong_is_named_by_its_clause(found: dict[Tried, Findings], wrong: str) -> None:
    """With the message, or what was missing, and what was expected."""
    findings = found["court", (wrong,)]
    named = failed(findings)
    assert set(WRONGS[wrong]) <= named.keys(), named
    assert all(fault.says and fault.expected for fault in findings.faults)
    assert findings.conforms is not any(clauses()[each].must for each in WRONGS[wrong])
