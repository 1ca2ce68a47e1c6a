"""The command line lists every fault, and says what to do; without a broker."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from shell import run

from xianjie.cli.cases import Row
from xianjie.cli.say import _written
from xianjie.vocabulary import CHINA, Precision

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"
MARKOR = SCENARIOS / "sh-markor-design-2020.yaml"


@pytest.mark.parametrize("words", [("timeline", "c-1"), ("cases",), ("verify",), ("parked", "list")], ids=" ".join)
def test_without_a_network_it_says_how_to_start_one(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert "make run" in result.stderr
    assert ".local/xianjie/network.json" in result.stderr


def test_a_file_that_describes_no_network_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    result = run("cases", "--network", "other.json")
    assert result.exit_code == 1
    assert "other.json does not describe a network" in result.stderr


def test_a_door_that_is_shut_is_named_with_what_to_do(tmp_path: Path) -> None:
    content = {"name": "t", "exercise": None, "doors": {"intake": "http://127.0.0.1:9"}, "amqp": {}}
    (tmp_path / "shut.json").write_text(json.dumps(content))
    result = run("--network", "shut.json", "cases")
    assert result.exit_code == 1
    assert "the door of intake at http://127.0.0.1:9 does not answer" in result.stderr


def test_an_unknown_message_suggests_near_names() -> None:
    for words in (("who-hears", "referral.declned"), ("say", "referral.declned")):
        result = run(*words)
        assert result.exit_code == 2
        assert "referral.declined" in result.stderr


def test_say_lists_every_wrong_field_at_once() -> None:
    result = run("say", "referral.declined", "--as", "CN-SH-IPO", "--case", "c-1", "--set", "ground=no", "--set", "colour=red")
    assert result.exit_code == 2
    for pointer in ("/leg: Missing", "/ground: Must be one of", "/text: Missing", "/colour: Unknown field"):
        assert pointer in result.stderr


def test_what_services_say_is_not_for_people() -> None:
    result = run("say", "routing.cleared", "--as", "CN-SH-IPO", "--case", "c-1")
    assert result.exit_code == 2
    assert "is said by routing alone" in result.stderr


def test_one_without_a_user_on_the_broker_cannot_speak(network: Path) -> None:
    words = ("--as", "CN-XX-IPO", "--case", "c-1", "--set", "leg=L1")
    result = run("say", "referral.accepted", *words, "--network", network)
    assert result.exit_code == 1
    assert "CN-XX-IPO has no user on the broker" in result.stderr


def test_a_time_that_is_no_moment_is_refused(network: Path) -> None:
    words = ("--as", "CN-SH-IPO", "--case", "c-1", "--leg", "L1", "--time", "yesterday")
    result = run("say", "referral.accepted", *words, "--network", network)
    assert result.exit_code == 2
    assert "--time yesterday is no moment" in result.stderr


@pytest.mark.parametrize("time", ["2031-05-04", "1999-05-04T09:30", "2027-01-01T00:30+08:00", "0001-01-01T00:00+14:00"])
def test_a_time_in_a_year_that_the_calendar_does_not_know_is_refused(network: Path, time: str) -> None:
    words = ("--as", "CN-SH-IPO", "--case", "c-1", "--leg", "L1", "--time", time)
    result = run("say", "referral.accepted", *words, "--network", network)
    assert result.exit_code == 2
    assert f"--time {time}: " in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--as", "routing"), "routing speaks for itself: --as takes an agency's code, door or operator"),
        (("--as", "CN-SH-IPO", "--to", "intake"), "--to is for operators: who hears referral.accepted follows from what it is"),
        (("--as", "CN-SH-IPO", "--wait", "nan"), "--wait nan: give seconds, 0 to 3600"),
        (("--as", "CN-SH-IPO", "--wait=-1"), "--wait -1: give seconds"),
        (("--as", "CN-SH-IPO", "--case", "c 1"), "--case c 1: must be a case id"),
        (("--as", "CN-SH-IPO", "--time", "2099-01-01"), "--time 2099-01-01: is ahead; nothing that has not happened"),
    ],
)
def test_words_that_nothing_follows_from_are_refused(tmp_path: Path, network: Path, words: tuple[str, ...], says: str) -> None:
    described = json.loads(network.read_text()) | {"exercise": None}
    there = tmp_path / "operation.json"
    there.write_text(json.dumps(described))
    result = run("say", "referral.accepted", "--case", "c-1", "--leg", "L1", *words, "--network", there)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("time", "precision", "moment"),
    [
        ("2024-05", "month", datetime(2024, 5, 1, 9, tzinfo=CHINA)),
        ("2024-05", "year", datetime(2024, 5, 1, 9, tzinfo=CHINA)),
        ("2024", "year", datetime(2024, 1, 1, 9, tzinfo=CHINA)),
        ("2024-05-06", "month", datetime(2024, 5, 6, tzinfo=CHINA)),
    ],
)
def test_a_month_or_a_year_is_a_time_where_no_more_is_known(time: str, precision: str, moment: datetime) -> None:
    assert _written(time, Precision(precision)) == moment


@pytest.mark.parametrize(
    ("time", "precision", "says"),
    [
        ("2024-05", "day", "--time 2024-05 is known to the month only: add --precision month, or write it more exactly"),
        ("2024", "month", "--time 2024 is known to the year only: add --precision year"),
        ("2024-13", "month", "--time 2024-13 is no moment"),
        ("1999", "year", "--time 1999: "),
    ],
)
def test_a_month_or_a_year_is_not_taken_for_more(network: Path, time: str, precision: str, says: str) -> None:
    words = ("--as", "CN-SH-IPO", "--case", "c-1", "--leg", "L1", "--time", time, "--precision", precision)
    result = run("say", "referral.accepted", *words, "--network", network)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_telephone_number_that_is_none_is_refused_with_what_is_wanted() -> None:
    result = run("say", "case.submitted", "--as", "door", "--case", "c-1", "--set", "applicant.phone=call me")
    assert result.exit_code == 2
    assert "/applicant/phone: must be a telephone number: 5 to 24 of 0-9, spaces, +, -, ( and )" in result.stderr


def test_dates_of_a_scenario_in_years_that_the_calendar_does_not_know_are_refused_each_by_its_place(tmp_path: Path) -> None:
    text = MARKOR.read_text().replace("2020-10-20", "2031-10-20")
    (tmp_path / "far.yaml").write_text(text)
    result = run("play", "far.yaml")
    assert result.exit_code == 2
    found = [each for each in result.stderr.splitlines() if "the holidays of 2031 are not in the calendar, which knows" in each]
    assert len(found) == text.count("at: 2031-10-20")
    assert all(each.strip().startswith("/says/") and "name a day of those years" in each for each in found)


def test_faults_of_all_scenarios_are_listed_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: a-b-c\n")
    (tmp_path / "b.yaml").write_text("- no\n")
    result = run("play", "a.yaml", "b.yaml", "missing.yaml")
    assert result.exit_code == 2
    for word in ("a.yaml", "/says: Missing data", "b.yaml", "missing.yaml: cannot be read"):
        assert word in result.stderr


def test_the_same_scenario_twice_is_refused() -> None:
    result = run("play", MARKOR, MARKOR)
    assert result.exit_code == 2
    assert "more than one file" in result.stderr


def test_published_cases_are_not_played_into_real_business(network: Path) -> None:
    result = run("play", MARKOR, "--network", network)
    assert result.exit_code == 1
    assert "is no exercise" in result.stderr


def test_a_directory_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("- {code: x}\n- {code: CN-A}\n")
    result = run("directory", "check", tmp_path)
    assert result.exit_code == 2
    assert "x.yaml /0" in result.stderr
    assert "x.yaml /1" in result.stderr


@pytest.mark.parametrize("content", [b"\xff\xfe- code: X", b"- code: X\n  since: 2024-13-45", b"[" * 20_000])
def test_a_file_that_is_no_yaml_is_named_in_one_message(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bodies"
    bad.mkdir()
    (bad / "x.yaml").write_bytes(content)
    for words in (("directory", "check", bad), ("play", bad / "x.yaml")):
        result = run(*words)
        assert result.exit_code == 2
        assert "x.yaml" in result.output


@pytest.mark.parametrize(
    "words",
    [("--data", "[" * 20_000), ("--data", "{"), ("--set", "satisfaction=2024-13-45"), ("--set", "satisfaction=" + "[" * 20_000)],
)
def test_values_that_nobody_can_read_are_refused_in_one_message(network: Path, words: tuple[str, str]) -> None:
    result = run("say", "visit.answered", "--as", "door", "--case", "c-1", *words, "--network", network)
    assert result.exit_code == 2
    assert "--data" in result.output or "satisfaction" in result.output


def test_an_output_that_takes_nothing_more_ends_in_one_line(network: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "xianjie", "cases", "--network", network],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr.splitlines()) == (1, ["xianjie: the output: No space left on device"])


def test_what_is_only_waited_for_is_no_case() -> None:
    assert not Row("mistyped").known
    assert Row("c", owner="CN-SH-IPO").known
    assert Row("c", parked=["routing"]).known


def test_a_code_that_no_body_has_suggests_near_ones() -> None:
    result = run("directory", "show", "CN-SH-IPX", "--folder", ROOT / "deploy" / "directory")
    assert result.exit_code == 1
    assert "CN-SH-IPO" in result.stderr
