"""What a recording may hold that no replay can follow: named, with what to do; the rest of it is decided all the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.recording.command import run
from tests.recording.memory import SCENARIOS, recorded
from tests.recording.spoiling import changed, renamed

ONE = "sh-markor-design-2020"
REVIEWED, GONE = '"xianjie.case.reviewed.v1"', '"xianjie.case.looked_at.v1"'


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    two = [each for each in SCENARIOS if each.stem in (ONE, "ah-huangshan-online-tm")]
    return recorded(tmp_path_factory.mktemp("bad") / "two.journal", *two)


def replayed(file: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("replay", file, "--in-process", "--json", *more).stdout)
    return found


def test_a_type_that_is_no_longer_known_is_named_and_what_it_leads_to_is_left_out(file: Path, tmp_path: Path) -> None:
    gone = renamed(file, tmp_path / "gone.journal", REVIEWED, GONE)
    found, whole = replayed(gone), replayed(file)
    unknown = [why for why in found["left_out"] if "xianjie.case.looked_at.v1" in why]
    assert len(unknown) == 1
    assert "replay it by a release that does" in unknown[0]
    assert found["left_out"][unknown[0]] == 2, "a commit of each case"
    assert found["differences"] == []
    assert found["commits"] + sum(found["left_out"].values()) == whole["commits"]
    assert "left out: 2 commits: the message that it decides is of a type that this release does not know" in run(
        "replay", gone, "--in-process"
    ).output.replace("\n", " ")


def test_a_type_between_services_that_is_no_longer_known_is_named_too(file: Path, tmp_path: Path) -> None:
    gone = renamed(file, tmp_path / "gone.journal", '"xianjie.case.accepted.v1"', '"xianjie.case.taken_up.v1"')
    found = replayed(gone)
    assert any("xianjie.case.taken_up.v1" in why for why in found["left_out"])
    assert {each["service"] for each in found["differences"]} <= {"intake"}, "it alone says now what was called otherwise"


def test_a_clock_that_goes_back_is_said(file: Path, tmp_path: Path) -> None:
    def back(service: str, rows: list[Any]) -> list[Any]:
        return [
            {**each, "now": "2019-01-01T00:00:00+08:00"} if (service, each["case"], each["n"]) == ("intake", ONE, 5) else each
            for each in rows
        ]

    spoilt = changed(file, tmp_path / "back.journal", back)
    assert replayed(spoilt)["clock_went_back"] == 1
    result = run("replay", spoilt, "--in-process")
    assert f"the clock of a service went back 1 time, first at intake, commit 5 of {ONE}" in result.output


def test_a_revision_that_does_not_build_is_named_with_the_place(file: Path, tmp_path: Path) -> None:
    (tmp_path / "contracts/xianjie").mkdir(parents=True)
    (tmp_path / "services").mkdir()
    (tmp_path / "services/__init__.py").touch()
    (tmp_path / "contracts/xianjie/__init__.py").write_text("def (")
    result = run("replay", file, "--in-process", "--code", tmp_path)
    assert result.exit_code == 1
    assert f'SyntaxError: invalid syntax (File "{tmp_path}/contracts/xianjie/__init__.py", line 1)' in result.output
    assert "It must have the command xianjie replay" in result.output
