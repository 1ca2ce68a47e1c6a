"""Feature 79: registers of organisations, experts and volunteers, with skills, availability, conflicts and validity."""

from dataclasses import replace
from datetime import date

import pytest

from services.routing import directory
from services.routing.directory import Directory
from xianjie.deciding import Event, Given, Refuse, Say
from xianjie.envelope import Attributes, Heard
from xianjie.message import Message
from xianjie.messages.org import OrgDrained, OrgLeft, OrgLoadCounted
from xianjie.messages.provider import Provider, ProviderAsked, ProviderListed, ProviderTold, ProviderUnlisted
from xianjie.vocabulary import Ground, ProviderKind

from .telling import CENTRE, CITY, COURT, DIRECTORY, MEDIATOR, START, Log, accepted, the

COMPANY = "91440300708461136T"
EXPERT = Provider(
    code="EXP-1", kind=ProviderKind.EXPERT, body=CENTRE, skills=("optics", "patent_claims"), rights=("invention",), area="440305", source="test",
)  # fmt: skip
ASKED = ProviderAsked(skill="optics", right="invention", area="440305")


def tell(known: Directory, said: Message) -> tuple[Directory, list[Event]]:
    """The directory after what an operator says of it."""
    attributes = Attributes(
        specversion="1.0", id="m1", source="/operators/x", type=said.type, subject="directory", datacontenttype="application/json", time=START,
    )  # fmt: skip
    events = directory.decide(known, Heard(attributes, said), Given(START))
    for each in events:
        if isinstance(each, Say):
            known = directory.evolve(known, each.message)
    return known, events


def listed(*providers: Provider) -> Directory:
    return tell(DIRECTORY, ProviderListed(providers=providers))[0]


def told(known: Directory, asked: ProviderAsked = ASKED) -> ProviderTold:
    found: ProviderTold = the(Log(known).says(CITY, asked), CITY, ProviderTold)
    return found


def test_79_who_has_the_skill_for_the_right_is_found_the_nearest_first_with_the_body_through_whom_to_ask() -> None:
    near, county, nation, far = (
        replace(EXPERT, code=code, area=area)
        for code, area in (("E-B", "440300"), ("E-A", "440305"), ("E-N", "000000"), ("E-F", "110000"))
    )
    other = replace(EXPERT, code="E-X", skills=("chemistry",)), replace(EXPERT, code="E-Y", rights=("trademark",))
    found = told(listed(far, nation, near, county, *other)).found
    assert [(each.code, each.distance) for each in found] == [("E-A", 0), ("E-B", 1), ("E-N", 3), ("E-F", 4)]
    assert {each.body for each in found} == {CENTRE}


@pytest.mark.parametrize(
    ("more", "ground"),
    [
        ({"conflicts": (COMPANY,)}, Ground.CONFLICT),
        ({"available": False}, Ground.CAPACITY),
        ({"valid_to": date(2025, 3, 2)}, Ground.LAPSED),
        ({"valid_from": date(2025, 3, 4)}, Ground.LAPSED),
    ],
)
def test_79_who_has_to_do_with_a_party_is_busy_or_not_in_force_is_left_out_with_the_ground(
    more: dict[str, object], ground: Ground
) -> None:
    answer = told(listed(replace(EXPERT, **more)), replace(ASKED, parties=(COMPANY,)))
    assert (answer.found, [(each.code, each.ground) for each in answer.unfit]) == ((), [("EXP-1", ground)])


def test_79_a_conflict_with_somebody_else_is_none() -> None:
    known = listed(replace(EXPERT, conflicts=("91110000600037341L",)))
    assert [each.code for each in told(known, replace(ASKED, parties=(COMPANY,))).found] == ["EXP-1"]


def test_79_an_entry_is_described_anew_and_taken_out() -> None:
    known, _ = tell(listed(EXPERT), ProviderListed(providers=(replace(EXPERT, available=False),)))
    assert told(known).found == ()
    known, _ = tell(known, ProviderUnlisted(code="EXP-1"))
    assert (known.providers, told(known).unfit) == ({}, ())
    _, events = tell(known, ProviderUnlisted(code="EXP-1"))
    assert isinstance(events[0], Refuse)
    assert events[0].status == 422


def test_79_who_is_asked_through_a_body_that_nobody_knows_is_refused_and_the_whole_list_with_it() -> None:
    known, events = tell(DIRECTORY, ProviderListed(providers=(EXPERT, replace(EXPERT, code="EXP-2", body="NO-BODY"))))
    assert isinstance(events[0], Refuse)
    assert "NO-BODY" in events[0].text
    assert known.providers == {}


def test_79_with_a_body_that_leaves_go_those_who_are_asked_through_it() -> None:
    known = listed(replace(EXPERT, body=MEDIATOR), replace(EXPERT, code="EXP-2"))
    for said in (OrgDrained(code=MEDIATOR), OrgLoadCounted(code=MEDIATOR, open_legs=0), OrgLeft(code=MEDIATOR)):
        known, _ = tell(known, said)
    assert list(known.providers) == ["EXP-2"]


def test_79_nobody_is_told_a_name() -> None:
    assert not {"name", "phone", "identity_number"} & set(Provider.__dataclass_fields__)
    assert COURT not in {each.body for each in told(listed(EXPERT)).found}


def proposed(case: Log) -> list[ProviderTold]:
    return [each for each in case.said if isinstance(each, ProviderTold)]


def test_79_whose_case_it_is_hears_at_once_who_can_render_the_service_that_is_asked_for() -> None:
    near, far, party = (
        replace(EXPERT, code=code, area=area, skills=("training",), conflicts=conflicts)
        for code, area, conflicts in (("E-B", "440300", ()), ("E-F", "110000", ()), ("E-P", "440300", (COMPANY,)))
    )
    case = accepted(directory=listed(near, far, party), skill="training", parties=(COMPANY,))
    said = proposed(case)[0]
    assert [(each.code, each.distance) for each in said.found] == [("E-B", 0), ("E-F", 4)]
    assert [(each.code, each.ground) for each in said.unfit] == [("E-P", Ground.CONFLICT)]


def test_79_where_the_place_is_not_known_those_near_the_body_come_first() -> None:
    near, far = (
        replace(EXPERT, code=code, area=area, skills=("training",)) for code, area in (("E-B", "440305"), ("E-A", "110000"))
    )
    case = accepted(directory=listed(near, far), skill="training", infringement_area=None)
    assert [each.code for each in proposed(case)[0].found] == ["E-B", "E-A"]


def test_79_a_case_that_needs_nobody_else_is_told_of_nobody() -> None:
    assert proposed(accepted()) == []
