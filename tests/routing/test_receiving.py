"""When a receiver got a request: the track's service hears it with the acceptance (T8)."""

from services.routing.directory import Directory, evolve
from xianjie.deciding import Event
from xianjie.messages.case import CaseAccepted, CaseRegistered
from xianjie.messages.org import OrgLeft
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralDelivered, ReferralInfoSupplied
from xianjie.messages.routing import RoutingBodyUnreachable, RoutingLegTaken
from xianjie.vocabulary import Precision

from .telling import CENTRE, CITY, DIRECTORY, Log, noted, offered, the, to


def test_T8_it_is_told_when_the_receiver_got_the_request_and_whether_that_day_is_known() -> None:
    log = offered()
    got = log.after(hours=3).now
    log.says(CITY, ReferralDelivered(leg="L1"), Precision.MONTH)
    log.after(days=1).goes("L1", "acknowledged").after(days=1)
    taken = the(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True)), "enforcement_liaison", RoutingLegTaken)
    assert (taken.received, taken.received_judged, taken.judged) == (got, False, True)


def test_T8_a_request_whose_gaps_were_filled_was_got_when_the_rest_came() -> None:
    log = offered().goes("L1", "delivered", "acknowledged", "info_requested").after(days=2)
    got = log.now
    log.says(CENTRE, ReferralInfoSupplied(leg="L1"))
    log.after(days=1)
    taken = the(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True)), "enforcement_liaison", RoutingLegTaken)
    assert (taken.received, taken.received_judged) == (got, True)


def test_T8_a_transport_receipt_that_crossed_a_recall_is_the_day_of_the_request_too() -> None:
    log = offered().goes("L1", "recall_requested")
    got = log.after(hours=1).now
    for each in (ReferralDelivered(leg="L1"), ReferralAcknowledged(leg="L1")):
        log.says(CITY, each)
        log.after(hours=1)
    taken = the(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True)), "enforcement_liaison", RoutingLegTaken)
    assert taken.received == got


def told(events: list[Event]) -> list[RoutingBodyUnreachable]:
    return to(events, "intake", RoutingBodyUnreachable)


def test_intake_hears_that_a_receiving_body_is_not_in_the_network_or_has_left() -> None:
    registered = CaseRegistered(receiving_body=CITY, service="dispute", right="design", respondents=1)
    left = evolve(DIRECTORY, OrgLeft(code=CITY))
    assert noted(Log().hear("/services/intake", registered))
    assert told(Log(left).hear("/services/intake", registered)) == [RoutingBodyUnreachable(body=CITY)]
    assert noted(Log(Directory()).hear("/services/intake", registered)), "before the directory is known nobody is missing"


def test_intake_hears_it_again_when_a_body_that_has_left_accepts_a_case() -> None:
    left = evolve(DIRECTORY, OrgLeft(code=CENTRE))
    accepted = CaseAccepted(owner=CENTRE, right="design", respondent_areas=("440305",))
    assert told(Log(left).hear("/services/intake", accepted)) == [RoutingBodyUnreachable(body=CENTRE)]
    assert told(Log().hear("/services/intake", accepted)) == []
