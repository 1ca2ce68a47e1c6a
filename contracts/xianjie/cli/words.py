"""Words of the command line that several commands take, and what they must be."""

from typing import Annotated

import typer
from marshmallow import ValidationError

from xianjie.cli.showing import Fault
from xianjie.fields import Code as CodeField
from xianjie.fields import field_for

Code = Annotated[str, typer.Argument(metavar="CODE", help="The body's code, as in CN-SH-IPO.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
DAY = 86_400.0
"""Seconds; nothing is waited for longer."""


def seconds(found: float) -> float:
    """A time to wait, in seconds: at least 0, at most a day (of nan neither is true). For a command's option, as its callback."""
    if not 0 <= found <= DAY:
        raise typer.BadParameter(f"give seconds, 0 to {DAY:g}")
    return found


def code_of(code: str, option: str = "") -> str:
    """The code, if it is one; a Fault else, which names the option that it came by."""
    try:
        field_for(CodeField).deserialize(code)
    except ValidationError as fault:
        raise Fault(f"{option} {code[:80]}: {fault.messages[0]}".lstrip(), 2) from None
    return code
