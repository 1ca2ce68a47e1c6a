"""A file of time limits that cannot be used is refused whole, every fault with its place."""

from copy import deepcopy
from typing import Any

import pytest

from xianjie.law import competence, deadlines
from xianjie.law.reading import read
from xianjie.shipped import shipped
from xianjie.written import BadFile

CONVENTION: dict[str, Any] = {
    "units": ["d", "m"], "first_day": False, "rolls": True, "transit": True, "source": "a statute", "verified": True,
}  # fmt: skip
COUNTINGS: list[dict[str, Any]] = [
    {**CONVENTION, "id": "civil", "title": "as in civil procedure"},
    {**CONVENTION, "id": "first", "title": "the first day counts", "units": ["d"], "first_day": True},
]
VERSION: dict[str, Any] = {
    "length": 3, "unit": "d", "counting": "civil", "article": "1", "source": "a statute", "confidence": "high", "verified": True,
}  # fmt: skip
LIMIT: dict[str, Any] = {"id": "Z1", "trigger": "asked", "must": "answered", "lapse": "breach", "versions": [VERSION]}


def faults(change: dict[str, Any], *more: dict[str, Any], limit: dict[str, Any] | None = None) -> list[str]:
    """What is said of a file with one limit whose version is changed so, and more versions beside it."""
    first = {name: value for name, value in {**VERSION, **change}.items() if value is not None}
    rows = [{**LIMIT, **(limit or {}), "versions": [first, *({**VERSION, **each} for each in more)]}]
    with pytest.raises(BadFile) as refused:
        read([deepcopy(COUNTINGS), rows, {}], "rules.yaml")
    return str(refused.value).splitlines()[1:]


def test_the_shipped_file_can_be_read() -> None:
    law = read(shipped(deadlines.FILE), deadlines.FILE)
    assert law.deadlines == deadlines.deadlines()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit": "weeks"}, "/versions/0/unit: Must be one of: h, d, wd, m."),
        ({"length": 0}, "/versions/0/length: Must be greater than or equal to 1"),
        ({"length": "three"}, "/versions/0/length: must be a whole number, written without a point"),
        ({"article": None}, "/versions/0/article: Missing data for required field."),
        ({"article": ""}, "/versions/0/article: is missing; say `not seen`"),
        ({"source": None}, "/versions/0/source: Missing data for required field."),
        ({"counting": "lunar"}, "/versions/0/counting: no convention lunar; there are civil, first"),
        ({"unit": "h"}, "/versions/0/counting: civil counts d, m, and not h"),
        ({"region": "99"}, "/versions/0/region: 99 begins no division code"),
        ({"level": "moon"}, "/versions/0/level: Must be one of"),
        ({"valid_from": "soon"}, "/versions/0/valid_from: must be a day, as 2026-03-02"),
        (
            {"valid_from": "2025-02-01", "valid_to": "2025-01-01"},
            "/versions/0/valid_to: 2025-01-01 lies before valid_from",
        ),
        ({"warn": 3}, "/versions/0/warn: 3 days before the end of a limit of 3"),
        ({"stops": ["appraisal", "appraisal"]}, "/versions/0/stops: one ground stands there twice"),
        ({"extend": {"length": 2, "unit": "h", "by": "head"}}, "/versions/0/extend/unit: a limit in d is not extended in h"),
        ({"stops": ["lunch"]}, "/versions/0/stops/0/ground: Must be one of"),
        (
            {"stops": ["appraisal", {"ground": "hearing", "at_most": {"length": 5, "unit": "d"}}]},
            "/versions/0/stops: a stop with at_most",
        ),
        ({"extend": {"length": 1, "unit": "m"}}, "/versions/0/extend/by: Missing data for required field."),
        ({"lenght": 3}, "/versions/0/lenght: no such key"),
        ({"extend": {"length": 1, "unit": "m", "by": "x", "tiems": 2}}, "/versions/0/extend/tiems: no such key"),
        ({"confidence": "sure"}, "/versions/0/confidence: Must be one of"),
    ],
)
def test_a_fault_is_named_with_its_place(change: dict[str, Any], says: str) -> None:
    (found,) = faults(change)
    assert found.strip().startswith("/1/0 (Z1)")
    assert says in found


