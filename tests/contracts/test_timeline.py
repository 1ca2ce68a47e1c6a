"""One case across services: told in the order of cause and effect, and held against what a scenario expects."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from commits import Log, adjudication, day, quiet, started
from rich.console import Console

from xianjie.cli.timeline import tree
from xianjie.message import named
from xianjie.play.compare import differences, suspended_days
from xianjie.play.scenario import Line, Scenario, load
from xianjie.timeline import Timeline, as_json, build, clocks, in_order, path
from xianjie.vocabulary import Precision
from xianjie.written import BadFile


@pytest.fixture
def case() -> Timeline:
    return build("c-1", adjudication())


def test_the_way_of_a_case_names_each_leg_with_how_it_ended(case: Timeline) -> None:
    assert path(case) == ["L1 adjudication CN-BJ-IPO declined conflict", "L2 adjudication CN-SH-IPO closed infringed"]


def test_owner_status_and_outcome_are_those_of_the_last_word(case: Timeline) -> None:
    assert (case.owner, case.status, case.outcome) == ("CN-SH-IPO", "concluded", "infringed")
    assert case.owners == [(day(0), "CN-SH-IPO")]


def test_clocks_end_as_met_breached_or_not_judged_and_count_their_days(case: Timeline) -> None:
    assert clocks(case) == {"L2/B1": "met", "L2/B4": "breached", "L2/B6": "not judged", "L2/B6#2": "running"}
    breached = case.legs[1].clocks[1]
    assert (breached.gross_days, breached.net_days, breached.due) == (39, 29, day(39))


def test_a_receipt_stands_at_the_message_that_it_answers(case: Timeline) -> None:
    late = next(each for each in case.entries if each.id == "late")
    assert (late.status, late.answer) == (410, "too_late L2 is outcome_reported")
    assert (late.at, late.precision, late.now) == (None, "none", day(41))
    assert not [each for each in case.entries if each.type == "receipt.given"]


def test_every_message_names_its_sender_and_its_hearer(case: Timeline) -> None:
    ways = {(each.speaker, each.type, each.to) for each in case.entries}
    assert ("CN-SH-IPO", "case.submitted", "intake") in ways
    assert ("routing", "referral.offered", "CN-BJ-IPO") in ways
    assert ("routing", "routing.leg_drafted", None) in ways


def test_steps_keep_what_the_body_did(case: Timeline) -> None:
    assert [(each.at, each.step, each.state) for each in case.legs[1].steps if each.step] == [(day(5), "docketed", "in_progress")]
    assert case.legs[1].suspended == [(day(10), day(20))]


def test_an_effect_never_comes_before_its_cause_even_if_its_clock_was_behind() -> None:
    intake, routing = Log("intake"), Log("routing")
    (said,) = intake.hear(day(5), "/agencies/CN-SH-IPO", "case.reviewed", {}, ("intake", "case.accepted", {"owner": "CN-SH-IPO"}))
    routing.hear(day(1), "/services/intake", "case.accepted", {}, id=said)
    told = list(in_order({"routing": routing.commits, "intake": intake.commits}))
    assert [service for service, _ in told] == ["intake", "routing"]


def test_what_is_said_of_another_case_does_not_change_this_one() -> None:
    log = Log("intake")
    log.hear(day(0), "/agencies/CN-SH-IPO", "case.reviewed", {}, quiet("intake", "case.moved", status="accepted", row="C12b"))
    log.commits[0]["said"][0]["case"] = "c-2"
    assert build("c-1", {"intake": log.commits}).status is None


def test_a_halted_case_that_could_not_be_withdrawn_was_halted_all_the_time() -> None:
    log = Log("intake")
    for at, status in enumerate(("suspended", "withdrawing", "suspended", "in_service")):
        log.hear(day(at), "/services/door", "case.withdrawal_asked", {}, quiet("intake", "case.moved", status=status, row="C24a"))
    assert build("c-1", {"intake": log.commits}).suspended == [(day(0), day(3))]


def test_a_batch_names_its_cases() -> None:
    log = Log("intake")
    log.hear(day(0), "/services/door", "case.submitted", {}, quiet("intake", "case.batch_opened", children=["c-2", "c-3"]))
    assert build("c-1", {"intake": log.commits}).children == ["c-2", "c-3"]


def test_the_json_form_is_stable_and_plain(case: Timeline) -> None:
    found = json.loads(json.dumps(as_json(case)))
    assert list(found) == [
        *("case", "owner", "status", "outcome", "parent", "children", "owners"),
        *("legs", "clocks", "entries", "suspended", "satisfaction", "spent_fen", "service", "channel", "groups", "checks", "test"),
    ]  # fmt: skip
    assert {*found["legs"][1]} >= {"leg", "track", "kind", "sender", "receiver", "state", "outcome", "steps", "clocks"}
    assert {*found["legs"][1]["clocks"][0]} >= {"rule", "started", "due", "state", "gross_days", "net_days", "cited"}
    assert {*found["entries"][0]} >= {"at", "precision", "speaker", "type", "to", "status", "leg", "text"}
    assert found["entries"][0]["at"] == "2024-03-01T12:00:00+08:00"


# --- what a scenario expects


def line(place: int, on: int, type: str, data: dict[str, Any]) -> Line:
    """One line of a scenario: published step `place`, said on a day."""
    message = named(type).schema.load(data)
    return Line(place, "CN-SH-IPO", message, day(on), day(on), Precision.DAY, "c-1", place, None)


def scenario(**expect: Any) -> Scenario:
    """The scenario of the case, with three published steps."""
    lines = (
        line(1, 5, "adjudication.progressed", {"leg": "L2", "step": "docketed"}),
        line(2, 40, "adjudication.outcome_reported", {"leg": "L2", "outcome": "infringed"}),
        line(3, 77, "adjudication.outcome_acknowledged", {"leg": "L2"}),
    )
    return Scenario("c-1", "a case", lines, {}, expect, 3, {}, "c-1.yaml")


LAST = "L2 adjudication CN-SH-IPO closed infringed"


def interval(start: int, end: int, gross: int, net: int | None = None, *counted: str) -> dict[str, Any]:
    return {"what": "docketing to decision", "start": start, "end": end, "gross": gross, "net": net, "counted": list(counted)}


def test_what_is_as_published_has_no_differences(case: Timeline) -> None:
    expected = scenario(
        owner="CN-SH-IPO", status="concluded", outcome="infringed", children=0, path=path(case),
        clocks={"L2/B1": "met", "L2/B4": "breached", "L2/B6": "not judged"}, intervals=[interval(1, 2, 35, 25)],
    )  # fmt: skip
    assert differences(expected, case) == []


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"owner": "CN-BJ-IPO"}, "owner: expected CN-BJ-IPO, got CN-SH-IPO"),
        ({"outcome": None}, "outcome: expected None, got infringed"),
        ({"children": 2}, "children: expected 2, got 0"),
        ({"path": ["L1 adjudication CN-BJ-IPO declined conflict"]}, f"path: expected no further leg, got {LAST}"),
        ({"clocks": {"L2/B4": "met"}}, "clock L2/B4: expected met, got breached"),
        ({"clocks": {"L9/B4": "met"}}, "clock L9/B4: expected met, got no such clock"),
        ({"intervals": [interval(1, 2, 36)]}, "interval docketing to decision: expected 36 days, got 35"),
        ({"intervals": [interval(1, 2, 35, 35)]}, "interval docketing to decision: expected 35 net days, got 25"),
        (
            {"intervals": [interval(1, 3, 1)]},
            "interval docketing to decision: step 3 (adjudication.outcome_acknowledged by CN-SH-IPO) was not taken",
        ),
    ],
)  # fmt: skip
def test_each_difference_is_named(case: Timeline, expect: dict[str, Any], says: str) -> None:
    assert differences(scenario(**expect), case) == [says]


def test_days_are_those_that_the_services_counted_not_those_that_the_scenario_says(case: Timeline) -> None:
    """The service decided the last step two days after the day that its sender claims, and its clock says 39 days, 29 net."""
    last = next(each for each in case.entries if each.type.endswith("outcome_reported"))
    late = replace(case, entries=[*(each for each in case.entries if each is not last), replace(last, now=day(42))])
    assert differences(scenario(intervals=[interval(1, 2, 35)]), late) == [
        "interval docketing to decision: expected 35 days, got 37"
    ]
    assert differences(scenario(intervals=[interval(1, 2, 35, 25, "L2/B4")]), case) == [
        "interval docketing to decision: expected 35 days, got 39 by L2/B4",
        "interval docketing to decision: expected 25 net days, got 29 by L2/B4",
    ]
    assert differences(scenario(intervals=[interval(1, 2, 35, 25, "L2/B6")]), case) == [
        "interval docketing to decision: L2/B6 has no days: it is not judged"
    ]
    assert differences(scenario(intervals=[interval(1, 2, 35, 25, "L9")]), case) == [
        "interval docketing to decision: L9 has no days: no such clock or leg"
    ]


def test_no_days_are_counted_from_a_date_that_is_not_known_to_the_day(case: Timeline) -> None:
    vague = replace(case, entries=[replace(each, precision="month") for each in case.entries])
    (said,) = differences(scenario(intervals=[interval(1, 2, 35)]), vague)
    assert "not known to the day" in said


def test_days_on_which_two_things_stood_still_are_counted_once(case: Timeline) -> None:
    case.suspended.append((day(15), day(25)))
    assert suspended_days(case, day(0).date(), day(40).date()) == 15
    assert suspended_days(case, day(12).date(), day(18).date()) == 6


# --- what may be expected

MARKOR = Path(__file__).resolve().parents[1] / "scenarios" / "sh-markor-design-2020.yaml"


def changed(folder: Path, **expect: Any) -> Path:
    """The scenario of Markor with other expectations."""
    found = yaml.safe_load(MARKOR.read_text("utf-8"))
    file = folder / "changed.yaml"
    file.write_text(yaml.safe_dump({**found, "expect": expect}, allow_unicode=True), "utf-8")
    return file


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"color": "red"}, "/expect/color: Unknown field."),
        ({"clocks": {"L1/B1": "late"}}, "/expect/clocks/L1/B1/value: Must be one of: met, breached"),
        (
            {"intervals": [{"what": "x", "from": 1, "to": 99, "gross": 1}]},
            "/expect/intervals/0/to: no line of `says` has step 99",
        ),
        ({"intervals": [{"what": "x", "from": 1, "to": 2}]}, "/expect/intervals/0/gross: Missing data for required field."),
        ({"children": -1}, "/expect/children: Must be greater than or equal to 0."),
    ],
)
def test_an_expectation_that_means_nothing_is_a_fault_of_the_scenario(tmp_path: Path, expect: dict[str, Any], says: str) -> None:
    with pytest.raises(BadFile, match=r"changed\.yaml") as refused:
        load(changed(tmp_path, **expect))
    assert says in str(refused.value)


def test_a_limit_that_is_not_sure_says_so_until_it_is_counted_anew() -> None:
    log = Log("intake")
    name, kind, data = started("intake", "case/N2.visit", 0, 30)
    log.hear(day(0), "/agencies/CN-SH-IPO", "case.submitted", {}, (name, kind, {**data, "provisional": True, "verified": False}))
    (clock,) = build("c-1", {"intake": log.commits}).clocks
    assert (clock.provisional, clock.verified, clock.due) == (True, False, day(30))
    told = Console(width=150, record=True)
    told.print(tree(build("c-1", {"intake": log.commits})))
    assert "provisional: holidays of that year not known" in told.export_text()
    again = quiet("intake", "sla.recounted", clock="case/N2.visit", due=day(33).isoformat(), provisional=False)
    log.hear(day(1), "/services/intake", "calendar.extended", {}, again)
    (clock,) = build("c-1", {"intake": log.commits}).clocks
    assert (clock.provisional, clock.due) == (False, day(33))


def test_of_a_case_that_only_some_services_could_tell_of_nothing_is_said_that_they_alone_do_not_know() -> None:
    log = Log("routing")
    log.hear(day(0), "/services/intake", "case.accepted", {})
    found = build("c-1", {"routing": log.commits})
    for partly, says in ((True, "status not known"), (False, "not submitted")):
        told = Console(width=150, record=True)
        told.print(tree(found, partly=partly))
        assert says in told.export_text()
