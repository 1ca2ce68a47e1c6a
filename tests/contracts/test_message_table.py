"""A message is found in four places — class, table, sample, handlers — and they agree."""

import ast
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

import xianjie.messages  # noqa: F401  (makes every message known)
from services.routing.directory import Directory
from xianjie import envelope
from xianjie.deciding import Given, Note, Rules
from xianjie.envelope import Heard
from xianjie.message import MESSAGES, SERVICES, Message
from xianjie.messages import ops, org
from xianjie.messages.case import CasePartyRegistered
from xianjie.vocabulary import CHINA

CONTRACTS = Path(__file__).parents[2] / "contracts"
SERVICES_FOLDER = CONTRACTS.parent / "services"
EVERY = sorted(MESSAGES.values(), key=lambda each: each.type)


def test_the_table_in_the_readme_is_what_the_classes_say() -> None:
    """Said by, heard by, what follows, shown by: one row a message, none forgotten."""
    made = subprocess.run([sys.executable, CONTRACTS / "table.py", "--check"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_what_the_contracts_say_it_hears(service: str) -> None:
    """`hears` in service.py and `heard_by` in the classes are the same list."""
    source = (SERVICES_FOLDER / service / "service.py").read_text()
    wanted = {each.__name__ for each in EVERY if service in each.heard_by}
    listed = set(source.split("hears = listen(", 1)[1].split(")", 1)[0].replace(",", " ").split())
    assert listed == wanted, f"missing {sorted(wanted - listed)}, not in the contract {sorted(listed - wanted)}"


HEARD = [(service, cls) for cls in EVERY for service in SERVICES if service in cls.heard_by and cls.__module__ != ops.__name__]
"""What a service's rules must act on; what keeps the network running (clocks, parked cases) is the chassis' own."""
heard = pytest.mark.parametrize(("service", "cls"), HEARD, ids=lambda each: each if isinstance(each, str) else each.name)


@heard
def test_something_follows_from_what_a_service_hears(service: str, cls: type[Message]) -> None:
    """Its rules do not answer the golden sample with "nothing follows from this here": who hears a message acts on it."""
    golden = envelope.read((CONTRACTS / "samples" / f"{cls.name}.v{cls.version}.json").read_bytes())
    found = rules()[service]
    folds = found.reference if found.reference and cls.__module__ == org.__name__ else found
    source = f"/services/{service}" if service in cls.said_by else golden.source
    given = Given(datetime(2026, 3, 2, 10, tzinfo=CHINA), Directory(), ("directory:1",))
    case = "dup-0" if cls is CasePartyRegistered else "sample-case"
    events = folds.decide(folds.initial(case), Heard(replace(golden.attributes, source=source), golden.message), given)
    assert events, f"the rules of {service} answer {cls.name} with nothing at all, not even a note"
    assert Note("nothing follows from this here") not in events


@heard
def test_the_rules_of_a_service_name_what_it_hears(service: str, cls: type[Message]) -> None:
    """By its class, or by the shape that all tracks share; being imported or listed in service.py is not enough."""
    shapes = {each.__name__ for each in cls.__mro__} - {"Message", "object"}
    assert shapes & named_in_rules(service), f"no rule of {service} names {cls.__name__}"


@cache
def named_in_rules(service: str) -> frozenset[str]:
    """Every name that the rules of a service use, imports left out."""
    files = [*(SERVICES_FOLDER / service).glob("*.py"), *(CONTRACTS / "xianjie/proceeding").glob("*.py")]
    nodes = (node for file in files if file.name != "service.py" for node in ast.walk(ast.parse(file.read_text())))
    return frozenset(
        each.attr if isinstance(each, ast.Attribute) else each.id for each in nodes if isinstance(each, ast.Attribute | ast.Name)
    )


@cache
def rules() -> dict[str, Rules[Any]]:
    """The rules of every service, found by their entry point."""
    return {each.name: each.load() for each in entry_points(group="xianjie.rules")}


def within(kept: Any, again: Any) -> bool:
    """Whether `again` says all that `kept` said, at any depth; it may say more."""
    if isinstance(kept, dict) and isinstance(again, dict):
        return all(name in again and within(value, again[name]) for name, value in kept.items())
    if isinstance(kept, list) and isinstance(again, list):
        return len(kept) == len(again) and all(map(within, kept, again))
    return bool(kept == again)


@pytest.mark.parametrize("cls", EVERY, ids=lambda each: each.name)
def test_every_message_has_a_docstring_and_a_golden_sample_that_still_reads(cls: type[Message]) -> None:
    """Samples are kept for ever: what was once valid stays valid, and says the same."""
    assert (cls.__doc__ or "").strip(), f"{cls.__name__} does not say what it promises"
    file = CONTRACTS / "samples" / f"{cls.name}.v{cls.version}.json"
    assert file.exists(), f"{file.name} is missing: python contracts/samples.py"
    heard = envelope.read(file.read_bytes())
    assert type(heard.message) is cls
    again = json.loads(envelope.write(heard.attributes, heard.message))
    kept = json.loads(file.read_bytes())
    assert within(kept["data"], again["data"])


def test_no_sample_is_left_without_its_message() -> None:
    """A sample whose class is gone means that old messages can no longer be read."""
    known = {f"{each.name}.v{each.version}.json" for each in EVERY}
    assert {each.name for each in (CONTRACTS / "samples").glob("*.json")} <= known


def test_rules_are_found_by_their_entry_point() -> None:
    """Replay finds the rules of each service without naming a service's module."""
    assert {name: each.service for name, each in rules().items()} == {each: each for each in SERVICES}
