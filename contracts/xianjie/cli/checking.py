"""`xianjie contracts check`: whether messages that lie in files are valid, and all that is wrong with those that are not."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from xianjie import envelope
from xianjie.arrival import ahead
from xianjie.cli.showing import AsJson, Fault, coloured, show, show_json, table
from xianjie.envelope import Invalid
from xianjie.vocabulary import CHINA


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Messages, each whole with its envelope; - is standard input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check messages against their contracts, as the services do, this machine's clock among it: every fault with its place and its code.

    Ends with status 1 if any is not valid. Example: `xianjie contracts check accepted.json`
    """
    found = {str(file): _faults(file) for file in files}
    if as_json:
        show_json([{"file": file, "valid": not faults, "faults": faults} for file, faults in found.items()])
    else:
        for file, faults in found.items():
            show(Text.assemble(f"{file}: ", coloured("not a valid message" if faults else "ok")))
            if faults:
                show(
                    table(("place", "what is wrong", "code"), [(each["pointer"], each["says"], each["code"]) for each in faults])
                )
    if any(found.values()):
        raise typer.Exit(1)


def _faults(file: Path) -> list[dict[str, str]]:
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as fault:
        raise Fault(f"{file}: cannot be read: {fault.strerror}", 2) from None
    try:
        found = tuple(ahead(envelope.read(body), datetime.now(CHINA)))
    except Invalid as fault:
        found = tuple(fault.faults)
    return [{"pointer": each.pointer or "/", "says": each.says, "code": each.code} for each in found]
