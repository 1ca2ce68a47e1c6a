"""A day of ten thousand cases on the real network, recorded; decided again in one process; and once more beside rules with a planted change."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.local.machine import Machine
from deploy.local.network import Network
from tests.bench import replaying
from tests.chassis.ground import until
from tests.faults.lives import introduce
from tests.load import day
from tests.load.network import Carried
from xianjie.cli import network as seen
from xianjie.message import SERVICES
from xianjie.recording import recorder
from xianjie.recording.choosing import Chosen

MOST_MIB = 300
ROOT = Path(__file__).parents[2]
PLANTED = ("contracts/xianjie/tracks/penalty.yaml", "starts: [B9, B12t]", "starts: [B9]")
"""A file of rules, what it says, and what is planted there: that a reporter is to be told is forgotten. It touches cases of penalty alone."""
Say = Callable[..., None]


def soak(machine: Machine, home: Path, cases: int, seed: int, figures: dict[str, Any], say: Say) -> list[str]:
    """Record a day, decide it again; what is wrong."""
    network = Network(machine, home, f"day{uuid.uuid4().hex[:8]}")
    network.prepare(day.BODIES)
    journal = home / "day.journal"
    try:
        network.start()
        network.wait_known("routing", "directory", introduce(network))
        carried = _carry(network, cases, seed, figures, say)
        _record(network, journal, figures, say)
        salt = network.secrets["XIANJIE_SALT"]
    finally:
        network.clear()
    wrong = [f"{len(carried.plans) - len(carried.ended)} cases of the day did not come to their end"] * (
        len(carried.ended) < cases
    )
    wrong += [f"{len(carried.refused)} things that bodies said in the day were refused"] * bool(carried.refused)
    wrong += _again(journal, salt, figures, say)
    wrong += _planted(journal, home / "planted", {each.case for each in carried.plans.values() if each.way == "penalty"}, say)
    journal.unlink()
    return wrong


def _carry(network: Network, cases: int, seed: int, figures: dict[str, Any], say: Say) -> Carried:
    began = time.monotonic()
    carried = Carried(day.plans(cases, seed))
    carried.carry(
        network, lambda done: say(f"  {time.monotonic() - began:4.0f} s: {done} of {cases} cases of the day", highlight=False)
    )
    figures["day_cases"] = len(carried.ended)
    figures["day_cases_per_s"] = round(len(carried.ended) / (time.monotonic() - began), 2)
    live = seen.find(network.file)
    until(lambda: not any(live.ask(each, "/unsaid")["count"] for each in SERVICES), "everything is said", 60)
    return carried


def _record(network: Network, journal: Path, figures: dict[str, Any], say: Say) -> None:
    began = time.monotonic()
    with recorder.begin(journal, recorder.about(network.name, None, Chosen())) as writer:
        recorder.record(network.uri("operator"), writer, Chosen(), lambda *_: None)
    figures["day_messages"] = writer.messages
    say(f"  {writer.messages:,} messages recorded in {time.monotonic() - began:.0f} s", highlight=False)


def _again(journal: Path, salt: str, figures: dict[str, Any], say: Say) -> list[str]:
    """Decided again in a process of its own: without a difference, every hash the same, in flat memory."""
    found = replaying.replayed(journal, trusted=False, salt=salt)
    figures |= {f"day_replay_{name}": round(value, 1) for name, value in found.items()}
    say(f"  decided again: {found['messages_per_s']:.0f} messages/s, {found['rss_mb']:.0f} MB at the most", highlight=False)
    return [f"a day decided again takes {found['rss_mb']:.0f} MB, bar {MOST_MIB}"] if found["rss_mb"] > MOST_MIB else []


def _planted(journal: Path, code: Path, touched: set[str], say: Say) -> list[str]:
    """Beside rules with a planted change: found in every case that it touches, and in no other."""
    shutil.rmtree(code, ignore_errors=True)
    for each in ("contracts", "services"):
        shutil.copytree(ROOT / each, code / each, ignore=shutil.ignore_patterns("__pycache__"))
    file, was, planted = PLANTED
    text = (code / file).read_text("utf-8")
    if text.count(was) != 1:
        return [f"the change cannot be planted: {file} has {text.count(was)} times {was!r}"]
    (code / file).write_text(text.replace(was, planted), "utf-8")
    words = [sys.executable, "-m", "xianjie", "replay", str(journal), "--in-process", "--trusted", "--code", str(code), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    shutil.rmtree(code)
    if done.returncode != 1:
        return [f"the planted change was not found: {done.stderr.strip()[-500:]}"]
    differs = {each["case"] for each in json.loads(done.stdout)["differences"]}
    say(f"  a planted change shows in {len(differs)} cases of {len(touched)} that it touches", highlight=False)
    wrong = [f"a planted change was not found in {len(touched - differs)} cases that it touches"] * bool(touched - differs)
    return [
        *wrong,
        *([f"a planted change shows in {len(differs - touched)} cases that it does not touch"] * bool(differs - touched)),
    ]
