"""What is to go: declared in the classes, shown wherever contracts are published, and counted by who still uses it."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xianjie import topology
from xianjie.cli import app
from xianjie.compatibility.changelog import changelog
from xianjie.compatibility.judging import compared
from xianjie.compatibility.loading import contract
from xianjie.deprecating import deprecated
from xianjie.journal import Recorded
from xianjie.message import AGENCY, MESSAGES, Message, going, message
from xianjie.publishing import asyncapi, schemas
from xianjie.recording import recorder
from xianjie.recording.choosing import Chosen
from xianjie.recording.file import Writer

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "contracts/samples"
WORDS = "say `court.progressed`"


class Sidelined(Message):
    """Something that nobody should say any more."""

    leg: str
    colour: str = going("", instead="leave it out: nobody reads it")


@pytest.fixture
def old_way() -> Iterator[type[Message]]:
    """A message that is to go, with a field that is; known while the test runs."""
    for each in (asyncapi._all, asyncapi._on):
        each.cache_clear()
    members = {"__annotations__": Sidelined.__annotations__, "__doc__": Sidelined.__doc__, "colour": Sidelined.colour}
    shape = type("Sidelined", (Message,), members)
    made = message("court.sidelined", said_by=AGENCY, heard_by="enforcement_liaison", deprecated=WORDS)(shape)
    yield made
    del MESSAGES[made.type]
    for each in (asyncapi._all, asyncapi._on):
        each.cache_clear()


def run(*words: str | Path) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    result = CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


def recorded(at: int, name: str, source: str, time: str, key: str, exchange: str = topology.AGENCIES_IN, **data: Any) -> Recorded:
    body = json.loads((SAMPLES / f"{name}.v1.json").read_bytes()) if (SAMPLES / f"{name}.v1.json").exists() else {}
    body |= {
        "id": f"m-{at}",
        "source": source,
        "time": time,
        "type": f"xianjie.{name}.v1",
        "data": {**body.get("data", {}), **data},
    }
    return Recorded(at, exchange, f"{key}.{name}.v1", f"m-{at}", json.dumps(body).encode(), {"case": "c-1"})


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A recording in which two agencies decline, one of them without words, and one is offered a leg twice."""
    file = tmp_path / "monday.journal"
    office, court = "/agencies/CN-SH-IPO", "/agencies/CN-SH-IPC"
    with Writer.begin(file, recorder.about("a test", None, Chosen())) as writer:
        for each in (
            recorded(1, "referral.declined", office, "2026-03-02T09:00:00+08:00", "CN-SH-IPO"),
            recorded(2, "referral.declined", court, "2026-03-03T09:00:00+08:00", "CN-SH-IPC", text=None),
            recorded(3, "referral.declined", office, "2026-03-01T09:00:00+08:00", "CN-SH-IPO"),
            recorded(4, "referral.offered", "/services/routing", "2026-03-02T09:00:00+08:00", "CN-SH-IPC", topology.AGENCIES_OUT),
            recorded(5, "court.sidelined", court, "2026-03-04T09:00:00+08:00", "CN-SH-IPC", leg="L1", colour="red"),
            recorded(6, "case.submitted", office, "2026-03-04T09:00:00+08:00", "CN-SH-IPO"),
            Recorded(7, topology.AGENCIES_IN, "CN-SH-IPO.referral.declined.v1", None, b"\xff", {}),
        ):
            writer.add(each)
    return file


def test_nothing_of_the_present_contract_is_deprecated_without_words() -> None:
    assert all(instead for _, _, instead in deprecated())


def test_what_is_to_go_is_published_as_such(old_way: type[Message]) -> None:
    """In the JSON Schema, in AsyncAPI, in the table of messages."""
    alone = schemas.document(old_way)
    assert (alone["deprecated"], alone["x-instead"]) == (True, WORDS)
    assert alone["$defs"][old_way.__name__]["properties"]["colour"] == {
        "type": "string", "deprecated": True, "x-instead": "leave it out: nobody reads it", "default": "",
    }  # fmt: skip
    found = asyncapi.document(SAMPLES)
    assert found["components"]["messages"]["court.sidelined.v1"]["tags"] == [{"name": "deprecated", "description": WORDS}]
    assert found["components"]["schemas"]["court.sidelined.v1"]["deprecated"] is True
    row = table_module().row(old_way, [])
    assert f"Something that nobody should say any more. **Deprecated**: {WORDS} **Deprecated** `colour`: leave it out" in row


