"""What the documents tell a reader to type exists, and what they link to is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FRONT = ("README.md", "README.zh-CN.md")
INTEGRATORS = ("contracts/README.md", "contracts/examples/node/README.md")
DOCUMENTS = [ROOT / name for name in (*FRONT, *INTEGRATORS, "deploy/README.md", "tests/README.md", "CHANGELOG.md")]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
XIANJIE = Path(sys.executable).parent / "xianjie"


def typed(pattern: str) -> list[tuple[str, str]]:
    """Every match of `pattern` in what the documents mark as code, with the document it stands in."""
    found = []
    for file in DOCUMENTS:
        text = file.read_text("utf-8")
        code = [*re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)]
        found += [(file.name, each) for block in code for each in re.findall(pattern, block)]
    return found


def test_every_make_target_that_a_document_names_exists() -> None:
    """`make <target>`."""
    named = typed(r"(?m)^make ([a-z-]+)")
    assert named
    assert [each for each in named if each[1] not in TARGETS] == []


def test_make_alone_lists_its_targets() -> None:
    """The first thing that a newcomer types."""
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "run", "stop", "test", "check", "bench", "soak", "who-hears", "docs"):
        assert f"make {target}" in listed


def test_every_command_of_xianjie_that_a_document_names_exists() -> None:
    """`xianjie <command>`, with its help."""
    named = sorted({command for _, command in typed(r"\.venv/bin/xianjie ([a-z-]+)")})
    assert named
    for command in named:
        subprocess.run([XIANJIE, command, "--help"], capture_output=True, check=True)


def test_every_module_that_a_document_runs_exists() -> None:
    """`python -m <module>`."""
    for file, module in typed(r"python -m ((?:services|deploy|tests)[a-z_.]*)"):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), f"{file} runs {module}"


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(file: Path) -> None:
    """Relative links only; the web may change."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text("utf-8"))
    assert [each for each in links if not (file.parent / each).exists()] == []


def test_every_scenario_is_in_the_table_of_tests_readme() -> None:
    """What each published case exercises."""
    text = (ROOT / "tests/README.md").read_text("utf-8")
    ids = [yaml.safe_load(each.read_text("utf-8"))["scenario"] for each in sorted((ROOT / "tests/scenarios").glob("*.yaml"))]
    assert [each for each in ids if f"`{each}`" not in text and not each.endswith("-2")] == []
