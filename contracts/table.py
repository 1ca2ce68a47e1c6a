"""The tables of messages and of refusals in contracts/README.md, made from classes and data: `python contracts/table.py` rewrites both."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.deprecating import fields
from xianjie.following import may_follow
from xianjie.message import MESSAGES, Message
from xianjie.refusals import refusals

README = Path(__file__).parent / "README.md"
TESTS = Path(__file__).parents[1] / "tests"
FOLDERS = (TESTS / "scenarios", TESTS / "traps")
"""Published cases, then the invented ones of the traps. In each, `shown.json` names by message the scenarios in which a service was seen
to say it: written by `python -m deploy.demo --shown`, held by the test that plays them."""


def says() -> dict[str, list[str]]:
    """By message, the scenarios in which an agency or the door says it."""
    found: dict[str, list[str]] = {}
    for file in [file for folder in FOLDERS for file in sorted(folder.glob("*.yaml"))]:
        for line in yaml.safe_load(file.read_text("utf-8"))["says"]:
            found.setdefault(line["say"], []).append(file.stem)
    return {name: list(dict.fromkeys(files)) for name, files in found.items()}


def shown() -> Mapping[str, list[str]]:
    """By message, the scenarios that show it, whoever says it."""
    seen = says()
    for folder in FOLDERS:
        for name, files in json.loads((folder / "shown.json").read_text()).items():
            seen[name] = [*seen.get(name, []), *(each for each in files if each not in seen.get(name, []))]
    published = {each.stem for each in FOLDERS[0].glob("*.yaml")}
    return {name: sorted(files, key=lambda each: each not in published) for name, files in seen.items()}


def row(cls: type[Message], files: list[str]) -> str:
    """One message: said by, heard by, what it says, what its hearers may say because of it, where it is shown."""
    says = " ".join((cls.__doc__ or "").split("\n\n")[0].split()) + going(cls)
    heard, then = ", ".join(cls.heard_by) or "journal", ", ".join(may_follow(cls))
    return f"| `{cls.name}` v{cls.version} | {', '.join(cls.said_by)} | {heard} | {says} | {then or '—'} | {files[0] if files else '—'} |"


def going(cls: type[Message]) -> str:
    """What of it is to go, with what to say instead."""
    whole = [f"**Deprecated**: {cls.deprecated}"] if cls.deprecated else []
    parts = [f"**Deprecated** `{'.'.join(path)}`: {instead}" for path, instead in fields(cls)]
    return "".join(f" {each}" for each in (*whole, *parts))


def table() -> str:
    """The whole table, by noun."""
    where = shown()
    rows = [row(cls, where.get(cls.name, [])) for cls in sorted(MESSAGES.values(), key=lambda each: each.type)]
    head = "| message | said by | heard by | what it says | what may follow | shown by |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows])


def refused() -> str:
    """Every reason for which a system is not let in or not read, with its remedy."""
    rows = [
        f"| `{each.code}` | {', '.join(each.at)} | {each.http} | {each.says} | {each.remedy} |" for each in refusals().values()
    ]
    return "\n".join(["| code | shows at | HTTP | what is wrong | what to do |", "|---|---|---|---|---|", *rows])


TABLES: Mapping[str, Callable[[], str]] = {"messages": table, "refusals": refused}
"""By the name in the two marks between which it stands."""


def main() -> None:
    """Rewrite the tables in README.md; with --check only say whether they are up to date (exit status 1 if not)."""
    made = text = README.read_text("utf-8")
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = made.partition(begin)
        _, _, after = rest.partition(end)
        made = f"{before}{begin}\n{make()}\n{end}{after}"
    if "--check" in sys.argv:
        raise SystemExit(0 if made == text else f"{README.name} is out of date: run python contracts/table.py")
    README.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
