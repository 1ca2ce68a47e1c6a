"""`xianjie due` and `xianjie rules`: what a limit comes to, explained so that it adds up, and clear words for wrong input."""

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from xianjie.cli import app
from xianjie.law import calendar, counting, deadlines, explaining
from xianjie.law.rule import Deadline
from xianjie.vocabulary import CHINA


def run(*words: str) -> Result:
    """One call of `xianjie`; nothing may end in a traceback."""
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def due(*words: str) -> dict[str, object]:
    found = run("due", *words, "--json")
    assert found.exit_code == 0, found.output
    told: dict[str, object] = json.loads(found.stdout)
    return told


def refused(*words: str) -> str:
    found = run(*words)
    assert found.exit_code == 2, found.output
    assert found.stdout == "", "nothing half-done"
    return " ".join(found.stderr.split())


# --- what comes out


def test_57_three_conventions_of_counting_days() -> None:
    """(a) working days where the statute says so, calendar days that roll where it does not, hours that run through everything."""
    assert due("B10", "--from", "2020-09-29")["due"] == "2020-10-15T23:59:59+08:00", "seven days that are working days"
    assert due("C9", "--from", "2020-09-29")["due"] == "2020-10-09T23:59:59+08:00", "seven days, the last of which rolls"
    assert due("E2", "--from", "2020-09-30T17:00")["due"] == "2020-10-01T17:00:00+08:00", "24 hours, holiday or not"


def test_trap_b_the_first_day_is_not_counted_and_a_free_last_day_rolls() -> None:
    found = due("C7", "--from", "2021-12-06")
    assert (found["starts"], found["due"]) == ("2021-12-06T00:00:00+08:00", "2022-01-05T23:59:59+08:00")
    found = due("C7", "--from", "2022-01-02")
    assert found["due"] == "2022-02-07T23:59:59+08:00"
    assert found["skipped"] == [
        {"from": "2022-02-01", "to": "2022-02-06", "days": 6, "why": "the last day rolls on: Spring Festival"}
    ]


def test_trap_c_a_suspension_is_reported_gross_and_net() -> None:
    found = due("B4", "--from", "2021-11-05", "--stop", "2021-12-15..2022-05-16")
    assert (found["due"], found["gross_days"], found["net_days"]) == ("2022-07-07T23:59:59+08:00", 244, 92)
    assert found["skipped"] == [{"from": "2021-12-15", "to": "2022-05-15", "days": 152, "why": "it stood still"}]


def test_the_law_of_the_day_and_of_the_place() -> None:
    assert due("B4", "--from", "2025-01-31", "--extend", "1")["due"] == "2025-06-03T23:59:59+08:00"
    assert due("B4", "--from", "2025-02-01", "--extend", "1")["due"] == "2025-07-01T23:59:59+08:00"
    assert due("B4", "--from", "2025-01-31", "--as-of", "2025-02-01")["version"] == "B4@2025-02-01.."
    assert due("B4", "--from", "2025-03-03", "--region", "330100")["version"] == "B4@33@2016-01-01.."
    assert due("B2", "--from", "2025-03-03", "--level", "nation")["version"] == "B2@nation@2021-06-01.."


def test_a_pause_moves_working_days_by_working_days() -> None:
    plain, paused = due("A1", "--from", "2025-03-03"), due("A1", "--from", "2025-03-03", "--stop", "2025-03-07..2025-03-11")
    assert (plain["due"], paused["due"]) == ("2025-03-24T23:59:59+08:00", "2025-03-26T23:59:59+08:00")
    assert (paused["gross_days"], paused["net_days"]) == (23, 19)


def test_months_end_on_the_same_number_or_the_last_day() -> None:
    assert str(due("N1", "--from", "2025-10-31")["due"]).startswith("2025-12-01"), "30 November is a Sunday"
    assert str(due("N1", "--from", "2024-01-31")["due"]).startswith("2024-02-29")


