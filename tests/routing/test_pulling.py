"""Features 13 and 40: who has room for a matter, and a body that asks for a case which another body has."""

from dataclasses import replace

import pytest

from xianjie.messages.capacity import CapacityAsked, CapacityTold
from xianjie.messages.case import CaseConclusionAsked
from xianjie.messages.pull import PullAnswered, PullAsked, PullRequested, PullTold
from xianjie.messages.referral import ReferralOffered
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, COURT, DIRECTORY, NATION, PROVINCE, STRANGER, Log, accepted, refusal, the

ASKED = PullAsked(track=Track.ADJUDICATION, kind=LegKind.FILE, text="we have the related file on the same patent")
CLOCK = f"pull-{CITY}/N2.pull"


def asked() -> Log:
    log = accepted()
    log.says(CITY, ASKED)
    return log


# --- 13: room


def test_13_who_has_room_is_told_by_rule_and_load_and_nothing_else() -> None:
    log = Log(replace(DIRECTORY, load={CITY: 30}))
    events = log.says(STRANGER, CapacityAsked(track=Track.ADJUDICATION, right="design", areas=("440300",)))
    told = the(events, STRANGER, CapacityTold)
    assert [(each.body, each.open_legs) for each in told.bodies] == [(CITY, 30), (PROVINCE, 0)]
    assert all("440300" in each.rule for each in told.bodies)
    assert (told.directory, told.excluded) == (7, 3)
    assert log.state.owner is None, "it is about no case"


def test_13_who_is_leaving_has_no_room() -> None:
    log = Log(replace(DIRECTORY, drained={CITY: True}))
    told = the(
        log.says(STRANGER, CapacityAsked(track=Track.ADJUDICATION, right="design", areas=("440300",))), STRANGER, CapacityTold
    )
    assert [each.body for each in told.bodies] == [PROVINCE]


def test_13_the_question_has_no_room_for_anything_personal() -> None:
    assert not CapacityAsked.personal
    assert not CapacityTold.personal
    assert set(CapacityAsked.__dataclass_fields__) == {"track", "right", "areas"}


# --- 40: a body asks for a case


def test_40_the_owner_is_asked_and_the_asker_hears_until_when() -> None:
    log = accepted()
    events = log.says(CITY, ASKED)
    put = the(events, CENTRE, PullRequested)
    told = the(events, CITY, PullTold)
    assert (put.asker, put.track, put.text) == (CITY, Track.ADJUDICATION, ASKED.text)
    assert (told.state, told.due) == ("asked", log.state.clocks[CLOCK].due)
    assert put.due == told.due


def test_40_what_is_agreed_is_offered_to_the_asker() -> None:
    log = asked()
    events = log.says(CENTRE, PullAnswered(asker=CITY, agreed=True))
    assert the(events, CITY, PullTold).leg == "L1"
    assert the(events, CITY, ReferralOffered).sender == CENTRE
    assert (log.leg("L1").receiver, log.leg("L1").kind) == (CITY, LegKind.FILE)
    assert CLOCK not in log.state.clocks
    assert refusal(log.says(CENTRE, PullAnswered(asker=CITY, agreed=True))) == (410, Ground.TOO_LATE)


def test_40_a_transfer_that_is_agreed_moves_custody_only_when_the_asker_takes_it() -> None:
    log = accepted()
    log.says(CITY, replace(ASKED, kind=LegKind.TRANSFER))
    log.says(CENTRE, PullAnswered(asker=CITY, agreed=True))
    assert log.owner == CENTRE
    log.taken()
    assert log.owner == CITY


def test_40_a_refusal_has_its_ground_and_the_asker_hears_it() -> None:
    log = asked()
    assert refusal(log.says(CENTRE, PullAnswered(asker=CITY, agreed=False))) == (422, Ground.OTHER)
    told = the(
        log.says(CENTRE, PullAnswered(asker=CITY, agreed=False, ground=Ground.SETTLED, text="they settled")), CITY, PullTold
    )
    assert (told.state, told.ground, told.text) == ("refused", Ground.SETTLED, "they settled")
    assert log.state.pulls == {}


def test_40_after_the_owner_s_silence_the_body_above_is_asked_too_and_then_the_asker_hears_that_nobody_answered() -> None:
    log = asked()
    assert refusal(log.says(PROVINCE, PullAnswered(asker=CITY, agreed=True))) == (403, Ground.NOT_YOURS)
    events = log.lapse(CLOCK)
    assert the(events, PROVINCE, PullRequested).asker == CITY
    assert the(events, CENTRE, PullRequested).asker == CITY
    told = the(log.lapse(CLOCK), CITY, PullTold)
    assert (told.state, told.ground) == ("unanswered", Ground.LAPSED)
    assert (log.state.pulls, CLOCK in log.state.clocks) == ({}, False)


@pytest.mark.parametrize("who", [CENTRE, PROVINCE, NATION])
def test_40_once_it_was_put_to_it_a_body_above_may_answer_in_the_owner_s_place(who: str) -> None:
    log = asked()
    log.lapse(CLOCK)
    log.says(who, PullAnswered(asker=CITY, agreed=True))
    assert log.leg("L1").receiver == CITY


@pytest.mark.parametrize(
    ("who", "said", "ground"),
    [
        (CENTRE, ASKED, Ground.DUPLICATE),
        (COURT, ASKED, Ground.NOT_COMPETENT),
        ("NO-BODY", ASKED, Ground.NOT_COMPETENT),
    ],
)
def test_40_only_a_body_that_takes_such_matters_and_has_not_got_it_may_ask(who: str, said: PullAsked, ground: Ground) -> None:
    assert refusal(accepted().says(who, said)) == (403, ground)


def test_40_who_waits_for_an_answer_does_not_ask_again_and_a_suit_bars_the_asking() -> None:
    assert refusal(asked().says(CITY, ASKED)) == (403, Ground.DUPLICATE)
    assert refusal(accepted(sued=True).says(CITY, ASKED)) == (403, Ground.SUED)


def test_40_when_the_case_ends_who_waits_hears_it() -> None:
    log = asked()
    told = the(log.hear("/services/intake", CaseConclusionAsked(outcome="settled", purpose="conclude")), CITY, PullTold)
    assert (told.state, told.ground) == ("refused", Ground.CASE_ENDED)
    assert not [name for name in log.state.clocks if name.startswith("pull-")]
