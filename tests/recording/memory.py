"""The network in memory for tests: all four services, rehearsed; scenarios played on it, recorded, and played again."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from services.chassis.rehearsing import Rehearsal
from xianjie.bodies import read_bodies
from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.play.memory import MemoryStage
from xianjie.play.player import play
from xianjie.play.scenario import Scenario, load
from xianjie.recording.file import Writer

ROOT = Path(__file__).parents[2]
RULES: dict[str, Any] = {each: import_module(f"services.{each}.rules").rules for each in SERVICES}
BODIES = read_bodies(ROOT / "deploy/directory")
SCENARIOS = sorted((ROOT / "tests/scenarios").glob("*.yaml"))
TRAPS = sorted((ROOT / "tests/traps").glob("*.yaml"))
EXERCISE = "memory"


def staged(
    scenarios: Iterable[Scenario], rules: Mapping[str, Any] = RULES, **more: Any
) -> tuple[MemoryStage, dict[str, list[str]]]:
    """A stage on which these scenarios were played together, and what went otherwise than they say."""
    played = list(scenarios)
    start = min(line.moment for each in played for line in each.lines)
    stage = MemoryStage(lambda **given: Rehearsal(rules, **given), EXERCISE, start, **more)
    stage.know(BODIES)
    wrong = play(stage, played, lambda *_: None, lambda _: None)
    return stage, wrong


def recorded(path: Path, *files: Path, **more: Any) -> Path:
    """A recording of scenarios that were played together in memory."""
    messages: list[Recorded] = []
    staged([load(each) for each in files], record=messages.append, **more)
    with Writer.begin(path, {"by": "a test", "network": "memory", "exercise": EXERCISE, "chosen": {}}) as writer:
        for each in messages:
            writer.add(each)
    return path
