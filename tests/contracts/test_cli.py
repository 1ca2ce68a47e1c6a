"""The command line: it teaches, it lists every fault, and says what to do; without a broker."""

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from commits import adjudication, day
from typer.testing import CliRunner, Result

from xianjie.cli import app
from xianjie.cli.agreement import disagreements
from xianjie.cli.cases import Row
from xianjie.cli.say import _written
from xianjie.message import SERVICES
from xianjie.vocabulary import CHINA, Precision

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"
MARKOR = SCENARIOS / "sh-markor-design-2020.yaml"
COMMANDS = [
    *(
        ("timeline",),
        ("cases",),
        ("say",),
        ("play",),
        ("verify",),
        ("doctor",),
        ("who-hears",),
        ("due",),
        ("route",),
        ("services",),
        ("refusals",),
        ("figures",),
        ("draw",),
        ("filing",),
        ("record",),
        ("replay",),
        ("state",),
        ("why",),
        ("anonymise",),
        ("conform",),
        ("simulate",),
    ),
    *(("journal", each) for each in ("show", "stat", "filter", "merge", "verify")),
    *(("rules", each) for each in ("list", "show", "check")),
    *(("contracts", each) for each in ("check", "diff", "changelog", "uses")),
    *(("directory", each) for each in ("check", "show", "import", "count", "drain", "resume", "leave")),
    *(("agency", each) for each in ("register", "show", "rotate-key", "drain", "leave", "test")),
    *(("register", each) for each in ("check", "import", "remove")),
    *(("parked", each) for each in ("list", "retry", "skip", "amend")),
    *(("outbox", each) for each in ("show", "retry", "drop")),
]


CALLS = ("run", "cli", "done", "refused")
"""How tests name what calls `xianjie`."""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, where no network is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XIANJIE_NETWORK", raising=False)


def run(*words: str | Path) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    result = CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


