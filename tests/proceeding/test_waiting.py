"""No stage waits without a clock: every way through each track is walked, and in each stage a limit of its own runs."""

from collections.abc import Iterator
from copy import copy

import pytest

from xianjie.clocks import Clock
from xianjie.deciding import Refuse
from xianjie.law import calendar, deadlines
from xianjie.tracks.track import TrackRules, track_rules
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import BODY, COURT, START, Log, ended, opened

AREA, LEVEL = "440300", "prefecture"
ELSEWHERE = {(Track.ADJUDICATION, "sued"), (Track.COURT, "appealed"), (Track.PENALTY, "reconsideration_asked")}
"""Steps after which another body's judgment is waited for: that proceeding has clocks of its own."""
WAYS = [(track, way) for track in Track for way in track_rules(track).opens]


def begun(track: Track, way: str) -> Log:
    """A proceeding that was opened so: by a basis, or by the kind of its leg."""
    if way in set(LegKind):
        return opened(track, kind=LegKind(way))
    return opened(track, basis=None if way == "any" else way, sender=COURT)


def walked(track: Track, way: str) -> Iterator[tuple[bool, Log]]:
    """Every way through the stages by steps that all parties take at once: whether another body is waited for, and the docket."""
    logs = [(False, begun(track, way))]
    seen = set()
    while logs:
        waits, log = logs.pop()
        here = (log.about().stage, waits, frozenset(log.clocks()))
        if here in seen:
            continue
        seen.add(here)
        yield waits, log
        for step in log.about().rules.steps.values():
            after = copy(log)
            told = {"step": step.name, "by": "all", "recusal_checked": True}
            if step.does == "progressed" and not isinstance(after.says(BODY, "progressed", **told)[0], Refuse):
                logs.append((waits or (track, step.name) in ELSEWHERE, after))


def possible(rules: TrackRules, stage: str, way: str) -> set[str]:
    """The limits of the stage that are in force there and then and that this way of opening, or some step, starts."""
    others = {rule for opens in rules.opens.values() for rule in opens} - set(rules.opens[way])
    begun_by_steps = {rule for step in rules.steps.values() for rule in step.starts} - others
    there = {rule for rule in rules.stages[stage] if deadlines.exists(rule, calendar.day(START), AREA, LEVEL)}
    return there & (begun_by_steps | set(rules.opens[way]))


@pytest.mark.parametrize(("track", "way"), WAYS, ids=[f"{track}-{way}" for track, way in WAYS])
def test_in_every_stage_one_of_its_limits_runs(track: Track, way: str) -> None:
    rules, stages = track_rules(track), set()
    for waits, log in walked(track, way):
        stage = log.about().stage
        stages.add(stage)
        running: set[str] = {each.rule for each in log.state.clocks.values() if _runs(each)}
        could = possible(rules, stage, way)
        if could and not waits:
            assert running & could, f"nothing of {sorted(could)} runs in {stage}: only {sorted(running)}"
    assert stages == set(rules.stages), "every stage was walked through"


def _runs(clock: Clock) -> bool:
    return not (clock.breached or clock.paused)


@pytest.mark.parametrize(
    ("basis", "rule"), [("before_filing", "C4"), ("after_filing", "C4"), ("administrative", "N2.answer"), (None, "N2.answer")]
)
def test_parties_that_are_asked_and_stay_silent_end_the_mediation(basis: str | None, rule: str) -> None:
    """Where a court entrusted it, within the three working days of C4; elsewhere by the network's own limit."""
    log = opened(Track.MEDIATION, sender=COURT, basis=basis).after(days=1).steps("consent_sought")
    log.step("consent_given", by="claimant")
    assert log.started(rule).start == log.now
    end = ended(log.lapse(rule))
    assert (end.how, end.ground) == ("returned", Ground.NO_CONTACT)
    assert not log.state.clocks


def test_C4_is_a_rule_of_courts_and_hurries_no_other_mediation() -> None:
    log = opened(Track.MEDIATION, basis="administrative").steps("consent_sought")
    assert log.clocks() == {"N2.work", "N2.answer", "B15"}
    log.steps("consent_given")
    assert log.clocks() == {"N2.work", "C3", "B15"}


def test_papers_that_a_court_asked_for_and_a_decision_that_nobody_received_are_waited_for_with_a_clock() -> None:
    log = opened(Track.COURT).steps("gaps_noticed")
    assert log.clocks() == {"N2.work", "N2.gaps"}
    assert log.steps("gaps_filled").clocks() == {"N2.work", "C9"}
    log = opened(Track.COURT).steps("docketed", "judgment")
    assert log.clocks() == {"N2.work", "N2.served"}
    assert log.steps("judgment_received").clocks() == {"N2.work", "C12"}
