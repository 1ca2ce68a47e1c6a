"""The directory as files: a folder of YAML lists of bodies, read and checked as a whole."""

from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from xianjie.fields import schema_for
from xianjie.messages.org import Body, OrgImported
from xianjie.wording import counted


class BadDirectory(ValueError):
    """The files do not make a directory; the text lists every fault with its file and body."""


def read_bodies(folder: Path) -> list[Body]:
    """Every body in the `*.yaml` files of `folder`; raises `BadDirectory` with all faults."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadDirectory(f"{folder}: there is no *.yaml file")
    schema = schema_for(Body)
    faults: list[str] = []
    bodies: list[Body] = []
    for file in files:
        for place, row in enumerate(_rows(file, faults)):
            try:
                bodies.append(schema.load(_plain(row)))
            except ValidationError as refused:
                faults.append(f"{file.name} /{place} ({row.get('code', '?')}): {refused.messages}")
    faults += _loose(bodies)
    if faults:
        raise BadDirectory(f"{folder}: {counted(len(faults), 'fault')}\n" + "\n".join(f"  {each}" for each in faults))
    return bodies


def _rows(file: Path, faults: list[str]) -> list[dict[str, Any]]:
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as fault:  # bytes that are not UTF-8, a day that no month has
        faults.append(f"{file.name}: is not YAML: {' '.join(str(fault).split())}")
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        faults.append(f"{file.name}: must be a list of bodies")
        return []
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


def _loose(bodies: list[Body]) -> list[str]:
    """Codes that are used twice, and superiors that nobody describes."""
    codes = [each.code for each in bodies]
    twice = [f"{code}: is described twice" for code in sorted({each for each in codes if codes.count(each) > 1})]
    return twice + [
        f"{each.code}: its superior {each.parent} is not in the directory"
        for each in bodies
        if each.parent and each.parent not in codes
    ]


def imported(bodies: list[Body], text: str = "") -> OrgImported:
    """The message that makes these bodies known."""
    return OrgImported(bodies=tuple(bodies), text=text)
