"""The command line teaches: help with examples, what can be said and heard; and every command is run by a test."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest
from shell import run

from xianjie.cli import app

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
