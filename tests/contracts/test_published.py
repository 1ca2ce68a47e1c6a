"""What is published says what the contracts check: samples are valid by their schemas, what the contracts refuse is refused, all is stable."""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from xianjie import envelope
from xianjie.envelope import Invalid
from xianjie.law.roles import roles
from xianjie.message import MESSAGES
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Track

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "contracts/schemas"
SAMPLES = sorted((ROOT / "contracts/samples").glob("*.json"))
ASYNCAPI: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_bytes())


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"messages/{name}.json").read_bytes()), format_checker=FormatChecker())


def refused(body: dict[str, Any]) -> bool:
    """Whether the contracts refuse it."""
    try:
        envelope.read(json.dumps(body).encode())
    except Invalid:
        return True
    return False


def test_it_is_up_to_date_and_the_same_wherever_it_is_written() -> None:
    for seed in ("0", "4242"):
        words = [sys.executable, "contracts/publish.py", "--check"]
        done = subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_message_has_its_schema() -> None:
    assert {each.stem for each in (FOLDER / "messages").glob("*.json")} == {
        f"{each.name}.v{each.version}" for each in MESSAGES.values()
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.stem)
def test_a_schema_is_valid_takes_its_sample_and_refuses_what_the_contract_refuses(sample: Path) -> None:
    found = schema(sample.stem)
    Draft202012Validator.check_schema(found.schema)
    body = json.loads(sample.read_bytes())
    assert list(found.iter_errors(body)) == []
    assert list(found.iter_errors({**body, "unknown": 1, "data": {**body["data"], "unknown": {"of": "later"}}})) == []
    for name in found.schema["required"]:
        less = {each: value for each, value in body.items() if each != name}
        assert refused(less)
        assert list(found.iter_errors(less))
    for change in (
        {"type": "xianjie.other.thing.v1"},
        {"source": "/players/nobody9"},
        {"data": []},
        {"time": None},
        {"mode": "live"},
    ):
        changed = {**body, **change}
        if refused(changed):
            assert list(found.iter_errors(changed)), change


def test_every_pattern_is_one_that_other_languages_read() -> None:
    """ECMA 262, as JSON Schema has it: no inline flags, no anchors of Python."""
    text = "".join(each.read_text("utf-8") for each in FOLDER.rglob("*.json"))
    patterns = set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', text))
    assert len(patterns) > 10
    assert not [each for each in patterns if re.search(r"\(\?[a-zA-Z]|\\\\Z|\\\\A|\(\?P", each)]


def test_the_protocol_is_published_as_data_and_as_a_picture() -> None:
    for name in ("case", "leg", "proceeding"):
        data = json.loads((FOLDER / f"protocol/{name}.json").read_bytes())
        picture = (FOLDER / f"protocol/{name}.mmd").read_text()
        assert picture.startswith("stateDiagram-v2\n")
        states = {*data["states"], *data["ends"], data["initial"]}
        assert {each["to"] for each in data["rows"]} <= states | {"same", "before"}
        assert all(row["row"] in picture for row in data["rows"] if row["to"] != "before")


@pytest.mark.parametrize("track", list(Track))
def test_every_track_is_published_as_data_and_as_a_picture(track: Track) -> None:
    """With all that its rules say: whoever reads the data alone knows the stages, the clocks, and what every step and outcome does."""
    rules = track_rules(track)
    data = json.loads((FOLDER / f"tracks/{track}.json").read_bytes())
    assert (data["name"], data["service"], data["first"]) == (track, rules.service, rules.first)
    assert {name: tuple(each["clocks"]) for name, each in data["stages"].items()} == rules.stages
    assert {name: tuple(clocks) for name, clocks in data["opens"].items()} == rules.opens
    assert (data["lapses"], data["bases"]) == (rules.lapses, rules.bases)
    said = {name for each in (*data["steps"], *data["outcomes"]) for name in each}
    assert said - set(data["means"]) == {"name", "english", "chinese"}
    for published, rows in ((data["steps"], rules.steps), (data["outcomes"], rules.outcomes)):
        assert [each["name"] for each in published] == list(rows)
        for each, row in zip(published, rows.values(), strict=True):
            said = {"start": frozenset(each.pop("from")), **{name: _frozen(value) for name, value in each.items()}}
            assert type(row)(**said) == row
    assert [each["part"] for each in data["persons"]] == [each.id for each in roles().values() if each.track is track]
    picture = (FOLDER / f"tracks/{track}.mmd").read_text()
    assert picture.startswith(f"stateDiagram-v2\n  [*] --> {rules.first}\n")
    assert all(f" {stage}" in picture for stage in rules.stages)
    assert all(name in picture for name in rules.outcomes)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# --- AsyncAPI


def test_every_message_is_said_and_heard_by_whom_its_class_names() -> None:
    said: dict[str, set[str]] = {}
    heard: dict[str, set[str]] = {}
    for name, operation in ASYNCAPI["operations"].items():
        role = name.split(".")[0]
        for each in operation["messages"]:
            message = each["$ref"].rsplit("/", 1)[1]
            (said if operation["action"] == "send" else heard).setdefault(message, set()).add(role)
    for cls in MESSAGES.values():
        key = f"{cls.name}.v{cls.version}"
        assert said[key] == set(cls.said_by), key
        assert heard.get(key, set()) == set(cls.heard_by), key


def test_every_reference_leads_somewhere() -> None:
    def refs(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [
                *([value["$ref"]] if isinstance(value.get("$ref"), str) else []),
                *(ref for each in value.values() for ref in refs(each)),
            ]
        return [ref for each in value for ref in refs(each)] if isinstance(value, list) else []

    for ref in set(refs(ASYNCAPI)):
        found: Any = ASYNCAPI
        for word in ref.removeprefix("#/").split("/"):
            found = found[word]


def test_an_agency_may_do_no_more_than_speak_under_its_code_and_read_its_inbox() -> None:
    may = ASYNCAPI["operations"]["agency.says.agenciesIn"]["x-permissions"]
    assert may == {
        "configure": "^$", "write": r"^(xianjie\.agencies\.in)$", "read": r"^(agency\.CN\-EXAMPLE)$",
        "routing_keys": {"xianjie.agencies.in": r"^CN\-EXAMPLE\."},
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: the AsyncAPI project's own parser runs on Node.js")
def test_the_projects_own_parser_finds_nothing_wrong() -> None:
    node = ROOT / "tests/node"
    if not (node / "node_modules/@asyncapi/parser").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-fund", "--no-audit"], cwd=node, check=True, timeout=240)
    words = ["node", "asyncapi.mjs", str(FOLDER / "asyncapi.json")]
    done = subprocess.run(words, cwd=node, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(ASYNCAPI['operations'])} operations, {len(MESSAGES)} messages\n"
