"""`python -m tests.recording.golden`: plays all published cases on a network of its own and keeps a recording of each in tests/journals."""

import json
import sys
import tempfile
from pathlib import Path

from deploy.demo import on_stage
from tests.recording.memory import ROOT, SCENARIOS
from xianjie.cli import network as seen
from xianjie.cli.again import run
from xianjie.cli.play import load_all, play
from xianjie.recording import recorder
from xianjie.recording.choosing import Choice, Chosen
from xianjie.recording.file import Reader, Writer

FOLDER = ROOT / "tests/journals"
STATES = FOLDER / "states.json"
"""By scenario: the hash of all states after its replay, the same on every Python."""


def main() -> None:
    """Record anew what is there."""
    scenarios = load_all(SCENARIOS)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, on_stage(scenarios, Path(folder)) as network:
        live = seen.find(network.file)
        wrong = {each.scenario.id: each.wrong for each in play(live, scenarios) if each.wrong}
        if wrong:
            sys.exit(f"golden: these did not end as published, nothing is kept: {wrong}")
        whole = Path(folder) / "all.journal"
        with Writer.begin(whole, recorder.about("golden", live.exercise, Chosen())) as writer:
            recorder.record(live.operator, writer, Chosen(), lambda *_: None)
        for each in scenarios:
            _keep(whole, FOLDER / f"{each.id}.journal", Chosen(cases=tuple(sorted(each.cases))), live.exercise)
    states = {each.stem: run(each).state for each in sorted(FOLDER.glob("*.journal"))}
    STATES.write_text(json.dumps(states, indent=1) + "\n")


def _keep(whole: Path, path: Path, chosen: Chosen, exercise: str | None) -> None:
    path.unlink(missing_ok=True)
    choice = Choice(chosen)
    with Writer.begin(path, recorder.about("golden", exercise, chosen)) as writer:
        for each in Reader(whole):
            if choice.takes(each):
                writer.add(each)


if __name__ == "__main__":
    main()
