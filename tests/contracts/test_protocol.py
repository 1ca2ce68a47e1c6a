"""The protocols of case, leg and proceeding as tables: nothing waits for ever, nothing leads nowhere."""

from collections.abc import Iterable

import pytest

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.law import deadlines
from xianjie.message import AGENCY, DOOR, SERVICES, named
from xianjie.protocol.table import NotYours, Row, Table, TooLate, table
from xianjie.vocabulary import Track

NAMES = ("case", "leg", "proceeding")
AGENCIES = {"agency", "receiver", "sender", "superior", "owner", "involved", "body"}
"""Roles that an agency has in a protocol."""
OWN_WORDS = {
    "case": {"register", "batch", "settled", "withdrawal_stands", "visit", "last_try_failed"},
    "leg": {"plan", "needs_consent", "barred", "send", "unroutable", "notified", "superseded", "nobody_above"},
    "proceeding": {"handed_on", "nobody_above"},
}
"""What is no message: what a service does of its own accord."""
VERDICTS = {
    "case.reviewed": {"accept", "gaps", "refuse"}, "case.appeal_decided": {"overturn", "uphold"}, "referral.consented": {"yes", "no"},
    "referral.designated": {"receiver", "other"}, "referral.recall_refused": {"accepting", "keeping"},
    "cancel_answered": {"yes", "no"},
    "contest_answered": {"again", "stands"}, "ordered": {"again", "stands"}, "ended": {"closed", "returned", "cancelled"},
}  # fmt: skip
tables = pytest.mark.parametrize("name", NAMES)


def reached(found: Table) -> set[str]:
    """The states that can be reached from the initial one."""
    states, rows = {found.initial}, [each for each in found.rows if each.to not in ("same", "before")]
    while more := {row.to for row in rows if row.start & states} - states:
        states |= more
    return states


@tables
def test_every_state_is_reached_and_every_row_leads_from_states_to_a_state(name: str) -> None:
    found = table(name)
    assert reached(found) == found.states
    for row in found.rows:
        assert row.start <= found.states, row.name
        assert row.to in found.states | {"same", "before"}, row.name


@tables
def test_every_waiting_state_has_a_clock_and_a_row_that_follows_its_lapse(name: str) -> None:
    found = table(name)
    for state, clock in [*found.clocks.items(), *found.reminders.items()]:
        if clock is None:
            continue
        assert any(each.id == clock for each in deadlines.deadlines()), f"{clock} is no time limit"
        row = found.row(state, f"clock:{clock}", ["clock"])
        assert isinstance(row, Row), f"nothing follows when {clock} lapses in {state}"


@tables
def test_a_state_without_a_clock_is_left_at_once_or_clocked_elsewhere(name: str) -> None:
    found = table(name)
    without = {state for state, clock in found.clocks.items() if clock is None}
    assert without == {"case": {"submitted", "concluded"}, "leg": {"draft", "taken"}, "proceeding": set()}[name]
    for state in without - {"taken"}:
        leaving = [row for row in found.rows if state in row.start]
        assert any(row.by & set(SERVICES) for row in leaving), f"{state} is not left by the service itself"
    if name == "leg":
        assert {row.to for row in found.rows if "taken" in row.start} >= table("proceeding").ends


@tables
def test_an_end_has_no_way_out(name: str) -> None:
    found = table(name)
    assert not [row.name for row in found.rows if row.start & found.ends]


@tables
def test_from_every_state_an_end_can_be_reached(name: str) -> None:
    found = table(name)
    ending = set(found.ends)
    while more := {state for row in found.rows if row.to in ending for state in row.start} - ending:
        ending |= more
    assert ending == found.states


@tables
def test_rows_have_names_of_their_own_and_no_two_answer_the_same(name: str) -> None:
    found = table(name)
    names = [row.name for row in found.rows]
    assert len(names) == len(set(names))
    answers = [(state, what, who) for row in found.rows for state in row.start for what in row.on for who in row.by]
    assert len(answers) == len(set(answers))


@tables
def test_a_limit_of_the_law_has_a_reminder_of_the_network_beside_it(name: str) -> None:
    found = table(name)
    assert set(found.reminders) == {state for state, clock in found.clocks.items() if clock and not clock.startswith("N2.")}
    assert all(rule.startswith("N2.") for rule in found.reminders.values())


def words(name: str) -> Iterable[tuple[Row, str]]:
    return ((row, what) for row in table(name).rows for what in sorted(row.on))


@tables
def test_every_clock_in_a_row_runs_in_every_state_that_the_row_starts_from(name: str) -> None:
    found = table(name)
    for row, what in words(name):
        if what.startswith("clock:"):
            assert "clock" in row.by
            rule = what.removeprefix("clock:")
            assert all(rule in (found.clocks[state], found.reminders.get(state)) for state in row.start), row.name


@tables
def test_every_message_in_a_row_exists_and_is_said_by_someone_who_may(name: str) -> None:
    for row, what in words(name):
        word, _, verdict = what.partition(":")
        if verdict and word != "clock":
            assert verdict in VERDICTS[word], row.name
        if word == "clock" or word in OWN_WORDS[name] or word == "ended":
            continue
        said = [f"{track}.{word}" for track in Track] if name == "proceeding" and "." not in word else [word]
        for each in said:
            may = set(named(each).said_by)
            roles = {AGENCY if who in AGENCIES else DOOR if who == "door" else who for who in row.by - {"service", "clock"}}
            assert roles & may, f"{row.name}: nobody of {sorted(row.by)} may say {each}"


@tables
def test_every_word_of_a_service_s_own_is_used(name: str) -> None:
    assert OWN_WORDS[name] <= {what for _, what in words(name)}


BESIDE = {"visit", "case", "capacity", "pull", "cost", "quality", "provider", "knowledge", "alert", "export", "loop", "org"}
"""What agencies say of no leg and no proceeding."""


def test_every_message_that_an_agency_says_of_a_leg_or_proceeding_stands_in_a_table() -> None:
    from xianjie.message import MESSAGES

    known = {what.partition(":")[0] for name in NAMES for _, what in words(name)}
    choices = {"referral.body_chosen", "referral.plan_dropped", "referral.consent_withdrawn"}
    for cls in MESSAGES.values():
        noun, verb = cls.name.split(".")
        if AGENCY in cls.said_by and noun not in BESIDE:
            assert cls.name in known | choices or verb in known, cls.name


def test_22_the_four_receipts_are_kept_apart() -> None:
    """Transport, clerk's, acceptance, outcome: each takes the leg a step further, and none takes it two."""
    leg, proceeding = table("leg"), table("proceeding")
    way = [("sent", "referral.delivered"), ("delivered", "referral.acknowledged"), ("acknowledged", "referral.accepted")]
    states = []
    for state, what in way:
        row = leg.row(state, what, ["receiver"])
        assert isinstance(row, Row)
        states.append(row.to)
    assert states == ["delivered", "acknowledged", "taken"]
    row = proceeding.row("in_progress", "outcome_reported", ["body"])
    assert isinstance(row, Row)
    assert row.to == "outcome_reported"


def test_who_may_not_say_it_hears_who_may_and_who_is_late_hears_where_it_stands() -> None:
    leg = table("leg")
    assert leg.row("delivered", "referral.declined", ["sender"]) == NotYours(frozenset({"receiver"}))
    assert leg.row("taken", "referral.declined", ["receiver"]) == TooLate("taken")
    assert leg.row("taken", "referral.danced", ["receiver"]) == TooLate("taken")
    with pytest.raises(AssertionError, match="no row for send by routing in taken"):
        leg.taken("taken", "send", "routing")
