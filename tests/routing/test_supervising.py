"""Features 61 and 43: the quality of service is checked by the bodies above, and a body in two parts is shown."""

from dataclasses import replace

import pytest

from xianjie.deciding import Event, Say
from xianjie.messages.quality import QualityChecked, QualityTold
from xianjie.messages.referral import ReferralAccepted
from xianjie.messages.routing import RoutingRolesShown
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, COURT, NATION, PROVINCE, Log, accepted, offered, refusal, the, to

TAKES = ReferralAccepted(leg="L1", recusal_checked=True)


def shown(event: Event) -> bool:
    return isinstance(event, Say) and isinstance(event.message, RoutingRolesShown)


@pytest.mark.parametrize("who", [PROVINCE, NATION])
def test_61_a_body_above_checks_a_case_and_its_owner_hears_what_it_found(who: str) -> None:
    log = accepted()
    told = the(log.says(who, QualityChecked(passed=False, text="never called back")), CENTRE, QualityTold)
    assert (told.by, told.passed, told.text) == (who, False, "never called back")
    assert log.state.checks == {who: False}
    log.says(who, QualityChecked(passed=True))
    assert log.state.checks == {who: True}, "it looked again"


@pytest.mark.parametrize("who", [CENTRE, CITY, COURT])
def test_61_nobody_checks_its_own_work_or_that_of_another_line(who: str) -> None:
    log = accepted()
    assert refusal(log.says(who, QualityChecked(passed=True))) == (403, Ground.NOT_YOURS)
    assert log.state.checks == {}


def test_61_a_case_that_nobody_has_yet_waits_for_its_acceptance() -> None:
    assert [type(each).__name__ for each in Log().says(PROVINCE, QualityChecked(passed=True))] == ["Hold"]


def test_43_a_body_in_two_parts_is_shown_to_the_sender_and_not_barred() -> None:
    log = offered(LegKind.DELEGATE, Track.MEDIATION, CITY)
    assert not [each for each in log.goes("L1", "delivered", "acknowledged").says(CITY, TAKES) if shown(each)]
    log.ends("L1", "closed", outcome="failed")
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    events = log.goes("L2", "delivered", "acknowledged").says(CITY, replace(TAKES, leg="L2"))
    (found,) = [each.message for each in events if shown(each)]
    assert (found.leg, found.body, found.others) == ("L2", CITY, ("L1",))
    assert [each.ground for each in to(events, CENTRE, "referral.moved")] == [None, Ground.CONFLICT]
    assert log.leg("L2").state == "taken"
