"""The traps that users of comparable systems reported, each by its number. Those that need a broker are proved with one."""

from dataclasses import replace
from random import Random

import pytest

from services.chassis.verifying import Check
from services.routing.directory import decide as decide_directory
from services.routing.directory import evolve as evolve_directory
from tests.recording.memory import ROOT, RULES, staged
from xianjie.deciding import Given, Refuse
from xianjie.envelope import Attributes, Heard
from xianjie.journal import Recorded
from xianjie.message import AGENCY, MESSAGES, SERVICES
from xianjie.messages.case import CaseConclusionProposed, CaseFactReported, CaseSupplemented
from xianjie.messages.org import OrgDrained, OrgLeft, OrgLoadCounted
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralDeclined,
    ReferralInfoSupplied,
    ReferralMoved,
    ReferralRecallAsked,
    ReferralRecalled,
    ReferralRedirected,
    ReferralRequested,
)
from xianjie.messages.routing import RoutingFileDue, RoutingHomeless
from xianjie.play.memory import Disorder
from xianjie.play.scenario import load
from xianjie.recording.choosing import face
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, DIRECTORY, PROVINCE, START, accepted, offered, planned, refusal, the, to

SCENARIOS = ROOT / "tests/scenarios"
PLAYED = sorted(each.stem for each in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("first", ["accepted", "recalled"])
def test_trap_1_recall_and_accept_cross_and_both_sides_end_equal(first: str) -> None:
    """Whatever the receiver said first stands; the sender hears it as news, the receiver by what its second word is answered."""
    log = offered(LegKind.TRANSFER).goes("L1", "delivered", "acknowledged")
    log.says(CENTRE, ReferralRecallAsked(leg="L1"))
    words = [ReferralAccepted(leg="L1", recusal_checked=True), ReferralRecalled(leg="L1")]
    said, late = words if first == "accepted" else words[::-1]
    news = the(log.says(CITY, said), CENTRE, ReferralMoved)
    assert refusal(log.says(CITY, late)) == (410, Ground.TOO_LATE)
    assert news.state == log.leg().state == ("taken" if first == "accepted" else "recalled")
    assert log.owner == (CITY if first == "accepted" else CENTRE)


def test_trap_2_the_receiver_dies_between_accept_and_acknowledgement_and_says_it_again_exactly_one_owner() -> None:
    log = offered(LegKind.TRANSFER).goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    before = log.state
    assert refusal(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))) == (410, Ground.TOO_LATE)
    assert log.state == before
    assert (log.owner, len(log.state.transfers)) == (CITY, 1)


def test_trap_3_the_same_leg_asked_for_twice_has_one_effect() -> None:
    log = accepted()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    before = log.state
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.DUPLICATE)
    assert log.state == before


@pytest.mark.parametrize("states", [(), ("delivered",), ("delivered", "acknowledged"), ("delivered", "acknowledged", "taken")])
def test_trap_4_a_second_leg_to_the_same_body_while_one_is_pending_is_refused(states: tuple[str, ...]) -> None:
    log = offered().goes("L1", *states)
    for kind in (LegKind.FILE, LegKind.TRANSFER, LegKind.DELEGATE):
        assert refusal(log.asks(CENTRE, Track.ADJUDICATION, kind, CITY))[0] == 403
    assert list(log.state.legs) == ["L1"]


def test_trap_5_a_decline_reaches_the_sender_with_code_and_text() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    events = log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.NO_FACTS, text="no sample was bought"))
    news = the(events, CENTRE, ReferralMoved)
    assert (news.ground, news.text) == (Ground.NO_FACTS, "no sample was bought")


@pytest.mark.parametrize("states", [("delivered",), ("delivered", "acknowledged")])
def test_trap_6_silence_past_due_expires_then_the_next_candidate_then_a_person(states: tuple[str, ...]) -> None:
    log = planned().goes("L1", *states)
    log.lapse(f"L1/{'N2.acknowledge' if len(states) == 1 else 'N2.decide'}")
    assert (log.leg("L1").state, log.leg("L2").receiver) == ("expired", PROVINCE)
    events = log.lapse("L2/N2.deliver")
    assert the(events, None, RoutingHomeless).track is Track.ADJUDICATION


