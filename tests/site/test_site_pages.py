"""The documentation site says of every message what its class says, in both languages where there are words; every link leads somewhere."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from xianjie.json_schema import Schemas
from xianjie.message import MESSAGES, Message, hints
from xianjie.protocol.table import table
from xianjie.publishing.protocols import NAMES
from xianjie.refusals import refusals
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Term, Track

ROOT = Path(__file__).parents[2]
EVERY = sorted(MESSAGES.values(), key=lambda each: each.type)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Read(HTMLParser):
    """What a page links to, what may be linked to on it, and its headings' levels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found[each] or "" for each in ("href", "src") if each in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


@cache
def read(page: Path) -> Read:
    return Read(page.read_text("utf-8"))


def page_of(site: Path, cls: type[Message]) -> str:
    return (site / f"messages/{cls.name}.v{cls.version}.html").read_text("utf-8")


def rows(page: str) -> dict[str, str]:
    """By anchor, the rows of the tables of a page."""
    return {found[1]: found[2] for found in re.finditer(r'<tr[^>]* id="([^"]+)">(.*?)</tr>', page, re.DOTALL)}


def test_two_builds_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    """Whatever the order of sets, and wherever it is written."""
    words = [sys.executable, "contracts/site/build.py", str(tmp_path / "again")]
    environ = {**os.environ, "PYTHONHASHSEED": "4242"}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=280)
    first = {each.relative_to(site): each.read_bytes() for each in site.rglob("*") if each.is_file()}
    second = {
        each.relative_to(tmp_path / "again"): each.read_bytes() for each in (tmp_path / "again").rglob("*") if each.is_file()
    }
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert f"{sum(each.suffix == '.html' for each in first)} pages" in done.stdout


def test_it_writes_over_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    """A folder with other things in it is named and left alone."""
    (tmp_path / "mine.txt").write_text("mine")
    words = [sys.executable, "contracts/site/build.py", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, (tmp_path / "mine.txt").read_text()) == (1, "mine")
    assert f"{tmp_path} holds something else" in done.stderr


def test_without_nodejs_it_says_what_to_install(tmp_path: Path) -> None:
    """In one line, and writes nothing."""
    words = [sys.executable, "contracts/site/build.py", str(tmp_path / "docs")]
    environ = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "node is missing, and the diagrams need it. Install it: sudo apt-get install nodejs npm\n"
    assert not (tmp_path / "docs").exists()


def test_every_message_has_a_page_with_every_field_in_a_row(site: Path) -> None:
    """Its own fields and those of the objects that it is made of, each with a meaning and a Chinese name."""
    for cls in EVERY:
        found = rows(page_of(site, cls))
        schemas = Schemas("")
        schemas.refer(cls)
        for shape, schema in schemas.found.items():
            for name in schema["properties"]:
                assert f"{shape}-{name}" in found, f"{cls.name}: {shape}.{name} has no row"
                row = found[f"{shape}-{name}"]
                must = 'class="must"' in row
                assert must == (name in schema.get("required", [])), f"{cls.name}: {shape}.{name}"
                assert CHINESE.search(row.split("</th>")[0]), (
                    f"write {name} into contracts/site/words/fields.yaml, in English and Chinese"
                )
                assert re.search(r"\w", re.sub("<[^>]+>", "", row.rsplit("<td", 1)[1].partition(">")[2])), (
                    f"{name} has no meaning"
                )


def test_every_code_stands_with_its_words_in_both_languages(site: Path) -> None:
    """On the page of each message that takes it."""
    for cls in EVERY:
        page = unescape(page_of(site, cls))
        for hint in hints(cls).values():
            if isinstance(hint, type) and issubclass(hint, Term):
                for term in hint:
                    assert f'<td><code>{term}</code></td><td>{term.english}</td><td lang="zh-CN">{term.chinese}</td>' in page


def test_every_step_and_outcome_of_a_track_stands_where_it_is_said(site: Path) -> None:
    """On the track's page, and on the page of the message that reports it."""
    for track in Track:
        rules = track_rules(track)
        for kind, verb, found in (("step", "progressed", rules.steps), ("outcome", "outcome_reported", rules.outcomes)):
            said = unescape((site / f"messages/{track}.{verb}.v1.html").read_text("utf-8"))
            kept = rows(unescape((site / f"tracks/{track}.html").read_text("utf-8")))
            for name, each in found.items():
                words = f'<td><code>{name}</code></td><td>{each.english}</td><td lang="zh-CN">{each.chinese}</td>'
                assert words in said
                assert words in kept[f"{kind}-{name}"]


