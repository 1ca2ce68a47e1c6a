"""What is invalid is refused, and the place is named; what is valid is taken, however odd it looks; and the published schemas say the same."""

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contracts.mutants import Mutant, mutants, variants
from tests.contracts.places import Arriving
from xianjie import envelope
from xianjie.arrival import doubts
from xianjie.envelope import Fault, Heard, Invalid
from xianjie.message import MESSAGES, Message
from xianjie.topology import AGENCIES_IN, EVENTS

SCHEMAS = Path(__file__).parents[2] / "contracts/schemas/messages"
SEED, COUNT = 20261127, 500
UNSAYABLE = {
    "credit code with a wrong check digit", "identity number with a wrong check digit", "identity number of no birthday",
    "division that is none", "moment on no day", "moment beyond the calendar", "day that is none", "time ahead", "exercise in operation",
    "number with a point",
}  # fmt: skip
"""What no JSON Schema can say: check digits, the list of divisions, the calendar, the clock, the network; and to it
1.0 is an integer."""


def heard(given: Arriving) -> Heard | list[Fault]:
    """The message, or everything wrong with it: against its contract, or against what the broker says of it."""
    try:
        found = envelope.read(given.body)
    except Invalid as refused:
        return refused.faults
    key = given.key if given.exchange in (AGENCIES_IN, EVENTS) else ""
    more = doubts(
        found,
        key=key,
        header=given.headers.get(envelope.HEADER),
        content_type=given.content_type,
        now=datetime.now(UTC),
        exercise=None,
        outside=given.exchange == AGENCIES_IN,
    )
    return list(more) or found


@pytest.fixture(scope="module")
def broken() -> list[Mutant]:
    return mutants(SEED, COUNT)


def test_the_same_seed_makes_the_same_and_another_makes_others(broken: list[Mutant]) -> None:
    assert mutants(SEED, COUNT) == broken
    assert variants(SEED, 50) == variants(SEED, 50)
    assert len({each.body for each in [*broken, *mutants(SEED + 1, COUNT)]}) > COUNT
    assert len({each.name for each in broken}) == COUNT


def test_every_rule_is_broken_in_every_part_of_a_message(broken: list[Mutant]) -> None:
    assert {each.place for each in broken} == {
        "body",
        "envelope",
        "envelope beside body",
        "bytes",
        "header",
        "key",
        "content type",
    }
    assert len({each.breaks for each in broken}) >= 57
    assert len({each.said for each in broken}) > 150


def test_five_hundred_invalid_messages_are_refused_and_the_place_is_named(broken: list[Mutant]) -> None:
    found = {each.name: heard(each) for each in broken}
    assert [each.name for each in broken if isinstance(found[each.name], Heard)] == [], "these were taken"
    named = {name: {fault.pointer for fault in faults} for name, faults in found.items() if isinstance(faults, list)}
    assert {each.name: named[each.name] for each in broken if named[each.name] != {each.pointer}} == {}, "another place was named"


def test_five_hundred_valid_messages_that_look_odd_are_taken() -> None:
    found = {each.name: heard(each) for each in variants(SEED, COUNT)}
    assert {name: faults for name, faults in found.items() if isinstance(faults, list)} == {}
    assert len(found) == COUNT


@pytest.mark.parametrize("cls", [each for each in MESSAGES.values() if "agency" in each.said_by][:3], ids=lambda cls: cls.name)
def test_whoever_needs_those_of_a_few_classes_gets_them(cls: type[Message]) -> None:
    assert {each.said for each in [*mutants(1, 60, [cls]), *variants(1, 60, [cls])]} == {cls}


# --- the published schemas


@cache
def schema(cls: type[Message]) -> Draft202012Validator:
    content = json.loads((SCHEMAS / f"{cls.name}.v{cls.version}.json").read_bytes())
    return Draft202012Validator(_in_python(content))


def _in_python(value: Any) -> Any:
    """Patterns are ECMA's, where `$` is the end; this library reads them as Python does, where a line may follow."""
    if isinstance(value, dict):
        return {
            name: re.sub(r"\$\Z", r"\\Z", each) if name == "pattern" and isinstance(each, str) else _in_python(each)
            for name, each in value.items()
        }
    return [_in_python(each) for each in value] if isinstance(value, list) else value


def test_the_published_schemas_refuse_the_same_but_for_what_no_schema_can_say() -> None:
    missed = {
        each.breaks
        for each in mutants(SEED + 2, 1500)
        if each.place in ("body", "envelope") and schema(each.said).is_valid(json.loads(each.body))
    }
    assert missed <= UNSAYABLE
    assert UNSAYABLE - missed == set(), "a schema says this now: take it from the list"


def test_the_published_schemas_take_the_same() -> None:
    assert [each.name for each in variants(SEED + 2, COUNT) if not schema(each.said).is_valid(json.loads(each.body))] == []
