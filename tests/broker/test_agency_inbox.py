"""An inbox that is taken away under its reader, and what the agency client makes of it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.network import CODE, OTHER, Network
from tests.chassis.ground import until
from xianjie import inbox_way
from xianjie.agency import Agency, Refused
from xianjie.messages.referral import ReferralMoved

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

QUEUE = f"agency.{CODE}"
MOVED = ReferralMoved(leg="L1", state="declined", body=OTHER)
Begin = Callable[[], Agency]


@pytest.fixture
def network(make_network: Callable[..., Network]) -> Iterator[Network]:
    """One of its own, since an inbox in it comes and goes."""
    network = make_network((CODE,))
    yield network
    network.broker.delete_vhost(network.vhost)


@pytest.fixture(params=["without a store", "with a store"])
def begin(request: pytest.FixtureRequest, network: Network, tmp_path: Path) -> Iterator[Begin]:
    """A maker of the agency, connected, with and without a file."""
    agencies: list[Agency] = []
    store = tmp_path / "office.sqlite" if request.param == "with a store" else None

    def begin() -> Agency:
        agencies.append(Agency.connect(network.uri(CODE), CODE, store=store))
        return agencies[-1]

    yield begin
    for each in agencies:
        each.close()


class Running:
    """An agency's `run` in a thread."""

    def __init__(self, office: Agency) -> None:
        self.heard: list[str] = []
        self.ended_with: Exception | None = None
        self._office = office
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._office.run(lambda received: self.heard.append(received.heard.id))
        except Refused as fault:
            self.ended_with = fault

    def end(self) -> None:
        self._office.stop()
        self._thread.join(30)
        assert not self._thread.is_alive()


def take_away(network: Network) -> None:
    with network.channel() as channel:
        channel.queue_delete(QUEUE)


def lost(capsys: pytest.CaptureFixture[str]) -> bool:
    return "may be made anew" in capsys.readouterr().out


def test_an_inbox_that_was_there_is_waited_for(network: Network, begin: Begin, capsys: pytest.CaptureFixture[str]) -> None:
    """It is noticed to be missing, made anew, and read on."""
    office = begin()
    running = Running(office)
    before = network.tell(MOVED, CODE)
    until(lambda: running.heard == [before], "it hears")
    take_away(network)
    until(lambda: lost(capsys), "it has looked for its inbox in vain", 20)
    network.broker.import_definitions(network.holds)
    after = network.tell(MOVED, CODE)
    until(lambda: running.heard == [before, after], "it hears again", 20)
    running.end()
    assert running.ended_with is None


def test_an_inbox_that_stays_away_ends_it_with_the_reason(
    network: Network, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its body has left, as far as it can tell."""
    monkeypatch.setattr(inbox_way, "GRACE", 1.0)
    running = Running(begin())
    network_told = network.tell(MOVED, CODE)
    until(lambda: running.heard == [network_told], "it hears")
    take_away(network)
    until(lambda: running.ended_with is not None, "it ends", 30)
    assert isinstance(running.ended_with, Refused)
    assert running.ended_with.code == "unknown_agency"
    running.end()


def test_an_inbox_that_never_was_there_is_refused_at_once(network: Network, begin: Begin) -> None:
    """Whoever has not joined learns it now."""
    take_away(network)
    with pytest.raises(Refused) as fault:
        begin()
    assert fault.value.code == "unknown_agency"
