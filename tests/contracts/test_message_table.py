"""A message is found in four places — class, table, sample, handlers — and they agree."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie import envelope
from xianjie.message import MESSAGES, SERVICES, Message

CONTRACTS = Path(__file__).parents[2] / "contracts"
EVERY = sorted(MESSAGES.values(), key=lambda each: each.type)


def test_the_table_in_the_readme_is_what_the_classes_say() -> None:
    """Said by, heard by, what follows, shown by: one row a message, none forgotten."""
    made = subprocess.run([sys.executable, CONTRACTS / "table.py", "--check"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_what_the_contracts_say_it_hears(service: str) -> None:
    """`hears` in service.py and `heard_by` in the classes are the same list."""
    source = (CONTRACTS.parent / "services" / service / "service.py").read_text()
    wanted = {each.__name__ for each in EVERY if service in each.heard_by}
    listed = set(source.split("hears = listen(", 1)[1].split(")", 1)[0].replace(",", " ").split())
    assert listed == wanted, f"missing {sorted(wanted - listed)}, not in the contract {sorted(listed - wanted)}"


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
    from importlib.metadata import entry_points

    found = {each.name: each.load() for each in entry_points(group="xianjie.rules")}
    assert {name: each.service for name, each in found.items()} == {each: each for each in SERVICES}
    assert importlib.util.find_spec("xianjie") is not None
