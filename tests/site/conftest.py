"""The site, built once for all tests that read it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds it."""
    folder = tmp_path_factory.mktemp("site") / "deep" / "docs"
    words = [sys.executable, "contracts/site/build.py", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr or done.stdout
    return folder
