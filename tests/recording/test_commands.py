"""`xianjie journal` and `xianjie replay` on recordings of scenarios that were played in memory."""

import json
import shutil
from pathlib import Path

import pytest

from tests.recording.command import run
from tests.recording.memory import ROOT, SCENARIOS, recorded
from xianjie.recording.file import Reader, Writer

ONE = next(each for each in SCENARIOS if each.stem == "sh-markor-design-2020")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("recording") / "one.journal", ONE)


def test_a_recording_is_played_again_to_the_byte(file: Path) -> None:
    result = run("replay", file, "--in-process")
    assert result.exit_code == 0, result.output
    last = result.output.splitlines()[-1]
    assert last.startswith(f"replay: {counted(file)} messages, ")
    assert ", 0 differences, state " in last


def counted(file: Path) -> int:
    return sum(1 for _ in Reader(file))


def test_with_the_salt_every_hash_is_compared_and_without_it_that_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "exercise-salt")
    found = json.loads(run("replay", file, "--in-process", "--json").output)
    assert (found["hashes_compared"], found["differences"], found["left_out"]) == (True, [], {})
    assert found["commits"] > 30
    monkeypatch.setenv("XIANJIE_SALT", "another salt")
    result = run("replay", file, "--in-process")
    assert (result.exit_code, "another hash" in result.output) == (1, True)
    monkeypatch.delenv("XIANJIE_SALT")
    assert "hashes were not compared" in run("replay", file, "--in-process").output


def test_trusted_messages_lead_to_the_same_state(file: Path) -> None:
    one, other = (run("replay", file, "--in-process", *more).output.splitlines()[-1] for more in ((), ("--trusted",)))
    assert one == other


def test_another_recording_that_differs_is_named_by_case_and_message(file: Path, tmp_path: Path) -> None:
    run("journal", "filter", file, "--type", "routing.*", "--out", tmp_path / "less.journal")
    result = run("replay", file, "--in-process", "--against", tmp_path / "less.journal")
    assert result.exit_code == 1
    assert "sh-markor-design-2020: commit 1 at intake, on case.submitted" in result.output
    assert "was: nothing" in result.output


