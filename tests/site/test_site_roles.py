"""Each kind of body finds on its page what it says and hears, and in which part."""

import re
from pathlib import Path

import pytest
import yaml

from xianjie.law.competence import rules

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("role", ["court", "ip_office", "regulator", "mediation_body", "police", "platform", "agency", "routing"])
def test_a_role_has_a_page_of_what_it_says_and_hears(site: Path, role: str) -> None:
    """Each kind of body, and each part of the network."""
    page = (site / f"roles/{role}.html").read_text("utf-8")
    assert "referral.offered" in page
    assert ("court.outcome_reported" in page) == (role in ("court", "agency"))


def test_what_the_sender_or_a_body_above_says_is_not_shown_as_the_bodys_own(site: Path) -> None:
    """By the protocol of the proceeding: who may say it in which part."""
    page = (site / "roles/court.html").read_text("utf-8")
    part = page[page.index('id="own"') : page.index('href="../tracks/confirmation.html"')]
    _, body, sender, superior, hears = part.split("<h4>")
    said = [re.findall(r"<code>court\.(\w+)</code></a>", each) for each in (body, sender, superior, hears)]
    assert said == [
        ["cancel_answered", "contest_answered", "outcome_reported", "progressed", "resumed", "returned", "suspended"],
        ["cancel_asked", "escalated", "outcome_acknowledged", "outcome_contested"], ["ordered"], ["opened"],
    ]  # fmt: skip


def test_every_body_that_is_competent_for_a_track_finds_its_messages_on_its_page(site: Path) -> None:
    """By the rules of competence; every kind of body that has one has a page."""
    bodies = yaml.safe_load((ROOT / "contracts/site/words/bodies.yaml").read_text("utf-8"))
    pages = {kind: (site / f"roles/{body['id']}.html").read_text("utf-8") for body in bodies for kind in body["kinds"]}
    for rule in rules():
        for kind in rule.kinds:
            assert [each for each in rule.tracks if f"{each}.outcome_reported" not in pages[kind]] == [], (rule.id, kind)
