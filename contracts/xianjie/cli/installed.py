"""What the services bring along where they are installed beside the contracts: their rules, and what decides with them in one process."""

import warnings
from importlib.metadata import entry_points
from typing import Any

from xianjie.cli.showing import Fault

ABSENT = "is not installed here: install the services beside the contracts, as the README says"


def rules() -> dict[str, Any]:
    """By service, its rules."""
    found = {each.name: each.load() for each in entry_points(group="xianjie.rules")}
    if not found:
        raise Fault(f"no rule {ABSENT}", 2)
    return found


def in_process(name: str) -> Any:
    """`replay`, which decides a recording again; `rehearsal`, on which cases are played in memory; `stored`, which reads a database."""
    found = next(iter(entry_points(group="xianjie.in_process", name=name)), None)
    if found is None:
        raise Fault(f"the {name} {ABSENT}", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a library that services stand on: no news for who replays
        return found.load()
