"""The directory that routing looks into: how bodies come into it, change and leave."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.routing.directory import Directory
from xianjie.deciding import Note, Refuse
from xianjie.messages.org import OrgChanged, OrgDrained, OrgImported, OrgLeft, OrgLoadCounted, OrgResumed

from .telling import (
    BODIES,
    CENTRE,
    CITY,
    COURT,
    DIRECTORY,
    NATION,
    PROVINCE,
    change,
    changed,
    planned,
)  # fmt: skip


def test_the_directory_knows_who_is_above_whom() -> None:
    assert DIRECTORY.superiors(CITY) == [PROVINCE, NATION]
    assert DIRECTORY.common_superiors(CITY, CENTRE) == [PROVINCE, NATION]
    assert DIRECTORY.common_superiors(CITY, COURT) == []
    assert DIRECTORY.superiors("NO-SUCH-BODY") == []


def test_a_list_of_bodies_is_taken_whole_or_not_at_all() -> None:
    assert changed(OrgImported(bodies=BODIES), state=Directory()) == DIRECTORY
    lost = change(Directory(), OrgImported(bodies=BODIES[1:]))
    assert isinstance(lost, Refuse)
    assert NATION in lost.text


def test_a_body_leaves_only_drained_with_no_leg_counted_and_nobody_below_it() -> None:
    no = change(DIRECTORY, OrgLeft(code=CITY))
    assert isinstance(no, Refuse)
    drained = changed(OrgLoadCounted(code=CITY, open_legs=0), OrgDrained(code=CITY))
    assert isinstance(change(drained, OrgLeft(code=CITY)), Refuse), "counted before it was drained says nothing"
    busy = changed(OrgLoadCounted(code=CITY, open_legs=2), state=drained)
    assert isinstance(change(busy, OrgLeft(code=CITY)), Refuse)
    idle = changed(OrgLoadCounted(code=CITY, open_legs=0), state=busy)
    gone = changed(OrgLeft(code=CITY), state=idle)
    assert gone.body(CITY) is None
    assert gone.described(CITY) is not None
    above = changed(OrgDrained(code=PROVINCE), OrgLoadCounted(code=PROVINCE, open_legs=0))
    assert isinstance(change(above, OrgLeft(code=PROVINCE)), Refuse)


@pytest.mark.parametrize("said", [OrgLeft, OrgDrained, OrgResumed])
def test_what_is_said_of_a_body_that_nobody_knows_is_refused(said: Any) -> None:
    refused = change(DIRECTORY, said(code="NO-SUCH-BODY"))
    assert isinstance(refused, Refuse)
    assert (refused.status, refused.text[:39]) == (422, "no body has the code NO-SUCH-BODY: all ")


def test_a_drained_body_that_resumes_takes_new_legs_again() -> None:
    drained = changed(OrgDrained(code=CITY))
    assert planned(directory=drained).leg().receiver == PROVINCE
    resumed = changed(OrgDrained(code=PROVINCE), OrgResumed(code=CITY), state=drained)
    assert resumed.drained == {PROVINCE: True}
    assert planned(directory=resumed).leg().receiver == CITY
    assert change(resumed, OrgResumed(code=CITY)) == Note(f"{CITY} is not drained")
    assert isinstance(change(changed(OrgLoadCounted(code=CITY, open_legs=0), state=resumed), OrgLeft(code=CITY)), Refuse)


def test_a_body_that_left_comes_back_by_name_and_by_no_import() -> None:
    described = {each.code: each for each in BODIES}
    gone = changed(OrgDrained(code=CITY), OrgLoadCounted(code=CITY, open_legs=0), OrgLeft(code=CITY))
    again = changed(OrgImported(bodies=BODIES), state=gone)
    assert again == gone
    assert again.described(CITY) == described[CITY]
    back = changed(OrgChanged(body=described[CITY]), state=again)
    assert back.body(CITY) == described[CITY]
    assert back.gone == {}
    renamed = replace(described[CITY], name="新名")
    assert changed(OrgImported(bodies=(renamed,)), state=back).body(CITY) == renamed


def test_a_list_that_puts_a_body_under_one_that_left_is_refused() -> None:
    below = replace(next(each for each in BODIES if each.code == CENTRE), parent=CITY)
    gone = changed(OrgDrained(code=CITY), OrgLoadCounted(code=CITY, open_legs=0), OrgLeft(code=CITY))
    refused = change(gone, OrgImported(bodies=(below,)))
    assert isinstance(refused, Refuse)
    assert f"{CITY} (has left)" in refused.text


def test_a_body_is_capable_only_while_it_is_in_force() -> None:
    old = next(each for each in BODIES if each.code == CITY)
    ended = changed(OrgChanged(body=replace(old, valid_to=date(2025, 1, 1))))
    assert planned(directory=ended).leg().receiver == PROVINCE
