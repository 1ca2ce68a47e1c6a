"""Holding a log against itself: numbers without gaps, hashes that chain, and the state refolded from what was said."""

import json
from typing import Any

from services.chassis.commit import GENESIS, altered, canonical
from xianjie.deciding import Rules
from xianjie.message import MESSAGES

Document = dict[str, Any]


def faults(commits: list[Document], rules: Rules[Any]) -> list[str]:
    """Everything wrong with one case's log, in words; empty if nothing is."""
    found: list[str] = []
    previous = GENESIS
    for place, each in enumerate(commits, 1):
        if each["n"] != place:
            found.append(f"commit {place} is missing; {each['n']} stands in its place")
            break
        if each["prev"] != previous:
            found.append(f"commit {place} does not follow the hash of {place - 1}")
        if altered(each):
            found.append(f"commit {place} was altered")
        previous = each["hash"]
    if commits and not found and commits[0].get("outcome") != "kept" and not _erased(commits):
        found += _refolded(commits, rules)
    return found


def _erased(commits: list[Document]) -> bool:
    """Whether bodies were taken away that the state would have to be refolded from."""
    return any(each["state"] is None or any(said["body"] is None for said in each["said"]) for each in commits)


def _refolded(commits: list[Document], rules: Rules[Any]) -> list[str]:
    """Fold the service's own events from the start, and compare with the state that the last commit holds."""
    case = commits[0]["case"]
    reference = rules.reference
    folds: Any = reference if reference and case == reference.subject else rules
    state = folds.initial(case)
    for each in commits:
        for said in each["said"]:
            if said["case"] == case and not said["type"].startswith(("xianjie.receipt.", "xianjie.log.")):
                state = folds.evolve(state, MESSAGES[said["type"]].schema.load(json.loads(bytes(said["body"]))["data"]))
    kept = json.loads(bytes(commits[-1]["state"]))["state"]
    folded = json.loads(canonical(state))
    return [] if kept == folded else [f"the state after commit {commits[-1]['n']} is not what its events make"]
