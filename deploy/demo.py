"""`make demo`: published cases go through the four services, over a real broker and database, with simulated bodies answering."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.network import Network
from deploy.local.process import MachineError
from deploy.local.running import bring_up
from xianjie.agency import Away, Refused
from xianjie.cli import network as seen
from xianjie.cli import verify
from xianjie.cli.play import Played, load_all, play, tell
from xianjie.cli.showing import Fault
from xianjie.envelope import Invalid
from xianjie.play.rounds import Stuck
from xianjie.play.scenario import Scenario
from xianjie.written import BadFile

SCENARIOS = Path(__file__).parents[1] / "tests/scenarios"
HOMES = Path(".local")


def demo(
    files: Annotated[list[Path] | None, typer.Argument(help="Scenario files; without any, all of tests/scenarios.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Each case's path only, not its whole timeline.")] = False,
    shown: Annotated[
        Path | None, typer.Option("--shown", help="Write there which scenario shows which message, as JSON.")
    ] = None,
    home: Annotated[Path, typer.Option("--home", help="The folder that holds broker, database and exercise.")] = HOMES,
    as_cases: Annotated[bool, typer.Option("--cases", help="Brief, and the last line counts cases alone.")] = False,
) -> None:
    """Set up what is missing, start everything, play published cases by date, print their timelines, verify, stop everything.

    Exit status 0 if every case ended as published and nothing was lost or parked; else 1, saying what differed.
    """
    began = time.monotonic()
    scenarios = load_all(sorted(files or SCENARIOS.glob("*.yaml")))
    with on_stage(scenarios, home) as network:
        say(f"{len(scenarios)} cases by date, {sum(len(each.lines) for each in scenarios)} things said by applicants and bodies")
        live = seen.find(network.file)
        played = play(live, scenarios)
        for each in played:
            tell(each, not (brief or as_cases))
        found = verify.verified(live)
        if shown:
            shown.write_text(json.dumps(messages_shown(live, scenarios), indent=1) + "\n")
    for fault in found.faults:
        print(f"verify: {fault}")
    ended = sum(not each.wrong for each in played)
    print(
        f"verified {found.cases} cases, {found.commits} commits, {found.said} messages said, in {time.monotonic() - began:.0f} s"
    )
    print(f"demo: {len(played)} cases played, {ended} ended as published, {len(found.faults)} lost, {found.parked} parked")
    if as_cases:
        print(f"cases: {ended} of {len(played)} ended as published")
    raise typer.Exit(0 if well(played) and not found.faults and not found.parked else 1)


def messages_shown(live: seen.Network, scenarios: list[Scenario]) -> dict[str, list[str]]:
    """By message, the scenarios in which somebody was heard to say it."""
    found: dict[str, list[str]] = {}
    for scenario in scenarios:
        logs = [commits for case in sorted(scenario.cases) for commits in live.commits(case).values()]
        types = {each["type"] for log in logs for commit in log for each in (commit["heard"], *commit["said"]) if "type" in each}
        for name in sorted(kind.removeprefix("xianjie.").rpartition(".v")[0] for kind in types):
            found.setdefault(name, []).append(scenario.id)
    return dict(sorted(found.items()))


def well(played: list[Played]) -> bool:
    """Whether every case ended as published."""
    return not any(each.wrong for each in played)


@contextmanager
def on_stage(scenarios: list[Scenario], homes: Path = HOMES) -> Iterator[Network]:
    """An exercise of its own with every body that has a part; gone afterwards, whatever happens."""
    say("starting broker, database and four services")
    name = f"demo{int(time.time())}"
    network = bring_up(name, set().union(*(each.bodies for each in scenarios)), exercise=name, homes=homes)
    try:
        yield network
    finally:
        say("stopping everything")
        network.clear()
        if not any(homes.glob("*/network.json")):
            network.machine.down()


def say(what: str) -> None:
    """Progress, for a person. That nobody is left to read it hinders nothing: what was started must still be stopped."""
    with suppress(OSError):
        print(f"demo: {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Run it; what a person can mend is said in one message."""
    try:
        typer.run(demo)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BadFile as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(2) from None
    except (MachineError, Fault, Stuck, Away, Refused, Invalid) as fault:
        print(f"demo: {fault}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
