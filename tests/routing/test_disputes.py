"""Who is competent (T10–T12): redirected, disputed, settled by the two, or designated by the one above both."""

from dataclasses import replace

import pytest

from services.routing.directory import Directory
from xianjie.messages.case import CaseFactNoted
from xianjie.messages.org import Capability
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralDeclined,
    ReferralDesignated,
    ReferralDesignationAsked,
    ReferralDisputed,
    ReferralMoved,
    ReferralOffered,
    ReferralRedirected,
    ReferralReminded,
)
from xianjie.messages.routing import RoutingCustodyMoved, RoutingHomeless
from xianjie.vocabulary import AgencyKind, Ground, LegKind, Track

from .telling import (
    CENTRE,
    CITY,
    CITY2,
    COURT,
    COURT2,
    DIRECTORY,
    HIGH,
    MEDIATOR,
    NATION,
    POLICE,
    PROVINCE,
    STRANGER,
    Log,
    able,
    accepted,
    offered,
    planned,
    refusal,
    the,
    to,
)  # fmt: skip


def disputed(**more: object) -> Log:
    return offered(**more).goes("L1", "delivered", "acknowledged", "disputed")  # type: ignore[arg-type]


# --- T10


def test_18_T10_a_redirected_leg_goes_to_the_body_that_was_named_and_the_sender_is_told_at_once() -> None:
    log = planned().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralRedirected(leg="L1", to=CITY2, text="the place of infringement is there"))
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground) == ("redirected", Ground.NOT_COMPETENT)
    assert CITY2 in news.text
    assert the(events, CITY, ReferralMoved).wipe
    assert the(events, CITY2, ReferralOffered).leg == "L2"
    assert (log.leg("L2").after, log.leg("L2").hops, log.leg("L2").sender) == ("L1", 1, CENTRE)
    assert log.owner == CENTRE


def test_T10_it_may_not_be_redirected_to_nobody_to_oneself_or_to_a_body_that_leaves() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    assert refusal(log.says(CITY, ReferralRedirected(leg="L1", to="NO-SUCH-BODY"))) == (403, Ground.NOT_COMPETENT)
    assert refusal(log.says(CITY, ReferralRedirected(leg="L1", to=CITY))) == (403, Ground.DUPLICATE)
    log.directory = replace(DIRECTORY, drained={CITY2: True})
    assert refusal(log.says(CITY, ReferralRedirected(leg="L1", to=CITY2))) == (403, Ground.CAPACITY)
    assert log.leg().state == "acknowledged"


def test_T10_it_is_not_redirected_to_a_body_that_declined() -> None:
    log = planned().goes("L1", "delivered")
    log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no"))
    log.goes("L2", "delivered", "acknowledged")
    assert refusal(log.says(PROVINCE, ReferralRedirected(leg="L2", to=CITY))) == (403, Ground.TAKEN_ELSEWHERE)


def test_T10_a_plan_does_not_come_back_to_the_body_that_named_another() -> None:
    log = planned().goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralRedirected(leg="L1", to=CITY2))
    log.goes("L2", "delivered")
    log.says(CITY2, ReferralDeclined(leg="L2", ground=Ground.CAPACITY, text="no"))
    assert log.leg("L3").receiver == PROVINCE


def test_T10_a_case_that_is_transferred_is_not_sent_on_its_receiver_must_dispute() -> None:
    log = offered(LegKind.TRANSFER, Track.COURT, COURT).goes("L1", "delivered", "acknowledged")
    assert refusal(log.says(COURT, ReferralRedirected(leg="L1", to=COURT2))) == (403, Ground.NOT_COMPETENT)
    log.goes("L1", "disputed")


def test_T10_police_send_a_case_on_to_the_competent_police() -> None:
    log = offered(LegKind.TRANSFER, Track.CRIMINAL, POLICE, directory=able(Track.CRIMINAL, STRANGER)).goes(
        "L1", "delivered", "acknowledged"
    )
    log.says(POLICE, ReferralRedirected(leg="L1", to=STRANGER))
    assert (log.leg("L2").kind, log.leg("L2").receiver, log.owner) == (LegKind.TRANSFER, STRANGER, CENTRE)