def test_every_message_has_a_chinese_name_a_summary_and_its_sample(site: Path) -> None:
    """The name in the title, the sample as it is kept."""
    for cls in EVERY:
        page = page_of(site, cls)
        assert CHINESE.search(re.search("<title>(.*?)·", page)[1]), f"name {cls.name} in contracts/site/words/messages.yaml"  # type: ignore[index]
        sample = re.search(r'<pre class="code"[^>]*><code>(.*?)</code>', page, re.DOTALL)
        assert sample
        kept = ROOT / f"contracts/samples/{cls.name}.v{cls.version}.json"
        assert json.loads(unescape(re.sub("<[^>]+>", "", sample[1]))) == json.loads(kept.read_bytes())


def test_every_state_has_a_chinese_name_and_every_row_its_place(site: Path) -> None:
    """Of each protocol, in the table and in the diagram."""
    for name in NAMES:
        page = (site / f"protocols/{name}.html").read_text("utf-8")
        found, diagram = table(name), page[page.index("<svg") : page.index("</svg>")]
        assert {each.name for each in found.rows} <= rows(page).keys()
        for state in found.states:
            assert re.search(rf'<td>{state} <span class="chinese" lang="zh-CN">[\u4e00-\u9fff]', page), (
                f"{state}: words/states.yaml"
            )
            assert f">{state.replace('_', ' ')}</text>" in diagram
        moving = {each.name for each in found.rows if each.to != "before"}
        assert [each for each in moving if not re.search(rf"\b{each}\b", diagram)] == []


def test_every_reason_of_refusal_stands_with_its_remedy(site: Path) -> None:
    """In English and Chinese."""
    page = unescape((site / "receipts.html").read_text("utf-8"))
    for code, each in refusals().items():
        part = page[page.index(f'id="{code}"') :].split("</li>")[0]
        assert each.chinese in part
        assert each.says[1:] in part
        assert each.remedy[1:] in part


def test_every_link_of_the_whole_site_leads_somewhere_on_it(site: Path) -> None:
    """To a file, and to a place within it that is there once; nothing comes from elsewhere."""
    broken: list[str] = []
    for page in sorted(site.rglob("*.html")):
        found = read(page)
        assert len(set(found.ids)) == len(found.ids), f"{page.name} has an id twice"
        for link in found.links:
            assert not re.match(r"[a-z]+:|//|/", link), f"{page.name} links to {link}"
            file, _, anchor = unquote(link).partition("#")
            target = (page.parent / file).resolve() if file else page
            if not target.is_file() or (anchor and anchor not in read(target).ids):
                broken.append(f"{page.relative_to(site)}: {link}")
    assert broken == []


def test_no_heading_leaves_out_a_level(site: Path) -> None:
    """One first heading on each page, and below it one level at a time."""
    for page in site.rglob("*.html"):
        levels = read(page).levels
        assert levels.count(1) == 1, page.name
        assert levels[0] == 1, page.name
        assert all(after - before <= 1 for before, after in pairwise(levels)), page.name


def test_nothing_is_asked_of_the_network(site: Path) -> None:
    """Neither by style nor by script."""
    for file in [*site.glob("*.css"), site / "search.js", site / "language.js"]:
        assert not re.search(r"https?:|//[a-z]|@import|fetch\(|url\(", file.read_text("utf-8").replace("// ", "")), file.name


def test_both_languages_of_a_page_have_the_same_parts_and_commands() -> None:
    """The same steps, tables and links, and the same to type."""
    folder = ROOT / "contracts/site/pages"
    for english in (each for each in sorted(folder.glob("*.md")) if not each.stem.endswith(".zh")):
        one, other = english.read_text("utf-8"), (folder / f"{english.stem}.zh.md").read_text("utf-8")
        for pattern in (r"^(#+) ", r"^#+ (\d+)\.", r"^(?:```\w*\n)(.*?)^```", r"\]\(([^)]+)\)"):
            marks = re.MULTILINE | re.DOTALL
            assert re.findall(pattern, one, marks) == re.findall(pattern, other, marks), english.name
        assert one.count("\n|") == other.count("\n|")


def test_every_dataclass_field_of_the_envelope_is_explained(site: Path) -> None:
    """The attributes around every message."""
    from xianjie.envelope import Attributes

    found = rows((site / "envelope.html").read_text("utf-8"))
    assert {f"Attributes-{each.name}" for each in fields(Attributes)} <= found.keys()
