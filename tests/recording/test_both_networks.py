"""The network in memory says what the real one said: of every published case, what came from outside is said in memory, and what follows is the
recording of the real network, to the byte."""

from pathlib import Path

import pytest

from services.chassis.rehearsing import Rehearsal
from tests.recording.golden import FOLDER
from tests.recording.memory import RULES, SCENARIOS
from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.play.scenario import load
from xianjie.recording.choosing import face
from xianjie.recording.comparing import BESIDE, alike
from xianjie.recording.file import Reader
from xianjie.recording.sending import from_outside, moments
from xianjie.topology import CLOCK

INBOXES = {code for each in SCENARIOS for code in load(each).bodies}
"""Bodies that had an inbox when the cases were recorded."""


def rehearsed(file: Path) -> list[Recorded]:
    """Everything that is said in memory after what came from outside, each at its moment."""
    said: list[Recorded] = []
    at = moments(Reader(file))
    rehearsal = Rehearsal(
        RULES, now=min(at.decided.values()), exercise=Reader.about_of(file)["exercise"], record=said.append,
        inboxes=lambda code: code in INBOXES,
    )  # fmt: skip
    for each in from_outside(Reader(file)):
        if each.exchange != CLOCK:
            seen = face(each)
            rehearsal.go_to(at.decided[seen.source, seen.id])
            rehearsal.publish(each)
            rehearsal.rest()
    assert at.last
    rehearsal.go_to(at.last)
    return said


def by_services(messages: list[Recorded], cases: set[str]) -> dict[str, Recorded]:
    """By id, what services said in these cases by their decisions."""
    found = {}
    for each in messages:
        seen = face(each)
        if seen.source.removeprefix("/services/") in SERVICES and seen.name not in BESIDE and seen.subject in cases:
            found[seen.id] = each
    return found


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.journal")), ids=lambda each: each.stem)
def test_memory_and_broker_say_the_same(file: Path) -> None:
    cases = {*Reader.about_of(file)["chosen"]["cases"]}
    real, memory = by_services(list(Reader(file)), cases), by_services(rehearsed(file), cases)
    assert len(real) > 10
    assert memory.keys() == real.keys()
    for id, each in memory.items():
        assert (each.exchange, each.key, each.headers) == (real[id].exchange, real[id].key, real[id].headers)
        assert alike(each.body, real[id].body)
