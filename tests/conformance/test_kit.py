"""The conformance kit against simulated agencies on a real broker: who behaves passes, and every wrong is named by its clause."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Literal, Self

import pytest
from long import chosen, some

from deploy.local.machine import Machine
from xianjie.conformance.clauses import clauses
from xianjie.conformance.disturbing import ONE_BY_ONE
from xianjie.conformance.findings import Findings
from xianjie.conformance.place import Place
from xianjie.conformance.restarting import restarted
from xianjie.conformance.roles import ROLES
from xianjie.conformance.scripts import TOGETHER
from xianjie.conformance.simulated import WRONGS, Manner, Simulated, Stumbled
from xianjie.conformance.trial import Trial

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

CODE = "CN-TRIED"
PATIENCE = 4.0
AT_ONCE = 6


class Attending:
    """A simulated agency in a thread of its own, which may be stopped and started. Use it in a `with`."""

    def __init__(self, uri: str, manner: Manner) -> None:
        self._uri, self._manner = uri, manner

    def start(self) -> None:
        self._agency = Simulated(self._uri, CODE, self._manner)
        self._thread = threading.Thread(target=self._attend, args=(self._agency,))
        self._thread.start()

    def stop(self) -> None:
        self._agency.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def told(self, what: Literal["stop", "start"]) -> None:
        self.stop() if what == "stop" else self.start()

    def _attend(self, agency: Simulated) -> None:
        with suppress(Stumbled):
            agency.attend()
        agency.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def tried(uri: str, role: str, *wrongs: str) -> Findings:
    """What a trial finds of a simulated agency; of a wrong one, in the scripts that show its wrong."""
    clauses_named = {clause for each in wrongs for clause in WRONGS[each]}
    whole = not wrongs or not any(clauses()[each].must for each in clauses_named)
    readers = all(each.startswith("reader.") for each in clauses_named)
    restarts = all(each.startswith("inbox.") for each in clauses_named)
    with Place(uri, CODE) as place, Attending(uri, Manner(ROLES[role], frozenset(wrongs))) as agency:
        trial = Trial(place, ROLES[role], PATIENCE)
        trial.attend(20)
        if whole or not (readers or restarts):
            trial.run(TOGETHER)
        for each in ONE_BY_ONE if whole or readers else ():
            trial.run([each])
        if whole or restarts:
            trial.run([restarted(agency.told, 20)])
    return trial.findings


def failed(findings: Findings) -> dict[str, list[str]]:
    """By clause that failed or was not shown, what was said of it."""
    return {
        each.id: [f"{fault.script}: {fault.says} / {fault.expected}" for fault in findings.faults if fault.clause == each.id]
        for each in clauses().values()
        if findings.verdict(each) in ("failed", "not shown")
    }


Tried = tuple[str, tuple[str, ...]]
SOME_ROLES = ("court", "mediation_body", "platform")
SOME_WRONGS = (
    "answers_receipts", "acts_twice", "accepts_without_declaring", "breaks_the_schema", "works_though_refused", "lets_go_of_what_it_took",
    "follows_nothing_said", "recalls_twice", "knows_again_offers_alone", "keeps_deliveries",
)  # fmt: skip
"""Of each run; the others are for the long one."""


@pytest.fixture(scope="module")
def found(machine: Machine, request: pytest.FixtureRequest) -> Iterator[dict[Tried, Findings]]:
    """What trials find of every role that behaves, and of a court in every wrong: several at a time, for they mostly wait."""
    wanted: list[Tried] = [
        *((role, ()) for role in chosen(request, "role")),
        *(("court", (each,)) for each in chosen(request, "wrong")),
    ]
    places = {each: f"trial-{number}" for number, each in enumerate(wanted)}
    machine.broker.import_definitions({"vhosts": [{"name": each} for each in places.values()]})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {each: pool.submit(tried, machine.broker.uri(vhost), each[0], *each[1]) for each, vhost in places.items()}
        yield {each: trial.result() for each, trial in running.items()}
    for vhost in places.values():
        machine.broker.delete_vhost(vhost)


@pytest.mark.parametrize("role", some(ROLES, SOME_ROLES))
def test_an_agency_that_behaves_conforms(found: dict[Tried, Findings], role: str) -> None:
    """In every role: nothing fails, and nothing that must be shown stays unseen."""
    findings = found[role, ()]
    assert failed(findings) == {}
    assert findings.conforms


@pytest.mark.parametrize("wrong", some(WRONGS, SOME_WRONGS))
def test_every_wrong_is_named_by_its_clause(found: dict[Tried, Findings], wrong: str) -> None:
    """With the message, or what was missing, and what was expected."""
    findings = found["court", (wrong,)]
    named = failed(findings)
    assert set(WRONGS[wrong]) <= named.keys(), named
    assert all(fault.says and fault.expected for fault in findings.faults)
    assert findings.conforms is not any(clauses()[each].must for each in WRONGS[wrong])
