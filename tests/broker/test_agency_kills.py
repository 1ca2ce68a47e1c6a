"""A real process of an agency's system, killed at each point of its way: nothing is lost, and nothing is doubled as the network sees it."""

import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.broker.mortal_office import IN_THE_HANDLER, POINTS
from tests.broker.network import CODE, OTHER, Network
from tests.chassis.ground import until
from xianjie import envelope
from xianjie.messages.referral import ReferralOffered
from xianjie.office import outbox
from xianjie.office.file import Store
from xianjie.office.standing import standing
from xianjie.vocabulary import LegKind, Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
OFFER = ReferralOffered(leg="L1", track=Track.MEDIATION, kind=LegKind.DELEGATE, sender=OTHER, right="design")
COUNT = 12
SAID = ["referral.delivered", "referral.acknowledged", "referral.accepted"]


@contextmanager
def life(network: Network, store: Path, *dies: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own, which does not outlive its test."""
    command = [sys.executable, "-m", "tests.broker.mortal_office", network.uri(CODE), CODE, str(store), *dies]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: "subprocess.Popen[str]", signal: int = 0) -> str:
    """What it said, once it has ended, with that signal if one is given."""
    if signal:
        process.send_signal(signal)
    said, _ = process.communicate(timeout=40)
    return said


def unsettled(store: Path) -> int:
    """What is not handled or not sent yet, seen from beside."""
    beside = Store.beside(store)
    with beside.look() as db:
        found = standing(db)
        waits = len(outbox.waiting(db, COUNT))
    beside.close()
    return found.unhandled + waits


ONCE = ("before it is acknowledged", "after it was acknowledged")
"""All that has come is acknowledged at once, so there may be no fourth time."""


@pytest.mark.parametrize(
    ("point", "nth"), [(each, n) for each in (*POINTS, IN_THE_HANDLER) for n in "14" if n == "1" or each not in ONCE]
)
def test_killed_at_any_point_nothing_is_lost_and_nothing_doubled(network: Network, tmp_path: Path, point: str, nth: str) -> None:
    """Offers come in; one life ends, the next one finishes. The broker may get something twice, then in the same bytes under the same id."""
    store = tmp_path / "office.sqlite"
    with life(network, store, point, nth) as first:
        ids = [network.tell(OFFER, CODE, f"c-{n % 4}") for n in range(COUNT)]
        said = ended(first)
        assert first.returncode == -signal.SIGKILL, said
    with life(network, store) as second:
        until(lambda: network.left_in(f"agency.{CODE}") == 0 and handled(store) >= {*ids}, "all offers are handled")
        until(lambda: unsettled(store) == 0, "all is said")
        said = ended(second, signal.SIGTERM)
        assert second.returncode == 0, said
    assert network.left_in(f"agency.{CODE}") == 0
    bodies: dict[str, set[bytes]] = defaultdict(set)
    answers: dict[str, list[str]] = defaultdict(list)
    for _, _, body in network.drain("routing.1"):
        heard = envelope.read(body)
        if heard.id not in bodies:
            answers[heard.attributes.causationid or ""].append(heard.message.name)
        bodies[heard.id].add(body)
    assert {len(each) for each in bodies.values()} == {1}, "one id, one content"
    assert answers == dict.fromkeys(ids, SAID)


def handled(store: Path) -> set[str]:
    """The offers that some life has begun to handle."""
    return {*Path(f"{store}.handled").read_text().split()}


def test_ctrl_c_ends_a_run_after_the_message_at_hand_without_a_traceback(network: Network, tmp_path: Path) -> None:
    """And nothing is left behind by it."""
    store = tmp_path / "office.sqlite"
    with life(network, store) as office:
        ids = [network.tell(OFFER, CODE, f"c-{n}") for n in range(50)]
        until(lambda: Path(f"{store}.handled").exists() and handled(store), "it is at work")
        said = ended(office, signal.SIGINT)
    assert (office.returncode, "Traceback" in said) == (0, False), said
    answered = [envelope.read(body).attributes.causationid for _, _, body in network.drain("routing.1")]
    assert {id for id in ids if answered.count(id) == 3} == handled(store), "what it began it finished, and said"
