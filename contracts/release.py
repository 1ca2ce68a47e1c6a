"""Releases the contracts: `python contracts/release.py 0.2.0`; with --changelog it only writes what changed into CHANGELOG.md, with --check
it only says whether that stands there."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from xianjie.compatibility.changelog import changelog
from xianjie.compatibility.contract import Contract
from xianjie.compatibility.direction import COMPATIBLE, Row
from xianjie.compatibility.judging import compared
from xianjie.compatibility.loading import FILE
from xianjie.compatibility.released import CONTRACTS, RELEASED, last, numbers, present, versions
from xianjie.written import BadFile

CHANGELOG = CONTRACTS / "CHANGELOG.md"
UNRELEASED, BEGIN, END = "## [Unreleased]", "<!-- changes: begin -->", "<!-- changes: end -->"


class NotReleased(Exception):
    """Why there is no release, and what to do."""


def release(version: str, new: Contract, folder: Path = RELEASED, notes: Path = CHANGELOG, day: date | None = None) -> Path:
    """Keep `new` as this version for ever, and put what is unreleased in `notes` under its heading. Raises `NotReleased`."""
    try:
        wanted = numbers(version)
    except ValueError as fault:
        raise NotReleased(str(fault)) from None
    there = versions(folder)
    if version in there:
        raise NotReleased(f"{version} is released, and stays as it is: choose a later version")
    if there and wanted < numbers(there[-1]):
        raise NotReleased(f"{version} comes before {there[-1]}, which is released: choose a later version")
    if there:
        _may_follow(last(folder), new)
    document = {**new.document, "info": {**new.document["info"], "version": version}}
    made = folder / version / FILE
    made.parent.mkdir(parents=True)
    made.write_bytes(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    fresh = f"{UNRELEASED}\n\n{BEGIN}\n{END}\n\n## [{version}] - {day or date.today()}\n"
    notes.write_text(_without_marks(notes.read_text("utf-8")).replace(f"{UNRELEASED}\n", fresh, 1), "utf-8")
    return made


def _may_follow(old: Contract, new: Contract) -> None:
    rows = compared(old, new)
    if not rows:
        raise NotReleased(f"nothing differs from {old.name}")
    wrong = [each for each in rows if each.verdict != COMPATIBLE and not superseded(each, old, new)]
    if wrong:
        named = "\n".join(f"  {each.verdict}: {each.direction}, {each.message} {each.place}: {each.what}" for each in wrong[:20])
        more = f"\n  and {len(wrong) - 20} more" if len(wrong) > 20 else ""
        raise NotReleased(
            "who lives by the last release could not live with this one. Make what changed a new version of its message, and speak the old "
            f"one beside it for a release:\n{named}{more}"
        )


def superseded(row: Row, old: Contract, new: Contract) -> bool:
    """Whether only an old version of a message goes, of which a later one was spoken beside it in the last release, and is now."""
    name, _, number = row.message.rpartition(".v")
    later = [
        each for each in old.messages if each.rpartition(".v")[0] == name and int(each.rpartition(".v")[2]) > int(number or 0)
    ]
    return row.message not in new.messages and any(each in new.messages for each in later)


def unreleased(old: Contract, new: Contract, text: str) -> str:
    """The changelog with what changed between its marks. Raises `NotReleased` where it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NotReleased(f"{CHANGELOG.name} has no {BEGIN} and {END} under {UNRELEASED}: write them there")
    return f"{before}{BEGIN}\n{changelog(old, new)}{END}{after}"


def _without_marks(text: str) -> str:
    return text.replace(f"{BEGIN}\n", "").replace(f"{END}\n", "")


def main(words: Iterable[str]) -> None:
    """Do what was asked for; status 1 and one message where that cannot be."""
    asked = [*words]
    try:
        if asked in (["--changelog"], ["--check"]):
            text = CHANGELOG.read_text("utf-8")
            made = unreleased(last(), present(), text)
            if asked == ["--check"]:
                raise SystemExit(
                    0 if made == text else f"{CHANGELOG.name} lacks what changed: run python contracts/release.py --changelog"
                )
            CHANGELOG.write_text(made, "utf-8")
        elif len(asked) == 1 and not asked[0].startswith("-"):
            print(f"released: {release(asked[0], present())}")
        else:
            raise SystemExit("usage: python contracts/release.py VERSION | --changelog | --check")
    except (NotReleased, BadFile) as fault:
        raise SystemExit(str(fault)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
