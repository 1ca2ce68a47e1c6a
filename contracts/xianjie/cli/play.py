"""`xianjie play`: published cases against the live network, in an exercise, compared with what became of them in truth."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from xianjie.bodies import read_bodies
from xianjie.cli import installed
from xianjie.cli.network import Network, NetworkFile, UnknownCase, find
from xianjie.cli.showing import AsJson, Fault, console, show, show_json
from xianjie.cli.timeline import tree
from xianjie.play import player
from xianjie.play.compare import differences
from xianjie.play.memory import MemoryStage
from xianjie.play.scenario import Line, Scenario, load
from xianjie.recording import recorder
from xianjie.recording.choosing import Chosen
from xianjie.recording.file import Writer
from xianjie.timeline import Timeline, as_json, path
from xianjie.written import BadFile

IN_PROCESS = "in-process"
"""The name of an exercise in memory."""


@dataclass(slots=True)
class Played:
    """One case when its last line had had its effect: what became of it, and what is otherwise than published."""

    scenario: Scenario
    timeline: Timeline
    wrong: list[str] = field(default_factory=list)
    children: dict[str, Timeline] = field(default_factory=dict)


def play_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Scenario files.")],
    timelines: Annotated[bool, typer.Option("--timelines", help="Print every case's timeline at the end.")] = False,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Play in this process, in seconds: no network, no broker, no database.")
    ] = False,
    bodies: Annotated[
        Path, typer.Option("--bodies", metavar="FOLDER", help="With --in-process: the directory of bodies.", file_okay=False)
    ] = Path("deploy/directory"),
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="With --in-process: record what is said.", dir_okay=False)
    ] = None,
    to_json: AsJson = False,
    network: NetworkFile = None,
) -> None:
    """Play scenarios together on the clock of an exercise, and compare how each case ended with what was published.

    Exit status 1 if any differs, 2 if a file is no scenario (then nothing is played).

    Example: `xianjie play tests/scenarios/*.yaml --network .local/drill/network.json`
    """
    scenarios = load_all(files)
    played = rehearse(scenarios, bodies, out) if in_process else play(find(network), scenarios)
    if to_json:
        show_json([{"case": each.scenario.id, "wrong": each.wrong, "timeline": as_json(each.timeline)} for each in played])
    else:
        for each in played:
            tell(each, timelines)
    ended = sum(not each.wrong for each in played)
    if not to_json:
        typer.echo(f"play: {len(played)} cases played, {ended} ended as published")
    if ended < len(played):
        raise typer.Exit(1)


def load_all(files: list[Path]) -> list[Scenario]:
    """The scenarios of these files; raises BadFile with the faults of all of them, before anything is played."""
    scenarios, faults = [], []
    for file in files:
        try:
            scenarios.append(load(file))
        except BadFile as fault:
            faults.append(str(fault))
    ids = [each.id for each in scenarios]
    faults += [f"scenario {id} is in more than one file" for id in sorted({each for each in ids if ids.count(each) > 1})]
    if faults:
        raise BadFile("\n".join(faults))
    return scenarios


def play(network: Network, scenarios: list[Scenario]) -> list[Played]:
    """Play them against a live network, showing how far it is; a Fault if that cannot be done there.

    Each is compared at the moment when its last line has had its effect: later the clocks of the exercise go on for it too.
    """
    check(network, scenarios)
    assert network.exercise
    stage = player.Stage(network.exercise, network.uri)
    total = sum(len(each.lines) for each in scenarios)
    played: dict[str, Played] = {}

    def ended(scenario: Scenario) -> None:
        played[scenario.id] = _judge(network, scenario)

    try:
        with _progress() as progress:
            task = progress.add_task("on stage", total=total)
            wrong = player.play(stage, scenarios, _teller(progress, task), ended)
            progress.update(task, description="all said")
    finally:
        stage.close()
    for id, faults in wrong.items():
        played[id].wrong[:0] = faults
    return [played[each.id] for each in scenarios]


def rehearse(scenarios: list[Scenario], bodies: Path, out: Path | None = None) -> list[Played]:
    """Play them in memory, with the rules that are installed here. `out`: where everything that is said is recorded."""
    if not bodies.is_dir():
        raise Fault(f"--bodies {bodies} is no folder: name the one with the YAML files of the bodies, as in deploy/directory", 2)
    if out and out.exists():
        raise Fault(f"{out} is there already: name another file", 2)
    about = recorder.about(IN_PROCESS, IN_PROCESS, Chosen())
    with Writer.begin(out, about) if out else nullcontext() as writer, _progress() as progress:
        task = progress.add_task("on stage", total=sum(len(each.lines) for each in scenarios))
        start = min(line.moment for each in scenarios for line in each.lines)
        stage = MemoryStage(
            partial(installed.in_process("rehearsal"), installed.rules(), record=writer.add if writer is not None else None),
            IN_PROCESS,
            start,
        )
        stage.know(read_bodies(bodies))
        played: dict[str, Played] = {}

        def ended(scenario: Scenario) -> None:
            played[scenario.id] = _judge(stage, scenario)

        wrong = player.play(stage, scenarios, _teller(progress, task), ended)
    for service, case, why in stage.engine.parked():
        typer.echo(f"parked at {service}: {case}: {why}", err=True)
    for id, faults in wrong.items():
        played[id].wrong[:0] = faults
    return [played[each.id] for each in scenarios]


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<46}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = console(err=True)
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)


def _teller(progress: Progress, task: object) -> Callable[[Scenario, Line], None]:
    def tell(scenario: Scenario, line: Line) -> None:
        progress.update(task, advance=1, description=f"{line.moment:%Y-%m-%d} {line.speaker} {line.message.name}"[:46])  # type: ignore[arg-type]

    return tell


def check(network: Network, scenarios: list[Scenario]) -> None:
    """Refuse what cannot be played there: no exercise, bodies without inbox, a case that is there already, a past."""
    if not network.exercise:
        raise Fault(
            f"{network.name} is no exercise: published cases would become real business there. "
            f"Start an exercise (python -m deploy.local up --name drill --exercise) and name it: --network .local/drill/network.json. "
            f"Or play on a network that is gone afterwards: python -m deploy.demo {scenarios[0].id}.yaml"
        )
    missing = sorted({each for scenario in scenarios for each in scenario.bodies if each not in network.amqp})
    if missing:
        raise Fault(
            f"these bodies have no inbox in {network.name}: {', '.join(missing)}. Add them to the directory and start a new exercise"
        )
    if not network.ask("routing", "/cases/directory"):
        raise Fault(f"{network.name} knows no bodies yet: xianjie directory import deploy/directory")
    there = [each.id for each in scenarios if network.ask("intake", f"/cases/{each.id}")]
    if there:
        raise Fault(f"already in {network.name}: {', '.join(there)}. A case is played once in an exercise: start a new one")
    now, first = network.now(), min(line.moment for each in scenarios for line in each.lines)
    if now and first < now:
        raise Fault(
            f"{network.name} has reached {now:%Y-%m-%d} and time does not go back to {first:%Y-%m-%d}: start a new exercise"
        )


class Told(Protocol):
    """Whoever can tell of a case across all services: a network, or a stage in memory."""

    def timeline(self, case: str) -> Timeline:
        """A case; raises `UnknownCase` or KeyError."""


def _judge(network: Told, scenario: Scenario) -> Played:
    told = {each: timeline for each in sorted(scenario.cases) if (timeline := _told(network, each))}
    main = told.pop(scenario.id, None)
    if main is None:
        return Played(scenario, Timeline(scenario.id), ["no service knows the case"])
    return Played(scenario, main, differences(scenario, main, told), told)


def _told(network: Told, case: str) -> Timeline | None:
    try:
        return network.timeline(case)
    except (UnknownCase, KeyError):
        return None


def tell(played: Played, timelines: bool) -> None:
    """One case: as published or not, its way, and on demand the whole timeline."""
    heading = Text.assemble((played.scenario.id, "bold"), "  ", no_wrap=True, overflow="ellipsis")
    heading.append("not as published" if played.wrong else "as published", "red" if played.wrong else "green")
    show(heading.append(f"  {played.scenario.title}"))
    if timelines:
        show(tree(played.timeline))
    else:
        for each in path(played.timeline):
            show(Text(f"  {each}"))
    for way, many in Counter(", ".join(path(each)) or "no leg" for each in played.children.values()).items():
        show(Text(f"  {many} of its cases: {way}"))
    for each in played.wrong:
        show(Text(f"  differs: {each}", style="red"))
