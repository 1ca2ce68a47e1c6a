"""The guards of T3: what bars a leg, with its ground."""

from dataclasses import replace
from itertools import pairwise

import pytest

from services.routing import guards
from services.routing.directory import Directory
from xianjie.deciding import Event
from xianjie.messages.case import CaseFactNoted, Wish
from xianjie.messages.org import OrgLoadCounted
from xianjie.messages.referral import ReferralAccepted, ReferralBodyChosen, ReferralChoiceAsked, ReferralConsented
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import (
    BODIES,
    CENTRE,
    CITY,
    CITY2,
    COURT,
    DIRECTORY,
    MEDIATOR,
    NATION,
    PROVINCE,
    STRANGER,
    Log,
    able,
    accepted,
    changed,
    noted,
    offered,
    planned,
    refusal,
    the,
)  # fmt: skip


def test_33_one_leg_per_case_receiver_and_track_is_open() -> None:
    log = offered()
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.ASSIST, CITY)) == (403, Ground.DUPLICATE)
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, CITY)
    assert len(log.state.open_legs) == 2


def test_14_who_is_named_must_take_the_track_by_its_entry_and_the_right_by_its_entry_or_by_a_law() -> None:
    """Named by the owner, chosen by a person, named by a receiver or by a superior: nobody decides what is not its to decide."""
    log = accepted(right="design")
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, MEDIATOR)) == (403, Ground.NOT_COMPETENT)
    other = accepted(right="moonbeam")
    assert refusal(other.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)) == (403, Ground.NOT_COMPETENT)
    other.asks(CENTRE, Track.COURT, LegKind.FILE, COURT, legal_basis="a law on moonbeams")
    assert other.leg("L1").receiver == COURT
    other.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE)
    assert list(other.state.homeless) == ["adjudication"]
    chosen = ReferralBodyChosen(track=Track.ADJUDICATION, body=MEDIATOR)
    assert refusal(other.says(CENTRE, chosen)) == (403, Ground.NOT_COMPETENT)
    other.says(CENTRE, replace(chosen, body=CITY))
    assert other.leg("L2").receiver == CITY, "a person may choose an office for a right that no entry lists"
    log.asks(CENTRE, Track.PENALTY, LegKind.NOTIFY, MEDIATOR, legal_basis="a law")
    assert log.leg("L1").receiver == MEDIATOR, "being told needs no competence"


def test_only_the_owner_transfers_the_case() -> None:
    log = offered(track=Track.COURT, to=COURT).taken()
    assert refusal(log.asks(COURT, Track.MEDIATION, LegKind.TRANSFER, CITY)) == (403, Ground.NOT_YOURS)
    assert refusal(log.asks(COURT, Track.MEDIATION, LegKind.TRANSFER)) == (403, Ground.NOT_YOURS)


def test_who_got_the_case_by_a_transfer_does_not_transfer_it_again_by_name_or_by_plan() -> None:
    log = offered(LegKind.TRANSFER).taken()
    assert refusal(log.asks(CITY, Track.MEDIATION, LegKind.TRANSFER, PROVINCE)) == (403, Ground.NOT_COMPETENT)
    assert refusal(log.asks(CITY, Track.MEDIATION, LegKind.TRANSFER)) == (403, Ground.NOT_COMPETENT)
    log.asks(CITY, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)
    assert log.leg("L2").state == "sent", "entrusting is no transfer"


def test_an_entrusted_body_does_not_entrust_further() -> None:
    log = offered(LegKind.DELEGATE, Track.MEDIATION, CITY).taken()
    assert refusal(log.asks(CITY, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)) == (403, Ground.NOT_COMPETENT)
    log.asks(CITY, Track.MEDIATION, LegKind.ASSIST, MEDIATOR)
    assert log.leg("L2").state == "sent", "asking for help is no entrusting"


def test_an_entrusted_body_does_not_entrust_further_even_when_the_case_has_become_its_own() -> None:
    log = offered(LegKind.DELEGATE, Track.MEDIATION, CITY).taken()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.TRANSFER, CITY)
    log.taken("L2")
    assert log.owner == CITY
    assert refusal(log.asks(CITY, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)) == (403, Ground.NOT_COMPETENT)
    log.ends("L1", "closed", outcome="withdrawn")
    log.asks(CITY, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)
    assert log.leg("L3").state == "sent", "what it was entrusted with has ended"


def test_no_body_refers_to_itself_but_a_party_may_file_with_the_body_that_owns_the_case() -> None:
    log = accepted(owner=CITY)
    for kind in set(LegKind) - {LegKind.FILE}:
        assert refusal(log.asks(CITY, Track.ADJUDICATION, kind, CITY)) == (403, Ground.DUPLICATE)
    log.asks(CITY, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert log.leg().state == "sent"


def test_a_planned_transfer_passes_over_the_owner_itself() -> None:
    log = accepted(owner=CITY)
    log.asks(CITY, Track.ADJUDICATION, LegKind.TRANSFER)
    assert log.leg().receiver == PROVINCE


def test_a_suit_bars_adjudication_and_neither_mediation_nor_the_court() -> None:
    log = accepted(sued=True)
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.SUED)
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, CITY)
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)
    assert len(log.state.open_legs) == 2
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.NOTIFY, PROVINCE)
    assert log.leg("L3").state == "sent", "it may be told of it"