def test_T10_after_five_hops_a_person_decides() -> None:
    log = offered(to=CITY, directory=able(Track.ADJUDICATION, MEDIATOR))
    ring = [CITY2, PROVINCE, NATION, STRANGER, MEDIATOR]
    for place, to_body in enumerate(ring, start=1):
        leg = f"L{place}"
        log.goes(leg, "delivered", "acknowledged")
        log.says(log.leg(leg).receiver, ReferralRedirected(leg=leg, to=to_body))
    log.goes("L6", "delivered", "acknowledged")
    assert log.leg("L6").hops == 5
    assert refusal(log.says(MEDIATOR, ReferralRedirected(leg="L6", to=COURT))) == (403, Ground.NOT_COMPETENT)


# --- T11, T12


def test_T11_the_two_bodies_have_seven_working_days_to_settle_it() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralDisputed(leg="L1", text="not our place"))
    news = the(events, CENTRE, ReferralMoved)
    assert (news.state, news.ground, news.text) == ("disputed", Ground.NOT_COMPETENT, "not our place")
    assert not to(events, PROVINCE, ReferralDesignationAsked), "the superior is not troubled yet"
    assert (log.state.clocks["L1/N2.settle"].due.date() - log.now.date()).days == 9


def test_T12a_they_settle_it_the_receiver_accepts_after_all() -> None:
    log = disputed()
    log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert log.leg().state == "taken"


def test_T12_they_settle_it_the_receiver_names_the_other() -> None:
    log = disputed()
    log.says(CITY, ReferralRedirected(leg="L1", to=CITY2))
    assert log.leg("L2").receiver == CITY2


def test_16_T14d_what_they_do_not_settle_goes_to_their_common_superior() -> None:
    log = disputed()
    log.tick()
    events = log.lapse("L1/N2.settle")
    assert log.leg().state == "designation_pending"
    asked = the(events, PROVINCE, ReferralDesignationAsked)
    assert (asked.sender, asked.receiver, asked.due) == (CENTRE, CITY, log.state.clocks["L1/N2.designate"].due)
    assert PROVINCE in the(events, CENTRE, ReferralMoved).text
    assert to(log.tick(), PROVINCE, ReferralReminded)


@pytest.mark.parametrize("late", [False, True])
def test_T12_the_superior_may_designate_the_receiver_at_once_or_when_asked(late: bool) -> None:
    log = disputed(kind=LegKind.TRANSFER)
    if late:
        log.lapse("L1/N2.settle")
    events = log.says(PROVINCE, ReferralDesignated(leg="L1", body=CITY, text="yours"))
    assert (log.leg().state, log.owner) == ("taken", CITY)
    assert the(events, "intake", RoutingCustodyMoved).owner == CITY


def test_T12b_the_superior_designates_another_body_which_may_not_refuse() -> None:
    log = disputed()
    events = log.says(PROVINCE, ReferralDesignated(leg="L1", body=CITY2, text="the goods are there"))
    assert log.leg().state == "redirected"
    assert the(events, CITY, ReferralMoved).wipe
    assert the(events, CITY2, ReferralOffered).text == "designated. the goods are there"
    log.goes("L2", "delivered", "acknowledged")
    for said in (
        ReferralDeclined(leg="L2", ground=Ground.CAPACITY, text="no"),
        ReferralRedirected(leg="L2", to=CITY),
        ReferralDisputed(leg="L2", text="no"),
    ):
        assert refusal(log.says(CITY2, said)) == (403, Ground.NOT_COMPETENT)
    log.says(CITY2, ReferralDeclined(leg="L2", ground=Ground.CONFLICT, text="our head is the respondent's brother"))
    assert log.leg("L2").state == "declined"


def test_T12b_a_designation_overrides_that_the_body_declined_before() -> None:
    log = planned().goes("L1", "delivered")
    log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no"))
    log.goes("L2", "delivered", "acknowledged", "disputed")
    log.says(NATION, ReferralDesignated(leg="L2", body=CITY))
    assert (log.leg("L3").receiver, log.leg("L3").designated) == (CITY, True)


def test_T12b_what_the_superior_leaves_with_its_sender_stays_there() -> None:
    log = disputed(kind=LegKind.TRANSFER)
    log.says(PROVINCE, ReferralDesignated(leg="L1", body=CENTRE))
    assert (log.leg().state, log.owner, len(log.state.legs)) == ("redirected", CENTRE, 1)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("body", [CITY, CITY2])
def test_T12_nobody_is_designated_to_decide_what_a_suit_bars(body: str, late: bool) -> None:
    log = disputed()
    log.hear("/services/intake", CaseFactNoted(fact="sued", reported="5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11"))
    if late:
        log.lapse("L1/N2.settle")
    before = log.state
    assert refusal(log.says(PROVINCE, ReferralDesignated(leg="L1", body=body))) == (403, Ground.SUED)
    assert log.state == before


