"""What was recorded held against what is made again: the same is silent, and every difference is named with case, message and decision."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xianjie import topology
from xianjie.journal import Recorded
from xianjie.recording.comparing import Change, Comparison, Difference, Left, Made


@dataclass
class Said:
    id: str
    body: bytes
    exchange: str = topology.EVENTS
    key: str = ""
    case: str = "c-1"


def body(id: str, name: str = "referral.offered", case: str = "c-1", cause: str = "m-1", **data: Any) -> bytes:
    content = {
        "id": id,
        "source": "/services/routing",
        "type": f"xianjie.{name}.v1",
        "subject": case,
        "causationid": cause,
        "data": data,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def recorded(at: int, content: bytes) -> Recorded:
    return Recorded(at, topology.EVENTS, "routing.x.v1.intake", None, content, {})


def made(*said: Said, n: int = 1, id: str = "m-1", **more: Any) -> Made:
    now = datetime(2025, 3, 3, tzinfo=UTC)
    return Made("routing", "c-1", n, "/agencies/CN-A", id, "referral.declined", said, now, b"{}", **more)


def compared(was: list[bytes], now: list[Made], *, first: str = "was") -> list[Difference]:
    comparison = Comparison()
    for side in (first, "now" if first == "was" else "was"):
        for at, each in enumerate(was if side == "was" else now):
            comparison.recorded(recorded(at, each)) if isinstance(each, bytes) else comparison.made(each)
    return list(comparison.differences())


def test_what_is_the_same_is_silent_whichever_side_comes_first_and_leaves_nothing_in_memory() -> None:
    for first in ("was", "now"):
        comparison = Comparison()
        sides = [lambda: comparison.recorded(recorded(0, body("s-1"))), lambda: comparison.made(made(Said("s-1", body("s-1"))))]  # noqa: B023
        for each in sides if first == "was" else reversed(sides):
            each()
        assert list(comparison.differences()) == []
        assert [comparison._was, comparison._now, comparison._made] == [{}, {}, {}]


def test_the_order_of_fields_and_what_is_outside_a_decision_make_no_difference() -> None:
    one = json.loads(body("s-1", leg="L1"))
    other = json.dumps({"traceparent": "00-1-2-3", **dict(reversed(one.items()))}).encode()
    assert compared([other], [made(Said("s-1", body("s-1", leg="L1")))]) == []


def test_a_field_that_differs_is_named_with_both_values() -> None:
    (found,) = compared([body("s-1", leg="L1", to="CN-A")], [made(Said("s-1", body("s-1", leg="L1", to="CN-B")))])
    assert found == Difference(
        "c-1", "routing", 1, "m-1", "referral.declined",
        (Change('referral.offered/data/to: "CN-A"', 'referral.offered/data/to: "CN-B"'),),
    )  # fmt: skip


def test_what_is_said_no_more_and_what_is_said_now_are_the_two_sides_of_one_decision() -> None:
    (found,) = compared([body("s-1", "routing.homeless")], [made(Said("s-2", body("s-2", "referral.offered", leg="L2")))])
    assert (found.case, found.n) == ("c-1", 1)
    assert found.changes == (Change("routing.homeless {}", None), Change(None, 'referral.offered {"leg":"L2"}'))


def test_another_type_under_the_same_identity_is_another_message() -> None:
    (found,) = compared([body("s-1", "log.noted", text="x")], [made(Said("s-1", body("s-1", "routing.homeless")))])
    assert found.changes == (Change('log.noted {"text":"x"}', None), Change(None, "routing.homeless {}"))


def test_what_is_said_before_another_shifts_its_identity_and_changes_nothing_else() -> None:
    was = [body("s-0", "routing.file_due"), body("s-1", "routing.leg_taken", leg="L1")]
    (found,) = compared(was, [made(Said("s-0", body("s-0", "routing.leg_taken", leg="L1")))])
    assert found.changes == (Change("routing.file_due {}", None),)


def test_another_order_of_what_is_said_is_a_difference() -> None:
    was = [body("s-0", "routing.file_due"), body("s-1", "routing.leg_taken")]
    now = made(Said("s-0", body("s-0", "routing.leg_taken")), Said("s-1", body("s-1", "routing.file_due")))
    (found,) = compared(was, [now])
    assert "in another order" in str(found.changes[0].now)


def test_rules_that_fail_where_they_decided_are_a_difference() -> None:
    (found,) = compared([body("s-1")], [made(failed="KeyError: 'L1'")])
    assert found.changes[0] == Change(None, "the rules fail: KeyError: 'L1'")
    assert found.changes[1].was


def test_another_hash_is_a_difference_though_the_same_is_said() -> None:
    (found,) = compared([body("s-1")], [made(Said("s-1", body("s-1")), same=False)])
    assert "another hash" in str(found.changes[0].now)


def test_what_services_say_beside_their_decisions_is_not_compared() -> None:
    again = body("s-9", "receipt.given", to="m-1", status=409, first=202)
    beside = [body(f"s-{at}", name) for at, name in enumerate(("log.committed", "log.parked", "clock.reached", "clock.ticked"))]
    assert compared([*beside, again], []) == []


def test_of_what_was_left_out_nothing_is_a_difference_and_the_reasons_are_counted() -> None:
    comparison = Comparison()
    comparison.recorded(recorded(0, body("s-1")))
    comparison.left_out(Left("routing", "c-1", 1, "/agencies/CN-A", "m-1", "not in the recording"))
    assert list(comparison.differences()) == []
    assert comparison.left == {"not in the recording": 1}


def test_what_other_logs_said_to_the_cases_of_a_part_is_no_difference_and_what_is_said_no_more_still_is() -> None:
    comparison = Comparison(frozenset({"c-1"}))
    for at, each in enumerate((body("s-0", cause="m-0"), body("s-1"), body("s-2", "routing.homeless"))):
        comparison.recorded(recorded(at, each))
    comparison.made(made(Said("s-1", body("s-1"))))
    (found,) = comparison.differences()
    assert found.changes == (Change("routing.homeless {}", None),)


def test_differences_come_in_the_order_of_cases_and_commits() -> None:
    was = [body("s-1", cause="m-1", a=1), body("s-2", cause="m-2", a=1), body("t-1", case="b", cause="m-3")]
    now = [made(Said("s-2", body("s-2", cause="m-2", a=2)), n=2, id="m-2"), made(Said("s-1", body("s-1", cause="m-1", a=2)))]
    assert [(each.case, each.n) for each in compared(was, now)] == [("b", None), ("c-1", 1), ("c-1", 2)]
