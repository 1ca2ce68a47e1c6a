"""The directory as files: a folder of YAML lists of bodies, read and checked as a whole."""

from pathlib import Path
from typing import Any

from xianjie.messages.org import Body, OrgImported
from xianjie.written import BadFile, bad, document, loaded

AT_ONCE = 150
"""Bodies in one message, which may be 256 KiB long; an entry takes about 600 bytes, and rarely 1,500."""


def read_bodies(folder: Path) -> list[Body]:
    """Every body in the `*.yaml` files of `folder`; raises `BadFile` with all faults, each with its file and body."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadFile(
            f"{folder}: there is no *.yaml file: name the folder that holds the bodies (--folder), as deploy/directory of the project"
        )
    faults: list[str] = []
    bodies: list[Body] = []
    for file in files:
        rows = ((f"{file.name} /{place} ({row.get('code', '?')})", row) for place, row in enumerate(_rows(file, faults)))
        bodies += [each for _, each in loaded(Body, rows, faults)]
    faults += _loose(bodies)
    if faults:
        raise bad(folder, faults)
    return bodies


def _rows(file: Path, faults: list[str]) -> list[dict[str, Any]]:
    try:
        found = document(file)
    except BadFile as fault:
        faults.append(str(fault))
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        faults.append(f"{file}: must be a list of bodies")
        return []
    return found


def _loose(bodies: list[Body]) -> list[str]:
    """Codes that are used twice, and superiors that nobody describes."""
    codes = [each.code for each in bodies]
    twice = [f"{code}: is described twice" for code in sorted({each for each in codes if codes.count(each) > 1})]
    return twice + [
        f"{each.code}: its superior {each.parent} is not in the directory"
        for each in bodies
        if each.parent and each.parent not in codes
    ]


def imports(bodies: list[Body], text: str = "") -> list[OrgImported]:
    """The messages that make these bodies known, superiors before those below them, each short enough for the broker."""
    known = {each.code: each for each in bodies}

    def depth(body: Body) -> int:
        above, steps = body.parent, 0
        while above in known and steps < len(known):
            above, steps = known[above].parent, steps + 1
        return steps

    ordered = sorted(bodies, key=depth)
    return [OrgImported(bodies=tuple(ordered[at : at + AT_ONCE]), text=text) for at in range(0, len(ordered), AT_ONCE)]
