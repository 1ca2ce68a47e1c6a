"""The front door without its network: codes, limits, public words, the description of the door."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.chassis.limits import WrongTries
from services.intake.case import CASE
from services.intake.front import codes
from services.intake.front.codes import BadKey, Codes
from services.intake.front.drafting import Drafting
from services.intake.front.limits import Recent
from services.intake.front.status import SHOWN, Public, Standing, possible, shown
from xianjie.messages.case import CaseSupplemented, CaseWithdrawalAsked
from xianjie.messages.routing import RoutingBodyUnreachable, RoutingFileDue, RoutingLegsOpen
from xianjie.vocabulary import CHINA, LegKind, Track

from .telling import CENTRE, DOOR, ROUTING, Log, accepted, application, body, opened, refused, submitted

KEY, OTHER = "5f1b6b7e-93c5-4b0e-8d53-0d7c7b1f7a10", "0a0a0a0a-0b0b-4c0c-9d0d-0e0e0e0e0e0e"
NOW = datetime(2025, 3, 3, 9, 0, tzinfo=CHINA)
BY_DOOR = Codes("a secret of the operator")
NOTHING = Request(EnvironBuilder("/", method="POST", headers={"Idempotency-Key": KEY}).get_environ())
"""A request with an empty body."""


# --- codes


def test_the_same_key_gives_the_same_case_and_code_and_another_gives_others() -> None:
    """Also after a restart, for nothing is remembered; another secret gives others."""
    assert (BY_DOOR.case(KEY), BY_DOOR.code(KEY)) == (BY_DOOR.case(KEY), BY_DOOR.code(KEY))
    assert len({BY_DOOR.code(KEY), BY_DOOR.code(OTHER), Codes("another secret of it").code(KEY)}) == 3
    assert len({KEY, BY_DOOR.case(KEY), BY_DOOR.message(BY_DOOR.case(KEY), "submit", KEY)}) == 3


@given(st.uuids(version=4))
def test_a_code_is_readable_and_understood_however_it_is_written(key: Any) -> None:
    """Four groups of four without look-alikes; small letters, O for 0, I and L for 1, no hyphens: the same hash."""
    code = BY_DOOR.code(str(key))
    assert len(code) == 19
    assert set(code) <= {*codes.ALPHABET, "-"}
    careless = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert codes.hash_of(careless) == codes.hash_of(code)
    assert codes.grouped(codes.plain(careless)) == code


@pytest.mark.parametrize("written", ["", "x" * 2000, "\ud800", "../..", "7K2M-0WQ9", "漢字"])
def test_what_is_no_code_has_a_hash_that_nobody_has(written: str) -> None:
    """It is looked for like any other, so that it takes as long."""
    assert len(codes.hash_of(written)) == 64


@pytest.mark.parametrize(
    "header", [None, "", "1", KEY[:-1], KEY.replace("-4b", "-1b"), KEY.replace("-8d", "-cd"), KEY + "x", "'" + KEY]
)
def test_only_a_random_uuid_is_a_key(header: str | None) -> None:
    with pytest.raises(BadKey, match="random UUID"):
        codes.key_of(header)


def test_a_key_may_be_quoted_and_in_capitals() -> None:
    assert codes.key_of(f'"{KEY.upper()}"') == codes.key_of(KEY) == KEY


# --- limits


def test_after_twenty_wrong_codes_an_address_waits_for_the_rest_of_the_minute() -> None:
    now = [0.0]
    wrong = WrongTries(most=20, seconds=60, clock=lambda: now[0])
    for _ in range(20):
        assert wrong.wait("192.0.2.1") == 0
        wrong.count("192.0.2.1")
    now[0] = 20.0
    assert (wrong.wait("192.0.2.1"), wrong.wait("192.0.2.2")) == (41, 0)
    now[0] = 60.0
    assert wrong.wait("192.0.2.1") == 0


def test_one_house_of_ipv6_counts_as_one_and_memory_is_bounded() -> None:
    wrong = WrongTries(most=2, addresses=3)
    wrong.count("2001:db8::1")
    wrong.count("2001:db8::2")
    assert wrong.wait("2001:db8::3")
    for each in range(9):
        wrong.count(f"192.0.2.{each}")
    assert len(wrong._seen) == 3


def test_what_was_sent_is_remembered_for_ten_minutes_and_not_without_end() -> None:
    now = [0.0]
    recent = Recent(most=2, clock=lambda: now[0])
    for name in "abc":
        recent.put(name, "c-1", application())
    assert [bool(recent.get(name)) for name in "abc"] == [False, True, True]
    recent.drop("b")
    now[0] = 600.0
    assert (recent.get("b"), recent.get("c")) == (None, None)


# --- what applicants see


def test_every_status_of_the_protocol_has_a_public_word_and_every_word_is_used() -> None:
    assert set(SHOWN) == CASE.states
    assert set(SHOWN.values()) == set(Public)


def see(log: Log, **notice: Any) -> dict[str, Any]:
    return shown(Standing(log.state.case, log.state, NOW, NOW, notice), "CODE")


def test_08_an_applicant_sees_a_word_and_dates_and_nothing_of_the_inside() -> None:
    log = accepted()
    log.hear(ROUTING, opened("L1"))
    assert see(log) == {
        "code": "CODE", "status": "in_progress", "label": {"en": "in progress", "zh": "办理中"},
        "received": NOW.isoformat(), "updated": NOW.isoformat(),
    }  # fmt: skip


def test_an_application_to_a_body_that_cannot_be_reached_is_not_said_to_be_under_review() -> None:
    log = submitted()
    log.hear(ROUTING, RoutingBodyUnreachable(body="CN-NO-SUCH"))
    assert see(log)["status"] == "under_review", "another body than the one that answers for it"
    log.hear(ROUTING, RoutingBodyUnreachable(body=CENTRE))
    assert (see(log)["status"], see(log)["unreached"]) == ("received", CENTRE)
    assert "submit it to another body" in see(log)["advice"]["en"]


def test_an_applicant_who_withdraws_sees_that_it_is_not_forgotten_while_legs_are_open() -> None:
    log = accepted()
    log.hear(ROUTING, opened("L1"))
    log.hear(DOOR, CaseWithdrawalAsked())
    log.hear(ROUTING, RoutingLegsOpen(legs=("L1",)))
    assert (log.state.status, see(log)["status"]) == ("in_service", "withdrawal_asked")


def test_07_a_refusal_says_why_what_else_helps_and_until_when_to_appeal() -> None:
    found = see(refused(), ground="out_of_scope", text="no IP matter", remedy="ask a court")
    assert found["refusal"]["due"].startswith("2025-03-12")  # seven working days
    assert (found["status"], found["refusal"]["remedy"]) == ("refused", "ask a court")


@pytest.mark.parametrize(("log", "said", "why"), [
    (submitted(), CaseSupplemented(), "the application is under review"),
    (accepted(), CaseSupplemented(), "the application is accepted"),
    (submitted(), CaseWithdrawalAsked(), None),
])  # fmt: skip
def test_what_the_rules_would_refuse_is_refused_at_the_door(log: Log, said: Any, why: str | None) -> None:
    made = Drafting(BY_DOOR, None, lambda: NOW).later(NOTHING, type(said), log.state.case, "x")
    found = possible(log.state, made.heard, log.now)
    assert found == why if why is None else why in str(found)


def test_a_case_that_police_have_taken_is_not_withdrawn_and_the_applicant_hears_why() -> None:
    log = accepted()
    log.hear(ROUTING, opened("L1", "SZ-PSB", Track.CRIMINAL, LegKind.ASSIST))
    log.hear(ROUTING, RoutingFileDue(leg="L1", receiver="SZ-PSB"))
    made = Drafting(BY_DOOR, None, lambda: NOW).later(NOTHING, CaseWithdrawalAsked, log.state.case, "withdrawal")
    assert "Police" in str(possible(log.state, made.heard, log.now))


def test_only_the_door_gives_query_codes() -> None:
    """A body that submits an application with somebody's hash would else show its case to them, or hide theirs."""
    for source, kept in ((DOOR, "0" * 64), (body(CENTRE), None)):
        log = Log()
        log.hear(source, application(query_hash="0" * 64))
        assert log.state.file.query_hash == kept
