"""Why a system is not let in or not read: every reason that is given has its words and its remedy."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xianjie import envelope, wire
from xianjie.cli import app
from xianjie.refusals import refusals

ROOT = Path(__file__).resolve().parents[2]


REASONS = {"Refused": 1, "Fault": 2, "Unreadable": 2}
"""By what is raised, which of its arguments is the code."""


def given(path: Path) -> Iterator[str]:
    """Every code that a file gives."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (at := REASONS.get(node.func.id)):
            named = [each.value for each in node.keywords if each.arg == "code"] + node.args[at : at + 1]
            yield from (
                word.value
                for each in named
                for word in ast.walk(each)
                if isinstance(word, ast.Constant) and isinstance(word.value, str) and "_" in word.value
            )


def test_every_reason_that_the_code_gives_is_described() -> None:
    """A code nobody can look up helps nobody."""
    files = [*(ROOT / "contracts" / "xianjie").glob("*.py"), *(ROOT / "services").rglob("*.py")]
    said = {code for path in files for code in given(path)}
    assert {"wrong_credentials", "unknown_agency", "too_large", "clock_skew", "wrong_content_type"} <= said <= refusals().keys()


def test_what_is_too_large_is_told_from_what_is_invalid() -> None:
    """The reason that weighs most is the one that is named."""
    with pytest.raises(envelope.Invalid) as large:
        envelope.read(b" " * (wire.LONGEST + 1))
    with pytest.raises(envelope.Invalid) as broken:
        envelope.read(b"{}")
    assert (large.value.code, broken.value.code) == ("too_large", "invalid")


def run(*words: str) -> Result:
    """One call of `xianjie`."""
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_people_and_programs_get_the_same_list() -> None:
    """Every code with its remedy; one by its code; a code that is none names the nearest."""
    listed = run("refusals").output
    assert all(f"{code} " in listed and each.remedy in listed for code, each in refusals().items())
    assert [each["code"] for each in json.loads(run("refusals", "--json").output)] == [*refusals()]
    one = run("refusals", "clock_skew").output
    assert "NTP" in one
    assert "消息时间超前五分钟以上" in one
    wrong = run("refusals", "clock_screw")
    assert (wrong.exit_code, "clock_skew" in wrong.stderr) == (2, True)
