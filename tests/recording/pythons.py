"""`python -m tests.recording.pythons [INTERPRETER …]`: replays the published cases on other Pythons, each with two seeds of hashing.

Every interpreter (without any, those of python3.11, 3.12 and 3.13 that are found) gets an environment of its own in .local/pythons, which takes
a minute the first time. Exit status 1 if any of them ends in another state than tests/journals/states.json has.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parents[2]
JOURNALS = ROOT / "tests/journals"
HOMES = ROOT / ".local/pythons"
USUAL = ("python3.11", "python3.12", "python3.13")
SEEDS = ("0", "4242")


def main(interpreters: Annotated[list[str] | None, typer.Argument(metavar="INTERPRETER")] = None) -> None:
    """Say of each interpreter and seed how many recordings end in the state that is kept."""
    found = interpreters or [each for each in USUAL if shutil.which(each)]
    kept = json.loads((JOURNALS / "states.json").read_text())
    right = bool(found)
    for each in found:
        python = environment(each)
        version = _said([python, "-c", "import platform; print(platform.python_version())"])
        for seed in SEEDS:
            states = json.loads(_said([python, "-W", "ignore", "-m", __spec__.name, "--states"], PYTHONHASHSEED=seed))
            same = sum(states.get(name) == state for name, state in kept.items())
            right &= same == len(kept)
            print(
                f"Python {version}, hash seed {seed}: {same} of {len(kept)} recordings end in the state that is kept", flush=True
            )
    if not found:
        print(f"pythons: none of {', '.join(USUAL)} is found: name one", file=sys.stderr)
    raise typer.Exit(not right)


def environment(interpreter: str) -> str:
    """The Python of an environment that has what the lock names and this checkout; made where it is not there."""
    home = HOMES / Path(_said([interpreter, "-c", "import platform; print(platform.python_version())"]))
    python = home / "bin/python"
    if not (home / ".ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        _said([interpreter, "-m", "venv", str(home)])
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _said([*pip, "-r", str(ROOT / "deploy/docker/requirements.lock")])
        _said([*pip, "--no-deps", "-e", str(ROOT / "contracts"), "-e", str(ROOT)])
        (home / ".ready").touch()
    return str(python)


def _said(words: list[str], **more: str) -> str:
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pythons: {' '.join(words[:1])}: {done.stderr.strip()[-2000:]}")
    return done.stdout.strip()


def states() -> dict[str, str]:
    """By recording: the hash of all states after its replay in this process."""
    from xianjie.cli.again import run

    return {each.stem: run(each).state for each in sorted(JOURNALS.glob("*.journal"))}


if __name__ == "__main__":
    if sys.argv[1:] == ["--states"]:
        print(json.dumps(states()))
    else:
        typer.run(main)
