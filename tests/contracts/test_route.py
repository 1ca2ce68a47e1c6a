"""`xianjie route`: who may take a matter, by which rule and why not the others; and clear words for a file that does not do."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from xianjie import competence
from xianjie.bodies import read_bodies
from xianjie.cli import app
from xianjie.competence import Matter, judged
from xianjie.vocabulary import AgencyKind, RightType, Track

FOLDER = Path(__file__).resolve().parents[2] / "deploy/directory"
BODIES = read_bodies(FOLDER)
MATTER: dict[str, Any] = {
    "track": "adjudication", "right": "design", "respondents": ["330106"], "infringement": ["310115"], "day": date(2025, 3, 3),
}  # fmt: skip


def run(*words: str | Path) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    return CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)


@pytest.fixture
def routed(tmp_path: Path) -> Any:
    """What the command answers for a matter that differs so from the usual one."""

    def ask(**change: Any) -> dict[str, Any]:
        file = tmp_path / "matter.yaml"
        file.write_text(yaml.safe_dump({**MATTER, **change}, allow_unicode=True))
        found = run("route", file, "--json", "--folder", FOLDER)
        told: dict[str, Any] = json.loads(found.stdout)
        assert (found.exit_code == 0) == bool(told["candidates"])
        return told

    return ask


def codes(told: dict[str, Any], what: str = "candidates") -> list[str]:
    return [each["agency"] for each in told[what]]


def why(told: dict[str, Any], code: str) -> str:
    (found,) = [each["why"] for each in told["excluded"] if each["agency"] == code]
    return str(found)


def test_the_matter_that_the_readme_shows_can_be_routed(tmp_path: Path) -> None:
    page = (FOLDER.parents[1] / "contracts/README.md").read_text("utf-8")
    (shown,) = re.findall(r"for the file `matter.yaml`\n\n```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "matter.yaml"
    file.write_text(shown)
    found = run("route", file, "--explain", "--folder", FOLDER)
    assert found.exit_code == 0
    assert "CN-SH-IPO" in found.stdout
    assert "excluded:" in found.stdout


def test_what_is_not_known_of_a_rule_or_a_right_is_told(routed: Any) -> None:
    assert any(
        "since when they hold is not known, and so whether on 1950-01-01" in each for each in routed(day="1950-01-01")["warnings"]
    )
    assert routed(right="designs")["warnings"][0].startswith("designs is no right that the network knows; there are invention")
    assert "the text was not read" in routed(track="customs", respondents=["350200"])["warnings"][0]


# --- who


def test_12_candidates_are_ranked_each_with_its_rule_and_its_distance(routed: Any) -> None:
    told = routed()
    assert "CN-SH-IPO" in codes(told)
    assert "CN-ZJ-IPO" in codes(told)
    assert [each["distance"] for each in told["candidates"]] == sorted(each["distance"] for each in told["candidates"])
    first = told["candidates"][0]
    assert first["rule"] == "office.patent"
    assert first["why"].startswith("专利法实施细则 95 and 97; ")
    assert {"agency", "rule", "why", "level", "distance", "load", "capability"} <= set(first)


def test_12_the_excluded_are_named_with_the_reason(routed: Any) -> None:
    told = routed()
    assert "covers no place of the matter" in why(told, "CN-GD-IPO")
    assert why(told, "CN-CNIPA") == "专利法 70: only where it is named"


def test_a_body_that_a_party_names_comes_first(routed: Any) -> None:
    assert codes(routed(wish="CN-CNIPA"))[0] == "CN-CNIPA"
    assert codes(routed(wish="CN-ZJ-IPO"))[0] == "CN-ZJ-IPO"


def test_a_court_for_an_invention_is_no_basic_court_since_2022(routed: Any) -> None:
    told = routed(track="court", right="invention", respondents=["310115"], infringement=[])
    assert codes(told)[0] == "CN-SH-IPC"
    assert all("BC" not in code for code in codes(told))


def test_14_a_suit_an_agreement_and_another_bodys_taking_bar_what_they_bar(routed: Any) -> None:
    assert why(routed(sued=True), "CN-SH-IPO") == "a party has sued over the same dispute"
    assert "has taken the same dispute" in why(routed(taken_by="CN-ZJ-IPO"), "CN-SH-IPO")
    assert "arbitration agreement bars" in why(routed(track="court", right="design", arbitration_agreed=True), "CN-SH-IPC")
    assert not codes(routed(track="arbitration"))
    assert codes(routed(track="arbitration", arbitration_agreed=True)), "arbitration knows no territory"


def test_17_a_body_that_has_declined_is_passed_over(routed: Any) -> None:
    assert "CN-SH-IPO" not in codes(routed(passed_over=["CN-SH-IPO"]))


def test_a_matter_without_any_competent_body_goes_to_a_person_with_the_reasons(tmp_path: Path) -> None:
    file = tmp_path / "matter.yaml"
    file.write_text(yaml.safe_dump({**MATTER, "right": "plant_variety"}))
    found = run("route", file, "--explain", "--folder", FOLDER)
    assert found.exit_code == 1
    assert "nobody may take it: no competent body is left by rule" in found.stdout
    assert "is asked to choose" in found.stdout
    assert "takes adjudication, but not for plant_variety" in found.stdout


# --- wrong input


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"track": "duel"}, "track: Must be one of"),
        ({"respondents": ["999999"]}, "must be a division code of GB/T 2260"),
        ({"respondants": []}, "respondants: no such key; there are track, right, respondents"),
        ({"day": "soon"}, "day: must be a day, as 2026-03-02"),
        ({"wish": "CN-NOPE"}, "has no body CN-NOPE"),
        ({"respondents": [310000]}, "/respondents/0: Not a valid string."),
        ({"passed_over": ["CN-NOPE", "CN-NO"]}, "has no body CN-NO, CN-NOPE"),
        ({"sued": "perhaps"}, "sued: Not a valid boolean."),
    ],
)
def test_a_file_that_does_not_do_is_refused_in_one_message(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    file = tmp_path / "matter.yaml"
    file.write_text(yaml.safe_dump({**MATTER, **change}))
    found = run("route", file, "--folder", FOLDER)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert says in " ".join(found.stderr.split())


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "No such file" in run("route", tmp_path / "none.yaml").stderr
    file = tmp_path / "list.yaml"
    file.write_text("- 1")
    assert "must map keys to values" in run("route", file).stderr


# --- the rules


def test_every_rule_names_its_source_and_kinds_of_body_that_take_its_tracks() -> None:
    for rule in competence.rules():
        assert rule.source, rule.id
        assert rule.article, rule.id
        assert rule.kinds, rule.id
        assert rule.tracks, rule.id
    assert len({each.id for each in competence.rules()}) == len(competence.rules())


matters = st.builds(
    Matter,
    track=st.sampled_from(list(Track)),
    right=st.sampled_from([str(each) for each in RightType]),
    areas=st.lists(st.sampled_from(["330106", "310115", "440305", "110105", "340210", "620302"]), max_size=3).map(tuple),
    today=st.dates(date(2015, 1, 1), date(2026, 12, 31)),
    wished=st.sampled_from([None, "CN-CNIPA", "CN-SH-IPO", "CN-SPC"]),
)


@given(matters)
def test_every_body_that_takes_the_track_is_either_a_candidate_or_excluded_with_a_reason(matter: Matter) -> None:
    able, others = judged(BODIES, matter, load={})
    told = [*(each.body.code for each in able), *(each.body.code for each in others)]
    takers = sorted(each.code for each in BODIES if any(able.track is matter.track for able in each.capabilities))
    assert sorted(told) == takers
    assert all(each.why for each in others)
    assert [each.rank for each in able] == sorted(each.rank for each in able)


@given(matters, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_the_directory(matter: Matter, dice: Any) -> None:
    shuffled = list(BODIES)
    dice.shuffle(shuffled)
    assert judged(BODIES, matter, load={}) == judged(shuffled, matter, load={})


@given(matters)
def test_who_takes_a_matter_covers_one_of_its_places_or_is_asked_no_place(matter: Matter) -> None:
    for each in judged(BODIES, matter, load={})[0]:
        anywhere = each.rule is not None and each.rule.place == "anywhere"
        assert anywhere or not matter.areas or each.place in matter.areas
        assert each.body.kind is not AgencyKind.SUPREME_COURT or each.wished
