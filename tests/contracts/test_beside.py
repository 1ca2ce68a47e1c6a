"""What may be said beside a message: who acted, references, legal basis, time to live. Clients set it, services carry the actor on."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from services.chassis.commit import Sheet
from services.chassis.speaking import speak
from services.chassis.writing import Writing
from services.routing.rules import rules
from xianjie import envelope
from xianjie.agency import Agency
from xianjie.cli import app
from xianjie.cli import say as command
from xianjie.deciding import Given
from xianjie.envelope import Actor, Attributes, Beside, Heard, Invalid
from xianjie.messages.log import LogNoted, ReceiptGiven
from xianjie.messages.referral import ReferralAccepted
from xianjie.vocabulary import CHINA
from xianjie.voice import Operator, Voice

NOW = datetime(2026, 3, 2, 9, tzinfo=CHINA)
ACCEPTED = ReferralAccepted(leg="L1", recusal_checked=True)
CLERK = Actor(id="clerk-7", role="clerk", on_behalf_of="Department 3")


class Kept:
    """A line that keeps what is published on it."""

    user = "CN-A"

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def publish(self, target: Any, body: bytes, properties: Any) -> None:
        self.bodies.append(json.loads(body))

    def close(self) -> None:
        """Nothing to hang up."""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Everything that any voice says in this test, without a broker."""
    line = Kept()

    def through(self: Voice, act: Callable[[Any], Any], patience: float) -> Any:
        return act(line)

    monkeypatch.setattr(Voice, "_through", through)
    return line.bodies


def test_a_client_says_who_acted_and_everything_else_beside_the_message(said: list[dict[str, Any]]) -> None:
    beside = Beside(
        actor=CLERK, senderref="(2026) 12", receiverref="X-9", legalbasis="专利法 65", consentref="c-1", ttl=3600,
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    )  # fmt: skip
    Agency("amqp://x", "CN-A").say(ACCEPTED, "c-1", beside=beside)
    wanted = {
        "actorid": "clerk-7", "actorrole": "clerk", "onbehalfof": "Department 3", "senderref": "(2026) 12", "receiverref": "X-9",
        "legalbasis": "专利法 65", "consentref": "c-1", "ttl": 3600, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    }  # fmt: skip
    assert wanted.items() <= said[0].items()


def test_no_event_is_without_an_actor(said: list[dict[str, Any]]) -> None:
    """Where no person is named, the system that speaks acted; a client may be given its person once for all."""
    Agency("amqp://x", "CN-A").say(ACCEPTED, "c-1")
    Agency("amqp://x", "CN-A", actor=CLERK).say(ACCEPTED, "c-1", beside=Beside(senderref="1"))
    assert [(each["actorid"], each["actorrole"]) for each in said] == [("CN-A", "system"), ("clerk-7", "clerk")]
    assert Operator("amqp://x", "ann").actor == Actor(id="ann", role="operator")


@pytest.mark.parametrize(
    ("beside", "pointer"),
    [
        (Beside(actor=Actor(id="")), "/actorid"),
        (Beside(actor=Actor(id="x", agency="not a code")), "/actoragency"),
        (Beside(ttl=0), "/ttl"),
        (Beside(traceparent="nonsense"), "/traceparent"),
        (Beside(legalbasis="x" * 101), "/legalbasis"),
    ],
)  # fmt: skip
def test_what_is_said_beside_is_checked_before_it_leaves(said: list[dict[str, Any]], beside: Beside, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        Agency("amqp://x", "CN-A").say(ACCEPTED, "c-1", beside=beside)
    assert [each.pointer for each in refused.value.faults] == [pointer]
    assert said == []


def heard(**more: Any) -> Heard:
    """An acceptance, as routing hears it."""
    attributes = Attributes(
        specversion="1.0", id="m-1", source="/agencies/CN-A", type=ACCEPTED.type, subject="c-1",
        datacontenttype="application/json", time=NOW, **more,
    )  # fmt: skip
    return Heard(attributes, ACCEPTED)


def test_what_a_service_says_carries_the_actor_of_its_cause_with_the_agency() -> None:
    cause = heard(actorid="clerk-7", actorrole="clerk", onbehalfof="Department 3")
    spoken = json.loads(speak("routing", LogNoted(text="x"), None, "c-1", "id-1", NOW, None, cause).body)
    assert (spoken["actorid"], spoken["actorrole"], spoken["actoragency"], spoken["onbehalfof"]) == (
        "clerk-7",
        "clerk",
        "CN-A",
        "Department 3",
    )
    assert envelope.read(json.dumps(spoken).encode()).actor == replace(CLERK, agency="CN-A")


@pytest.mark.parametrize("cause", [None, heard()])
def test_without_an_actor_the_service_itself_acted(cause: Heard | None) -> None:
    spoken = json.loads(speak("routing", LogNoted(text="x"), None, "c-1", "id-1", NOW, None, cause).body)
    assert (spoken["actorid"], spoken["actorrole"]) == ("routing", "service")


@pytest.mark.parametrize(("late", "status"), [(timedelta(seconds=59), 202), (timedelta(seconds=61), 410)])
def test_31_a_message_whose_time_to_live_is_over_is_too_late(late: timedelta, status: int) -> None:
    """In time it waits for its leg, which routing does not know yet (202); else it is refused, whatever it says."""
    write = Writing("routing", "c-1", Sheet(rules.initial("c-1")), Given(NOW + late), None, rules.decide, rules.evolve)
    write.take(heard(ttl=60), "CN-A")
    (receipt,) = [
        each for each in map(envelope.read, (each.body for each in write.said)) if isinstance(each.message, ReceiptGiven)
    ]
    assert receipt.message.status == status
    assert ("its time to live of 60 s is over" in receipt.message.text) is (status == 410)


def test_a_person_speaks_by_the_command_line_under_their_own_id(
    said: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "network.json").write_text(json.dumps({"name": "t", "exercise": None, "doors": {}, "amqp": {"CN-A": "amqp://x"}}))
    words = [
        "say",
        "referral.accepted",
        "--as",
        "CN-A",
        "--case",
        "c-1",
        "--leg",
        "L1",
        "--network",
        str(tmp_path / "network.json"),
    ]
    monkeypatch.setattr(command, "clock", SimpleNamespace(monotonic=lambda: 0.0))
    result = CliRunner().invoke(
        app, [*words, "--wait", "0", "--actor", "clerk-7", "--role", "clerk", "--on-behalf-of", "Department 3"]
    )
    assert result.exit_code == 0, result.output
    assert (said[0]["actorid"], said[0]["actorrole"], said[0]["onbehalfof"]) == ("clerk-7", "clerk", "Department 3")
    refused = CliRunner().invoke(app, [*words, "--role", "clerk"])
    assert (refused.exit_code, "say who with --actor ID" in refused.stderr) == (2, True)
