"""Holding a log against itself: numbers without gaps, hashes that chain, and the state refolded from what was said."""

import json
from typing import Any

from services.chassis.commit import GENESIS, altered, canonical
from xianjie.deciding import Rules
from xianjie.message import MESSAGES

Document = dict[str, Any]


class Check:
    """Takes the commits of one case one after the other, and keeps none but the last."""

    def __init__(self, rules: Rules[Any]) -> None:
        self._rules = rules
        self._folds: Any = rules
        self._found: list[str] = []
        self._previous = GENESIS
        self._state: Any = None
        self._last: Document | None = None
        self._place = 0
        self._gap = self._erased = False

    def take(self, commit: Document) -> None:
        """Hold the next commit against those before it; behind a gap nothing more is looked at."""
        if self._gap:
            return
        self._place += 1
        if commit["n"] != self._place:
            self._found.append(f"commit {self._place} is missing; {commit['n']} stands in its place")
            self._gap = True
            return
        if commit["prev"] != self._previous:
            self._found.append(f"commit {self._place} does not follow the hash of {self._place - 1}")
        if altered(commit):
            self._found.append(f"commit {self._place} was altered")
        self._previous, self._last = commit["hash"], commit
        self._erased |= commit["state"] is None or any(said["body"] is None for said in commit["said"])
        if not (self._found or self._erased or commit.get("outcome") == "kept"):
            self._fold(commit)

    def _fold(self, commit: Document) -> None:
        """Fold the service's own events from the start."""
        case = commit["case"]
        if commit["n"] == 1:
            reference = self._rules.reference
            self._folds = reference if reference and case == reference.subject else self._rules
            self._state = self._folds.initial(case)
        for said in commit["said"]:
            if said["case"] == case and not said["type"].startswith(("xianjie.receipt.", "xianjie.log.")):
                heard = MESSAGES[said["type"]].schema.load(json.loads(bytes(said["body"]))["data"])
                self._state = self._folds.evolve(self._state, heard)

    def faults(self) -> list[str]:
        """Everything wrong so far, in words; empty if nothing is."""
        last = self._last
        if last is None or self._found or self._erased or last.get("outcome") == "kept":
            return list(self._found)
        kept = json.loads(bytes(last["state"]))["state"]
        folded = json.loads(canonical(self._state))
        return [] if kept == folded else [f"the state after commit {last['n']} is not what its events make"]
