"""Programs that outlive whoever started them, known afterwards by pid and birth, so that a reused pid is never hit."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


class MachineError(RuntimeError):
    """Something about the local machine that a person must know: what was wrong, where, and what to do."""


@dataclass(frozen=True)
class Process:
    """One running program. `born`: its start in clock ticks since boot; with the pid it names one process for ever."""

    pid: int
    born: int

    @classmethod
    def spawn(cls, command: Sequence[str | Path], env: Mapping[str, str], output: Path) -> "Process":
        """Start a program in a session of its own (Ctrl-C here does not reach it); stdout and stderr go to `output`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        argv = [str(word) for word in command]
        pid = os.posix_spawn(
            argv[0],
            argv,
            dict(env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            setsigdef=[signal.SIGPIPE, signal.SIGINT],
        )
        return cls.of(pid)

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has this pid now; raises OSError if there is none."""
        return cls(pid, _stat(pid)[2])

    def alive(self) -> bool:
        """Whether it still runs; a paused one does. Reaps it when it was our child and has ended.

        Its first thread may have ended (Z) while others have not: until they have, its ports are still taken.
        """
        try:
            state, _, born = _stat(self.pid)
            ended = state == "Z" and len(list((PROC / str(self.pid) / "task").iterdir())) == 1
        except OSError:
            return False
        if ended and born == self.born:
            _reap(self.pid)
        return born == self.born and not ended

    def send(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.alive():
            with suppress(ProcessLookupError):  # ended in between: that is what the caller will find
                os.kill(self.pid, number)

    def pause(self) -> None:
        """Stop its clock, and return when every thread of it stands still; `send(SIGCONT)` lets it go on."""
        self.send(signal.SIGSTOP)
        limit = time.monotonic() + 5
        while self.alive() and not self._stands_still():
            if time.monotonic() > limit:
                raise MachineError(f"process {self.pid} does not stand still after SIGSTOP")
            time.sleep(0.005)

    def _stands_still(self) -> bool:
        try:
            threads = (PROC / str(self.pid) / "task").iterdir()
            return all(_stat(self.pid, int(thread.name))[0] == "T" for thread in threads)
        except OSError:  # a thread ended meanwhile: look again
            return False

    def gone_within(self, seconds: float) -> bool:
        """Wait until it has ended; False when the time is over."""
        limit = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > limit:
                return False
            time.sleep(0.02)
        return True

    def end(self, seconds: float, first: int = signal.SIGTERM) -> None:
        """End it and all it started: politely, by force after `seconds`. Returns when none of them is left."""
        family = self.family()
        self.send(first)
        self.send(signal.SIGCONT)
        if not self.gone_within(seconds):
            self.send(signal.SIGKILL)
            self.gone_within(5)
        for member in family:
            if not member.gone_within(5):
                member.send(signal.SIGKILL)

    def family(self) -> list["Process"]:
        """Everything it started, directly or not, that still runs."""
        children: dict[int, list[Process]] = {}
        for entry in PROC.iterdir():
            if entry.name.isdigit():
                try:
                    _, parent, born = _stat(int(entry.name))
                except OSError:
                    continue
                children.setdefault(parent, []).append(Process(int(entry.name), born))
        found, ahead = [], [self.pid]
        while ahead:
            born_here = children.get(ahead.pop(), [])
            found += born_here
            ahead += [child.pid for child in born_here]
        return found

    def memory(self) -> int:
        """Resident memory in bytes; 0 when it has ended."""
        if not self.alive():
            return 0
        return int((PROC / str(self.pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Whoever starts or stops what lives in `home` does so alone; others wait."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def last_lines(*logs: Path, count: int = 15) -> str:
    """The ends of these log files, for an error message."""
    ends = []
    for log in logs:
        lines = log.read_text(errors="replace").rstrip().splitlines() if log.exists() else []
        ends.append("\n  ".join([f"{log}:", *(lines[-count:] or ["(nothing)"])]))
    return "\n".join(ends)


def _stat(pid: int, thread: int | None = None) -> tuple[str, int, int]:
    """State letter, parent's pid and birth of a process or of one of its threads, as the kernel tells them."""
    after_name = (PROC / str(pid) / "task" / str(thread or pid) / "stat").read_text().rpartition(")")[2].split()
    return after_name[0], int(after_name[1]), int(after_name[19])


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):  # someone else's child: its parent will
        os.waitpid(pid, os.WNOHANG)
