"""The scenarios that show messages: published cases, and cases made up for what may go wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from table import FOLDERS, shown

__all__ = ["Scenario", "scenarios", "shown"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said: when (as the file has it), by whom, which message, and what is to be known of it."""

    at: str
    who: str
    say: str
    note: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case, as it is played."""

    name: str
    title: str
    says: tuple[Line, ...]


def scenarios() -> list[Scenario]:
    """Every scenario, published cases first, by name."""
    return [_scenario(file) for folder in FOLDERS for file in sorted(folder.glob("*.yaml"))]


def _scenario(file: Path) -> Scenario:
    found = yaml.safe_load(file.read_text("utf-8"))
    return Scenario(file.stem, str(found.get("title", file.stem)), tuple(_lines(found["says"])))


def _lines(says: list[dict[str, Any]]) -> Iterator[Line]:
    for each in says:
        at = each.get("at")
        yield Line("" if at is None else str(at), str(each.get("as", "")), each["say"], str(each.get("note") or ""))
