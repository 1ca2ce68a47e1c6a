"""A scenario file is checked before anything is played: every fault is named, with its place and what is allowed there."""

import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import demo
from xianjie.envelope import Fault, Invalid
from xianjie.message import hints, named
from xianjie.play import manners
from xianjie.play.scenario import REFUSALS, load
from xianjie.protocol.table import table
from xianjie.written import BadFile

TESTS = Path(__file__).resolve().parents[1]
MARKOR = TESTS / "scenarios" / "sh-markor-design-2020.yaml"
Scenario = dict[str, Any]


def faults(folder: Path, change: Callable[[Scenario], object]) -> list[str]:
    """What is said to be wrong with the scenario of Markor after that change."""
    found = yaml.safe_load(MARKOR.read_text("utf-8"))
    change(found)
    file = folder / "changed.yaml"
    file.write_text(yaml.safe_dump(found, allow_unicode=True), "utf-8")
    with pytest.raises(BadFile) as refused:
        load(file)
    first, *rest = str(refused.value).splitlines()
    assert first.startswith(f"{file}: {len(rest)} fault")
    return [each.strip() for each in rest]


def in_line(place: int, **values: Any) -> Callable[[Scenario], object]:
    """Change these keys of one line; `speaker` is its `as`."""
    return lambda found: found["says"][place].update({"as" if key == "speaker" else key: each for key, each in values.items()})


def reviewed() -> int:
    """The line with which Markor's case is reviewed."""
    says = yaml.safe_load(MARKOR.read_text("utf-8"))["says"]
    return next(place for place, each in enumerate(says) if each["say"] == "case.reviewed")


@pytest.mark.parametrize("file", [*TESTS.glob("scenarios/*.yaml"), *TESTS.glob("traps/*.yaml")], ids=lambda each: each.stem)
def test_every_scenario_here_can_be_loaded(file: Path) -> None:
    assert load(file).id == file.stem or file.parent.name == "traps"


def test_a_line_is_said_by_who_may_say_it(tmp_path: Path) -> None:
    place = reviewed()
    assert faults(tmp_path, in_line(place, speaker="door")) == [f"/says/{place}/as: case.reviewed is said by agency, not by door"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            in_line(0, speaker="not a code"),
            "/says/0/as: 'not a code' is no speaker: write door for the applicant; "
            "any other must be an agency code: 3 to 32 of A-Z, 0-9 and -",
        ),
        (in_line(0, case="bad case!"), "/says/0/case: must be a case id: 1 to 64 of A-Z, a-z, 0-9, _ and -"),
        (in_line(0, refused=777), "/says/0/refused: 777 is no receipt of a refusal; allowed: 403, 409, 410, 422"),
        (in_line(0, refused=202), "/says/0/refused: 202 is no receipt of a refusal; allowed: 403, 409, 410, 422"),
        (lambda found: found.update(steps=10**12), f"/steps: must be the number of published steps, 0 to 1000, not {10**12}"),
        (lambda found: found.update(steps=-3), "/steps: must be the number of published steps, 0 to 1000, not -3"),
        (
            lambda found: found.update(manners={"CN-SH-IPO": ["accept", "fly"]}),
            "/manners/CN-SH-IPO/value/1: no manner is 'fly'; allowed: acknowledge, accept, take_note, recall, cancel",
        ),
        (
            lambda found: found.update(manners={"nobody": []}),
            "/manners/nobody/key: must be an agency code: 3 to 32 of A-Z, 0-9 and -",
        ),
        (
            lambda found: found.update(scenario="No Id"),
            "/scenario: must be the id of a scenario: 3 to 61 of a-z, 0-9 and -, the first no -",
        ),
        (
            lambda found: found["expect"].update(status="flying"),
            f"/expect/status: 'flying' is no state of a case; allowed: {', '.join(sorted(table('case').states))}",
        ),
    ],
)
def test_what_would_mean_nothing_is_refused_with_what_is_allowed(
    tmp_path: Path, change: Callable[[Scenario], object], says: str
) -> None:
    assert faults(tmp_path, change) == [says]


def test_faults_of_shape_do_not_hide_those_of_the_lines(tmp_path: Path) -> None:
    """All are told in one round: of the file, of each line, of what the lines say and of what is expected."""
    place = reviewed()

    def change(found: Scenario) -> None:
        found.update(steps=-3, title=None, manners={"CN-SH-IPO": ["fly"]})
        found["expect"].update(status="flying", intervals=[{"what": "x", "to": 99, "gross": 1}, None])
        found["says"][0].update(refused=777, at="yesterday")
        found["says"][place].update({"as": "door", "with": {"result": "perhaps"}})
        found["says"] += [None, {"as": "CN-SH-IPO"}, {"as": "CN-SH-IPO", "say": "case.revewed"}]

    told = faults(tmp_path, change)
    end = len(yaml.safe_load(MARKOR.read_text("utf-8"))["says"])
    for start in (
        *("/steps: ", "/title: ", "/manners/CN-SH-IPO/value/0: ", "/expect/status: ", "/expect/intervals/0/from: "),
        *("/expect/intervals/0/to: ", "/expect/intervals/1: ", "/says/0/refused: ", "/says/0/at: 'yesterday' is no date"),
        *(f"/says/{place}/as: ", f"/says/{place}/with/result: ", f"/says/{end}/", f"/says/{end + 1}/say: "),
        f"/says/{end + 2}/say: no message is named 'case.revewed'; near: case.reviewed",
    ):
        assert any(each.startswith(start) for each in told), f"{start!r} is not among {told}"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ("{}", "/says: Missing data"),
        ("says: {a: 1}", "/says: Not a valid list"),
        ("{says: [], manners: [], outside: 3, expect: 4, steps: x}", "/expect/_schema: Invalid input type"),
        (
            "says: [{as: door, say: case.submitted, with: {batch: true, respondents: 3}}, {as: door, say: x, child: all}]",
            "/says/0/with/respondents: Not a valid list",
        ),
        ("says: [{as: door, say: case.submitted, with: [batch]}]", "/says/0/with: Not a valid mapping"),
    ],
)
def test_whatever_is_in_the_file_ends_in_faults(tmp_path: Path, found: str, says: str) -> None:
    (tmp_path / "odd.yaml").write_text(found)
    with pytest.raises(BadFile) as refused:
        load(tmp_path / "odd.yaml")
    assert says in str(refused.value)


def test_the_receipts_that_can_be_expected_are_those_that_there_are() -> None:
    statuses = typing.get_args(hints(named("receipt.given"))["status"])
    assert set(statuses) == {202, *REFUSALS}


def test_the_manners_that_are_known_are_those_that_are_looked_at() -> None:
    text = Path(manners.__file__).read_text("utf-8")
    assert all(text.count(f'if "{each}" in manners') == 1 for each in manners.KNOWN)
    assert text.count(" in manners") == len(manners.KNOWN)


def test_a_message_that_is_not_valid_ends_the_demo_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def invalid(_: object) -> None:
        raise Invalid([Fault("/data/leg", "must be the id of a leg, as in L1")])

    monkeypatch.setattr(demo.typer, "run", invalid)
    with pytest.raises(SystemExit) as ended:
        demo.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "demo: /data/leg must be the id of a leg, as in L1\n"
