"""The journal as operators read it: whole, and to an end though others go on speaking."""

import threading
from collections.abc import Callable

import pytest

from tests.broker.network import CODE, Network, publish
from xianjie import journal
from xianjie.message import OPERATOR

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]
BEFORE = 2 * journal.PREFETCH


@pytest.fixture
def spoken(make_network: Callable[..., Network]) -> Network:
    """More was said in it than the broker hands over at once."""
    network = make_network((CODE,))
    with network.channel(CODE) as channel:
        for n in range(BEFORE):
            publish(channel, "xianjie.agencies.in", f"{CODE}.referral.accepted.v1", "c-1", b"%d" % n)
    return network


def test_a_silent_journal_is_read_to_its_last_message(spoken: Network) -> None:
    assert [int(each.body) for each in journal.read(spoken.uri(OPERATOR))] == [*range(BEFORE)]


def test_reading_ends_though_somebody_speaks_all_the_time(spoken: Network) -> None:
    """What was there when it began is read; what comes later need not be."""
    heard, done = threading.Event(), threading.Event()

    def speak() -> None:
        with spoken.channel(CODE) as channel:
            while not done.is_set():
                publish(channel, "xianjie.agencies.in", f"{CODE}.referral.accepted.v1", "c-1", b"-1")
                heard.set()

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    heard.wait(10)
    try:
        found = [int(each.body) for each in journal.read(spoken.uri(OPERATOR))]
    finally:
        done.set()
        speaker.join()
    assert found[:BEFORE] == [*range(BEFORE)]
