"""`xianjie contracts` and the releases: what differs is shown, a break ends with status 1, what is no contract is refused in one message."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from body_changes import BODIES, Json, document
from typer.testing import CliRunner, Result
from way_changes import second

from xianjie import envelope
from xianjie.cli import app
from xianjie.compatibility.changelog import changelog
from xianjie.compatibility.contract import Contract
from xianjie.compatibility.loading import contract
from xianjie.compatibility.released import RELEASED, last, present, versions
from xianjie.recording.file import Writer

ROOT = Path(__file__).parents[2]
BY_NAME = {each.name: each for each in BODIES}


def run(*words: str | Path) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    result = CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


def written(folder: Path, name: str, found: Any) -> Path:
    file = folder / name
    file.write_text(json.dumps(found))
    return file


def changed(edit: Callable[[Json], Any]) -> Contract:
    made = document()
    edit(made)
    return contract(made, "changed")


# --- diff


def test_the_present_contract_breaks_nothing_that_was_released() -> None:
    """The gate itself, as `make check` runs it."""
    result = run("contracts", "diff")
    assert result.exit_code == 0, result.output


def test_a_break_is_shown_with_its_message_and_ends_with_status_1(tmp_path: Path) -> None:
    file = written(tmp_path, "new.json", BY_NAME["a required field is added"].changed(document()))
    result = run("contracts", "diff", RELEASED / "0.1.0", file)
    assert result.exit_code == 1
    for word in (
        "breaking",
        "agencies say",
        "referral.declined.v1",
        "/data/more",
        "added: required",
        "'more' is a required property",
    ):
        assert word in result.output
    assert '"type": "xianjie.referral.declined.v1"' in result.output
    assert '"routing_key": "CN-SH-IPO.referral.declined.v1"' in result.output
    assert result.output.endswith("1 difference: 0 compatible, 1 breaking, 0 unclear\n")


def test_a_misread_message_shows_both_readings(tmp_path: Path) -> None:
    file = written(tmp_path, "new.json", BY_NAME["another default of a choice"].changed(document()))
    result = run("contracts", "diff", "0.1.0", file)
    assert result.exit_code == 1
    assert 'who says means "agency", who reads means "party"' in result.output


def test_what_breaks_nothing_ends_well_and_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "new.json", BY_NAME["an optional field is added"].changed(document()))
    result = run("contracts", "diff", "0.1.0", file)
    assert result.exit_code == 0
    assert "1 difference: 1 compatible, 0 breaking, 0 unclear" in result.output


def test_json_has_every_row_with_its_whole_message(tmp_path: Path) -> None:
    file = written(tmp_path, "asyncapi.json", BY_NAME["deep in a list of papers"].changed(document()))
    result = run("contracts", "diff", "0.1.0", tmp_path, "--json")
    found = json.loads(result.output)
    assert (result.exit_code, found["verdict"], found["new"]) == (1, "breaking", str(file))
    for row in found["rows"]:
        assert {*row} >= {"direction", "message", "place", "what", "verdict", "why", "counterexample"}
        if row["verdict"] == "breaking":
            assert row["counterexample"]["message"]["type"] == f"xianjie.{row['message']}"
    assert len([each for each in found["rows"] if each["verdict"] == "breaking"]) > 10


def test_what_is_the_same_of_many_messages_is_one_line(tmp_path: Path) -> None:
    made = document()
    made["components"]["schemas"]["Envelope"]["properties"]["senderref"]["anyOf"][0]["maxLength"] = 900
    result = run("contracts", "diff", "0.1.0", written(tmp_path, "new.json", made))
    lines = [each for each in result.output.splitlines() if "maxLength 200 → 900" in each]
    assert [each.split()[0] for each in lines if " more " in each] == ["breaking", "breaking", "compatible", "compatible"]


def test_the_commands_of_the_readme_run_as_they_stand_there(tmp_path: Path) -> None:
    """All of them, with the recording that they name and the folders of the checkout."""
    lines = (ROOT / "contracts/README.md").read_text("utf-8").splitlines()
    commands = [each for each in lines if each.startswith(".venv/bin/xianjie contracts ")]
    with Writer.begin(tmp_path / "monday.journal", {"by": "a test", "network": "t", "chosen": {}}):
        pass
    (tmp_path / "contracts").symlink_to(ROOT / "contracts")
    assert len(commands) >= 4
    for each in commands:
        words = [str(ROOT / ".venv/bin/xianjie"), *each.split()[1:]]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), each


# --- what is no contract


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "is no AsyncAPI document"),
        ({"openapi": "3.1.0"}, "is no AsyncAPI document"),
        ({"asyncapi": "2.6.0", "info": {"title": "Xianjie"}}, "is AsyncAPI 2.6.0"),
        ({"asyncapi": "3.0.0", "info": {"title": "Street lights"}}, "describes Street lights, not Xianjie"),
        ({"asyncapi": "3.0.0", "info": {"title": "Xianjie"}}, "is not a contract that can be compared: components/schemas must be an object"),
    ],
)  # fmt: skip
def test_what_is_no_contract_is_refused_in_one_message_with_status_2(content: Any, says: str, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    for words in (("diff", file), ("diff", "0.1.0", file), ("changelog", file)):
        result = run("contracts", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"xianjie: {file}: {says}" in result.stderr


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda d: d["components"]["schemas"]["Paper"].update({"$ref": "#/nowhere"}), "the reference #/nowhere leads nowhere"),
        (lambda d: d["components"]["schemas"]["Paper"].update({"$ref": "#/components/schemas/Paper"}), "Paper leads to itself"),
        (lambda d: d["components"]["schemas"]["Paper"].update(anyOf=[{"$ref": "#/components/schemas/Paper"}]), "Paper leads to itself"),
        (lambda d: d["components"]["schemas"]["Paper"].update(properties=[]), "Paper/properties"),
        (lambda d: d["components"]["schemas"]["Paper"].update(pattern="("), "components/schemas/Paper/pattern: '(' is not a"),
        (lambda d: d["components"].update(messages=[]), "messages must be an object"),
        (lambda d: d["operations"].update({"somebody": {}}), "the operation somebody is not named"),
        (lambda d: d["channels"]["inbox"].pop("address"), "address of inbox must be a text"),
    ],
)  # fmt: skip
def test_a_contract_that_is_damaged_is_refused_with_the_place(edit: Callable[[Json], Any], says: str, tmp_path: Path) -> None:
    made = document()
    edit(made)
    result = run("contracts", "diff", "0.1.0", written(tmp_path, "damaged.json", made))
    assert result.exit_code == 2
    assert "damaged.json: is not a contract that can be compared: " in result.stderr
    assert says in result.stderr


def test_without_its_packages_it_says_which_and_how_to_get_them() -> None:
    blocked = "import sys; sys.modules['interegular'] = None; from xianjie.cli import app; app(['contracts', 'diff'])"
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "xianjie: contracts are compared with the package interegular, which is not installed: pip install"
    )


# --- changelog


def test_the_changelog_tells_what_was_added_changed_and_taken_away() -> None:
    def edit(d: Json) -> None:
        second(d)
        shape = d["components"]["schemas"]["ReferralOffered"]
        shape["properties"]["sensitive"] = {"type": "boolean", "default": False}
        shape["properties"]["papers"]["maximum"] = 9
        del shape["properties"]["rule"]

    said = changelog(contract(document(), "old"), changed(edit))
    assert said == (
        "### Added\n\n"
        "- `referral.declined.v2`: the message, said by agency, heard by routing: The receiver will not take the leg. Custody has not moved; "
        "routing offers it to the next competent body.\n"
        "- `referral.offered.v1`: `/data/sensitive`: added: optional, false where it is not said\n\n"
        "### Changed\n\n"
        "- `referral.offered.v1`: `/data/papers`: maximum 9007199254740992 → 9\n\n"
        "### Removed\n\n"
        "- `referral.offered.v1`: `/data/rule`: taken away\n"
    )


def test_the_changelog_of_the_same_contract_is_empty_and_the_command_prints_it(tmp_path: Path) -> None:
    assert run("contracts", "changelog", "0.1.0", RELEASED / "0.1.0").output == ""
    result = run("contracts", "changelog", "0.1.0", written(tmp_path, "n.json", BY_NAME["another default"].changed(document())))
    assert result.output == "### Changed\n\n- `referral.offered.v1`: `/data/respondents`: default 0 → 1\n"


# --- releases


@pytest.fixture
def releasing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("releasing", ROOT / "contracts/release.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_what_changed_since_the_last_release_stands_in_the_changelog(releasing: ModuleType) -> None:
    text = (ROOT / "contracts/CHANGELOG.md").read_text("utf-8")
    assert releasing.unreleased(last(), present(), text) == text, "run python contracts/release.py --changelog"


def test_what_does_not_stand_in_the_changelog_is_found(releasing: ModuleType) -> None:
    text = (ROOT / "contracts/CHANGELOG.md").read_text("utf-8")
    made = releasing.unreleased(last(), changed(second), text)
    assert made != text
    assert "- `referral.declined.v2`: the message" in made.partition(releasing.END)[0]


def test_a_release_is_kept_and_never_written_again(releasing: ModuleType, tmp_path: Path) -> None:
    notes = tmp_path / "CHANGELOG.md"
    notes.write_text(f"{releasing.UNRELEASED}\n\n{releasing.BEGIN}\n### Added\n{releasing.END}\n\n## [0.0.1]\n")
    folder = tmp_path / "released"
    made = releasing.release("0.1.0", present(), folder, notes, date(2026, 12, 1))
    assert json.loads(made.read_bytes())["info"]["version"] == "0.1.0"
    assert notes.read_text() == (
        f"{releasing.UNRELEASED}\n\n{releasing.BEGIN}\n{releasing.END}\n\n## [0.1.0] - 2026-12-01\n\n### Added\n\n## [0.0.1]\n"
    )
    for version, says in (
        ("0.1.0", "is released, and stays"),
        ("0.0.9", "comes before 0.1.0"),
        ("1", "is no version"),
        ("0.2.0", "nothing differs"),
    ):
        with pytest.raises(releasing.NotReleased, match=says):
            releasing.release(version, present(), folder, notes)
    releasing.release("0.10.0", changed(second), folder, notes)
    assert versions(folder) == ["0.1.0", "0.10.0"]


def test_a_break_is_not_released_but_an_old_version_goes_when_the_new_one_was_spoken_beside_it(
    releasing: ModuleType, tmp_path: Path
) -> None:
    notes, folder = tmp_path / "CHANGELOG.md", tmp_path / "released"
    notes.write_text(f"{releasing.UNRELEASED}\n\n{releasing.BEGIN}\n{releasing.END}\n")
    releasing.release("0.1.0", present(), folder, notes)
    for name in ("a required field is added", "a closed list grows"):
        with pytest.raises(releasing.NotReleased, match="breaking: agencies"):
            releasing.release("0.2.0", contract(BY_NAME[name].changed(document()), "new"), folder, notes)
    with pytest.raises(releasing.NotReleased, match="message taken away"):
        releasing.release("0.2.0", changed(only_second), folder, notes)
    releasing.release("0.2.0", changed(second), folder, notes)
    releasing.release("0.3.0", changed(only_second), folder, notes)
    assert versions(folder) == ["0.1.0", "0.2.0", "0.3.0"]


def only_second(d: Json) -> None:
    """referral.declined.v2 without the first."""
    second(d)
    key = "referral.declined.v1"
    for each in d["operations"].values():
        each["messages"] = [one for one in each["messages"] if not one["$ref"].endswith(f"/{key}")]
    for place in (
        d["components"]["messages"],
        d["components"]["schemas"],
        *(each["messages"] for each in d["channels"].values()),
    ):
        place.pop(key, None)


@pytest.mark.parametrize("version", versions())
def test_every_golden_sample_of_a_release_is_read_for_ever(version: str) -> None:
    """By the reader of today, and as what it said then."""
    found = json.loads((RELEASED / version / "asyncapi.json").read_bytes())["components"]["messages"]
    assert len(found) >= 342
    for key, each in found.items():
        for example in each["examples"]:
            heard = envelope.read(json.dumps(example["payload"]).encode())
            assert (heard.message.type, heard.subject) == (each["name"], example["headers"]["case"]), key


def test_a_release_says_its_own_version() -> None:
    for version in versions():
        assert json.loads((RELEASED / version / "asyncapi.json").read_bytes())["info"]["version"] == version
