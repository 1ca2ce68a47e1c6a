"""The documentation site in a real browser: found by search, readable on a phone, usable by everybody, without a complaint."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.browsing import Browser, browser, chromium

PAGES = (
    "index.html", "joining.html", "security.html", "receipts.html", "messages/index.html", "messages/case.submitted.v1.html",
    "messages/court.progressed.v1.html", "messages/routing.leg_moved.v1.html", "lists/Ground.html", "tracks/criminal.html",
    "protocols/leg.html", "roles/court.html", "limits.html", "envelope.html",
)  # fmt: skip
LOOKED_AT = (
    "index.html",
    "joining.html",
    "receipts.html",
    "messages/case.submitted.v1.html",
    "tracks/court.html",
    "protocols/leg.html",
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_without_a_browser_a_test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails, and is not left out."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(AssertionError, match="sudo apt-get install chromium"):
        chromium()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("referral.declined", "referral.declined"),
        ("decl ref", "referral.declined"),
        ("recusal_checked", "adjudication.progressed"),
        ("wrong_credentials", "wrong_credentials"),
        ("回执", "receipt.given"),
        ("拒绝移送", "referral.declined"),
        ("司法确认", "confirmation"),
        ("B4", "B4"),
        ("已签收", "leg: acknowledged"),
    ],
)
def test_search_finds_by_english_word_by_field_and_by_chinese_term(chrome: Browser, site: Path, query: str, first: str) -> None:
    """What fits best stands first or is among the first."""
    chrome.open(site / "messages/visit.due.v1.html")
    assert first in chrome.results(query)[:8]


def test_search_finds_messages_by_a_term_of_a_list_that_they_take(chrome: Browser, site: Path) -> None:
    """商标, a trademark, is a type of right; an offer names one."""
    chrome.open(site / "index.html")
    assert chrome.results("商标")[0] == "RightType: trademark"
    assert "referral.offered" in chrome.results("商标 referral")


def test_search_is_used_by_keys_alone(chrome: Browser, site: Path) -> None:
    """A stroke goes there, arrows choose, Escape closes, Enter opens."""
    chrome.open(site / "tracks/court.html")
    chrome.does("press", key="/")
    assert chrome.does("run", script="document.activeElement.id") == "search"
    chrome.results("referral.dec")
    chrome.does("press", key="Escape")
    assert chrome.does("run", script="document.getElementById('results').hidden")
    found = chrome.results("referral.de")
    chrome.does("press", key="ArrowDown")
    assert chrome.does("run", script="document.querySelector('#results [aria-selected=true] .title').textContent") == found[1]
    assert chrome.does("run", script="document.getElementById('search').getAttribute('aria-activedescendant')") == "result-1"
    chrome.does("press", key="Enter")
    chrome.does("waitForPage", end=f"messages/{found[1]}.v1.html")


def test_what_is_not_found_is_said(chrome: Browser, site: Path) -> None:
    """To those who see it and to those who hear it."""
    chrome.open(site / "index.html")
    assert chrome.results("zzzz") == []
    assert "Nothing found" in chrome.does("run", script="document.getElementById('search-count').textContent")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone_and_nothing_complains(chrome: Browser, site: Path, page: str) -> None:
    """360 pixels wide, with no sideways scrolling of the page; and no word in the browser's console."""
    chrome.open(site / page, width=360)
    assert chrome.does("run", script="[document.documentElement.scrollWidth, document.body.scrollWidth]") == [360, 360]
    assert chrome.does("complaints") == []


@pytest.mark.parametrize("page", LOOKED_AT)
def test_nothing_keeps_anybody_from_reading(chrome: Browser, site: Path, page: str) -> None:
    """No serious fault by axe-core: contrast in light and dark, names, roles, order."""
    for scheme, width in (("light", 1280), ("dark", 360)):
        chrome.open(site / page, width=width, scheme=scheme)
        assert chrome.does("violations") == [], (scheme, width)


@pytest.mark.parametrize("name", ["case", "leg", "proceeding"])
def test_the_diagram_of_a_protocol_is_drawn(chrome: Browser, site: Path, name: str) -> None:
    """Boxes and arrows with a size of their own, in a picture that has a name."""
    chrome.open(site / f"protocols/{name}.html")
    count = "(what) => [...document.querySelectorAll(what)].filter((each) => each.getBoundingClientRect().width > 0).length"
    boxes, arrows, words = (chrome.does("run", script=f"({count})('svg {each}')") for each in ("rect", "path.arrow", "text.name"))
    assert boxes == words > 8
    assert arrows > boxes
    assert (
        chrome.does("run", script="document.querySelector('svg[role=img]').getAttribute('aria-label')")
        == f"The states of a {name}"
    )


def test_the_language_is_chosen_and_kept(chrome: Browser, site: Path) -> None:
    """First that of the browser, then the one that was chosen, on every page."""
    shown = "(what) => getComputedStyle(document.querySelector(what)).display !== 'none'"
    chrome.open(site / "joining.html", language="zh-CN")
    assert chrome.does("run", script=f"({shown})('.prose.zh')")
    assert not chrome.does("run", script=f"({shown})('.prose.en')")
    assert chrome.does("run", script="document.documentElement.lang") == "zh-CN"
    chrome.does("click", selector="#language")
    assert chrome.does("run", script=f"({shown})('.prose.en')")
    chrome.does("click", selector="nav a[href='security.html']")
    chrome.does("waitForPage", end="security.html")
    assert chrome.does("run", script="document.documentElement.lang") == "en"