def test_a_wish_that_the_matter_bars_is_put_to_a_person() -> None:
    log = accepted(sued=True)
    wished = accepted(sued=True, wish=Wish(track=Track.ADJUDICATION))
    assert log.state.homeless == {}
    assert list(wished.state.homeless) == ["adjudication"]


def test_an_arbitration_agreement_bars_the_court_and_arbitration_needs_one() -> None:
    log = accepted(arbitration_agreed=True)
    assert refusal(log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)) == (403, Ground.ARBITRATION_AGREED)
    assert refusal(accepted().asks(CENTRE, Track.ARBITRATION, LegKind.FILE, MEDIATOR)) == (403, Ground.OUT_OF_SCOPE)


def test_a_matter_that_its_receivers_send_on_by_requests_meets_the_limit_of_hops_and_a_person_decides() -> None:
    log = offered(track=Track.MEDIATION, to=CITY, directory=able(Track.MEDIATION, NATION, COURT)).taken()
    for hops, (sender, receiver) in enumerate(pairwise((CITY, CITY2, PROVINCE, NATION, STRANGER, COURT)), 1):
        log.asks(sender, Track.MEDIATION, LegKind.FILE, receiver)
        assert log.leg(f"L{hops + 1}").hops == hops
        log.taken(f"L{hops + 1}")
    assert hops == guards.HOPS
    no = log.asks(COURT, Track.MEDIATION, LegKind.FILE, MEDIATOR)
    assert refusal(no) == (403, Ground.NOT_COMPETENT)
    assert f"more than {guards.HOPS} hops" in no[0].text  # type: ignore[union-attr]
    log.asks(COURT, Track.MEDIATION, LegKind.FILE)
    assert list(log.state.homeless) == ["mediation"], "a plan does not go round it either"
    log.asks(COURT, Track.ADJUDICATION, LegKind.ASSIST, CITY)
    assert log.leg("L7").hops == 0, "another track is another matter"
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR)
    assert log.leg("L8").hops == 0, "its owner never got it by a leg"


def test_who_files_with_itself_again_and_again_makes_no_hop() -> None:
    log = accepted(owner=CITY)
    for count in range(1, guards.HOPS + 3):
        log.asks(CITY, Track.ADJUDICATION, LegKind.FILE, CITY, new_facts="again")
        log.taken(f"L{count}")
        log.ends(f"L{count}", "closed", outcome="infringement_found")
        assert log.leg(f"L{count}").hops == 0


def fact(log: Log, name: str) -> list[Event]:
    """Intake has noted a fact that somebody reported."""
    return log.hear("/services/intake", CaseFactNoted(fact=name, reported="5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11"))


def test_a_suit_that_is_reported_later_bars_every_later_adjudication_and_what_is_offered_until_it_is_withdrawn() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    fact(log, "sued")
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (403, Ground.SUED)
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, PROVINCE)) == (403, Ground.SUED)
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR)
    assert log.leg("L2").state == "sent"
    fact(log, "suit_withdrawn")
    log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert log.leg("L1").state == "taken"


def test_an_arbitration_agreement_that_is_reported_later_bars_the_court_and_opens_arbitration() -> None:
    log = accepted(directory=able(Track.ARBITRATION, MEDIATOR))
    fact(log, "arbitration_agreed")
    assert refusal(log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)) == (403, Ground.ARBITRATION_AGREED)
    log.asks(CENTRE, Track.ARBITRATION, LegKind.FILE, MEDIATOR)
    assert log.leg().state == "sent"


def test_a_suit_that_is_reported_while_the_party_is_asked_bars_the_offer() -> None:
    log = accepted()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY, needs_consent=True)
    fact(log, "sued")
    log.says(CENTRE, ReferralConsented(leg="L1", agreed=True))
    assert log.leg().state == "recalled"


def test_other_facts_and_those_of_a_case_that_is_not_accepted_change_nothing() -> None:
    assert noted(fact(accepted(), "drug_approved"))
    assert noted(fact(accepted(sued=True), "sued"))
    assert noted(fact(Log(), "sued"))


@pytest.mark.parametrize(("track", "body"), [(Track.COURT, COURT), (Track.ADJUDICATION, PROVINCE)])
def test_a_dispute_that_another_body_has_taken_is_not_adjudicated(track: Track, body: str) -> None:
    log = offered(track=track, to=body).taken()
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.TAKEN_ELSEWHERE)
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.ASSIST, CITY)
    assert log.leg("L2").state == "sent", "help is no second decision"


