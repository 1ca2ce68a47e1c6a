"""`xianjie contracts`: what changed between two published contracts, and whether who lives by the older one can live with it."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from xianjie.cli.checking import check
from xianjie.cli.showing import AsJson, Fault, coloured, show, show_json, table
from xianjie.wording import counted

if TYPE_CHECKING:
    from xianjie.compatibility.contract import Contract
    from xianjie.compatibility.direction import Row

app = typer.Typer(no_args_is_help=True, help="What changed in the contracts, and who can live with it.")
Old = Annotated[
    str | None,
    typer.Argument(metavar="[OLD]", help="A file, its folder, or a released version; else the last released."),
]
New = Annotated[str | None, typer.Argument(metavar="[NEW]", help="The same; else what this installation would publish.")]
EXTRA = ("jsonschema", "interegular", "referencing", "attrs", "rpds")
"""Packages of the extra `contracts`, and what comes with them."""

app.command()(check)


@app.command()
def diff(old: Old = None, new: New = None, as_json: AsJson = False) -> None:
    """Compare two contracts: every change, by who says and who reads, with its verdict; for each break a message that proves it.

    Ends with status 1 where something is breaking or unclear. Example: `xianjie contracts diff 0.1.0 contracts/schemas`
    """
    before, after = _both(old, new)
    from xianjie.compatibility.judging import compared

    rows = compared(before, after)
    if as_json:
        show_json({"old": before.name, "new": after.name, "verdict": _whole(rows), "rows": [each.plain() for each in rows]})
    else:
        _shown(rows)
    if _whole(rows) != "compatible":
        raise typer.Exit(1)


@app.command()
def changelog(old: Old = None, new: New = None) -> None:
    """Print what changed as a section of a changelog, in Markdown; nothing where nothing changed.

    Example: `xianjie contracts changelog 0.1.0 contracts/schemas`
    """
    before, after = _both(old, new)
    from xianjie.compatibility.changelog import changelog as section

    typer.echo(section(before, after), nl=False)


def _both(old: str | None, new: str | None) -> tuple["Contract", "Contract"]:
    """The two contracts; raises a `Fault` where the packages that compare them are missing."""
    try:
        from xianjie.compatibility import released
    except ImportError as missing:
        if (missing.name or "").split(".")[0] not in EXTRA:
            raise
        says = f"contracts are compared with the package {missing.name}, which is not installed: pip install 'xianjie[contracts]'"
        raise Fault(says, 2) from None
    return released.named(old) if old else released.last(), released.named(new) if new else released.present()


def _whole(rows: Iterable["Row"]) -> str:
    """The worst of all verdicts."""
    found = {each.verdict for each in rows}
    return next((each for each in ("breaking", "unclear") if each in found), "compatible")


def _shown(rows: list["Row"]) -> None:
    """A line for what is the same of many messages, and beneath it the first message that proves a break."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.verdict, row.direction, row.place, row.what), []).append(row)
    if not groups:
        show(Text("nothing differs"))
        return
    worst = sorted(groups.values(), key=lambda found: ("breaking", "unclear", "compatible").index(found[0].verdict))
    cells = [
        (coloured(each[0].verdict), each[0].direction, _messages(each), each[0].place or "/", each[0].what, each[0].why)
        for each in worst
    ]
    show(table(("verdict", "direction", "message", "place", "what changed", "why"), cells))
    for found in worst:
        if found[0].counterexample is not None:
            _proof(found[0])
    verdicts = [each.verdict for each in rows]
    told = ", ".join(f"{verdicts.count(each)} {each}" for each in ("compatible", "breaking", "unclear"))
    show(Text(f"\n{counted(len(rows), 'difference')}: {told}"))


def _messages(found: list["Row"]) -> str:
    return found[0].message + (f" and {len(found) - 1} more" if len(found) > 1 else "")


def _proof(row: "Row") -> None:
    carried: dict[str, Any] = row.counterexample or {}
    show(Text(f"\n{row.direction}, {row.message or row.place}: {row.what}", style="bold"))
    show(Text(f"  {row.why}; for example"))
    beside = {name: each for name, each in carried.items() if name != "message"}
    show(Text(f"  {json.dumps(carried.get('message'), ensure_ascii=False)}"))
    show(Text(f"  {json.dumps(beside, ensure_ascii=False)}"))
    if row.readings:
        said, read = (json.dumps(each, ensure_ascii=False) for each in row.readings)
        show(Text(f"  who says means {said}, who reads means {read}"))
