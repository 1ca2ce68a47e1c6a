"""Feature 79: the registers as a file: read whole, every fault named with its place."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xianjie.cli import app

GOOD = """
- {code: EXP-GD-1, kind: expert, body: CN-GD-IPPC, skills: [optics], rights: [invention], area: "440000", source: 聘书, valid_to: 2028-12-31}
- {code: ORG-GD-1, kind: organisation, body: CN-GD-IPPC, skills: [translation], area: "440100", source: 协议 2026-7}
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def check(tmp_path: Path, text: str, *words: str) -> Result:
    file = tmp_path / "experts.yaml"
    file.write_text(text, "utf-8")
    return run("register", "check", str(file), *words)


def test_79_a_file_of_entries_is_checked_and_shown(tmp_path: Path) -> None:
    assert "2 providers, no faults" in check(tmp_path, GOOD).stdout
    assert [each["code"] for each in json.loads(check(tmp_path, GOOD, "--json").stdout)] == ["EXP-GD-1", "ORG-GD-1"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ORG-GD-1", "EXP-GD-1", "/1 (EXP-GD-1): is described twice"),
        ("kind: expert", "kind: wizard", "/0 (EXP-GD-1)/kind"),
        ("skills: [optics]", "skils: [optics]", "/0 (EXP-GD-1)/skils: no such key"),
        ('"440000"', '"999999"', "/0 (EXP-GD-1)/area: must be a division code"),
        ("code: EXP-GD-1, ", "", "/0: must be a mapping with a code"),
    ],
)
def test_79_what_is_wrong_in_a_file_is_named_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    result = check(tmp_path, GOOD.replace(old, new, 1))
    assert (result.exit_code, says in result.stderr) == (2, True), result.stderr
