"""`xianjie contracts`: what changed between two published contracts, and whether who lives by the older one can live with it."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from marshmallow import fields
from rich.text import Text

from xianjie import journal
from xianjie.cli.checking import check
from xianjie.cli.network import NetworkFile, find
from xianjie.cli.recording import end
from xianjie.cli.showing import AsJson, Fault, coloured, show, show_json, table
from xianjie.deprecating import deprecated
from xianjie.message import named
from xianjie.recording.file import Reader
from xianjie.recording.uses import Use, Wanted
from xianjie.recording.uses import uses as counted_uses
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

    Ends with status 1 where something is breaking or unclear.

    Example: `xianjie contracts diff 0.1.0 contracts/schemas`
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


@app.command()
def uses(
    what: Annotated[str | None, typer.Argument(metavar="[TYPE[.FIELD]]", help="As in referral.declined.text; else all that goes.")] = None,
    recording: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="A recording; else the journal of the network.", exists=True, dir_okay=False),
    ] = None,
    as_json: AsJson = False,
    network: NetworkFile = None,
) -> None:  # fmt: skip
    """Say who still uses a message or a field that is to go: by who says it and which agency is told it, how often, when first and last.

    Counted in a recording or in the network's journal; where neither is named, nor a message, it lists what is to go.

    Example: `xianjie contracts uses referral.declined.text --journal monday.journal`
    """
    wanted = {wanted_by(what): ""} if what else {Wanted(cls, path): instead for cls, path, instead in deprecated()}
    reader = Reader(recording) if recording else None
    found: list[Use] = []
    where = str(recording)
    if reader:
        found = counted_uses(reader, [*wanted])
    elif what or network:
        place = find(network)
        found, where = counted_uses(journal.read(place.operator), [*wanted]), f"the journal of {place.vhost}"
    if as_json:
        rows = {each.name: [_use(use) for use in found if use.wanted == each] for each in wanted}
        show_json([{"what": each.name, "instead": instead, "uses": rows[each.name]} for each, instead in wanted.items()])
    else:
        _used(wanted, found)
        if wanted and not found and (reader or what or network):
            show(Text(f"nobody uses it in {where}"))
    if reader:
        end(reader)


def _used(wanted: dict[Wanted, str], found: list[Use]) -> None:
    """What is to go, then who uses it."""
    if not wanted:
        show(Text("nothing is deprecated"))
    for each, instead in wanted.items():
        if instead:
            show(Text(f"{each.name}: {instead}"))
    if found:
        times = ((use.first and use.first.isoformat(), use.last and use.last.isoformat()) for use in found)
        rows = ((use.wanted.name, use.who, use.does, use.count, *when) for use, when in zip(found, times, strict=True))
        show(table(("what", "who", "does", "count", "first", "last"), rows))


def _use(use: Use) -> dict[str, Any]:
    first, last = (each and each.isoformat() for each in (use.first, use.last))
    return {"who": use.who, "does": use.does, "count": use.count, "first": first, "last": last}


def wanted_by(what: str) -> Wanted:
    """What somebody names; a `Fault` with near names for what there is not."""
    noun, verb, *rest = (*what.removeprefix("xianjie.").split("."), "")
    version, *path = rest if rest and re.fullmatch(r"v[1-9]\d?", rest[0]) else ["v1", *rest]
    try:
        cls = named(f"{noun}.{verb}", int(version[1:]))
    except KeyError as unknown:
        raise Fault(f"{unknown.args[0]}", 2) from None
    schema: Any = cls.schema
    words = [each for each in path if each]
    for number, word in enumerate(words):
        members = schema.fields if schema else {}
        if word not in members:
            whole = ".".join((f"{noun}.{verb}", *words[:number]))
            there = f"; there are {', '.join(members)}" if members else ""
            raise Fault(f"{whole} has no field {word}{there}", 2)
        inner = members[word].inner if isinstance(members[word], fields.List) else members[word]
        schema = inner.schema if isinstance(inner, fields.Nested) else None
    return Wanted(cls, tuple(words))


def _both(old: str | None, new: str | None) -> tuple["Contract", "Contract"]:
    """The two contracts; raises a `Fault` where the packages that compare them are missing."""
    try:
        from xianjie.compatibility import released
    except ImportError as missing:
        if (missing.name or "").split(".")[0] not in EXTRA:
            raise
        says = f"contracts are compared with the package {missing.name}, which is not installed: pip install the wheel or folder as …[contracts]"
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
