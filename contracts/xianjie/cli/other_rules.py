"""What the rules of another revision, or of another checkout, make of a recording."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from xianjie.cli.showing import Fault
from xianjie.recording.file import Reader

PARTS = ("contracts/xianjie/__init__.py", "services/__init__.py")
"""What a checkout has."""


@contextmanager
def said_by(file: Path, code: str, trusted: bool) -> Iterator[Path]:
    """What they say again, and the hash of each of their commits, as a recording. `code`: a revision of this project, or a folder.

    Raises a `Fault` for what is none, and for rules that cannot do it, with what they raise and where."""
    with TemporaryDirectory(prefix="xianjie-") as folder:
        said = Path(folder) / "said.journal"
        with nullcontext(Path(code)) if Path(code).is_dir() else _checkout(code, Path(folder) / "code") as root:
            if missing := [each for each in PARTS if not (root / each).is_file()]:
                raise Fault(f"--code {code} is no checkout of this project: it has no {' and no '.join(missing)}", 2)
            paths = os.pathsep.join(map(str, (root.absolute() / "contracts", root.absolute())))
            words = [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "xianjie",
                "replay",
                str(file.absolute()),
                "--in-process",
                "--out",
                str(said),
            ]
            done = subprocess.run(
                [*words, *(["--trusted"] if trusted else [])], env={**os.environ, "PYTHONPATH": paths}, cwd=folder, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
        if done.returncode not in (0, 1) or not _ended(said):
            raise Fault(
                f"the rules of {code} cannot replay this: {_reason(done.stderr)}. It must have the command xianjie replay, and run with the "
                f"libraries that are installed here"
            )
        yield said


def _ended(said: Path) -> bool:
    """Whether they came to the end: what died on the way leaves a recording that was not finished."""
    if not said.exists():
        return False
    reader = Reader(said)
    for _ in reader:
        pass
    return reader.ended


def _reason(stderr: str) -> str:
    """Why a process failed: what was raised and where, or the last that it says."""
    lines = [line for each in stderr.splitlines() if (line := each.strip(" │╭╮╰╯─"))]
    last = lines[-1] if lines else "it says nothing"
    places = [each for each in lines if each.startswith("File ")]
    return f"{last} ({places[-1]})" if places else last


@contextmanager
def _checkout(revision: str, folder: Path) -> Iterator[Path]:
    root = Path(__file__).parents[3]
    git = ["git", "-C", str(root), "worktree"]
    made = subprocess.run([*git, "add", "--detach", "--quiet", folder, revision], capture_output=True, text=True, check=False)
    if made.returncode:
        why = (made.stderr.strip().splitlines() or ["git says nothing"])[-1]
        raise Fault(f"--code {revision} is no revision of {root}, and no folder: {why}", 2)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", folder], capture_output=True, check=False)