def test_met_in_time_or_late_and_too_soon_for_a_least_time() -> None:
    assert due("C9", "--from", "2025-03-03", "--met", "2025-03-10T23:00")["standing"] == "met"
    assert due("C9", "--from", "2025-03-03", "--met", "2025-03-11")["standing"] == "met late"
    assert due("B5", "--from", "2025-03-03", "--met", "2025-03-05")["standing"] == "breached"
    assert due("B5", "--from", "2025-03-03", "--met", "2025-03-06")["standing"] == "met"


def test_seen_at_a_moment_a_limit_is_open_near_or_breached() -> None:
    rule, start = deadlines.rule("C9", date(2025, 3, 3)), datetime(2025, 3, 3, 9, tzinfo=CHINA)
    assert [explaining.account(rule, start, now=start + timedelta(days=days)).standing for days in (1, 6, 8)] == [
        "open",
        "near",
        "breached",
    ]


def test_a_stop_that_the_law_caps_ends_by_itself() -> None:
    found = due("F1", "--from", "2025-03-03", "--stop", "2025-03-10..2025-06-10")
    assert found["due"] == "2025-04-16T23:59:59+08:00"
    assert "20 wd at most, up to 2025-04-08" in str(found["warnings"])
    assert due("F1", "--from", "2025-03-03", "--stop", "2025-03-10..2025-06-10:notarisation")["due"] == found["due"]
    two = due("F1", "--from", "2025-03-03", "--stop", "2025-03-05..2025-04-01", "--stop", "2025-04-02..2025-06-01")
    assert (two["gross_days"], two["net_days"]) == (43, 15), "the cap is for all pauses together"


def test_what_was_not_verified_works_and_warns() -> None:
    assert "was not verified" in str(due("A1", "--from", "2025-03-03")["warnings"])
    assert due("C7", "--from", "2025-03-03")["warnings"] == []
    assert "was not verified" in run("due", "A1", "--from", "2025-03-03").stderr


def test_a_pause_that_begins_after_the_limit_has_run_out_changes_nothing() -> None:
    plain = due("B4", "--from", "2021-11-05")
    late = due("B4", "--from", "2021-11-05", "--stop", "2022-02-08..2022-02-18")
    assert (late["due"], late["net_days"], late["skipped"]) == (plain["due"], plain["net_days"], plain["skipped"])
    assert "begins after the limit had run out on 2022-02-07: it changes nothing" in str(late["warnings"])


def test_what_is_odd_is_taken_and_warned_of() -> None:
    assert "does not stand still" in str(due("C7", "--from", "2025-03-03", "--stop", "2025-03-05..2025-03-06")["warnings"])
    assert "taken as its first second" in str(due("C10", "--from", "2025-03-03")["warnings"])


def test_it_explains_itself() -> None:
    found = run("due", "A1", "--from", "2020-09-29", "--explain")
    assert "28 days = 15 working days that count + 13 skipped" in found.stdout
    assert "National Day" in found.stdout
    assert "the first day is not counted" in found.stdout


# --- wrong input


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("due", "B99", "--from", "2025-03-03"), "no limit has the id B99"),
        (("due", "C5", "--from", "2021-01-01"), "there is C5@2022-01-01..: see xianjie rules show C5"),
        (("due", "B1", "--from", "2025-02-30"), "--from 2025-02-30: is no day or moment"),
        (("due", "B1", "--from", "2099-01-01"), "the holidays of 2099 are not in the calendar"),
        (("due", "B1", "--from", "0001-01-01T00:00+14:00"), "the holidays of 1 are not in the calendar"),
        (("due", "N2.work", "--from", "2026-06-01"), "the holidays of 2027 are not in the calendar"),
        (("due", "B1", "--from", "2025-03-03", "--region", "999999"), "--region 999999: is no division code"),
        (("due", "B1", "--from", "2025-03-03", "--region", "31"), "six digits"),
        (("due", "B4", "--from", "2025-03-03", "--stop", "2025-03-05"), "must be A..B"),
        (("due", "B4", "--from", "2025-03-03", "--stop", "2025-03-05..2025-03-04"), "ends before it begins"),
        (("due", "B4", "--from", "2025-03-03", "--stop", "2025-03-01..2025-03-04"), "begins before the limit starts"),
        (
            ("due", "B4", "--from", "2025-03-03", "--stop", "2025-03-05..2025-03-09", "--stop", "2025-03-08..2025-03-10"),
            "overlaps",
        ),
        (("due", "B4", "--from", "2025-03-03", "--extend", "2"), "may be extended 1 time at most"),
        (("due", "B4", "--from", "2025-03-03", "--met", "2025-03-01"), "--met 2025-03-01: lies before the limit starts"),
        (("due", "B4", "--from", "2025-03-03", "--as-of", "yesterday"), "--as-of yesterday: is no day"),
        (("rules", "show", "B99"), "no limit has the id B99"),
        (("rules", "check", "/nowhere.yaml"), "/nowhere.yaml: cannot be read: No such file or directory"),
    ],
)
def test_wrong_input_is_refused_in_one_message(words: tuple[str, ...], says: str) -> None:
    assert says in refused(*words)


