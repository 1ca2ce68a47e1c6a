"""Feature 61: what bodies, regions and tracks have done, which cases are drawn for a check, and the rows that are filed."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commits import Log, adjudication, day, quiet
from rich.text import Text
from typer.testing import CliRunner, Result

from xianjie.bodies import read_bodies
from xianjie.cli import app
from xianjie.cli.network import Network
from xianjie.cli.timeline import tree
from xianjie.drawing import drawn
from xianjie.figures import Figures, count
from xianjie.timeline import Timeline, build

BODIES = {each.code: each for each in read_bodies(Path(__file__).parents[2] / "deploy/directory")}


@pytest.fixture
def case() -> Timeline:
    """One office declined it, another took it, was on time once and late once, and ended it."""
    return build("c-1", adjudication())


def figures(by: Any, *cases: Timeline) -> dict[str, Figures]:
    return {each.group: each for each in count(cases, by, BODIES)}


def test_61_each_body_has_what_it_was_offered_took_declined_kept_and_was_late_with(case: Timeline) -> None:
    found = figures("agency", case)
    declined, took = found["CN-BJ-IPO"], found["CN-SH-IPO"]
    assert (declined.offered, declined.declined, declined.taken, declined.cases) == (1, 1, 0, 0)
    assert (took.offered, took.taken, took.ended, took.cases) == (1, 1, 1, 1)
    assert (took.kept, took.late, took.on_time) == (1, 1, 0.5), "the window is the party's chance, and not judged is neither"
    assert took.net_days == [leg.net_days for leg in case.legs if leg.net_days is not None]


def test_61_regions_are_provinces_and_tracks_are_tracks(case: Timeline) -> None:
    assert set(figures("region", case)) == {"110000", "310000"}
    track = figures("track", case)["adjudication"]
    assert (track.cases, track.offered, track.taken, track.declined) == (1, 2, 1, 1)
    unknown = replace(case, owner="CN-NOBODY", legs=[], clocks=[])
    assert list(figures("region", unknown)) == ["unknown"]


def test_02_groups_of_applicants_channels_and_services_have_figures(case: Timeline) -> None:
    known = replace(case, service="dispute", channel="counter", groups=["micro", "incubator"])
    assert set(figures("group", known)) == {"micro", "incubator"}
    assert set(figures("group", case)) == {"unknown"}
    assert figures("channel", known)["counter"].taken == 1
    assert (figures("service", known)["dispute"].cases, figures("service", known)["dispute"].late) == (1, 1)


def test_61_satisfaction_costs_and_checks_count_with_the_owner() -> None:
    logs = adjudication()
    intake, routing = Log("intake"), Log("routing")
    intake.commits, routing.commits = logs["intake"], logs["routing"]
    for satisfaction in (None, 4):
        intake.hear(
            day(60), "/agencies/CN-SH-IPO", "visit.answered", None,
            quiet("intake", "visit.recorded", tries=1, **({"satisfaction": satisfaction} if satisfaction else {})),
        )  # fmt: skip
    routing.hear(day(61), "/agencies/CN-SH-IPO", "cost.reported", None, quiet("routing", "cost.booked", booked=12_345))
    routing.hear(
        day(62), "/agencies/CNIPA", "quality.checked", None,
        quiet("routing", "quality.noted", by="CNIPA", passed=False),
    )  # fmt: skip
    told = build("c-1", logs)
    label = tree(told).label
    assert isinstance(label, Text)
    assert "satisfied 4 of 5   cost 123.45 yuan   checked by CNIPA: not passed" in label.plain
    found = figures("agency", told)["CN-SH-IPO"]
    assert (found.satisfied, found.spent_fen, found.checked, found.passed) == (4, 12_345, 1, 0)


def test_61_a_test_counts_nowhere(case: Timeline) -> None:
    assert figures("agency", replace(case, test=True)) == {}
    logs = adjudication()
    logs["intake"][0]["heard"]["mode"] = "test"
    assert build("c-1", logs).test


def cases(owner: str, many: int) -> list[Timeline]:
    return [Timeline(f"{owner}-{at}", owner=owner, status="closed") for at in range(many)]


def test_61_the_same_word_draws_the_same_cases_and_of_each_body_at_least_one() -> None:
    every = [*cases("CN-A", 200), *cases("CN-B", 3)]
    once, again, other = (
        drawn(each, 5, word) for each, word in ((every, "2026-Q3"), (every[::-1], "2026-Q3"), (every, "2026-Q4"))
    )
    assert [each.case for each in once] == [each.case for each in again]
    assert [each.owner for each in once] == ["CN-A"] * 10 + ["CN-B"]
    assert {each.case for each in once} != {each.case for each in other}
    assert drawn([replace(each, test=True) for each in every], 5, "2026-Q3") == []


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: Timeline) -> Path:
    """A network whose doors tell of this one case, ended."""
    ended = replace(case, status="closed", satisfaction=5)
    monkeypatch.setattr(Network, "answering", lambda self: (self, []))
    monkeypatch.setattr(Network, "heads", lambda *_: iter([{"case": "c-1"}]))
    monkeypatch.setattr(Network, "timeline", lambda *_: ended)
    file = tmp_path / "network.json"
    file.write_text(json.dumps({"name": "x", "exercise": False, "doors": {"intake": "http://127.0.0.1:1"}, "amqp": {}}))
    return file


def cli(there: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--network", str(there)], catch_exceptions=False)


def test_61_figures_are_a_table_or_json_of_a_time(there: Path) -> None:
    assert "CN-SH-IPO" in cli(there, "figures").stdout
    (bj, sh) = json.loads(cli(there, "figures", "--json", "--from", "2024-03-01", "--to", "2024-03-02").stdout)
    assert (bj["group"], sh["group"], sh["satisfied"], sh["on_time"]) == ("CN-BJ-IPO", "CN-SH-IPO", 5, 0.5)
    assert json.loads(cli(there, "figures", "--json", "--from", "2024-03-02").stdout) == []
    refused = cli(there, "figures", "--from", "March")
    assert (refused.exit_code, "--from March: must be a day" in refused.stderr) == (2, True)


def test_61_a_draw_names_the_cases_and_whether_they_were_checked(there: Path) -> None:
    assert json.loads(cli(there, "draw", "--percent", "1", "--word", "2024", "--json").stdout)[0]["case"] == "c-1"
    assert "1 case" in cli(there, "draw", "--percent", "1", "--word", "2024").stdout


def test_61_the_filing_has_a_row_for_each_case_and_nothing_personal(there: Path, tmp_path: Path) -> None:
    out = tmp_path / "filed.csv"
    assert cli(there, "filing", "--out", str(out)).stdout == f"1 case in {out}\n"
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["case"], row["received"], row["owner"], row["legs"], row["limits_late"]) == (
        "c-1",
        "2024-03-01",
        "CN-SH-IPO",
        "2",
        "L2/B4",
    )
    again = cli(there, "filing", "--out", str(out))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
