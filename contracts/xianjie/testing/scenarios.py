"""A scenario file played in memory, and what went otherwise than it says."""

from collections.abc import Iterable
from pathlib import Path

from xianjie.cli import installed
from xianjie.messages.org import Body
from xianjie.play.compare import differences
from xianjie.play.memory import MemoryStage
from xianjie.play.player import play
from xianjie.play.scenario import load
from xianjie.testing.network import disorder

EXERCISE = "test"


def played(path: Path, bodies: Iterable[Body], seed: int | None = None) -> list[str]:
    """What differs, a line each; with a seed, messages overtake each other, come twice, and lives end on the way. Raises `BadFile`."""
    if not (known := list(bodies)):
        raise ValueError("no bodies are known: set xianjie_directory in the ini file to a folder of them")
    scenario = load(path)
    engine, rules = installed.in_process("rehearsal"), installed.rules()
    start = min(line.moment for line in scenario.lines)
    stage = MemoryStage(lambda **given: engine(rules, **given), EXERCISE, start, disorder=disorder(seed))
    stage.know(known)
    wrong = play(stage, [scenario], lambda *_: None, lambda _: None)
    children = {each: stage.timeline(each) for each in scenario.cases - {scenario.id}}
    found = [*wrong[scenario.id], *differences(scenario, stage.timeline(scenario.id), children)]
    return [*found, *(f"{case} is parked at {service}: {why}" for service, case, why in stage.engine.parked())]
