"""The network on which every trap was played, still up: what its tests look at, and how they speak to it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.network import Network
from xianjie import journal
from xianjie.cli import network as seen
from xianjie.cli.play import Played


@dataclass(frozen=True)
class Stage:
    """The network when everything was said, still up."""

    network: Network
    live: seen.Network
    played: dict[str, Played]

    def said(self, case: str, name: str, to: str | None = None) -> list[dict[str, Any]]:
        """The data of every message of that name that a service said in a case, to `to` if one is named."""
        logs = self.live.commits(case).values()
        found = [each for log in logs for commit in log for each in commit["said"] if f".{name}.v" in each["type"]]
        return [each["data"] for each in found if to is None or each["key"].split(".", 1)[0] == to]

    def whole(self, case: str, name: str, to: str) -> list[dict[str, Any]]:
        """The same as `to` got it, with the words that no door shows: from the journal."""
        found = [each for each in journal.read(self.live.operator) if each.key.startswith(f"{to}.{name}.")]
        heard = [json.loads(each.body) for each in found]
        return [each["data"] for each in heard if each["subject"] == case]

    def owner(self, case: str) -> set[str]:
        """Who answers for it, as intake and routing have it."""
        return {
            head["glance"]["owner"] for each in ("intake", "routing") for head in self.live.heads(each) if head["case"] == case
        }

    def glance(self, service: str, case: str) -> dict[str, Any]:
        """What lists show of a case."""
        return next(dict(head["glance"]) for head in self.live.heads(service) if head["case"] == case)

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One call of `xianjie` against this network."""
        command = [str(Path(sys.executable).with_name("xianjie")), *words, "--network", str(self.live.file)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)

    def answers(self, case: str, code: str, to: str) -> list[dict[str, Any]]:
        """The receipts that a body was given for its message `to`."""
        return [each for each in self.said(case, "receipt.given", code) if each["to"] == to]