def table_module() -> Any:
    spec = importlib.util.spec_from_file_location("table_of_messages", ROOT / "contracts/table.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_that_something_is_to_go_breaks_nothing_and_stands_in_the_changelog(old_way: type[Message]) -> None:
    new = contract(asyncapi.document(SAMPLES), "new")
    before = json.loads(json.dumps(new.document))
    for schema in (
        before["components"]["schemas"]["court.sidelined.v1"],
        before["components"]["schemas"]["Sidelined"]["properties"]["colour"],
    ):
        del schema["deprecated"], schema["x-instead"]
    old = contract(before, "old")
    assert [(each.place, each.verdict) for each in compared(old, new)] == [("", "compatible"), ("/data/colour", "compatible")]
    assert changelog(old, new) == (
        "### Deprecated\n\n- `court.sidelined.v1`: `/data/colour`: leave it out: nobody reads it\n"
        f"- `court.sidelined.v1`: the message: {WORDS}\n"
    )


def test_uses_of_a_message_are_counted_by_who_says_and_who_hears_it(journal: Path) -> None:
    (found,) = json.loads(run("contracts", "uses", "referral.declined", "--journal", journal, "--json").output)
    assert found == {
        "what": "referral.declined.v1", "instead": "",
        "uses": [
            {"who": "CN-SH-IPC", "does": "says", "count": 1, "first": "2026-03-03T09:00:00+08:00", "last": "2026-03-03T09:00:00+08:00"},
            {"who": "CN-SH-IPO", "does": "says", "count": 2, "first": "2026-03-01T09:00:00+08:00", "last": "2026-03-02T09:00:00+08:00"},
        ],
    }  # fmt: skip
    (heard,) = json.loads(run("contracts", "uses", "referral.offered", "--journal", journal, "--json").output)
    assert [(each["who"], each["does"]) for each in heard["uses"]] == [("CN-SH-IPC", "hears"), ("routing", "says")]


def test_uses_of_a_field_are_of_those_who_say_something_there(journal: Path) -> None:
    result = run("contracts", "uses", "referral.declined.v1.text", "--journal", journal)
    lines = [each.split() for each in result.output.splitlines()[1:]]
    assert [each[:4] for each in lines] == [["referral.declined.v1.text", "CN-SH-IPO", "says", "2"]]
    for deep in ("case.submitted.applicant.phone", "case.submitted.papers.kind"):
        assert "CN-SH-IPO" in run("contracts", "uses", deep, "--journal", journal).output
    assert "nobody uses it" in run("contracts", "uses", "pull.asked", "--journal", journal).output


def test_without_a_name_all_that_is_to_go_is_listed_with_who_uses_it(old_way: type[Message], journal: Path) -> None:
    result = run("contracts", "uses", "--journal", journal)
    assert result.exit_code == 0
    assert f"court.sidelined.v1: {WORDS}" in result.output
    rows = [each.split()[:4] for each in result.output.splitlines() if "2026-03-04" in each]
    assert rows == [["court.sidelined.v1", "CN-SH-IPC", "says", "1"], ["court.sidelined.v1.colour", "CN-SH-IPC", "says", "1"]]
    assert "court.sidelined.v1.colour: leave it out" in run("contracts", "uses").output


def test_what_there_is_not_is_refused_with_what_there_is(tmp_path: Path, journal: Path) -> None:
    for words, says in (
        (("referral.declned",), "near: referral.declined"),
        (("referral.declined.colour",), "referral.declined has no field colour; there are leg, ground, refused_by, text"),
        (("case.submitted.applicant.name.first",), "case.submitted.applicant.name has no field first"),
        (("nonsense",), "no message is named"),
    ):
        result = run("contracts", "uses", *words, "--journal", journal)
        assert (result.exit_code, result.stdout) == (2, "")
        assert says in result.stderr
    assert "no network" in run("--network", tmp_path / "none.json", "contracts", "uses", "referral.declined").stderr
    torn = tmp_path / "torn.journal"
    torn.write_bytes(journal.read_bytes()[:-40])
    result = run("contracts", "uses", "referral.declined", "--journal", torn)
    assert result.exit_code == 1
    assert "byte " in result.stderr
