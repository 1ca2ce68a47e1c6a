"""Pages that people wrote, in Markdown: one file for each language."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from handbook.pages import Pages, coloured

FOLDER = Path(__file__).parents[1] / "pages"
LANGUAGES = {"en": "", "zh-CN": ".zh"}
"""By language, how the names of its files end before `.md`."""


@dataclass(frozen=True, slots=True)
class Written:
    """A page in one language: its title, and what stands below it."""

    language: str
    title: str
    body: Markup


def written(name: str, path: str, pages: Pages) -> list[Written]:
    """The page of that name in each language. `path`: where it will stand, so that its links lead from there."""
    return [_written(FOLDER / f"{name}{ending}.md", language, path, pages) for language, ending in LANGUAGES.items()]


def _written(file: Path, language: str, path: str, pages: Pages) -> Written:
    first, _, rest = file.read_text("utf-8").partition("\n")
    markdown = MarkdownIt("commonmark", {"highlight": _highlighted}).enable("table")

    def code(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
        return str(pages.code(path, tokens[at].content))

    markdown.add_render_rule("code_inline", code)
    markdown.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table>\n')
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    tokens = markdown.parse(rest)
    for number, token in enumerate(each for each in tokens if each.type == "heading_open"):
        token.attrSet("id", f"{'' if language == 'en' else 'zh-'}part-{number + 1}")
    return Written(language, first.removeprefix("# "), Markup(markdown.renderer.render(tokens, markdown.options, {})))


def _highlighted(code: str, language: str, _: str) -> str:
    return f'<pre tabindex="0"><code>{coloured(code, language) if language else escape(code)}</code></pre>'
