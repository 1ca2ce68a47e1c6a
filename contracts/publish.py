"""Writes what is published into contracts/schemas: `python contracts/publish.py`; with --check it only says whether that is up to date."""

import json
import sys
from pathlib import Path
from typing import Any

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.publishing import asyncapi, protocols, schemas, tracks

HERE = Path(__file__).parent
FOLDER = HERE / "schemas"


def published() -> dict[str, bytes]:
    """By file name, the bytes of everything that is published: the same for the same contracts, wherever they are written."""
    found: dict[str, Any] = {
        **schemas.documents(), **protocols.documents(), **tracks.documents(),
        "asyncapi.json": asyncapi.document(HERE / "samples"),
    }  # fmt: skip
    return {name: each.encode() if isinstance(each, str) else _json(each) for name, each in sorted(found.items())}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def main() -> None:
    """Write what differs, and take away what is published no more."""
    wanted = published()
    there = {str(each.relative_to(FOLDER)): each for each in FOLDER.rglob("*.*")} if FOLDER.exists() else {}
    stale = [name for name, each in wanted.items() if name not in there or there[name].read_bytes() != each]
    gone = sorted(there.keys() - wanted.keys())
    if "--check" in sys.argv:
        named = ", ".join([*stale, *gone][:5])
        raise SystemExit(0 if not (stale or gone) else f"contracts/schemas is out of date ({named}): run make contracts")
    for name in stale:
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[name])
    for name in gone:
        there[name].unlink()
    print(f"contracts/schemas: {len(wanted)} files, {len(stale)} written, {len(gone)} taken away")


if __name__ == "__main__":
    main()
