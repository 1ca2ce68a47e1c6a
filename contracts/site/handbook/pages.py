"""Templates and what they may ask: the same page from every place, with links relative to it, in both languages."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from handbook import wording

HERE = Path(__file__).parents[1]
_TICKED = re.compile(r"`([^`]+)`")


class Pages:
    """Renders pages. `known`: by name of a message, where its page is, below the root of the site."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.engine = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.engine.globals.update(w=both, plain=plain, to=to, glossed=wording.field, state=wording.state)
        self.engine.filters.update(prose=self.prose, message=self.message, json=coloured)

    def render(self, path: str, template: str, **facts: Any) -> str:
        """The page at `path`, below the root of the site."""
        return self.engine.get_template(template).render(path=path, **facts)

    def prose_at(self, path: str, text: str) -> Markup:
        """Words of a docstring: what stands in backticks is code, and the name of a message leads to its page."""
        pieces = _TICKED.split(text)
        made = (escape(each) if at % 2 == 0 else self.code(path, each) for at, each in enumerate(pieces))
        return Markup("").join(made)

    def code(self, path: str, words: str) -> Markup:
        """Words of code, which lead to a message's page where they are its name."""
        page = self.known.get(words)
        code = Markup("<code>{}</code>").format(words)
        return Markup('<a href="{}">{}</a>').format(relative(path, page), code) if page else code

    @property
    def prose(self) -> Any:
        """As a filter: `{{ text | prose }}`."""
        return pass_context(lambda context, text: self.prose_at(_path(context), text))

    @property
    def message(self) -> Any:
        """As a filter: the name of a message that leads to its page."""
        return pass_context(lambda context, name: self.code(_path(context), name))


def _path(context: Context) -> str:
    return str(context["path"])


def relative(path: str, page: str) -> str:
    """How the page at `path` links to `page`, both below the root of the site."""
    file, mark, anchor = page.partition("#")
    return f"{posixpath.relpath(file, posixpath.dirname(path) or '.')}{mark}{anchor}"


@pass_context
def to(context: Context, page: str) -> str:
    """A link to a page below the root of the site."""
    return relative(_path(context), page)


def both(key: str) -> Markup:
    """Words of the site in both languages; the page shows the one that is chosen."""
    found = wording.chrome(key)
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh-CN">{}</span>').format(
        found.english, found.chinese
    )


def plain(key: str) -> str:
    """The same as text, for where no elements may stand."""
    found = wording.chrome(key)
    return f"{found.english} {found.chinese}"


def coloured(text: str, language: str = "json") -> Markup:
    """Code with the classes of its colours."""
    made = highlight(text, get_lexer_by_name(language), HtmlFormatter(nowrap=True))
    return Markup(made.rstrip("\n"))