# --- the rules


def test_rules_are_listed_shown_and_checked() -> None:
    assert len(json.loads(run("rules", "--json").stdout)) == len(deadlines.deadlines())
    unread = json.loads(run("rules", "list", "--unverified", "--json").stdout)
    assert {each["verified"] for each in unread} == {False}
    shown = run("rules", "show", "F1").stdout
    assert "stands still: papers are being notarised or legalised, 20 working days at most" in shown
    assert "no faults" in run("rules", "check").stdout


def test_no_version_of_the_list_is_shown_without_a_name_a_source_and_its_length() -> None:
    for each in json.loads(run("rules", "list", "--json").stdout):
        assert each["version"].startswith(each["id"])
        assert each["source"]
        assert each["length"] > 0


# --- properties

rules = st.sampled_from(deadlines.deadlines())
moments = st.datetimes(datetime(2010, 1, 1), datetime(2024, 12, 31), timezones=st.just(CHINA))


@st.composite
def accounts(draw: st.DrawFn) -> explaining.Account:
    """A limit with pauses that follow one another while it runs, and extensions as far as it may be extended."""
    rule, start = draw(rules), draw(moments)
    extended = draw(st.integers(0, min(rule.extend.times, 2))) if rule.extend else 0
    stops: list[tuple[datetime, datetime]] = []
    for _ in range(draw(st.integers(0, 3))):
        running = counting.due(rule, start, extended=extended, stopped=tuple(stops))
        first = stops[-1][1] if stops else start
        begin = first + (running - first) * draw(st.floats(0, 1))
        stops.append((begin, begin + timedelta(hours=draw(st.integers(0, 2000)))))
    return explaining.account(rule, start, stopped=tuple(stops), extended=extended)


@given(accounts())
def test_an_explanation_adds_up(found: explaining.Account) -> None:
    rule, first = found.rule, calendar.day(found.start)
    if rule.unit == "h":
        return
    assert found.gross_days == found.counted + sum(each.days for each in found.skipped)
    assert found.gross_days == (calendar.day(found.due) - first).days
    assert 0 <= found.net_days <= found.gross_days
    if rule.unit == "d" and not (rule.extend and rule.extend.unit != "d"):
        times, more = divmod(found.counted - rule.length, rule.extend.length) if rule.extend else (0, found.counted - rule.length)
        assert more == 0, "what counts is the length of the rule, and whole extensions"
        assert times in (0, 1, 2)


@given(accounts())
def test_days_skipped_lie_between_start_and_end_and_say_why(found: explaining.Account) -> None:
    for each in found.skipped:
        assert calendar.day(found.start) <= each.first <= each.last <= calendar.day(found.due)
        assert 0 < each.days <= (each.last - each.first).days + 1
        assert each.why


@given(rules, moments)
def test_without_pauses_days_count_to_the_length_of_the_rule(rule: Deadline, start: datetime) -> None:
    found = explaining.account(rule, start)
    if rule.unit in ("d", "wd"):
        assert found.counted == rule.length
