"""Feature 62: the help is free for the applicant; what it cost stands in a ledger, up to a cap, beyond which a body above the owner decides."""

import pytest

from services.routing.spending import CAP
from xianjie.message import MESSAGES
from xianjie.messages.cost import CostApprovalAsked, CostBooked, CostDecided, CostReported, CostTold
from xianjie.vocabulary import CostPurpose, Ground, LegKind, Track

from .telling import CENTRE, CITY, COURT, MEDIATOR, NATION, PROVINCE, Log, accepted, offered, refusal, the

CLOCK = f"cost-{CENTRE}-big/N2.cost"


def cost(fen: int = 50_000, item: str = "survey") -> CostReported:
    return CostReported(item=item, fen=fen, purpose=CostPurpose.TESTING, text="compared the two parts")


def beyond() -> Log:
    """The owner waits for a decision on a cost beyond the cap."""
    log = accepted()
    log.says(CENTRE, cost(CAP - 1))
    log.says(CENTRE, cost(2, "big"))
    return log


def test_62_no_message_asks_anything_of_the_applicant() -> None:
    """Money stands in the ledger's messages alone, and those are between bodies and routing."""
    money = {each.name for each in MESSAGES.values() if {"fen", "fee", "price", "amount"} & set(each.__dataclass_fields__)}
    assert {name.split(".")[0] for name in money} == {"cost"}


def test_62_a_cost_within_the_cap_is_booked_and_its_body_told() -> None:
    log = accepted()
    told = the(log.says(CENTRE, cost()), CENTRE, CostTold)
    assert (told.item, told.state, told.booked) == ("survey", "booked", 50_000)
    the(log.says(CENTRE, cost(CAP - 50_000, "rest")), CENTRE, CostTold)
    assert log.state.spent == CAP


def test_62_the_same_name_is_booked_once() -> None:
    log = accepted()
    log.says(CENTRE, cost())
    assert refusal(log.says(CENTRE, cost(70_000))) == (403, Ground.DUPLICATE)
    assert log.state.spent == 50_000


def test_62_only_who_helps_in_the_case_has_costs_in_it() -> None:
    assert refusal(accepted().says(MEDIATOR, cost())) == (403, Ground.NOT_YOURS)
    log = offered(LegKind.DELEGATE, Track.MEDIATION, MEDIATOR)
    assert refusal(log.says(MEDIATOR, cost())) == (403, Ground.NOT_YOURS), "an offer is no help yet"
    log.taken()
    assert the(log.says(MEDIATOR, cost()), MEDIATOR, CostTold).state == "booked"


def test_62_beyond_the_cap_the_body_above_the_owner_is_asked() -> None:
    log = accepted()
    log.says(CENTRE, cost(CAP - 1))
    events = log.says(CENTRE, cost(2, "big"))
    asked, told = the(events, PROVINCE, CostApprovalAsked), the(events, CENTRE, CostTold)
    assert (asked.body, asked.item, asked.fen, asked.booked, asked.cap) == (CENTRE, "big", 2, CAP - 1, CAP)
    assert (told.state, told.due) == ("asked", log.state.clocks[CLOCK].due)
    assert log.state.spent == CAP - 1, "what waits does not stand"
    assert the(log.says(CENTRE, cost(1, "small")), CENTRE, CostTold).state == "booked"


@pytest.mark.parametrize("who", [PROVINCE, NATION])
def test_62_what_a_body_above_agrees_to_is_booked_by_its_word(who: str) -> None:
    log = beyond()
    events = log.says(who, CostDecided(body=CENTRE, item="big", approved=True))
    (booked,) = [each.message for each in events if isinstance(each.message, CostBooked)]
    assert (booked.fen, booked.booked, booked.approved_by) == (2, CAP + 1, who)
    assert the(events, CENTRE, CostTold).state == "booked"
    assert (log.state.spent, CLOCK in log.state.clocks) == (CAP + 1, False)
    assert refusal(log.says(who, CostDecided(body=CENTRE, item="big", approved=True))) == (410, Ground.TOO_LATE)


def test_62_what_it_does_not_agree_to_does_not_stand_and_the_name_is_free_again() -> None:
    log = beyond()
    told = the(log.says(PROVINCE, CostDecided(body=CENTRE, item="big", approved=False, text="too dear")), CENTRE, CostTold)
    assert (told.state, told.text) == ("refused", "too dear")
    assert log.state.spent == CAP - 1
    assert the(log.says(CENTRE, cost(1, "big")), CENTRE, CostTold).state == "booked"


@pytest.mark.parametrize("who", [CENTRE, CITY, COURT])
def test_62_nobody_agrees_to_its_own_costs_or_to_those_of_others(who: str) -> None:
    assert refusal(beyond().says(who, CostDecided(body=CENTRE, item="big", approved=True))) == (403, Ground.NOT_YOURS)


def test_62_silence_is_no_agreement_and_the_body_above_is_reminded_before() -> None:
    log = beyond()
    reminded = log.tick()
    assert the(reminded, PROVINCE, CostApprovalAsked).item == "big"
    told = the(log.lapse(CLOCK), CENTRE, CostTold)
    assert (told.state, told.ground) == ("unanswered", Ground.LAPSED)
    assert log.state.spent == CAP - 1
    assert CLOCK not in log.state.clocks


def test_62_where_nobody_is_above_the_cap_is_the_end() -> None:
    log = accepted(owner=NATION)
    log.says(NATION, cost(CAP))
    assert refusal(log.says(NATION, cost(1, "more"))) == (403, Ground.OTHER)
