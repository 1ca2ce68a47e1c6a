"""The tracks as tables: every clock is a limit, every stage is reached, and every one can end."""

import pytest

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.law import deadlines
from xianjie.message import AGENCY, named
from xianjie.protocol.table import table
from xianjie.tracks.track import NEEDS, TrackRules, service_of, track_rules
from xianjie.vocabulary import Ground, LegKind, Track

tracks = pytest.mark.parametrize("track", list(Track))


@tracks
def test_every_clock_of_a_track_is_a_time_limit(track: Track) -> None:
    rules, known = track_rules(track), {each.id for each in deadlines.deadlines()}
    named_there = {
        *(rule for measures in rules.stages.values() for rule in measures),
        *(rule for opens in rules.opens.values() for rule in opens),
        *rules.lapses,
    }
    for step in rules.steps.values():
        named_there |= {*step.meets, *step.starts, *step.stops, *([step.extends] if step.extends not in (None, "any") else [])}
    for outcome in rules.outcomes.values():
        named_there |= set(outcome.meets)
    assert named_there <= known


@tracks
def test_every_clock_that_a_track_meets_stops_or_lengthens_it_also_starts(track: Track) -> None:
    rules = track_rules(track)
    started = {rule for opens in rules.opens.values() for rule in opens} | {
        rule for each in rules.steps.values() for rule in each.starts
    }
    used = {rule for each in rules.steps.values() for rule in (*each.meets, *each.stops)}
    used |= {rule for each in rules.outcomes.values() for rule in each.meets} | set(rules.lapses)
    assert used <= started
    for step in rules.steps.values():
        if step.extends and step.extends != "any":
            assert any(each.extend for each in deadlines.deadlines() if each.id == step.extends), (
                f"{step.extends} has no extension"
            )


@tracks
def test_every_stage_step_and_outcome_of_a_track_is_reached(track: Track) -> None:
    rules = track_rules(track)
    stages = {rules.first}
    while more := {each.to for each in rules.steps.values() if each.to and (not each.start or each.start & stages)} - stages:
        stages |= more
    assert stages == set(rules.stages)
    for each in (*rules.steps.values(), *rules.outcomes.values()):
        assert each.start <= set(rules.stages), each.name


@tracks
def test_from_every_stage_of_a_track_it_can_end(track: Track) -> None:
    rules = track_rules(track)
    for stage in rules.stages:
        assert any(not each.start or stage in each.start for each in rules.outcomes.values()), (
            f"no outcome is possible in {stage}"
        )


@tracks
def test_what_a_track_gives_back_ends_with_or_halts_for_exists(track: Track) -> None:
    rules = track_rules(track)
    for step in rules.steps.values():
        assert step.outcome is None or step.outcome in rules.outcomes
        assert {*step.needs} <= {*NEEDS}
        assert step.suspends is None or rules.suspends[step.suspends] == (), "a step that halts has no proof to show"
        for ground in filter(None, (step.returns, step.ground)):
            assert Ground(ground)
        if step.outcome and step.ground:
            assert step.ground in rules.outcomes[step.outcome].grounds
    for outcome in rules.outcomes.values():
        assert outcome.next is None or Track(outcome.next)
        assert all(Ground(each) for each in (*outcome.grounds, *outcome.bars))
        assert not (outcome.next and outcome.settles), "what goes on does not settle"
    assert all(Ground(each) for each in rules.suspends)


@tracks
def test_what_follows_a_lapse_in_a_track_can_be_done(track: Track) -> None:
    rules = track_rules(track)
    for rule, effect in rules.lapses.items():
        what, _, detail = effect.partition(":")
        assert what in ("return", "outcome", "step", "note"), effect
        if what == "return":
            assert Ground(detail)
        if what == "step":
            assert rules.steps[detail].to
            assert rule in rules.steps[detail].starts, "it must run again"
        if what == "outcome":
            outcome = rules.outcomes[detail]
            assert not outcome.grounds or "lapsed" in outcome.grounds
            assert not outcome.needs_body
            assert not outcome.papers, "time alone brings no paper"
            assert outcome.start <= stages_of(rules, rule)


def stages_of(rules: TrackRules, rule: str) -> set[str]:
    """The stages in which a limit may run: those that the steps which start it lead to, and all if it runs from the opening."""
    if any(rule in opens for opens in rules.opens.values()):
        return set(rules.stages)
    return {each.to for each in rules.steps.values() if rule in each.starts and each.to}


@tracks
def test_a_track_is_said_and_heard_as_its_service_says(track: Track) -> None:
    rules = track_rules(track)
    said = {what for row in table("proceeding").rows if "service" not in row.by for what in row.on}
    verbs = {what.partition(":")[0] for what in said if not what.startswith(("clock", "routing"))}
    for verb in verbs:
        cls = named(f"{track}.{verb}")
        assert (cls.said_by, cls.heard_by) == ((AGENCY,), (service_of(track),))
    assert named(f"{track}.opened").said_by == (rules.service,)


@tracks
def test_a_track_opens_for_every_basis_and_kind_and_names_everything_in_both_languages(track: Track) -> None:
    rules = track_rules(track)
    assert "any" in rules.opens
    assert set(rules.opens) - {each.value for each in LegKind} - {"any"} <= set(rules.bases)
    assert rules.from_request <= {rule for opens in rules.opens.values() for rule in opens}
    assert not set(rules.bases) & {each.value for each in LegKind}, "no basis is taken for a kind"
    assert set(rules.bases.values()) <= {"any", "court"}
    for each in (*rules.steps.values(), *rules.outcomes.values()):
        assert each.english
        assert any("一" <= character <= "鿿" for character in each.chinese), each.name
