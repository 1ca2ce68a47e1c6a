"""The systems that integrators are shown conform, each in its role: a copy of one begins where it should."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xianjie.cli import app

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

EXAMPLES = Path(__file__).parents[2] / "contracts/examples"


@pytest.mark.parametrize(
    ("file", "role"), [("court", "court"), ("mediation_body", "mediation_body"), ("online_platform", "platform")]
)
def test_an_example_conforms_in_its_role(uri: str, tmp_path: Path, file: str, role: str) -> None:
    """Started as its users start it, with its store; recommended clauses too."""
    words = ["conform", "--agency", "CN-TRIED", "--role", role, "--amqp", uri, "--patience", "8"]
    assert CliRunner().invoke(app, [*words, "--prepare"]).exit_code == 0
    command = [sys.executable, str(EXAMPLES / f"{file}.py"), "--code", "CN-TRIED", "--store", str(tmp_path / "kept.sqlite")]
    with (tmp_path / "log").open("w") as log:
        system = subprocess.Popen(command, env={**os.environ, "XIANJIE_URI": uri}, stdout=log, stderr=subprocess.STDOUT)
    try:
        tried = CliRunner().invoke(app, words, terminal_width=200)
    finally:
        system.send_signal(signal.SIGTERM)
        assert system.wait(30) == 0, (tmp_path / "log").read_text()
    assert tried.exit_code == 0, tried.output
    assert "failed" not in tried.output
