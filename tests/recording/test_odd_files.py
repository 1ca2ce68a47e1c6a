"""Recordings whose blocks are whole and whose lines are odd; recordings that lack something; what is put together of parts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.recording.command import run
from tests.recording.memory import ROOT, SCENARIOS, recorded
from tests.recording.spoiling import changed, lines, renamed, without
from xianjie.message import SERVICES
from xianjie.recording.choosing import face
from xianjie.recording.file import Reader, Writer

ONE, OTHER = "sh-markor-design-2020", "ah-huangshan-online-tm"
JOURNALS = ROOT / "tests/journals"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    two = [each for each in SCENARIOS if each.stem in (ONE, OTHER)]
    return recorded(tmp_path_factory.mktemp("odd") / "two.journal", *two)


def replayed(file: Path, *more: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("replay", file, "--in-process", "--json", *more).stdout)
    return found


@pytest.mark.parametrize(
    "odd",
    [
        b'{"o":"seven"}', b"hello", b'{"o":1,"x":"\xff"}', b'{"o":1,"h":{"a":{"$time":"never"}}}', b'{"o":1,"h":{"a":{"$decimal":"x"}}}',
        b'{"o":1,"b64":"!!!"}', b"[]", b"",
    ],
)  # fmt: skip
def test_a_line_that_is_no_message_is_a_damage_with_its_place_and_the_rest_is_read(
    file: Path, tmp_path: Path, odd: bytes
) -> None:
    spoilt = lines(file, tmp_path / "odd.journal", 3, odd)
    reader = Reader(spoilt)
    assert len(list(reader)) == len(list(Reader(file)))
    assert "line 4 of block 2 is no message" in reader.faults()[0]
    assert run("journal", "verify", spoilt).exit_code == 1
    result = run("replay", spoilt, "--in-process")
    assert (result.exit_code, ", 0 differences, " in result.output) == (1, True), "what is damaged is not all clear"
    anonymised = run("anonymise", spoilt, "--out", tmp_path / "out.journal")
    assert (anonymised.exit_code, (tmp_path / "out.journal").exists()) == (1, True)


def test_what_stands_behind_the_end_is_not_taken_for_a_part(file: Path, tmp_path: Path) -> None:
    twice = tmp_path / "twice.journal"
    twice.write_bytes(file.read_bytes() * 2)
    reader = Reader(twice)
    assert len(list(reader)) == len(list(Reader(file)))
    assert "it goes on behind its end" in reader.faults()[0]


def test_a_first_block_that_does_not_say_how_it_was_chosen_is_refused(tmp_path: Path, file: Path) -> None:
    with Writer.begin(tmp_path / "odd.journal", {**Reader.about_of(file), "chosen": {"cases": 5}}):
        pass
    result = run("replay", tmp_path / "odd.journal", "--in-process")
    assert (result.exit_code, "cases is no list of words" in result.output) == (2, True)


@pytest.mark.parametrize(("was", "now"), [('"xianjie.log.committed.v1"', '"xianjie.log.committed.v9"'), ('"n":4,', '"n":"x",')])
def test_news_of_commits_that_cannot_be_read_are_left_out_by_place(file: Path, tmp_path: Path, was: str, now: str) -> None:
    found = replayed(renamed(file, tmp_path / "odd.journal", was, now))
    assert any("what the journal was told of commits at offset" in why for why in found["left_out"])


def test_odd_versions_are_none(file: Path, tmp_path: Path) -> None:
    def odd(service: str, rows: list[Any]) -> list[Any]:
        return [{**each, "versions": ["directory:abc"]} if service == "routing" else each for each in rows]

    assert replayed(changed(file, tmp_path / "odd.journal", odd))["commits"] > 0


# --- what lacks something


def last_of(file: Path, exchange: str) -> str:
    """The id of the last message of a case that came from an agency."""
    return [face(each).id for each in Reader(file) if each.exchange == exchange and face(each).subject == ONE][-1]


def test_a_state_whose_last_message_is_missing_says_so(file: Path, tmp_path: Path) -> None:
    less = without(file, tmp_path / "less.journal", last_of(file, "xianjie.agencies.in"))
    result = run("state", ONE, "--journal", less)
    assert result.exit_code == 1
    assert "cannot be decided again: the message that it decides is not in the recording" in result.output
    assert "intake: commit 7 of" in run("state", ONE, "--journal", less, "--at", "2020-06-02T00:00").output


def test_a_damage_that_is_later_does_not_hide_a_state(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.journal"
    cut.write_bytes(file.read_bytes()[:-40])
    result = run("state", ONE, "--journal", cut)
    assert "intake: commit" in result.output
    assert "the rest was read" in result.output


def test_a_message_that_was_dropped_is_named_by_the_commit_that_it_led_to(file: Path, tmp_path: Path) -> None:
    result = run("verify", "--journal", without(file, tmp_path / "less.journal", last_of(file, "xianjie.agencies.in")))
    assert result.exit_code == 1
    assert f"fault: {ONE} at " in result.output
    assert "cannot be made again: the message that it decides is not in the recording" in result.output


@pytest.mark.parametrize("which", ["first", "last"])
def test_the_first_and_the_last_commit_that_is_dropped_is_named(file: Path, tmp_path: Path, which: str) -> None:
    counts: dict[str, int] = {}

    def count(service: str, rows: list[Any]) -> list[Any]:
        counts.update((service, each["n"]) for each in rows if each["case"] == ONE)
        return rows

    changed(file, tmp_path / "counted.journal", count)

    def drop(service: str, rows: list[Any]) -> list[Any]:
        n = 1 if which == "first" else counts["intake"]
        return [each for each in rows if (service, each["case"], each["n"]) != ("intake", ONE, n)]

    result = run("verify", "--journal", changed(file, tmp_path / "dropped.journal", drop))
    assert result.exit_code == 1
    assert "its first 1 commit is not told of: dropped" in result.output or "and no commit that said it: dropped" in result.output


# --- nothing was compared


def test_a_replay_that_decided_nothing_is_not_all_clear(file: Path, tmp_path: Path) -> None:
    run("journal", "filter", file, "--type", "log.committed", "--out", tmp_path / "news.journal")
    result = run("replay", tmp_path / "news.journal", "--in-process")
    assert (result.exit_code, "nothing was decided again, and so nothing was compared" in result.output) == (1, True)


def test_what_a_replay_said_is_compared_with_and_not_played(file: Path, tmp_path: Path) -> None:
    said = tmp_path / "said.journal"
    run("replay", file, "--in-process", "--out", said)
    assert replayed(file, "--against", said)["differences"] == []
    result = run("replay", said, "--in-process")
    assert (result.exit_code, "name it with --against" in result.output) == (2, True)


def test_causal_order_says_that_nothing_was_compared(file: Path, tmp_path: Path) -> None:
    run("journal", "filter", file, "--type", "case.*", "--out", tmp_path / "less.journal")
    result = run("replay", tmp_path / "less.journal", "--in-process")
    assert "nothing was compared: the recording does not say when each service decided" in result.output


def test_another_salt_is_suspected(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANJIE_SALT", "another salt")
    result = run("replay", file, "--in-process")
    assert (result.exit_code, "is XIANJIE_SALT the salt of that network?" in result.output) == (1, True)


# --- parts put together


def test_recordings_of_two_cases_put_together_are_those_of_both(tmp_path: Path) -> None:
    both = tmp_path / "both.journal"
    assert (
        run("journal", "merge", JOURNALS / f"{ONE}.journal", JOURNALS / "sd-caoxian-12-2025.journal", "--out", both).exit_code
        == 0
    )
    assert {ONE, "sd-caoxian-12-2025"} < set(Reader.about_of(both)["chosen"]["cases"])
    assert replayed(both)["differences"] == []


def test_recordings_that_were_chosen_in_different_ways_are_not_put_together(file: Path, tmp_path: Path) -> None:
    run("journal", "filter", file, "--case", ONE, "--out", tmp_path / "one.journal")
    run("journal", "filter", file, "--type", "case.*", "--out", tmp_path / "types.journal")
    result = run("journal", "merge", tmp_path / "one.journal", tmp_path / "types.journal", "--out", tmp_path / "both.journal")
    assert (result.exit_code, "chosen in different ways" in result.output) == (2, True)


# --- other rules


def test_a_folder_that_is_no_checkout_is_refused(file: Path, tmp_path: Path) -> None:
    result = run("replay", file, "--in-process", "--code", tmp_path)
    assert (result.exit_code, "is no checkout of this project" in result.output) == (2, True)


def copied(folder: Path) -> Path:
    shutil.copytree(
        ROOT / "contracts", folder / "contracts", ignore=shutil.ignore_patterns("samples", "*.egg-info", "__pycache__")
    )
    shutil.copytree(ROOT / "services", folder / "services", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_rules_that_die_on_the_way_are_not_taken_for_others(file: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "other")
    replaying = other / "services/chassis/replaying.py"
    text = replaying.read_text()
    replaying.write_text(
        text.replace("        seen = face(message)\n", "        seen = face(message)\n        1 / (60 - message.offset)\n", 1)
    )
    result = run("replay", file, "--in-process", "--code", other)
    assert (result.exit_code, "ZeroDivisionError" in result.output) == (1, True)


def test_a_change_of_the_state_alone_shows_by_the_hash(file: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "other")
    state = other / "services/intake/case.py"
    text = state.read_text()
    begin = text.index("class Case")
    at = text.index("    case: str\n", begin) + len("    case: str\n")
    state.write_text(text[:at] + '    planted: str = "x"\n' + text[at:])
    result = run("replay", file, "--in-process", "--code", other)
    assert (result.exit_code, "another hash: its state or what it heard differs" in result.output) == (1, True), result.output
    assert "at intake" in result.output
    assert not [each for each in SERVICES if each != "intake" and f"commit 1 at {each}" in result.output]


# --- options


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--in-process", "--speed", "2"), "--speed is for --into"),
        (("--in-process", "--dry-run", "--no-settle"), "--dry-run and --no-settle are for --into"),
        (("--into", "amqp://x", "--trusted"), "--trusted is for --in-process"),
        (("--into", "nowhere.json", "--dry-run"), "no network"),
    ],
)
def test_options_that_would_do_nothing_are_refused(file: Path, words: tuple[str, ...], says: str) -> None:
    result = run("replay", file, *words)
    assert (result.exit_code != 0, says in result.output) == (True, True), result.output


def test_a_time_that_ends_before_it_begins_is_refused(file: Path) -> None:
    result = run("journal", "show", file, "--from", "2021-01-01T00:00", "--to", "2020-01-01T00:00")
    assert (result.exit_code, "is not before" in result.output) == (2, True)


def test_an_address_that_is_none_is_not_repeated() -> None:
    result = run("verify", "--database", "nonsense:SECRETPW")
    assert (result.exit_code, "SECRETPW" in result.output) == (1, False)
