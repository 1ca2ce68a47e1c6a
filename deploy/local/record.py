"""What a broker or database remembers about itself in its folder, so that any later process can find and stop it."""

import json
from pathlib import Path
from typing import TypedDict, cast

from deploy.local.ports import free_ports, is_free
from deploy.local.process import MachineError, Process
from xianjie.whole import write_whole


class State(TypedDict):
    """Ports by name; (pid, birth) of processes by name."""

    ports: dict[str, int]
    processes: dict[str, tuple[int, int]]


class Record:
    """`state.json` in one folder: ports by name, running processes by name. Read anew each time, written atomically."""

    def __init__(self, home: Path) -> None:
        self.path = home / "state.json"

    def exists(self) -> bool:
        """Whether anything was ever started from this folder."""
        return self.path.exists()

    def port(self, name: str) -> int:
        """The port of that name; MachineError when none was ever taken."""
        port = self._read()["ports"].get(name)
        if port is None:
            raise MachineError(f"nothing was ever started from {self.path.parent}: start it first")
        return port

    def knows(self, name: str) -> bool:
        """Whether a port of that name was ever taken."""
        return name in self._read()["ports"]

    def note_port(self, name: str, port: int) -> None:
        """Remember a port by a name of its own."""
        state = self._read()
        state["ports"][name] = port
        self._write(state)

    def process(self, name: str) -> Process | None:
        """The process of that name while it runs, else None."""
        entry = self._read()["processes"].get(name)
        found = Process(*entry) if entry else None
        return found if found and found.alive() else None

    def settle_ports(self, *names: str) -> None:
        """Keep the ports of last time; take new ones where there are none, or where another program has taken one."""
        state = self._read()
        kept = state["ports"]
        missing = [name for name in names if name not in kept or not is_free(kept[name])]
        kept |= dict(zip(missing, free_ports(len(missing)), strict=True))
        self._write(state)

    def started(self, name: str, process: Process) -> None:
        """Remember a process, before anything else can go wrong."""
        state = self._read()
        state["processes"][name] = (process.pid, process.born)
        self._write(state)

    def forget(self, name: str) -> None:
        """It has ended."""
        state = self._read()
        if state["processes"].pop(name, None):
            self._write(state)

    def _read(self) -> State:
        if not self.exists():
            return {"ports": {}, "processes": {}}
        return cast(State, json.loads(self.path.read_text()))

    def _write(self, state: State) -> None:
        write_whole(self.path, json.dumps(state, indent=1) + "\n")