def test_T12b_what_a_suit_bars_may_still_be_left_with_its_sender() -> None:
    log = disputed(kind=LegKind.TRANSFER)
    log.hear("/services/intake", CaseFactNoted(fact="sued", reported="5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11"))
    log.says(PROVINCE, ReferralDesignated(leg="L1", body=CENTRE))
    assert (log.leg().state, log.owner, len(log.state.legs)) == ("redirected", CENTRE, 1)


def test_16_T12_only_a_superior_of_both_designates() -> None:
    log = disputed()
    for other in (CENTRE, CITY, CITY2, STRANGER, HIGH):
        assert refusal(log.says(other, ReferralDesignated(leg="L1", body=CITY)))[0] == 403
    log.says(NATION, ReferralDesignated(leg="L1", body=CITY))
    assert log.leg().state == "taken"
    assert refusal(log.says(PROVINCE, ReferralDesignated(leg="L1", body=CITY2))) == (410, Ground.TOO_LATE)


def test_T12_nobody_can_be_designated_whom_the_directory_does_not_know() -> None:
    log = disputed()
    assert refusal(log.says(PROVINCE, ReferralDesignated(leg="L1", body="NO-SUCH-BODY"))) == (403, Ground.NOT_COMPETENT)


def test_T12_across_lines_of_authority_the_one_above_the_owner_decides() -> None:
    log = disputed(track=Track.COURT, to=COURT)
    events = log.lapse("L1/N2.settle")
    assert the(events, PROVINCE, ReferralDesignationAsked).receiver == COURT
    assert refusal(log.says(HIGH, ReferralDesignated(leg="L1", body=COURT))) == (403, Ground.NOT_YOURS)
    log.says(PROVINCE, ReferralDesignated(leg="L1", body=COURT))
    assert log.leg().state == "taken"


def test_T14e_a_designation_that_does_not_come_sends_the_leg_to_the_next_candidate() -> None:
    log = planned().goes("L1", "delivered", "acknowledged", "disputed")
    log.lapse("L1/N2.settle")
    log.lapse("L1/N2.designate")
    assert (log.leg().state, log.leg("L2").receiver) == ("expired", PROVINCE)


def test_T14e_with_nobody_above_both_the_leg_expires_and_a_person_chooses() -> None:
    log = accepted(owner=NATION)
    log.asks(NATION, Track.COURT, LegKind.FILE, COURT)
    log.goes("L1", "delivered", "acknowledged", "disputed")
    events = log.lapse("L1/N2.settle")
    assert log.leg().state == "expired"
    assert the(events, None, RoutingHomeless)


# --- B13: complaints to market regulators

REGULATOR, REGULATOR2, UPPER = "SZ-AMR", "DG-AMR", "GD-AMR"


def of_regulators() -> Directory:
    """Two regulators, and the one above both."""
    takes = (Capability(track=Track.PENALTY, source="test"),)
    made = [
        replace(DIRECTORY.bodies[like], code=code, kind=AgencyKind.MARKET_REGULATOR, parent=parent, capabilities=takes)
        for like, code, parent in ((PROVINCE, UPPER, None), (CITY, REGULATOR, UPPER), (CITY2, REGULATOR2, UPPER))
    ]
    return Directory(bodies={**DIRECTORY.bodies, **{each.code: each for each in made}})


@pytest.mark.parametrize(("basis", "rule"), [("complaint", "B13"), (None, "N2.settle")])
def test_16_B13_of_a_complaint_the_law_says_how_long_two_regulators_may_differ(basis: str | None, rule: str) -> None:
    log = accepted(directory=of_regulators(), owner=REGULATOR)
    log.asks(REGULATOR, Track.PENALTY, LegKind.TRANSFER, REGULATOR2, basis=basis)
    log.goes("L1", "delivered", "acknowledged", "disputed")
    assert log.clocks() == [f"L1/{rule}"]
    assert log.state.clocks[f"L1/{rule}"].version.verified is (rule == "B13")
    asked = the(log.lapse(f"L1/{rule}"), UPPER, ReferralDesignationAsked)
    assert (asked.sender, asked.receiver) == (REGULATOR, REGULATOR2)
    assert log.clocks() == ["L1/N2.designate"]