class Doors(BaseHTTPRequestHandler):
    """Doors of services that know the cases they are given."""

    answers: dict[str, Any]

    def do_GET(self) -> None:
        found = self.answers.get(self.path)
        self.send_response(200 if found is not None else 404)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Path]:
    """A network.json that names doors with one case; there is no broker behind it."""
    logs, answers = adjudication(), dict[str, Any]()
    for service in ("intake", "routing", "mediation", "enforcement_liaison"):
        commits = logs.get(service, [])
        for n in range(0, len(commits) + 2, 2):  # pages of two
            answers[f"/{service}/cases/c-1?after={n}"] = commits[n : n + 2] if commits else None
        answers[f"/{service}/cases/c-1?after={len(commits)}"] = [] if commits else None
        answers[f"/{service}/cases"] = (
            [{"case": "c-1", "n": 1, "now": day(41).isoformat(), "glance": {}}] if service in logs else []
        )
        answers[f"/{service}/cases?after=c-1"] = []
        answers[f"/{service}/cases?after=c-2"] = []
        answers[f"/{service}/parked?after="] = answers[f"/{service}/parked?limit=51&after="] = {"cases": [], "groups": []}
    answers["/intake/cases"][0]["glance"] = {"owner": "CN-SH-IPO", "status": "in_service", "late": ["case/A1"]}
    warned, due = day(56).isoformat(), day(60).isoformat()
    answers["/enforcement_liaison/cases"][0] |= {"due": warned, "glance": {"due": due}}
    answers["/routing/cases"].append({"case": "c-2", "n": 1, "now": day(2).isoformat(), "glance": {}, "held": 2})
    answers["/routing/cases"][0]["glance"] = {"owner": "CN-SH-IPO", "open_legs": ["L2 adjudication CN-SH-IPO taken"]}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("These", (Doors,), {"answers": answers}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = tmp_path / "network.json"
    base = f"http://127.0.0.1:{server.server_port}"
    doors = {service: f"{base}/{service}" for service in ("intake", "routing", "mediation", "enforcement_liaison")}
    file.write_text(json.dumps({"name": "t", "exercise": None, "doors": doors, "amqp": {"CN-SH-IPO": "amqp://x"}}))
    yield file
    server.shutdown()
    server.server_close()


# --- teaching


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_of_every_command_shows_an_example(words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert f"xianjie {' '.join(words)}" in result.output
    assert "Example" in result.output


def test_every_command_is_known_here() -> None:
    """The list above is that of the command line itself, groups and all."""
    groups = {each.name: each.typer_instance for each in app.registered_groups}
    inner = {
        (name, str(each.name or each.callback.__name__)) for name, group in groups.items() for each in group.registered_commands
    }  # type: ignore[union-attr]
    assert {(each.name,) for each in app.registered_commands} | inner == set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_really_run_somewhere(words: tuple[str, ...]) -> None:
    """A test calls it with more than `--help`: here, or in a folder that has a network."""
    assert words in called(), f"no test runs xianjie {' '.join(words)}"


@cache
def called() -> set[tuple[str, ...]]:
    """How the calls of `xianjie` in all tests begin."""
    found: set[tuple[str, ...]] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS:
                words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
                found |= {tuple(words[:1]), tuple(words[:2])} if "--help" not in words else set()
    return found


def test_who_hears_tells_speaker_hearer_consequence_rows_and_scenarios() -> None:
    result = run("who-hears", "confirmation.outcome_reported", "--scenarios", SCENARIOS)
    assert result.exit_code == 0
    for word in (
        "said by: agency",
        "heard by: enforcement_liaison",
        "what may follow: proceeding.ended",
        "T21",
        "sh-markor-design-2020",
    ):
        assert word in result.output


def test_who_hears_as_json_is_for_programs() -> None:
    found = json.loads(run("who-hears", "referral.declined", "--json").output)
    assert (found["said_by"], found["heard_by"]) == (["agency"], ["routing"])
    assert {"protocol": "leg", "row": "T9", "in": "acknowledged, delivered", "by": "receiver", "leads to": "declined"} in found[
        "rows"
    ]


def test_all_that_people_can_say_is_listed() -> None:
    result = run("say", "--list")
    assert "referral.declined" in result.output
    assert "routing.leg_taken" not in result.output


# --- faults


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


# --- looking


def test_a_timeline_is_a_tree_of_plain_lines_where_nobody_sees_colours(network: Path) -> None:
    result = run("timeline", "c-1", "--network", network)
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    for words in (
        "c-1  concluded · infringed   owner CN-SH-IPO (2024-03-01)",
        "L1 adjudication 行政裁决 · file · CN-SH-IPO → CN-BJ-IPO · declined · conflict",
        "⏱ L2/B4  2024-03-02 → due 2024-04-09  breached after 39 d, 29 d net  paused 2024-03-11 to 2024-03-21  (专利法 65)",
        "410 too_late L2 is outcome_reported",
    ):
        assert words in result.output


def test_a_timeline_as_json_is_for_programs(network: Path) -> None:
    found = json.loads(run("timeline", "c-1", "--json", "--network", network).output)
    assert [each["state"] for each in found["legs"]] == ["declined", "closed"]


def test_a_case_that_nobody_knows_is_named(network: Path) -> None:
    result = run("timeline", "c-9", "--network", network)
    assert result.exit_code == 1
    assert "no service knows a case c-9" in result.stderr


def test_cases_are_merged_from_all_doors_and_filtered(network: Path) -> None:
    (found,) = json.loads(run("cases", "--late", "--owner", "CN-SH-IPO", "--json", "--network", network).output)
    assert (found["owner"], found["status"], found["late"]) == ("CN-SH-IPO", "in_service", ["case/A1"])
    assert found["open_legs"] == ["L2 adjudication CN-SH-IPO taken"]
    assert (found["due"], found["wakes"]) == (day(60).isoformat(), day(56).isoformat()), "the limit, and when it is warned of"
    assert json.loads(run("cases", "--stuck", "--json", "--network", network).output) == []


@pytest.fixture
def routing_down(network: Path) -> Path:
    """The same network, and nobody listens where routing's door should be."""
    content = json.loads(network.read_text())
    content["doors"]["routing"] = "http://127.0.0.1:9"
    network.write_text(json.dumps(content))
    return network


def test_messages_that_wait_for_a_beginning_are_found_when_asked_for(network: Path) -> None:
    assert "c-2" not in run("cases", "--network", network).stdout
    (found,) = json.loads(run("cases", "--held", "--json", "--network", network).stdout)
    assert (found["case"], found["held"]) == ("c-2", ["routing"])
    assert found["stuck"] == "messages wait at routing, and the case has not begun: mistyped?"


def test_an_owner_without_a_case_is_told_where_codes_are_listed(network: Path) -> None:
    found = run("cases", "--owner", "CN-NOPE", "--network", network)
    assert "CN-NOPE answers for none of them; codes are listed by: xianjie directory show" in found.stdout


def test_a_network_without_services_has_no_cases(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text(json.dumps({"name": "t", "exercise": None, "doors": {}, "amqp": {}}))
    found = run("cases", "--network", "empty.json")
    assert (found.exit_code, found.stdout.splitlines()[-1]) == (0, "0 cases")


def test_with_one_service_down_the_others_are_still_asked_and_the_gap_is_named(routing_down: Path) -> None:
    listed = run("cases", "--json", "--network", routing_down)
    assert [each["owner"] for each in json.loads(listed.stdout)] == ["CN-SH-IPO"]
    told = run("timeline", "c-1", "--network", routing_down)
    assert "case.submitted" in told.stdout
    for each in (listed, told):
        assert each.exit_code == 1, "not all is shown"
        assert "not all is shown: the door of routing at http://127.0.0.1:9 does not answer" in each.stderr
    assert "does not answer" in run("timeline", "c-9", "--network", routing_down).stderr, "routing may be the one that knows it"


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    """In a checkout that was not set up; in a folder that is none, where a client runs, nothing is missing."""
    assert "nothing runs here but the client" in run("doctor").output
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/bootstrap.sh").touch()
    result = run("doctor")
    assert result.exit_code == 1  # it has no .venv
    assert "make setup" in result.output
    found = {each["what"]: each for each in json.loads(run("doctor", "--json").output)}
    assert found["python"]["ok"]
    assert not found["network"]["needed"]


# --- agreement


def test_32_services_agree_when_owner_and_legs_are_the_same() -> None:
    taken = {"owner": "A", "open_legs": ["L1 court B taken"]}
    heads = {
        "intake": {"c": {"owner": "A", "open_legs": ["L1 court B"]}},
        "routing": {"c": taken},
        "enforcement_liaison": {"c": {"taken": ["L1"], "proceedings": []}},
    }
    assert list(disagreements(heads)) == []


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        (
            {"intake": {"c": {"owner": "A"}}, "routing": {"c": {"owner": "B"}}},
            "c: intake says that A answers for it, routing says B",
        ),
        ({"routing": {"c": {"owner": "B"}}}, "c: intake says that nobody answers for it, routing says B"),
        (
            {"intake": {"c": {"open_legs": ["L1 court B"]}}, "routing": {"c": {"open_legs": ["L1 court B taken"]}}},
            "c: L1 is taken, and enforcement_liaison has no proceeding of it",
        ),
        (
            {"mediation": {"c": {"proceedings": ["L1 mediation B accepted/proposed"]}}},
            "c: L1 is a proceeding at mediation, and routing does not hold it taken",
        ),
    ],
)
def test_each_disagreement_is_named(heads: dict[str, Any], says: str) -> None:
    nothing: dict[str, Any] = {each: {} for each in SERVICES}
    assert list(disagreements(nothing | heads)) == [says]
