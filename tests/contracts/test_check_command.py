"""`xianjie contracts check`: a message in a file is valid, or every fault is named."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from xianjie.cli import app

SAMPLES = Path(__file__).parents[2] / "contracts/samples"


def run(*words: str | Path, given: bytes | None = None) -> Result:
    """One call; `given`: what stands on its standard input."""
    return CliRunner().invoke(app, [*map(str, words)], input=given, terminal_width=200)


def test_what_is_valid_is_said_to_be() -> None:
    """From a file, and from standard input."""
    sample = SAMPLES / "referral.accepted.v1.json"
    done = run("contracts", "check", sample, "-", given=sample.read_bytes())
    assert (done.exit_code, done.output.count(": ok")) == (0, 2)


def test_every_fault_is_named_with_its_place_and_code(tmp_path: Path) -> None:
    """One wrong message among good ones ends with 1."""
    found = json.loads((SAMPLES / "referral.accepted.v1.json").read_text())
    found["data"] |= {"leg": 1, "reference": " "}
    wrong, large = tmp_path / "wrong.json", tmp_path / "large.json"
    wrong.write_text(json.dumps(found))
    large.write_text(" " * 300_000)
    done = run("contracts", "check", SAMPLES / "referral.declined.v1.json", wrong, large, "--json")
    good, faulty, long = json.loads(done.output)
    assert done.exit_code == 1
    assert good["valid"]
    assert {each["pointer"] for each in faulty["faults"]} == {"/data/leg", "/data/reference"}
    assert [each["code"] for each in long["faults"]] == ["too_large"]
    shown = run("contracts", "check", wrong)
    assert "/data/leg" in shown.output
    assert "not a valid message" in shown.output


def test_a_message_from_the_future_is_none_yet(tmp_path: Path) -> None:
    """The services would say so by the clock."""
    found = json.loads((SAMPLES / "referral.accepted.v1.json").read_text())
    early = tmp_path / "early.json"
    early.write_text(json.dumps({**found, "time": "2096-03-02T09:30:00+08:00"}))
    (told,) = json.loads(run("contracts", "check", early, "--json").output)
    assert told["faults"] == [{"pointer": "/time", "says": "is more than five minutes ahead", "code": "clock_skew"}]


def test_a_file_that_is_not_there_is_said_in_one_message(tmp_path: Path) -> None:
    done = run("contracts", "check", tmp_path / "none.json")
    assert (done.exit_code, "cannot be read: No such file" in done.output) == (2, True)
