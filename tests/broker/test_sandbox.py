"""A recording played again on a broker: what came from outside reaches the services of the sandbox, and nothing can reach an agency."""

import json
from collections.abc import Callable
from pathlib import Path

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, ProbableAccessDeniedError

from tests.broker.network import CODE, Network
from tests.recording.command import run
from tests.recording.memory import SCENARIOS, recorded
from xianjie import journal
from xianjie.definitions import REPLAYER, definitions
from xianjie.message import SERVICES
from xianjie.recording import sending
from xianjie.recording.file import Reader
from xianjie.topology import AGENCIES_OUT, EVENTS, LOG, SANDBOX_OUT, UNROUTED, partition

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def sandbox(make_network: Callable[..., Network]) -> Network:
    """An exercise that is a sandbox: no agency is in it."""
    return make_network((), exercise=True, sandbox=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    one = next(each for each in SCENARIOS if each.stem == "sh-markor-design-2020")
    return recorded(tmp_path_factory.mktemp("sandbox") / "one.journal", one)


def depth(network: Network, queue: str) -> int:
    with network.channel() as channel:
        return int(channel.queue_declare(queue, passive=True).method.message_count)


def test_what_came_from_outside_is_said_again_as_it_was_and_nothing_of_what_services_said(sandbox: Network, file: Path) -> None:
    outside = list(sending.from_outside(Reader(file)))
    result = run("replay", file, "--into", sandbox.uri(REPLAYER), "--no-settle")
    assert result.exit_code == 0, result.output
    whole = sum(1 for _ in Reader(file))
    assert result.output == f"replay: {len(outside)} of {whole} messages said: what came from outside\n"
    assert 10 < len(outside) < whole
    assert sum(depth(sandbox, partition(each, 1)) for each in SERVICES) == len(outside)
    assert (depth(sandbox, UNROUTED), depth(sandbox, SANDBOX_OUT)) == (0, 0)
    again = list(journal.read(sandbox.uri("operator")))
    assert [(each.exchange, each.key, each.headers, each.id, each.body) for each in again] == [
        (each.exchange, each.key, each.headers, each.id, each.body) for each in outside
    ]


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        (AGENCIES_OUT, f"{CODE}.receipt.given.v1"),
        (EVENTS, "intake.case.moved.v1.routing"),
        (LOG, "intake.case.moved.v1"),
        ("", f"agency.{CODE}"),
    ],
)
def test_who_plays_it_may_say_nothing_that_services_say_and_reaches_no_agency(sandbox: Network, exchange: str, key: str) -> None:
    with pytest.raises(ChannelClosedByBroker) as refused:
        sandbox.say(REPLAYER, exchange, key)
    assert refused.value.reply_code == 403


def test_what_services_say_to_agencies_in_a_sandbox_ends_there(sandbox: Network) -> None:
    sandbox.say("routing", AGENCIES_OUT, f"{CODE}.referral.offered.v1")
    assert (depth(sandbox, SANDBOX_OUT), depth(sandbox, UNROUTED)) == (1, 0)


def test_an_agency_cannot_enter_a_sandbox_and_none_is_put_into_one(sandbox: Network, network: Network) -> None:
    uri = network.uri(CODE).rsplit("/", 1)[0] + "/" + sandbox.uri(REPLAYER).rsplit("/", 1)[1]
    with pytest.raises(ProbableAccessDeniedError):
        pika.BlockingConnection(pika.URLParameters(uri))
    with pytest.raises(ValueError, match="no agency is in a sandbox"):
        definitions("x", [CODE], partitions={}, passwords={}, sandbox=True)


def test_a_dry_run_counts_and_says_nothing(sandbox: Network, file: Path) -> None:
    before = [depth(sandbox, partition(each, 1)) for each in SERVICES]
    result = run("replay", file, "--into", sandbox.uri(REPLAYER), "--dry-run")
    assert result.output.splitlines()[-1].endswith("messages would be said")
    assert "case.submitted" in result.output
    assert [depth(sandbox, partition(each, 1)) for each in SERVICES] == before


def test_the_pace_is_that_of_the_recording_so_many_times_faster(sandbox: Network, file: Path) -> None:
    waits: list[float] = []
    outside = list(sending.from_outside(Reader(file)))
    sending.send(sandbox.uri(REPLAYER), outside, 86_400.0, lambda _: None, waits.append)
    assert 0.9 * 148 < max(waits) < 148.1, "148 days at a day a second, though nobody has waited here"


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "inf"])
def test_a_speed_that_is_none_is_refused(file: Path, speed: str) -> None:
    result = run("replay", file, "--into", "amqp://replay:x@127.0.0.1:1/x", "--speed", speed)
    assert (result.exit_code, f"--speed {speed} is none" in result.output) == (2, True)


def test_a_sandbox_of_another_exercise_is_refused(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "network.json"
    other.write_text(json.dumps({"name": "s", "exercise": "other", "doors": {}, "amqp": {REPLAYER: "amqp://x"}}))
    result = run("replay", file, "--into", other)
    assert (result.exit_code, "is of the exercise memory, and s is of the exercise other" in result.output) == (2, True)


def test_a_broker_that_is_away_is_said_in_one_sentence(file: Path) -> None:
    result = run("replay", file, "--into", "amqp://replay:x@127.0.0.1:1/x")
    assert (result.exit_code, "Is the broker up?" in result.output) == (1, True)
