"""Who may import whom: the gate is shut for every module of a service, and not only for those that somebody thought of."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xianjie.message import SERVICES

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).parent / "lint-imports"
RULES = "rules stand on the contracts alone, not on what they run on"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of everything that the gate looks at."""
    for each in ("services", "deploy", "contracts"):
        shutil.copytree(ROOT / each, tmp_path / each, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def offend(copy: Path, module: str, line: str) -> None:
    """Add a line to a module, which is made if need be."""
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def gate(copy: Path, contract: str) -> tuple[bool, str]:
    """Whether one contract of the copy is kept, and what is said of it."""
    path = os.pathsep.join((str(copy), str(copy / "contracts")))
    done = subprocess.run(
        [LINT, "--no-logo", "--no-cache", "--contract", contract], cwd=copy, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
    )  # fmt: skip
    return done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", ["rules", "intake", "routing", "tracks", "bridge"])
def test_the_gate_lets_pass_what_is_here(copy: Path, contract: str) -> None:
    """Without it, a gate that always fails would pass the tests below."""
    kept, said = gate(copy, contract)
    assert kept, said


@pytest.mark.parametrize("library", ["pymongo", "nameko.extensions", "eventlet", "services.chassis.store"])
def test_no_module_of_a_service_imports_what_it_runs_on_whatever_its_name(copy: Path, library: str) -> None:
    """An old module, and a new one, in each service."""
    offend(copy, "services/routing/custody.py", f"import {library}")
    for service in SERVICES:
        offend(copy, f"services/{service}/later.py", f"import {library}")
    kept, said = gate(copy, "rules")
    assert not kept
    for module in ("routing.custody", *(f"{service}.later" for service in SERVICES)):
        assert f"services.{module} -> {library.split('.')[0]}" in said, module


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("routing", "routing/guards.py", "from services.routing import answers"),
        ("routing", "routing/choosing.py", "from services.routing.offering import offer"),
        ("routing", "routing/taking.py", "from services.routing.service import Routing"),
        ("routing", "routing/later.py", ""),
        ("intake", "intake/visit.py", "from services.intake.front import codes"),
        ("intake", "intake/ending.py", "from services.intake import review"),
        ("tracks", "mediation/rules.py", "from services.mediation.service import Mediation"),
    ],
)
def test_a_module_imports_only_from_beneath_it_and_a_new_one_must_be_given_its_place(
    copy: Path, contract: str, module: str, line: str
) -> None:
    offend(copy, f"services/{module}", line)
    kept, said = gate(copy, contract)
    assert not kept
    assert module.removesuffix(".py").replace("/", ".") in said
