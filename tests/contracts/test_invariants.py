"""The detector of what must hold of every case: each thing that cannot be is named, and a lawful case has none."""

from datetime import datetime

import pytest

from xianjie.timeline import Clock, Leg, Timeline, broken
from xianjie.vocabulary import CHINA

NOW = datetime(2024, 3, 4, 9, tzinfo=CHINA)


def leg(id: str = "L1", kind: str = "transfer", state: str = "taken", **more: object) -> Leg:
    return Leg(id, "adjudication", kind, "CN-A", "CN-B", state=state, **more)  # type: ignore[arg-type]


def clock(state: str) -> Clock:
    return Clock("L1/B1", "B1", NOW, NOW, state=state)


def case(*legs: Leg, owners: str = "CN-A", status: str = "in_service") -> Timeline:
    return Timeline("c", status=status, owners=[(NOW, each) for each in owners.split()], legs=[*legs])


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (case(leg(kind="delegate"), owners="CN-A CN-B"), "CN-B answers for it, and nobody transferred it there"),
        (case(leg(), owners="CN-A CN-C"), "CN-C answers for it, and nobody transferred it there"),
        (
            case(leg(kind="notify", state="acknowledged")),
            "L1 only notifies, and is acknowledged: it ends when it is acknowledged",
        ),
        (case(leg(state="closed", clocks=[clock("running")])), "L1 is closed, and its clock L1/B1 is running"),
        (case(leg(state="returned", clocks=[clock("paused")])), "L1 is returned, and its clock L1/B1 is paused"),
        (case(leg(), status="concluded"), "it is concluded, and L1 open"),
        (case(leg(), leg("L2", "assist")), "CN-B has 2 open legs of adjudication"),
    ],
    ids=["custody without transfer", "custody to somebody else", "notice", "overdue", "paused for ever", "open leg", "twice"],
)
def test_what_cannot_be_is_named(found: Timeline, says: str) -> None:
    assert list(broken(found)) == [says]


def test_a_case_that_went_there_and_back_breaks_nothing() -> None:
    back = leg(state="returned", clocks=[clock("stopped"), clock("met"), clock("breached"), clock("not judged")])
    notice = leg("L3", "notify", "closed")
    assert list(broken(case(back, leg("L2", "file", "closed"), notice, owners="CN-A CN-B CN-A", status="concluded"))) == []
