"""How fast a recording is decided again in one process, how much memory that takes, and what recording costs those who are recorded."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.machine import Machine
from tests.bench import measure, ours
from tests.recording.memory import SCENARIOS, recorded
from xianjie.cli.again import run

NICE = 19
"""The recorder gives way to everybody."""


def recording(path: Path) -> Path:
    """All published cases, played in memory and recorded; made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        recorded(path, *SCENARIOS)
    return path


def replayed(path: Path, *, trusted: bool, salt: str | None = None) -> dict[str, float]:
    """A process of its own: messages and commits per second of its processor, and its memory in MB at the most.

    With the salt, hashes are compared. Raises `Unfinished` if anything differs, or was left out.
    """
    words = [sys.executable, "-W", "ignore", "-m", "tests.bench.replaying", str(path), *(["--trusted"] if trusted else [])]
    environment = {**os.environ, **({"XIANJIE_SALT": salt} if salt else {})}
    done = subprocess.run(words, cwd=measure.ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise measure.Unfinished(f"a recording was not replayed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def recorded_too(machine: Machine, n: int) -> float:
    """Messages/s of one process of ours while a recorder follows the journal, as it may, behind everybody else."""
    with ours.ground(machine) as place:
        ours.fill(place, ours.messages(n))
        with _recorder(place), place.contestant() as process:
            return measure.watch(place.admin, ours.OUTBOX, n, process)


@contextmanager
def _recorder(place: ours.Ground) -> Iterator[None]:
    out = measure.ROOT / f".local/bench/{place.vhost}.journal"
    operator = place.machine.broker.uri(place.vhost, "operator", place.passwords["operator"])
    network = {"name": place.vhost, "exercise": None, "doors": {}, "amqp": {"operator": operator}}
    described = out.with_suffix(".json")
    described.write_text(json.dumps(network))
    words = ["record", "--follow", "--out", str(out), "--network", str(described)]
    process = subprocess.Popen(
        [sys.executable, "-m", "xianjie", *words], cwd=measure.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.nice(NICE),
    )  # fmt: skip
    try:
        measure.wait_until(out.exists, "the recorder has begun")
        yield
    finally:
        process.terminate()
        process.wait()
        for each in (out, described):
            each.unlink(missing_ok=True)


def most_mb() -> float:
    """The most memory of this process, of this program alone: what getrusage says begins with that of the process that started it (tried)."""
    (line,) = [each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    began = time.process_time()
    compared = run(Path(sys.argv[1]), trusted="--trusted" in sys.argv).compared
    seconds = time.process_time() - began
    if list(compared.differences()) or compared.left or compared.hashed != ("XIANJIE_SALT" in os.environ):
        sys.exit("what was replayed differs")
    print(
        json.dumps(
            {
                "messages_per_s": compared.messages / seconds,
                "commits_per_s": compared.commits / seconds,
                "rss_mb": most_mb(),
            }
        )
    )
