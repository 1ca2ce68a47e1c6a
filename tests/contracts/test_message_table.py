"""A message is found in four places — class, table, sample, handlers — and they agree."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

import xianjie.messages  # noqa: F401  (makes every message known)
from services.routing.directory import Directory
from tests.contracts import following
from tests.recording.memory import staged
from xianjie import envelope
from xianjie.deciding import Given, Note, Rules
from xianjie.envelope import Heard
from xianjie.message import MESSAGES, SERVICES, Message, named
from xianjie.messages import ops, tracks
from xianjie.messages.case import CasePartyRegistered
from xianjie.play.scenario import load
from xianjie.vocabulary import CHINA, Track

CONTRACTS = Path(__file__).parents[2] / "contracts"
SERVICES_FOLDER = CONTRACTS.parent / "services"
UNSHOWN = {
    "calendar.extended", "case.body_unreachable", "case.party_listed", "case.resumed", "case.resumption_asked",
    "case.suspended", "case.suspension_asked", "case.withdrawal_asked", "case.withdrawn", "clock.advanced", "clock.asked",
    "clock.reached", "gap.found", "log.committed", "log.parked", "log.released", "loop.answered", "loop.asked",
    "loop.returned", "loop.sounded", "loop.told", "org.changed", "org.drained", "org.imported", "org.left", "org.listed",
    "org.load_counted", "org.resumed", "org.supports_declared", "org.supports_noted", "parked.amend_asked",
    "parked.retry_asked", "parked.skip_asked", "provider.listed", "provider.unlisted", "referral.body_chosen",
    "referral.designated", "referral.designation_asked", "referral.disputed", "referral.info_requested",
    "referral.plan_dropped", "referral.recall_refused", "referral.redirected", "routing.body_unreachable",
    "routing.offer_unroutable", "sla.extended", "sla.recounted", "visit.missed",
}  # fmt: skip
"""Messages that no scenario shows; the tests of their rules do."""
SELDOM = {
    "cancel_asked", "cancel_answered", "suspended", "resumed", "returned", "outcome_acknowledged", "outcome_contested",
    "contest_answered", "escalated", "ordered",
}  # fmt: skip
"""What is the same in every track and seldom said: not every track has a scenario that shows it."""
EVERY = sorted(MESSAGES.values(), key=lambda each: each.type)


def test_the_table_in_the_readme_is_what_the_classes_say() -> None:
    """Said by, heard by, what follows, shown by: one row a message, none forgotten."""
    made = subprocess.run([sys.executable, CONTRACTS / "table.py", "--check"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_what_the_contracts_say_it_hears(service: str) -> None:
    """`hears` in service.py and `heard_by` in the classes are the same list, without what every service hears to keep the network running."""
    source = (SERVICES_FOLDER / service / "service.py").read_text()
    assert {cls.heard_by for cls in EVERY if cls.__module__ == ops.__name__} <= {(), SERVICES}
    wanted = {each.__name__ for each in EVERY if service in each.heard_by and each.__module__ != ops.__name__}
    words = source.split("hears = listen(", 1)[1].split(")", 1)[0].replace(",", " ").split()
    listed = {name for word in words for name in ([word] if word[0] != "*" else _heard_in(word))}
    assert listed == wanted, f"missing {sorted(wanted - listed)}, not in the contract {sorted(listed - wanted)}"


def _heard_in(word: str) -> list[str]:
    """The names of `*COURT.heard`: all that is heard in a track."""
    track = word.removeprefix("*").removesuffix(".heard")
    return [cls.__name__ for cls in getattr(tracks, track).heard]


HEARD = [(service, cls) for cls in EVERY for service in SERVICES if service in cls.heard_by and cls.__module__ != ops.__name__]
"""What a service's rules must act on; what keeps the network running (clocks, parked cases) is the chassis' own."""
heard = pytest.mark.parametrize(("service", "cls"), HEARD, ids=lambda each: each if isinstance(each, str) else each.name)


@heard
def test_something_follows_from_what_a_service_hears(service: str, cls: type[Message]) -> None:
    """Its rules do not answer the golden sample with "nothing follows from this here": who hears a message acts on it."""
    golden = envelope.read((CONTRACTS / "samples" / f"{cls.name}.v{cls.version}.json").read_bytes())
    found = rules()[service]
    folds = found.reference if found.reference and following.of_the_directory(cls) else found
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


def test_what_may_follow_is_recorded_for_every_message_that_rules_hear_and_is_said_by_a_hearer() -> None:
    """`follows.yaml` names each of them, and for each only what one of its hearers says."""
    kept = {name: set(names) for name, names in yaml.safe_load(following.FILE.read_text()).items()}
    assert set(kept) >= {cls.name for _, cls in HEARD if not following.of_the_directory(cls)}
    for name, names in kept.items():
        assert names, f"nothing follows from {name}: then who hears it?"
        for each in names:
            assert set(named(each).said_by) & set(named(name).heard_by), f"{each} follows {name}, and no hearer says it"


def test_nothing_follows_in_play_that_is_not_recorded() -> None:
    """All published cases and traps, through the rules. If this fails: python -m tests.contracts.following, then python contracts/table.py."""
    kept = {name: set(names) for name, names in yaml.safe_load(following.FILE.read_text()).items()}
    seen: following.Follows = {}
    for file in following.PLAYED:
        staged([load(file)], following.watched(seen, {}))
    found = {name: set().union(*by.values()) for name, by in seen.items()}
    assert {name: sorted(names - kept.get(name, set())) for name, names in found.items() if names - kept.get(name, set())} == {}
    assert len(found) > 40


def test_a_message_is_shown_by_a_scenario_unless_it_is_named_here() -> None:
    """The last step of the recipe: a line in a scenario. Whoever shows one of these takes it off the list; nobody adds to it."""
    rows = [line for line in (CONTRACTS / "README.md").read_text().splitlines() if line.startswith("| `") and " v1 |" in line]
    unshown = {line.split("`")[1] for line in rows if line.endswith("| — |")}
    of_tracks = {name for name in unshown if name.split(".")[0] in set(Track)}
    assert unshown - of_tracks == UNSHOWN
    assert {name.split(".")[1] for name in of_tracks} <= SELDOM


def test_the_recipe_for_a_new_message_names_what_is_there() -> None:
    """At most ten lines; every file and command in it exists."""
    text = (CONTRACTS / "README.md").read_text().split("## To add a message\n", 1)[1].split("\n## ", 1)[0]
    assert len([line for line in text.splitlines() if line]) <= 10
    named_there = re.findall(r"`([^`]+)`", text)
    places = [each for each in named_there if "/" in each and " " not in each]
    places += [each.removeprefix("python ") for each in named_there if each.startswith("python contracts/")]
    for each in places:
        assert any((base / each).exists() for base in (CONTRACTS, CONTRACTS.parent)), each
    assert following.FILE.exists()
    assert "python -m tests.contracts.following" in named_there


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
