"""Running time limits: started, paused, extended, and then met or breached, each said once."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.contracts.years import announced
from xianjie import clocks
from xianjie.clocks import Clock
from xianjie.law import calendar, deadlines
from xianjie.message import Message
from xianjie.messages.sla import (
    SlaBreached,
    SlaExtended,
    SlaMet,
    SlaNotJudged,
    SlaPaused,
    SlaRecounted,
    SlaResumed,
    SlaStarted,
    SlaStopped,
    SlaWarned,
)
from xianjie.vocabulary import CHINA, Ground

START = datetime(2025, 3, 3, 9, tzinfo=CHINA)


@dataclass
class Running:
    """Clocks about one leg, and what was said of them."""

    now: datetime = START
    state: clocks.Clocks = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)

    def tell(self, events: list[Message]) -> list[Message]:
        for each in events:
            self.state = clocks.evolve(self.state, each)
        self.said += events
        return events

    def start(self, rule: str, **more: object) -> "Running":
        self.tell(clocks.start("L1", rule, self.now, **more))  # type: ignore[arg-type]
        return self

    def after(self, **time: float) -> "Running":
        self.now += timedelta(**time)
        return self

    def lapse(self) -> list[Message]:
        return self.tell(clocks.lapse(self.state, self.now))

    def meet(self, rule: str, judged: bool = True) -> list[Message]:
        return self.tell(clocks.meet(self.state, f"L1/{rule}", self.now, judged=judged))

    def clock(self, rule: str) -> Clock:
        return self.state[f"L1/{rule}"]


def test_a_started_clock_cites_its_rule_and_says_whether_it_was_verified() -> None:
    running = Running().start("B4")
    (said,) = running.said
    assert isinstance(said, SlaStarted)
    assert said.cited.startswith("专利纠纷行政裁决和调解办法")
    assert (said.rule, said.verified, said.provisional, said.window) == ("B4", False, False, False)


def test_where_no_version_holds_nothing_is_started() -> None:
    assert clocks.start("L1", "C5", datetime(2021, 1, 1, tzinfo=CHINA)) == []


def test_the_version_is_that_of_the_day_in_china() -> None:
    """On 2025-02-01 a new B4 came into force; 17:00 UTC of 31 January is already that day in China."""
    (said,) = clocks.start("L1", "B4", datetime(2025, 1, 31, 17, tzinfo=UTC))
    assert isinstance(said, SlaStarted)
    assert clocks.evolve({}, said)["L1/B4"].version.valid_from is not None


def test_it_is_met_with_gross_and_net_days() -> None:
    running = Running().start("B4").after(days=10)
    running.tell(clocks.pause(running.state, "L1", running.now, Ground.INVALIDATION))
    running.after(days=100)
    running.tell(clocks.resume(running.state, "L1", running.now))
    running.after(days=5)
    assert running.meet("B4") == [SlaMet(clock="L1/B4", gross_days=115, net_days=15)]
    assert not running.state


def test_met_while_it_stands_still_counts_the_pause_too() -> None:
    running = Running().start("B4").after(days=10)
    running.tell(clocks.pause(running.state, "L1", running.now, Ground.INVALIDATION))
    assert running.after(days=200).meet("B4") == [SlaMet(clock="L1/B4", gross_days=210, net_days=10)]


def test_only_grounds_that_its_rule_names_stop_a_clock() -> None:
    running = Running().start("B4").start("B1")
    running.tell(clocks.pause(running.state, "L1", running.now, Ground.APPRAISAL))
    assert running.clock("B4").paused
    assert not running.clock("B1").paused
    assert clocks.pause(running.state, "L1", running.now, Ground.APPRAISAL) == [], "it stands still already"


def test_58_it_warns_once_then_is_breached_once_and_then_only_stopped() -> None:
    running = Running().start("B1")
    assert clocks.next_due(running.state) == running.clock("B1").due - timedelta(days=1)
    running.now = running.clock("B1").due - timedelta(hours=1)
    assert [type(each) for each in running.lapse()] == [SlaWarned]
    assert running.lapse() == []
    running.now = running.clock("B1").due
    assert [type(each) for each in running.lapse()] == [SlaBreached]
    assert clocks.lapsed(running.said) == ["L1/B1"]
    assert running.lapse() == []
    assert clocks.next_due(running.state) is None
    assert [type(each) for each in running.meet("B1")] == [SlaStopped]


def test_met_too_late_before_anybody_looked_it_is_breached_all_the_same() -> None:
    running = Running().start("B1").after(days=30)
    assert [type(each) for each in running.meet("B1")] == [SlaBreached, SlaStopped]
    assert running.meet("B1") == []


def test_on_the_last_second_it_is_met() -> None:
    running = Running().start("B1")
    running.now = running.clock("B1").due
    assert [type(each) for each in running.meet("B1")] == [SlaMet]


def test_what_nobody_can_date_is_not_judged() -> None:
    running = Running().start("B1", judged=False).after(days=60)
    assert running.lapse() == [SlaNotJudged(clock="L1/B1")]
    assert not running.state
    running = Running().start("B1").after(days=60)
    assert running.meet("B1", judged=False) == [SlaNotJudged(clock="L1/B1")]


def test_it_is_lengthened_as_often_as_its_rule_allows_and_not_after_it_has_passed() -> None:
    running = Running().start("B4")
    first = running.clock("B4").due
    (said,) = running.tell(clocks.extend(running.state, "L1/B4", "complex"))
    assert isinstance(said, SlaExtended)
    assert running.clock("B4").due > first
    assert clocks.extend(running.state, "L1/B4", "again") == []
    running = Running().start("B4").after(days=200)
    running.lapse()
    assert clocks.extend(running.state, "L1/B4", "too late") == []
    assert clocks.extend({}, "L1/B4", "does not run") == []
    assert clocks.extend(Running().start("B1").state, "L1/B1", "never") == []


def test_lengthened_while_it_stands_still_it_goes_on_with_both() -> None:
    running = Running().start("B4")
    running.tell(clocks.pause(running.state, "L1", running.now, Ground.APPRAISAL))
    running.tell(clocks.extend(running.state, "L1/B4", "complex"))
    lengthened = running.clock("B4").due
    (said,) = running.after(days=10).tell(clocks.resume(running.state, "L1", running.now))
    assert isinstance(said, SlaResumed)
    assert (said.due - lengthened).days in range(8, 14)


def test_a_time_that_must_at_least_lie_between_never_lapses_and_is_breached_by_acting_too_soon() -> None:
    running = Running().start("B5")
    assert clocks.next_due(running.state) is None
    running.after(days=2)
    assert [type(each) for each in running.meet("B5")] == [SlaBreached, SlaStopped]
    running = Running().start("B5").after(days=30)
    assert running.lapse() == []
    assert running.meet("B5") == [SlaMet(clock="L1/B5", gross_days=30, net_days=30)]


def test_all_that_is_due_is_said_in_order_of_its_moments() -> None:
    running = Running().start("N2.deliver").start("B1").start("B4").after(days=365)
    assert clocks.lapsed(running.lapse()) == ["L1/N2.deliver", "L1/B1", "L1/B4"]


def test_stopping_ends_them_neither_met_nor_breached() -> None:
    running = Running().start("B1").start("B4")
    assert [each.clock for each in clocks.stop(running.state, "L1")] == ["L1/B1", "L1/B4"]  # type: ignore[attr-defined]
    assert [each.clock for each in clocks.stop_except(running.state, "L1", "B4")] == ["L1/B1"]  # type: ignore[attr-defined]
    assert clocks.stop(running.state, "L") == [], "L1 is not L"
    assert clocks.stop_one(running.state, "L1/B9") == []
    running.tell(clocks.stop(running.state, "L1"))
    assert not running.state


def test_a_pause_that_the_law_caps_ends_by_itself_and_says_so_once() -> None:
    """Notarisation stops the fifteen days of a platform's complaint, for twenty working days at most, all pauses together."""
    running = Running().start("F1").after(days=7)
    (paused,) = running.tell(clocks.pause(running.state, "L1", running.now, Ground.NOTARISATION))
    assert isinstance(paused, SlaPaused)
    assert paused.until == datetime(2025, 4, 8, tzinfo=CHINA)
    assert clocks.next_due(running.state) == paused.until
    running.now = datetime(2025, 4, 8, tzinfo=CHINA)
    (resumed,) = running.lapse()
    assert isinstance(resumed, SlaResumed)
    assert (resumed.at, resumed.due.date()) == (paused.until, date(2025, 4, 16))
    assert clocks.pause(running.state, "L1", running.now, Ground.NOTARISATION) == [], "nothing is left of the twenty"
    assert clocks.resume(running.state, "L1", running.now) == [], "it runs already"


