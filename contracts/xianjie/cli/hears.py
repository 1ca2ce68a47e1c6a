"""`xianjie who-hears`: one message, who says it, who hears it, what follows, and where it is shown."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from marshmallow import fields
from rich.text import Text

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.following import may_follow
from xianjie.message import Message, named
from xianjie.protocol.table import table as protocol
from xianjie.vocabulary import Track
from xianjie.written import BadFile, document

FOLDERS = (Path("tests/scenarios"), Path("tests/traps"))
PROTOCOLS = ("case", "leg", "proceeding")


def who_hears(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="As in referral.declined.")],
    scenarios: Annotated[
        list[Path] | None, typer.Option("--scenarios", help=f"A folder of scenarios; else {' and '.join(map(str, FOLDERS))}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who says and who hears a message, what follows, its fields, its rows in the protocol, the scenarios that show it.

    Example: `xianjie who-hears referral.declined`
    """
    try:
        cls = named(message.removeprefix("xianjie.").removesuffix(".v1"))
    except KeyError as unknown:
        raise Fault(f"{unknown.args[0]}. All that people say is listed by: xianjie say --list", 2) from None
    folders = scenarios or list(FOLDERS)
    found = described(cls, folders)
    if as_json:
        show_json(found)
        return
    show(Text(cls.type, style="bold"))
    for name, words in (("said by", found["said_by"]), ("heard by", found["heard_by"] or ["nobody: the journal keeps it"])):
        show(Text(f"{name}: {', '.join(words)}"))
    show(Text(f"what it says: {found['says']}"))
    show(Text(f"what may follow: {', '.join(found['follows']) or 'nothing that a service says'}"))
    show(
        table(
            ("field", "must be there", "takes"),
            ((each["name"], "yes" if each["required"] else "", each["takes"]) for each in found["fields"]),
        )
    )
    if found["rows"]:
        show(table(("protocol", "row", "in", "by", "leads to"), (tuple(each.values()) for each in found["rows"])))
    shown = found["scenarios"]
    show(Text(f"shown in: {', '.join(shown)}" if shown else f"shown in no scenario of {', '.join(map(str, folders))}"))


def described(cls: type[Message], scenarios: list[Path]) -> dict[str, Any]:
    """Everything there is to know of a message, as plain values."""
    return {
        "type": cls.type, "said_by": list(cls.said_by), "heard_by": list(cls.heard_by),
        "says": inspect.cleandoc(cls.__doc__ or ""), "follows": list(may_follow(cls)),
        "fields": [{"name": name, "required": each.required, "takes": _takes(each)} for name, each in cls.schema.fields.items()],
        "rows": list(_rows(cls.name)), "scenarios": [name for folder in scenarios for name in _scenarios(cls.name, folder)],
    }  # fmt: skip


def _takes(field: Any) -> str:
    """What a field takes: the terms of a list, else its kind."""
    terms = getattr(field, "enum", None) or getattr(field, "terms", None)
    if terms:
        return " | ".join(each.value for each in terms)
    choices = next((each.choices for each in field.validators if hasattr(each, "choices")), None)
    if choices:
        return " | ".join(str(each) for each in choices)
    if isinstance(field, fields.Nested):
        parts = field.schema.fields.items()
        return "{" + " ".join(name if each.required else f"[{name}]" for name, each in parts) + "}"
    if isinstance(field, fields.List):
        return f"a list of {_takes(field.inner)}"
    said = next((each.error for each in field.validators if getattr(each, "error", None) and "{" not in str(each.error)), None)
    if said:
        return str(said).removeprefix("must be ")
    return {
        "String": "text",
        "StrictBoolean": "true or false",
        "Timestamp": "a moment, RFC 3339",
        "Day": "a day, YYYY-MM-DD",
    }.get(type(field).__name__, type(field).__name__.lower())


def _rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of the protocols that this message moves along; tracks say those of the proceeding under their own prefix."""
    noun, verb = name.split(".")
    wanted = {name, verb} if noun in {*Track} else {name}
    for each in PROTOCOLS:
        for row in protocol(each).rows:
            if wanted & {on.split(":")[0] for on in row.on} and (
                name in {on.split(":")[0] for on in row.on} or each == "proceeding"
            ):
                start, by = ", ".join(sorted(row.start)), ", ".join(sorted(row.by))
                yield {"protocol": each, "row": row.name, "in": start, "by": by, "leads to": row.to}


def _scenarios(name: str, folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.yaml")):
        try:
            says = document(file)["says"]
        except (BadFile, KeyError, TypeError):
            continue
        if any(each.get("say") == name for each in says if isinstance(each, dict)):
            yield file.stem
