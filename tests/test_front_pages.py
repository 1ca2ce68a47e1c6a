"""The front page is the same in English and Chinese: the same parts in the same order, the same commands, the same links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
PARTS = {
    "headings and their levels": r"^(#+) ",
    "commands in blocks": r"^(make [a-z-]+)",
    "code in lines": r"`([^`\n]+)`",
    "links": r"\]\(([^)]+)\)",
    "folders of the table": r"^\| \[?`?([a-z_]+/[a-z_/]*)",
    "rows of tables": r"^(\|)",
    "who speaks to whom in the diagram": r"^    ([A-Z]->>[A-Z]): ",
    "messages of the diagram": r"^    [A-Z]->>[A-Z]: ([a-z]+\.[a-z_]+)",
    "clocks of the diagram": r"\b([A-C][1-9])\b",
    "blocks of code": r"^(```\w*)$",
}


@pytest.mark.parametrize("part", PARTS)
def test_both_front_pages_have_the_same(part: str) -> None:
    """In the same order; each names the other at the top."""
    english, chinese = (re.findall(PARTS[part], text, re.MULTILINE) for text in (ENGLISH, CHINESE))
    if part == "links":
        assert (english.pop(0), chinese.pop(0)) == ("README.zh-CN.md", "README.md")
    assert english
    assert chinese == english


def test_the_chinese_page_is_written_in_chinese() -> None:
    """Every heading but the name, and every cell of the table's second column."""
    for line in re.findall(r"^#+ (.*)$", CHINESE, re.MULTILINE) + re.findall(r"^\| .* \| (.*) \|$", CHINESE, re.MULTILINE):
        assert re.search(r"[\u4e00-\u9fff]", line), line
