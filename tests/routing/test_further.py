"""What is handed on to the police, to the regulator, to experts and to the credit registrar: who may be asked, and what follows."""

from dataclasses import replace

from xianjie.messages.org import Body, Capability
from xianjie.messages.referral import ReferralAccepted, ReferralDeclined, ReferralOffered
from xianjie.messages.routing import RoutingCustodyMoved, RoutingHomeless
from xianjie.vocabulary import AgencyKind, Ground, LegKind, Level, Track

from .telling import BODIES, CENTRE, CITY, DIRECTORY, POLICE, accepted, offered, refusal, the

REGULATOR, EXPERTS, REGISTRAR, POLICE2 = "SZ-AMR", "SZ-EXP", "SZ-CREDIT", "DG-PSB"


def body(code: str, kind: AgencyKind, track: Track, area: str = "440300") -> Body:
    return Body(
        code=code, name=code, kind=kind, level=Level.PREFECTURE, area=area, capabilities=(Capability(track=track, source="test"),)
    )


WIDER = replace(
    DIRECTORY,
    bodies={
        each.code: each
        for each in (
            *BODIES,
            body(REGULATOR, AgencyKind.MARKET_REGULATOR, Track.PENALTY),
            body(EXPERTS, AgencyKind.EXPERT_PANEL, Track.OPINION),
            body(REGISTRAR, AgencyKind.CREDIT_REGISTRAR, Track.CREDIT),
            body(POLICE2, AgencyKind.POLICE, Track.CRIMINAL, "441900"),
        )
    },
)


def test_48_what_the_owner_hands_over_to_the_police_takes_the_case_with_it() -> None:
    log = accepted(owner=REGULATOR, directory=WIDER)
    log.asks(REGULATOR, Track.PENALTY, LegKind.FILE, REGULATOR)
    log.taken().ends("L1", "closed", outcome="transferred_to_police", next=Track.CRIMINAL, next_body=POLICE)
    leg = log.leg("L2")
    assert (leg.track, leg.kind, leg.sender, leg.receiver) == (Track.CRIMINAL, LegKind.TRANSFER, REGULATOR, POLICE)


def test_48_who_got_the_case_by_a_transfer_hands_the_crime_over_and_keeps_the_case() -> None:
    log = offered(LegKind.TRANSFER, Track.PENALTY, REGULATOR, directory=WIDER).taken()
    log.ends("L1", "closed", outcome="transferred_to_police", next=Track.CRIMINAL, next_body=POLICE)
    assert (log.leg("L2").kind, log.owner) == (LegKind.FILE, REGULATOR)


def test_48_what_another_body_hands_over_leaves_the_case_with_its_owner() -> None:
    log = offered(LegKind.FILE, Track.PENALTY, REGULATOR, directory=WIDER).taken()
    log.ends("L1", "closed", outcome="transferred_to_police", next=Track.CRIMINAL, next_body=POLICE)
    assert (log.leg("L2").kind, log.leg("L2").sender, log.owner) == (LegKind.FILE, CENTRE, CENTRE)


def test_48_the_police_forward_it_to_the_competent_police() -> None:
    log = offered(LegKind.FILE, Track.CRIMINAL, POLICE, directory=WIDER).taken()
    log.ends("L1", "closed", outcome="forwarded", next=Track.CRIMINAL, next_body=POLICE2)
    assert log.leg("L2").receiver == POLICE2


def test_48_the_police_may_not_refuse_for_missing_papers() -> None:
    log = offered(LegKind.FILE, Track.CRIMINAL, POLICE, directory=WIDER).goes("L1", "delivered", "acknowledged")
    said = ReferralDeclined(leg="L1", ground=Ground.PAPERS_INCOMPLETE, text="no inspection report")
    assert refusal(log.says(POLICE, said))[0] == 403
    assert log.leg().state == "acknowledged"


def test_49_who_is_not_prosecuted_goes_back_to_the_administrative_body_that_was_named() -> None:
    log = offered(LegKind.FILE, Track.CRIMINAL, POLICE, directory=WIDER).taken()
    events = log.ends("L1", "closed", outcome="not_prosecuted", next=Track.PENALTY, next_body=REGULATOR)
    assert the(events, REGULATOR, ReferralOffered).track is Track.PENALTY


def test_52_what_a_fair_hands_to_the_authority_finds_the_competent_one_by_rule() -> None:
    fair = body("SZ-FAIR", AgencyKind.FAIR_ORGANISER, Track.FAIR)
    directory = replace(WIDER, bodies={**WIDER.bodies, fair.code: fair})
    log = offered(LegKind.FILE, Track.FAIR, "SZ-FAIR", directory=directory).taken()
    log.ends("L1", "closed", outcome="handed_to_office", next=Track.ADJUDICATION)
    assert (log.leg("L2").track, log.leg("L2").receiver) == (Track.ADJUDICATION, CITY)


def test_53_an_opinion_is_asked_for_by_assistance_and_no_dispute_is_brought_there() -> None:
    log = accepted(directory=WIDER)
    assert refusal(log.asks(CENTRE, Track.OPINION, LegKind.FILE, EXPERTS)) == (403, Ground.OUT_OF_SCOPE)
    log.asks(CENTRE, Track.OPINION, LegKind.ASSIST, EXPERTS)
    assert log.leg().state == "sent"


def test_55_only_a_decision_in_force_is_entered_with_a_credit_registrar() -> None:
    log = accepted(directory=WIDER)
    assert refusal(log.asks(CENTRE, Track.CREDIT, LegKind.FILE, REGISTRAR)) == (403, Ground.NO_FACTS)
    log = offered(LegKind.FILE, Track.PENALTY, REGULATOR, directory=WIDER).taken()
    log.ends("L1", "closed", outcome="not_filed")
    assert refusal(log.asks(CENTRE, Track.CREDIT, LegKind.NOTIFY, REGISTRAR))[1] is Ground.NO_FACTS
    log = offered(LegKind.FILE, Track.PENALTY, REGULATOR, directory=WIDER).taken()
    log.ends("L1", "closed", outcome="penalised", settles=True)
    log.asks(CENTRE, Track.CREDIT, LegKind.NOTIFY, REGISTRAR)
    assert log.leg("L2").state == "sent"


def test_a_police_that_takes_a_case_handed_over_by_the_owner_owns_it() -> None:
    log = offered(LegKind.TRANSFER, Track.CRIMINAL, POLICE, directory=WIDER).goes("L1", "delivered", "acknowledged")
    events = log.says(POLICE, ReferralAccepted(leg="L1", recusal_checked=True))
    assert the(events, "intake", RoutingCustodyMoved).owner == POLICE


def test_a_handover_to_a_body_that_nobody_knows_is_put_to_a_person() -> None:
    log = offered(LegKind.FILE, Track.PENALTY, REGULATOR, directory=WIDER).taken()
    events = log.ends("L1", "closed", outcome="transferred_to_police", next=Track.CRIMINAL, next_body="NOWHERE-PSB")
    assert the(events, None, RoutingHomeless).track is Track.CRIMINAL