def test_all_faults_are_named_at_once() -> None:
    assert len(faults({"unit": "weeks", "article": None, "confidence": "sure"})) == 3


def test_versions_that_overlap_are_refused_with_the_days_that_both_hold() -> None:
    (found,) = faults({"valid_to": "2025-03-31"}, {"valid_from": "2025-03-01", "length": 5})
    assert "/versions/1: overlaps Z1@..2025-03-31: both hold from 2025-03-01 to 2025-03-31" in found
    (found,) = faults({}, {"length": 5})
    assert "on every day" in found
    (found,) = faults({}, {"valid_from": "2025-03-01"})
    assert "both hold from 2025-03-01 on" in found


def test_versions_for_other_places_and_days_do_not_overlap() -> None:
    rows = [{**LIMIT, "versions": [
        {**VERSION, "valid_to": "2025-03-31"}, {**VERSION, "valid_from": "2025-04-01"},
        {**VERSION, "region": "31"}, {**VERSION, "level": "nation"},
    ]}]  # fmt: skip
    assert len(read([COUNTINGS, rows, {}], "rules.yaml").deadlines) == 4


def test_a_limit_is_described_once_and_has_versions() -> None:
    for rows, says in (
        ([LIMIT, LIMIT], "/1/1 (Z1): is described twice"), ([{**LIMIT, "versions": []}], "(Z1) /versions: must be a list"),
        ([{"trigger": "asked"}], "/1/0: must be a mapping with an id"), ("text", "/1: must be a list"),
    ):  # fmt: skip
        with pytest.raises(BadFile, match=r"rules\.yaml: 1 fault") as refused:
            read([COUNTINGS, rows, {}], "rules.yaml")
        assert says in str(refused.value)


def test_the_file_has_three_documents_and_its_counts_are_numbers() -> None:
    with pytest.raises(BadFile, match="must hold three documents"):
        read([COUNTINGS], "rules.yaml")
    with pytest.raises(BadFile, match="/2: must map names to whole numbers above 0"):
        read([COUNTINGS, [LIMIT], {"hops": True}], "rules.yaml")


RULE: dict[str, Any] = {
    "id": "z", "tracks": ["court"], "kinds": ["ip_court"], "article": "1", "source": "a statute", "verified": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tracks": ["tribunal"]}, "/0 (z)/tracks/0: Must be one of"),
        ({"tracks": []}, "/0 (z)/tracks: must name one at least"),
        ({"rights": ["designs"]}, "/0 (z)/rights: designs is no right"),
        ({"kind": ["ip_court"]}, "/0 (z)/kind: no such key; there are id, tracks"),
        ({"valid_from": "2024-02-01", "valid_to": "2024-01-01"}, "/0 (z)/valid_to: 2024-01-01 lies before"),
        ({"article": ""}, "/0 (z)/article: Length must be"),
    ],
)
def test_a_rule_of_competence_that_cannot_be_used_is_named_with_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadFile) as refused:
        competence.read([[{**RULE, **change}]], "c.yaml")
    assert says in str(refused.value)


def test_rules_of_competence_are_described_once_and_in_one_document() -> None:
    with pytest.raises(BadFile, match="is described twice"):
        competence.read([[RULE, RULE]], "c.yaml")
    with pytest.raises(BadFile, match="must be a list"):
        competence.read([[RULE], []], "c.yaml")


def test_what_stands_at_the_limit_holds_for_its_versions_unless_they_say_otherwise() -> None:
    rows = [{**LIMIT, "warn": 2, "versions": [VERSION, {**VERSION, "region": "31", "warn": 1}]}]
    assert [each.warn for each in read([COUNTINGS, rows, {}], "rules.yaml").deadlines] == [2, 1]