def test_a_suit_against_the_decision_is_another_dispute() -> None:
    log = accepted()
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT, basis="admin")
    log.taken()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert log.leg("L2").state == "sent"


def test_an_office_that_decides_may_entrust_a_part_of_it() -> None:
    log = offered(to=PROVINCE).taken()
    log.asks(PROVINCE, Track.ADJUDICATION, LegKind.DELEGATE, CITY)
    assert log.leg("L2").state == "sent"


def test_what_bars_a_leg_bars_its_acceptance_too() -> None:
    log = offered()
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT)
    log.goes("L1", "delivered", "acknowledged").taken("L2")
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (403, Ground.TAKEN_ELSEWHERE)


def test_a_body_that_leaves_gets_no_new_leg_and_a_plan_passes_it_over() -> None:
    leaving = replace(DIRECTORY, drained={CITY: True})
    assert refusal(accepted(directory=leaving).asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.CAPACITY)
    assert planned(directory=leaving).leg().receiver == PROVINCE


def test_12_of_two_that_are_level_the_one_that_refuses_least_is_asked_as_the_log_of_the_directory_has_it() -> None:
    """So that the same log decides the same again."""
    both = {"respondent_areas": ("440305", "441900"), "infringement_area": None}
    assert planned(**both).leg().receiver == CITY2, "by code"
    counted = changed(OrgLoadCounted(code=CITY2, open_legs=0, refused=40), OrgLoadCounted(code=CITY, open_legs=0, refused=10))
    assert planned(directory=counted, **both).leg().receiver == CITY
    again = changed(OrgLoadCounted(code=CITY2, open_legs=0), state=counted)
    assert again.record == {CITY2: 40, CITY: 10}, "a count that does not say it leaves the record as it was"
    busy = changed(OrgLoadCounted(code=CITY, open_legs=3, refused=0), state=counted)
    assert planned(directory=busy, **both).leg().receiver == CITY2, "load comes first"


def test_the_nearest_body_then_the_least_loaded_is_asked_and_a_wish_comes_first() -> None:
    assert planned().leg().receiver == CITY
    assert planned(infringement_area="441900").leg().receiver == CITY2, "both places are competent; by code"
    busy = replace(DIRECTORY, load={CITY2: 9})
    assert planned(infringement_area="441900", directory=busy).leg().receiver == CITY
    assert accepted(wish=Wish(track=Track.ADJUDICATION, body=PROVINCE)).leg().receiver == PROVINCE


def test_a_right_for_which_nobody_is_competent_is_put_to_a_person() -> None:
    log = planned(right="copyright")
    assert list(log.state.homeless) == ["adjudication"]


def test_a_leg_that_a_body_accepts_after_it_left_is_taken_all_the_same() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    log.directory = replace(DIRECTORY, bodies={code: each for code, each in DIRECTORY.bodies.items() if code != CITY})
    events = log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert log.leg().state == "taken"
    assert the(events, "enforcement_liaison", "routing.leg_taken").area == "000000"


def test_05_a_body_of_another_place_is_not_competent() -> None:
    only = replace(DIRECTORY, bodies={each.code: each for each in BODIES if each.code in (STRANGER, NATION)})
    log = accepted(directory=only, owner=NATION)
    events = log.asks(NATION, Track.MEDIATION, LegKind.FILE)
    assert the(events, NATION, ReferralChoiceAsked).track is Track.MEDIATION


def test_a_batch_has_no_leg_of_its_own() -> None:
    log = accepted(Wish(track=Track.ADJUDICATION), batch=True)
    assert (log.owner, log.state.legs) == (CENTRE, {})
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.OTHER)


def choosy(*papers: str) -> Directory:
    """The directory in which the city's office takes adjudications only with these papers."""
    body = DIRECTORY.bodies[CITY]
    taken = tuple(replace(each, papers=papers) if each.track is Track.ADJUDICATION else each for each in body.capabilities)
    return replace(DIRECTORY, bodies={**DIRECTORY.bodies, CITY: replace(body, capabilities=taken)})


def test_a_leg_is_sent_only_when_the_file_holds_what_its_receiver_needs() -> None:
    known = choosy("right_proof", "patent_evaluation")
    log = accepted(directory=known, paper_kinds=("identity", "right_proof"))
    events = log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert refusal(events) == (403, Ground.PAPERS_INCOMPLETE)
    assert "only with patent_evaluation" in events[0].text  # type: ignore[union-attr]
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.ASSIST, CITY)
    assert log.leg().receiver == CITY, "help needs no papers"
    whole = accepted(directory=known, paper_kinds=("right_proof", "patent_evaluation"))
    whole.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert whole.leg().receiver == CITY


def test_a_plan_passes_over_who_needs_papers_that_the_file_does_not_hold() -> None:
    assert planned().leg().receiver == CITY
    assert planned(directory=choosy("patent_evaluation")).leg().receiver != CITY
