"""The example agency in Node.js as a process of its own, as an integrator would run it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chassis.ground import until

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "contracts/examples/node"
Report = dict[str, Any]
"""What `xianjie conform --json` says."""


def installed(into: Path) -> Path:
    """A copy of the example with what it depends on, installed by its lock file; the checkout stays as it is."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("node or npm is missing, and the example agency runs on Node.js 20: sudo apt-get install nodejs npm")
    for each in (*SOURCES.glob("*.mjs"), *SOURCES.glob("package*.json")):
        shutil.copy(each, into)
    subprocess.run(["npm", "ci", "--silent", "--no-fund", "--no-audit", "--prefer-offline"], cwd=into, check=True, timeout=240)
    return into


class Program:
    """One run of the example. `log`: where its lines go."""

    def __init__(self, folder: Path, log: Path, uri: str, code: str, *options: str) -> None:
        self.log = log
        words = ["node", str(folder / "main.mjs"), "--agency", code, "--schemas", str(ROOT / "contracts/schemas"), *options]
        with log.open("wb") as file:
            self.process = subprocess.Popen(words, stderr=file, env={**os.environ, "XIANJIE_AMQP_URI": uri})

    def told(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of one event."""
        lines = [json.loads(each) for each in self.log.read_text("utf-8").splitlines() if each.startswith("{")]
        return [each for each in lines if each["event"] == event]

    def awaits(self, event: str, times: int = 1, seconds: float = 60.0) -> None:
        """Wait until it has told of this event so many times."""
        until(lambda: len(self.told(event)) >= times or self.process.poll() is not None, f"{event}, {times} times", seconds)
        assert len(self.told(event)) >= times, self.log.read_text("utf-8")

    def end(self, by: signal.Signals, limit: float = 30.0) -> int:
        """Its exit status, after it was told to end by this signal."""
        began = time.monotonic()
        self.process.send_signal(by)
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it did not end within {time.monotonic() - began:g} s") from None


@contextmanager
def running(
    folder: Path, log: Path, uri: str, code: str, *options: str, status: int = 0, by: signal.Signals = signal.SIGTERM
) -> Iterator[Program]:  # fmt: skip
    """The example while it runs; afterwards it ends with this status, told by this signal."""
    program = Program(folder, log, uri, code, *options)
    try:
        yield program
    except BaseException:
        program.process.kill()
        program.process.wait()
        raise
    assert program.end(by) == status, log.read_text("utf-8")


def verdicts(report: Report, *which: str) -> dict[str, Any]:
    """By clause with one of these verdicts, its faults."""
    return {each["clause"]: each["faults"] for each in report["clauses"] if each["verdict"] in which}
