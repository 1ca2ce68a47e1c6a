"""A real browser for tests: Chromium without a window, driven through a pipe by Node.js."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str:
    """Where Chromium is: the one that `CHROMIUM` names, else one on the PATH; an AssertionError that says what to do where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "no Chromium is on this machine. Install it: sudo apt-get install chromium (or name another one in CHROMIUM)"
    return found


@contextmanager
def browser() -> Iterator["Browser"]:
    """A browser for as long as it is needed; its packages of Node.js are brought by npm the first time."""
    found = chromium()
    if not (HERE / "node_modules/playwright-core").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-fund", "--no-audit"], cwd=HERE, check=True, timeout=240)
    words = ["node", "browser.mjs", found]
    with subprocess.Popen(words, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Browser(process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Browser:
    """What a person does at it, one thing after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def does(self, what: str, **how: Any) -> Any:
        """One command of browser.mjs and its answer; an AssertionError with what the browser says where it cannot."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"does": what, **how}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the browser ended while it was to {what} {how}"
        answer = json.loads(line)
        assert "fault" not in answer, f"{what} {how}: {answer['fault']}"
        return answer["value"]

    def open(self, page: Path, *, width: int = 1280, scheme: str = "light", language: str = "en-GB") -> None:
        """A file in a new window of that width, in pixels."""
        self.does("open", url=page.as_uri(), width=width, scheme=scheme, language=language)

    def results(self, query: str) -> list[str]:
        """The titles that the search shows for what is typed."""
        self.does("fill", selector="#search", text=query)
        self.does("waitFor", selector="#results:not([hidden]) li")
        found: list[str] = self.does(
            "run", script="[...document.querySelectorAll('#results .title')].map((each) => each.textContent)"
        )
        return found
