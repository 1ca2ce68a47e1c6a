"""Services that start without loading their modules each time: forked from a process that has loaded them, as real processes as any other.

Half of the processor's time of a start is loading, and these tests start some hundreds. The ordinary start, `python -m services.<name>`,
is what the demo, the traps and the tests of the local machine use.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from deploy.local.process import Process

ROOT = Path(__file__).parents[2]
_ONE = threading.Lock()


def spawn(command: Sequence[str], env: Mapping[str, str], output: Path) -> Process:
    """`python -m *command` under this environment, in a session of its own; stdout and stderr go to `output`."""
    output.touch(0o600)  # whoever looks into it at once finds it there
    wanted = json.dumps({"command": list(command), "env": dict(env), "output": str(output)})
    with _ONE:
        nurse = _nurse()
        assert nurse.stdin
        assert nurse.stdout
        nurse.stdin.write(wanted + "\n")
        nurse.stdin.flush()
        pid, born = nurse.stdout.readline().split()
        return Process(int(pid), int(born))


@cache
def _nurse() -> subprocess.Popen[str]:
    """The process that has loaded everything; it ends with the one that started it."""
    command = [sys.executable, "-m", "tests.chassis.nursery"]
    nurse = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(nurse.communicate)
    return nurse


def _watch() -> None:
    """Fork for each line that comes in, and say its pid and birth. Nothing waits here but this read, so that no thread is forked halfway."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    while line := sys.stdin.readline():
        wanted = json.loads(line)
        pid = os.fork()
        if not pid:
            return _live(wanted["command"], wanted["env"], wanted["output"])
        print(pid, Process.of(pid).born, flush=True)
    return None


def _live(command: list[str], env: dict[str, str], output: str) -> None:
    """From here on it is what it was asked to be."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing, told = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for ours, theirs in ((nothing, 0), (told, 1), (told, 2)):
        os.dup2(ours, theirs)
    sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(env)
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    import services.chassis.host  # first: it makes the process green

    # isort: split
    import runpy

    import services.enforcement_liaison.service
    import services.intake.service
    import services.mediation.service
    import services.routing.service  # noqa: F401  (loaded here, so that what is forked need not)

    _watch()
