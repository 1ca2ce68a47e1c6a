"""The command line looks: timelines, lists of cases, the state of this machine, whether services agree; without a broker."""

import json
from pathlib import Path
from typing import Any

import pytest
from shell import run

from tests.contracts.commits import day
from xianjie.cli.agreement import disagreements
from xianjie.message import SERVICES

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"
MARKOR = SCENARIOS / "sh-markor-design-2020.yaml"


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