def test_a_damaged_recording_is_played_as_far_as_it_goes_and_what_is_left_out_is_counted(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.journal"
    cut.write_bytes(file.read_bytes()[:-40])
    result = run("replay", cut, "--in-process")
    assert "the rest was played" in result.output


def test_what_does_not_say_when_services_decided_is_played_in_causal_order_and_says_so(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.journal"
    with Writer.begin(outside, Reader.about_of(file)) as writer:
        for each in Reader(file):
            if each.exchange in ("xianjie.agencies.in", "xianjie.ops"):
                writer.add(each)
    result = run("replay", outside, "--in-process")
    whole = run("replay", file, "--in-process").output.splitlines()[-1]
    assert "played in causal order" in result.output
    assert ", 48 commits, 0 differences, " in whole
    assert result.output.splitlines()[-1].split(", ")[1:] == whole.split(", ")[1:]
    assert "there is nothing to compare" in run("replay", outside, "--in-process", "--against", file).output


def test_of_a_recording_that_was_chosen_by_type_only_those_are_compared(file: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.journal"
    assert (
        run("journal", "filter", file, "--type", "log.committed", "--type", "org.*", "--type", "case.*", "--out", some).exit_code
        == 0
    )
    found = json.loads(run("replay", some, "--in-process", "--json").output)
    assert found["differences"] == []
    assert found["left_out"]


# --- one case


def test_the_state_of_a_case_at_a_moment_is_shown_by_service(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "exercise-salt")
    case = "sh-markor-design-2020"
    end = json.loads(run("state", case, "--journal", file, "--json").output)
    assert set(end) == {"intake", "routing", "mediation", "enforcement_liaison"}
    assert end["intake"]["state"]["state"]["status"] == "visit_due"
    first = json.loads(run("journal", "show", file, "--type", "case.submitted", "--json").output.splitlines()[0])
    said = json.loads(first["b"])["time"]
    early = json.loads(run("state", case, "--at", said, "--journal", file, "--json").output)
    assert set(early) <= {"intake", "routing"}
    assert (early["intake"]["n"], early["intake"]["state"]["state"]["status"]) == (1, "under_review")
    text = run("state", case, "--journal", file).output
    assert "its hash is the recorded one" in text
    assert "status: visit_due" in text
    assert "no service had heard of" in run("state", case, "--at", "1999-01-01", "--journal", file).output


def test_why_a_decision_was_taken_shows_message_state_row_and_what_was_said(file: Path) -> None:
    case = "sh-markor-design-2020"
    line = json.loads(run("journal", "show", file, "--type", "referral.accepted", "--json").output.splitlines()[0])
    message = json.loads(line["b"])["id"]
    text = run("why", case, message, "--journal", file).output
    assert f"{case}: commit " in text
    for word in (
        "heard: referral.accepted",
        "state before:",
        "decided by: row T",
        "said: routing.leg_taken",
        "/state/legs/L1/state",
    ):
        assert word in text
    (found,) = json.loads(run("why", case, message, "--journal", file, "--json").output)
    answer = next(each["id"] for each in found["said"] if each["type"].startswith("xianjie.receipt."))
    assert json.loads(run("why", case, answer, "--journal", file, "--json").output) == [found], "by what it said, too"
    assert "nothing was decided" in run("why", case, "m-unknown", "--journal", file).output


def test_a_case_that_began_before_the_recording_is_not_guessed_at(file: Path, tmp_path: Path) -> None:
    run("journal", "filter", file, "--from", "2020-09-01T00:00", "--out", tmp_path / "late.journal")
    result = run("state", "sh-markor-design-2020", "--journal", tmp_path / "late.journal")
    assert (result.exit_code, "as far as it can be decided again: commits before it are not in" in result.output) == (1, True)


# --- other rules


def test_other_rules_are_compared_by_revision_or_by_folder(file: Path, tmp_path: Path) -> None:
    same = run("replay", file, "--in-process", "--code", ROOT)
    assert (same.exit_code, ", 0 differences, " in same.output) == (0, True), same.output
    other = tmp_path / "other"
    shutil.copytree(ROOT / "contracts", other / "contracts", ignore=shutil.ignore_patterns("samples", "*.egg-info"))
    shutil.copytree(ROOT / "services", other / "services")
    rules = other / "services/intake/review.py"
    rules.write_text(rules.read_text().replace("sued=turn.state.sued", "sued=not turn.state.sued"))
    result = run("replay", file, "--in-process", "--code", other)
    assert (result.exit_code, "case.accepted/data/sued: true" in result.output) == (1, True), result.output
    rules.write_text("this is no Python")
    broken = run("replay", file, "--in-process", "--code", other)
    assert (broken.exit_code, f"the rules of {other} cannot replay this: " in broken.output) == (1, True)
    unknown = run("replay", file, "--in-process", "--code", "no-such-revision")
    assert (unknown.exit_code, "is no revision of" in unknown.output) == (2, True)
    assert run("replay", file, "--in-process", "--code", "HEAD", "--against", file).exit_code == 2


# --- looking


def test_messages_are_listed_and_chosen(file: Path) -> None:
    every = run("journal", "show", file).output.splitlines()
    assert every[0].split() == ["offset", "said", "message", "by", "to", "case", "id"]
    some = run("journal", "show", file, "--type", "referral.*", "--agency", "CN-SH-IPO").output.splitlines()
    assert 1 < len(some) < len(every)
    assert all("referral." in each for each in some[1:])
    lines = [json.loads(each) for each in run("journal", "show", file, "--json").output.splitlines()]
    assert len(lines) == len(every) - 1
    assert json.loads(lines[-1]["b"])["specversion"] == "1.0"


def test_what_is_in_it_is_counted(file: Path) -> None:
    found = json.loads(run("journal", "stat", file, "--json").output)
    assert (found["messages"], found["whole"], found["about"]["network"]) == (counted(file), True, "memory")
    assert found["types"]["case.submitted"] == 1
    assert "case.submitted" in run("journal", "stat", file).output


def test_parts_are_written_and_put_together_again(file: Path, tmp_path: Path) -> None:
    parts = [tmp_path / "a.journal", tmp_path / "b.journal"]
    assert run("journal", "filter", file, "--to", "2020-09-01T00:00", "--out", parts[0]).exit_code == 0
    assert run("journal", "filter", file, "--from", "2020-09-01T00:00", "--out", parts[1]).exit_code == 0
    assert run("journal", "merge", *parts, "--out", tmp_path / "both.journal").exit_code == 0
    assert list(Reader(tmp_path / "both.journal")) == list(Reader(file))
    again = run("journal", "merge", *parts, "--out", tmp_path / "both.journal")
    assert (again.exit_code, "is there already" in again.output) == (2, True)


def test_a_whole_recording_is_called_whole_and_a_damaged_one_by_the_place(file: Path, tmp_path: Path) -> None:
    assert "whole: " in run("journal", "verify", file).output
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 0x55
    damaged = tmp_path / "damaged.journal"
    damaged.write_bytes(changed)
    result = run("journal", "verify", damaged)
    assert (result.exit_code, "byte " in result.output, "of it are good" in result.output) == (1, True, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("journal", "show", "{file}", "--from", "yesterday"), "--from yesterday: is no time"),
        (("journal", "show", "{text}"), "is no recording"),
        (("replay", "{text}", "--in-process"), "is no recording"),
        (("replay", "{file}"), "say how: --in-process"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(file: Path, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    text = tmp_path / "a.txt"
    text.write_text("some text")
    result = run(*(each.format(file=file, text=text) for each in words))
    assert (result.exit_code != 0, says in result.output) == (True, True), result.output


def test_scenarios_are_played_in_this_process_and_recorded(tmp_path: Path) -> None:
    bodies, out = ROOT / "deploy/directory", tmp_path / "out.journal"
    result = run("play", ONE, "--in-process", "--bodies", bodies, "--out", out)
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "play: 1 cases played, 1 ended as published")
    assert ", 0 differences, " in run("replay", out, "--in-process").output
    assert "is there already" in run("play", ONE, "--in-process", "--bodies", bodies, "--out", out).output
    assert "is no folder" in run("play", ONE, "--in-process", "--bodies", tmp_path / "none").output