def test_trap_7_what_the_old_owner_still_adds_does_not_move_custody() -> None:
    log = offered(LegKind.TRANSFER).taken()
    assert refusal(log.says(CENTRE, ReferralInfoSupplied(leg="L1", text="one more paper"))) == (410, Ground.TOO_LATE)
    assert refusal(log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, CITY)) == (403, Ground.NOT_YOURS)
    assert log.owner == CITY


def test_trap_7_nor_does_an_attachment_that_the_old_owner_files_with_intake() -> None:
    case = "sh-markor-design-2020"
    stage, _ = staged([load(SCENARIOS / f"{case}.yaml")])
    before = stage.state("routing", case)["owner"]
    for each in (CaseSupplemented(text="one more"), CaseFactReported(fact="seen", text="again on sale")):
        stage.speak("CN-SH-IPC", each, case)
    stage.rest()
    assert stage.state("routing", case)["owner"] == stage.state("intake", case)["owner"] == before


def test_65_trap_8_a_pseudonymised_transfer_is_refused_and_pseudonymised_help_gets_no_file() -> None:
    log = accepted()
    told = {"track": Track.ADJUDICATION, "body": CITY, "pseudonymised": True}
    assert refusal(log.says(CENTRE, ReferralRequested(kind=LegKind.TRANSFER, **told))) == (403, Ground.PAPERS_INCOMPLETE)
    assert refusal(log.says(CENTRE, ReferralRequested(kind=LegKind.TRANSFER, **{**told, "body": None})))[0] == 403
    log.says(CENTRE, ReferralRequested(kind=LegKind.ASSIST, **told))
    log.goes("L1", "delivered", "acknowledged")
    assert not to(log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True)), "intake", RoutingFileDue)


def test_64_trap_9_whatever_ends_an_offer_wipes_the_preview_at_the_receiver() -> None:
    declined = offered().goes("L1", "delivered").says(CITY, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no"))
    redirected = offered().goes("L1", "delivered", "acknowledged").says(CITY, ReferralRedirected(leg="L1", to=PROVINCE))
    expired = offered().goes("L1", "delivered").lapse("L1/N2.acknowledge")
    log = offered()
    log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, PROVINCE)
    log.goes("L1", "delivered", "acknowledged").goes("L2", "delivered", "acknowledged")
    superseded = log.says(PROVINCE, ReferralAccepted(leg="L2", recusal_checked=True))
    for events in (declined, redirected, expired, superseded):
        assert the(events, CITY, ReferralMoved).wipe


def test_trap_11_from_one_body_to_another_and_back_makes_no_second_case() -> None:
    log = accepted(owner=CITY)
    log.asks(CITY, Track.ADJUDICATION, LegKind.FILE, PROVINCE)
    log.goes("L1", "delivered", "acknowledged")
    log.says(PROVINCE, ReferralRedirected(leg="L1", to=CITY))
    log.taken("L2")
    assert (log.owner, log.leg("L2").after, log.leg("L2").receiver) == (CITY, "L1", CITY)
    log = offered(LegKind.TRANSFER).taken()
    log.ends("L1", "returned", ground=Ground.NOT_COMPETENT)
    assert (log.owner, log.state.transfers, log.state.case) == (CENTRE, (), "C1")


def test_trap_12_a_negative_status_after_delivered_is_accepted_and_shown() -> None:
    log = offered().goes("L1", "delivered")
    events = log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.OTHER, text="our desk cannot open it"))
    assert the(events, CENTRE, ReferralMoved).state == log.leg().state == "declined"


def test_trap_13_a_receipt_is_heard_by_agencies_alone_and_no_agency_gives_one() -> None:
    """No service hears a receipt, so none can answer one; and an agency that sends one says what it may not."""
    receipt = MESSAGES["xianjie.receipt.given.v1"]
    assert receipt.heard_by == (AGENCY,)
    assert AGENCY not in receipt.said_by
    for service in SERVICES:
        assert service not in receipt.heard_by


