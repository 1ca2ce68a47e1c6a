"""Limits that begin with a party's request: they run from the day on which the body got it, whenever it took the leg."""

from datetime import timedelta

import pytest

from xianjie.messages.sla import SlaNotJudged
from xianjie.vocabulary import LegKind, Precision, Track

from .telling import COURT, START, opened

REQUESTED = [(Track.ADJUDICATION, "B1", "docketed"), (Track.CONFIRMATION, "C8", "accepted"), (Track.COURT, "C9", "docketed")]
EARLIER = START - timedelta(days=2)
requests = pytest.mark.parametrize(("track", "rule", "step"), REQUESTED)


@requests
def test_a_limit_that_begins_with_the_request_begins_when_the_body_got_it(track: Track, rule: str, step: str) -> None:
    log = opened(track, received=EARLIER)
    assert log.started(rule).start == EARLIER
    assert log.started("N2.start").start == START, "the body's own time to begin runs from when it took the leg"
    log.steps(step)
    assert log.met(rule) == (2, 2)


@requests
def test_without_a_word_of_when_the_request_came_it_begins_when_the_leg_was_taken(track: Track, rule: str, step: str) -> None:
    assert opened(track).started(rule).start == START


@requests
@pytest.mark.parametrize("kind", [LegKind.TRANSFER, LegKind.DELEGATE])
def test_what_no_party_requested_begins_when_the_leg_was_taken(track: Track, rule: str, step: str, kind: LegKind) -> None:
    assert opened(track, kind=kind, received=EARLIER).started(rule).start == START


@requests
def test_a_day_of_the_request_that_is_not_known_is_not_judged_though_that_of_acceptance_is(
    track: Track, rule: str, step: str
) -> None:
    log = opened(track, received=EARLIER, received_judged=False)
    assert not log.started(rule).judged
    assert log.started("N2.start").judged
    log.steps(step)
    assert SlaNotJudged(clock=f"L1/{rule}") in log.said


@requests
def test_a_day_of_the_request_that_is_known_is_judged_though_that_of_acceptance_is_not(
    track: Track, rule: str, step: str
) -> None:
    log = opened(track, received=EARLIER, judged=False)
    assert log.started(rule).judged
    assert not log.started("N2.start").judged
    log.says(log.about().receiver, "progressed", step=step, precision=Precision.MONTH)
    assert SlaNotJudged(clock=f"L1/{rule}") in log.said, "what met it is not known to the day"


@requests
def test_who_takes_a_request_after_its_limit_has_passed_is_late_from_the_start(track: Track, rule: str, step: str) -> None:
    log = opened(track, received=START - timedelta(days=30))
    log.tick()
    assert log.breached(rule)


def test_a_limit_of_the_mediation_itself_begins_when_the_mediation_does() -> None:
    log = opened(Track.MEDIATION, basis="administrative", received=EARLIER)
    assert log.started("B15").start == START
    log = opened(Track.MEDIATION, sender=COURT, basis="before_filing", received=EARLIER)
    assert log.started("C5").start == START
