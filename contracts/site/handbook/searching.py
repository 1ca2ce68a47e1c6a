"""The index of the search: what is found, by which words, and where it is."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from handbook import wording
from handbook.lists import Codes
from handbook.messages import Told
from handbook.protocols import states
from xianjie.protocol.table import Table
from xianjie.refusals import Refusal
from xianjie.tracks.track import TrackRules

Entry = list[Any]
"""Title, page, what it says, other words, names of fields between blanks, the lists that it uses."""


def script(entries: Iterable[Entry], lists: Iterable[Codes]) -> str:
    """The index as a script, which a page may load from a file as well as from a server."""
    words = {each.name: _words(each) for each in lists}
    made = {"lists": words, "entries": list(entries)}
    return f"window.searchIndex = {json.dumps(made, ensure_ascii=False, separators=(',', ':'))};\n"


def _words(codes: Codes) -> str:
    return " ".join(f"{each.code} {each.english} {each.chinese}" for each in codes.words).lower()


def of_message(told: Told) -> Entry:
    """A message: by name, Chinese name, summary, fields with their Chinese names, and the words of its lists."""
    rows = [row for each in told.shapes for row in each.rows]
    fields = " ".join(dict.fromkeys(each.name for each in rows))
    glosses = (wording.field(each.name, each.taken.kind) for each in rows)
    words = " ".join(dict.fromkeys(each.chinese for each in glosses if each))
    lists = [each.name for each in told.lists if each.page.startswith("lists/")]
    return [
        told.name,
        f"messages/{told.key}.html",
        f"{told.chinese} {told.summary}".replace("`", "").strip(),
        words,
        f" {fields} ",
        lists,
    ]


def of_list(codes: Codes) -> Iterator[Entry]:
    """A code list, and each of its codes."""
    yield [codes.name, codes.page, f"{codes.chinese} {codes.about}".replace("`", "").strip(), "", "", []]
    for each in codes.words:
        yield [
            f"{codes.name}: {each.code}",
            f"{codes.page}#{codes.name}-{each.code}",
            f"{each.chinese} {each.english}",
            "",
            "",
            [],
        ]


def of_track(rules: TrackRules) -> Entry:
    """A track."""
    return [rules.track.value, f"tracks/{rules.track}.html", f"{rules.track.chinese} {rules.track.english}", "", "", []]


def of_steps(rules: TrackRules) -> Iterator[Entry]:
    """The steps and the outcomes of a track."""
    page = f"tracks/{rules.track}.html"
    for kind, rows in (("step", rules.steps), ("outcome", rules.outcomes)):
        for each in rows.values():
            yield [f"{rules.track}: {each.name}", f"{page}#{kind}-{each.name}", f"{each.chinese} {each.english}", "", "", []]


def of_protocol(table: Table) -> Iterator[Entry]:
    """A protocol, and each of its states."""
    page = f"protocols/{table.name}.html"
    yield [table.name, page, "协议 protocol", "", "", []]
    for each in states(table):
        yield [
            f"{table.name}: {each}",
            f"{page}#states",
            f"{wording.state(each, table.name)} {each.replace('_', ' ')}",
            "",
            "",
            [],
        ]


def of_limit(id: str, title: str) -> Entry:
    """A time limit."""
    return [id, f"limits.html#{id}", title, "期限 time limit", "", []]


def of_refusal(refusal: Refusal) -> Entry:
    """A reason of refusal."""
    return [refusal.code, f"receipts.html#{refusal.code}", f"{refusal.chinese} {refusal.says}", refusal.remedy, "", []]


def of_page(key: str, page: str) -> Entry:
    """A page of the site, by what the site calls it."""
    words = wording.chrome(key)
    return [words.english, page, words.chinese, "", "", []]
