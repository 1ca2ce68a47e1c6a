"""The whole network on this machine: machine, directory, services; brought up, described, taken down."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pymongo.errors import PyMongoError

from deploy.local.machine import HOME, Machine
from deploy.local.network import Network
from deploy.local.process import MachineError
from xianjie.bodies import imports, read_bodies
from xianjie.messages.org import Body
from xianjie.vocabulary import CHINA
from xianjie.voice import Operator

NETWORKS = Path(".local")
DIRECTORY = Path(__file__).parents[1] / "directory"


def bring_up(
    name: str,
    agencies: Collection[str] | None = None,
    *,
    exercise: str | None = None,
    sandbox: bool = False,
    bridged: Collection[str] = (),
    homes: Path = NETWORKS,
) -> Network:
    """Start broker and database where they do not run, and the four services anew; make the bodies known. `agencies` None: all have an inbox.

    `sandbox`: no agency is in it, and no body is known before a recording is played there. `bridged`: who comes by HTTP, and by nothing else.
    """
    machine = Machine(homes / HOME.name)
    bodies = read_bodies(DIRECTORY)
    if unknown := sorted({*bridged} - {each.code for each in bodies}):
        raise MachineError(f"--bridge {', '.join(unknown)}: no such body in {DIRECTORY}; xianjie directory show lists them")
    if (homes / name / "network.json").exists():  # some of its services may live still, and would go on beside the new ones
        Network.attach(machine, homes, name).stop()
    network = Network(machine, homes, name, exercise=exercise, sandbox=sandbox)
    resting = not machine.running
    try:
        machine.up()
        if agencies is None:
            agencies = [each.code for each in bodies if each.inbox and not sandbox]
        network.prepare(sorted({*agencies} - {*bridged}), bridged=sorted(bridged))
        network.start()
        if not sandbox:
            _introduce(network, bodies)
    except BaseException:
        if exercise or sandbox:
            with suppress(MachineError, PyMongoError):  # broker or database may not be up yet
                network.clear()
        else:
            network.stop()
        if resting:
            machine.down()
        raise
    return network


def _introduce(network: Network, bodies: list[Body]) -> None:
    with Operator(network.uri("operator"), "setup", exercise=network.exercise) as operator:
        moment = datetime(2000, 1, 1, tzinfo=CHINA) if network.exercise else None
        for each in imports(bodies, "the directory as the files have it"):
            last = operator.say(each, "directory", to="routing", time=moment)
    network.wait_known("routing", "directory", last)


def take_down(name: str, homes: Path = NETWORKS) -> None:
    """Drain and stop the services, then broker and database, unless another network stands on them."""
    machine = Machine(homes / HOME.name)
    if (homes / name / "network.json").exists():
        Network.attach(machine, homes, name).stop()
    if not any(homes.glob("*/network.json")):
        machine.down()
