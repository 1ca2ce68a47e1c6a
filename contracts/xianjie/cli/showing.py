"""How the command line shows things: rich in a terminal, plain text elsewhere, JSON for programs; faults in one clear message."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console, RenderableType
from rich.progress import track
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 4000
"""Columns of plain output: programs and files get every line whole."""

AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON instead of a table.")]


class Fault(Exception):
    """What a person can mend: what is wrong, where, and what to do. Ends the command with `status`."""

    def __init__(self, says: str, status: int = 1) -> None:
        super().__init__(says)
        self.status = status


def console(*, err: bool = False) -> Console:
    """Where to print: coloured and as wide as the terminal, or plain and unbroken where there is none."""
    made = Console(stderr=err, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=err, highlight=False, width=PLAIN_WIDTH, no_color=True)
    return made


def show(what: RenderableType) -> None:
    """Print a table, a tree or a line, without blanks at the ends of lines where nobody sees colours."""
    out = console()
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as caught:
        out.print(what)
    for line in caught.get().splitlines():
        typer.echo(line.rstrip())


def reading(cases: Sequence[str]) -> Iterable[str]:
    """These cases one after another, with a bar on standard error where a person sees it."""
    out = console(err=True)
    return track(cases, "reading", console=out, transient=True, disable=not out.is_terminal)


def incomplete(silent: Sequence[str]) -> None:
    """Say on stderr that some services could not tell, and why, and end with status 1; nothing if all could."""
    for why in silent:
        console(err=True).print(f"not all is shown: {why}. Look with: xianjie doctor", markup=False)
    if silent:
        raise typer.Exit(1)


def show_json(content: Any) -> None:
    """Print JSON, readable, Chinese as it is."""
    json.dump(content, sys.stdout, indent=1, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A plain table: a heading and a line for each row. Cells are text, never markup."""
    made = Table(
        *columns, box=box.SIMPLE_HEAD if console().is_terminal else None, pad_edge=False, header_style="bold", show_edge=False
    )
    for row in rows:
        made.add_row(*(each if isinstance(each, Text) else Text("" if each is None else str(each)) for each in row))
    return made


COLOURS = {
    **dict.fromkeys(("met", "closed", "yes", "ok", "concluded", "taken", "202", "compatible"), "green"),
    **dict.fromkeys(("breached", "late", "declined", "expired", "returned", "undeliverable", "parked"), "red"),
    **dict.fromkeys(("no", "missing", "breaking", "not a valid message"), "red"),
    **dict.fromkeys(("403", "409", "410", "422"), "red"),
    **dict.fromkeys(("running", "paused", "suspended", "not judged", "unclear"), "yellow"),
}


def coloured(word: Any) -> Text:
    """A word in the colour of its meaning."""
    return Text(str(word), style=COLOURS.get(str(word), ""))