def test_trap_14_a_closed_leg_is_never_overdue() -> None:
    log = offered().goes("L1", "delivered")
    log.says(CITY, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no"))
    assert not log.state.clocks
    log = offered().taken()
    log.ends("L1", "closed", outcome="settled")
    assert not log.state.clocks


def test_trap_15_concluding_is_blocked_by_open_legs() -> None:
    scenario = load(SCENARIOS / "sh-markor-design-2020.yaml")
    recorded: list[Recorded] = []
    stage, _ = staged([replace(scenario, lines=scenario.lines[:3])], record=recorded.append)
    owner = stage.state("intake", scenario.id)["owner"]
    stage.speak(owner, CaseConclusionProposed(outcome="settled"), scenario.id)
    stage.rest()
    assert stage.state("intake", scenario.id)["status"] == "in_service"
    assert not stage.state("routing", scenario.id).get("cleared")
    assert "routing.legs_open" in {face(each).name for each in recorded}


def test_trap_16_a_retry_after_a_timeout_changes_nothing_and_hears_where_the_leg_stands() -> None:
    log = offered().goes("L1", "delivered", "acknowledged")
    log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    (again,) = log.says(CITY, ReferralAccepted(leg="L1", recusal_checked=True))
    assert isinstance(again, Refuse)
    assert "L1 is taken" in again.text


def test_trap_17_acceptance_from_another_address_of_the_same_body_still_matches() -> None:
    """Who speaks is the code it speaks under; the address that it names decides nothing, whoever names it."""
    log = offered(LegKind.TRANSFER).goes("L1", "delivered", "acknowledged")
    accepted_elsewhere = ReferralAccepted(leg="L1", recusal_checked=True, address="second-office.sz.example", reference="X-9")
    assert refusal(log.says(PROVINCE, accepted_elsewhere)) == (403, Ground.NOT_YOURS)
    assert (log.leg().state, log.owner) == ("acknowledged", CENTRE)
    log.says(CITY, accepted_elsewhere)
    assert (log.leg().state, log.owner) == ("taken", CITY)


def test_trap_18_a_body_with_pending_legs_cannot_leave() -> None:
    def told(state: object, message: object) -> object:
        attributes = Attributes(
            specversion="1.0", id="m1", source="/operators/duty", type=message.type, subject="directory",  # type: ignore[attr-defined]
            datacontenttype="application/json", time=START,
        )  # fmt: skip
        (first, *_) = decide_directory(state, Heard(attributes, message), Given(START))  # type: ignore[arg-type]
        return first if isinstance(first, Refuse) else evolve_directory(state, message)  # type: ignore[arg-type]

    assert isinstance(told(DIRECTORY, OrgLeft(code=CITY)), Refuse)
    drained = told(DIRECTORY, OrgDrained(code=CITY))
    busy = told(drained, OrgLoadCounted(code=CITY, open_legs=1))
    assert isinstance(told(busy, OrgLeft(code=CITY)), Refuse)
    assert not isinstance(told(told(busy, OrgLoadCounted(code=CITY, open_legs=0)), OrgLeft(code=CITY)), Refuse)
    log = accepted(directory=replace(DIRECTORY, drained={CITY: True}))
    assert refusal(log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)) == (403, Ground.CAPACITY)


@pytest.mark.parametrize("name", PLAYED)
def test_trap_20_a_whole_case_with_its_deliveries_shuffled_ends_in_the_same_state_to_the_byte(name: str) -> None:
    """On a virtual clock, in every order in which the broker may deliver: in order from each to each, and no further."""
    scenario = load(SCENARIOS / f"{name}.yaml")
    plain, wrong = staged([scenario])
    assert wrong == {name: []}
    for seed in range(1, 7):
        shuffled, _ = staged([scenario], disorder=Disorder(Random(seed)))
        assert shuffled.states() == plain.states(), f"order {seed} ends otherwise"


@pytest.mark.parametrize("name", PLAYED[::4])
def test_trap_20_what_each_service_said_folds_to_the_state_it_has(name: str) -> None:
    stage, _ = staged([load(SCENARIOS / f"{name}.yaml")], disorder=Disorder(Random(3)))
    for service, each in stage.engine.services.items():
        for log in each.store.log.values():
            check = Check(RULES[service])
            for commit in log:
                check.take(commit)
            assert check.faults() == []
