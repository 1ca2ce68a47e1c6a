"""One call of the command line."""

from pathlib import Path

from typer.testing import CliRunner, Result

from xianjie.cli import app


def run(*words: str | Path) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    result = CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result