def test_a_capped_pause_that_nobody_looked_at_ends_where_the_law_ends_it() -> None:
    running = Running().start("F1").after(days=7)
    running.tell(clocks.pause(running.state, "L1", running.now, Ground.NOTARISATION))
    said = running.after(days=365).lapse()
    assert [type(each) for each in said] == [SlaResumed, SlaBreached]
    assert running.lapse() == []


def test_what_was_counted_by_weekends_alone_is_counted_anew_when_the_calendar_grows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On 1 October of the first year that is not announced, nobody knows of the holidays yet."""
    year = calendar.last().year + 1
    running = Running(now=datetime(year, 9, 24, 9, tzinfo=CHINA)).start("A1").start("C10")
    before = running.clock("A1")
    assert before.provisional
    assert str(clocks.glance(running.state)["provisional"]) == running.clock("C10").due.date().isoformat()
    assert clocks.recount(running.state) == [], "nothing is known yet"
    with announced(monkeypatch, tmp_path):
        (first, second) = running.tell(clocks.recount(running.state))
        assert isinstance(first, SlaRecounted)
        assert isinstance(second, SlaRecounted)
        assert (first.due > before.due, first.provisional) == (True, False)
        assert second.due == running.clock("C10").due, "hours run through holidays"
        assert clocks.recount(running.state) == [], "once"
        assert "provisional" not in clocks.glance(running.state)


def test_a_clock_that_was_breached_is_not_counted_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    year = calendar.last().year + 1
    running = Running(now=datetime(year, 9, 24, 9, tzinfo=CHINA)).start("A1").after(days=100)
    running.lapse()
    with announced(monkeypatch, tmp_path):
        assert clocks.recount(running.state) == []


RULES = sorted({each.id for each in deadlines.deadlines()})
REGIONS = ["", "310000", "330100", "500000", "440300"]


class AnyClocks(RuleBasedStateMachine):
    """Clocks of one leg through anything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.running = Running()
        self.ended: dict[str, int] = {}

    @initialize(days=st.integers(0, 1500))
    def begin(self, days: int) -> None:
        self.running.now = datetime(2022, 1, 1, 9, tzinfo=CHINA) + timedelta(days=days)

    @rule(name=st.sampled_from(RULES), region=st.sampled_from(REGIONS), judged=st.booleans())
    def start(self, name: str, region: str, judged: bool) -> None:
        if f"L1/{name}" not in self.running.state:
            self.running.start(name, region=region, judged=judged)

    @rule(hours=st.integers(0, 2000))
    def wait(self, hours: int) -> None:
        self.running.after(hours=hours)

    @rule(
        ground=st.sampled_from([Ground.APPRAISAL, Ground.INVALIDATION, Ground.ANNOUNCEMENT, Ground.NOTARISATION, Ground.CAPACITY])
    )
    def pause(self, ground: Ground) -> None:
        self.running.tell(clocks.pause(self.running.state, "L1", self.running.now, ground))

    @rule()
    def resume(self) -> None:
        before = self.running.state
        self.running.tell(clocks.resume(before, "L1", self.running.now))
        assert not any(each.paused for each in self.running.state.values())
        assert all(each.due >= before[name].due for name, each in self.running.state.items()), "a pause brings nothing forward"

    @rule(name=st.sampled_from(RULES))
    def extend(self, name: str) -> None:
        before = self.running.state.get(f"L1/{name}")
        self.running.tell(clocks.extend(self.running.state, f"L1/{name}", "more"))
        if before:
            assert self.running.clock(name).due >= before.due

    @rule(name=st.sampled_from(RULES), judged=st.booleans())
    def meet(self, name: str, judged: bool) -> None:
        before = self.running.state.get(f"L1/{name}")
        said = self.running.meet(name, judged)
        assert f"L1/{name}" not in self.running.state
        assert bool(said) == (before is not None)
        if before and before.breached:
            assert not any(isinstance(each, SlaMet | SlaBreached) for each in said), "it is breached once"

    @precondition(lambda self: clocks.next_due(self.running.state))
    @rule()
    def tick(self) -> None:
        moment = clocks.next_due(self.running.state)
        assert moment is not None
        self.running.now = max(self.running.now, moment)
        assert self.running.lapse(), "what is due has something to say"
        assert self.running.lapse() == [], "and says it once"

    @invariant()
    def what_is_due_next_is_not_past_once_it_was_said(self) -> None:
        if self.running.lapse() is not None:
            moment = clocks.next_due(self.running.state)
            assert moment is None or moment > self.running.now

    @invariant()
    def what_stands_still_or_has_passed_is_not_due(self) -> None:
        for clock in self.running.state.values():
            if clock.paused or clock.breached or clock.version.least:
                ends = clock.until if clock.paused and not clock.breached else None
                assert clocks.next_due({clock.name: clock}) == ends
            assert clock.start <= clock.due

    @invariant()
    def days_without_pauses_are_never_more_than_all(self) -> None:
        for each in self.running.said:
            if isinstance(each, SlaMet):
                assert 0 <= each.net_days <= each.gross_days


AnyClocks.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestAnyClocks = AnyClocks.TestCase
