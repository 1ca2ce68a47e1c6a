"""Feature 43: who handles a matter declares that nothing stands against it; some parts exclude others later, and two parts are shown."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from xianjie.deciding import Event, Say
from xianjie.law.roles import Role, role_at, roles
from xianjie.message import named
from xianjie.messages.proceeding import ProceedingHandlersNamed, ProceedingHandlersNoted, ProceedingNoticed
from xianjie.proceeding.docket import Part
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Ground, Track

from .telling import BODY, OWNER, Log, opened, refusal

LI = ("MED-17",)
"""A mediator, by the code that her body gives her."""


def mediated() -> tuple[Log, list[Event]]:
    """A mediation that she has taken, and what was said of it."""
    log = opened(Track.MEDIATION)
    log.step("consent_given", by="all")
    return log, log.step("mediator_accepted", persons=LI)


def told(events: list[Event]) -> Log:
    """A suit in the same case, at the service that has heard of the mediator."""
    log = opened(Track.COURT)
    for each in events:
        if isinstance(each, Say) and each.to:
            log.hear("/services/mediation", replace(each.message, leg="L9"))
    log.step("docketed")
    return log


def test_43_who_mediates_is_known_to_the_other_service() -> None:
    log, events = mediated()
    assert log.state.parts == (Part(person="MED-17", role="mediator", leg="L1"),)
    (named,) = [each for each in events if isinstance(each, Say) and isinstance(each.message, ProceedingHandlersNamed)]
    assert (named.to, named.message.role, named.message.persons) == ("enforcement_liaison", "mediator", LI)
    assert told(events).state.parts[0].leg == "L9"


def test_43_a_mediator_may_not_sit_as_a_lay_judge_in_the_matter_afterwards() -> None:
    log = told(mediated()[1])
    events = log.says(BODY, "progressed", step="hearing", persons=("J-1", *LI))
    assert refusal(events) == (403, Ground.CONFLICT)
    assert "特邀调解" in events[0].text
    log.step("hearing", persons=("J-1", "J-2"))
    assert {each.person for each in log.state.parts} == {"MED-17", "J-1", "J-2"}


def test_43_nor_give_an_opinion_as_an_expert() -> None:
    log = opened(Track.OPINION)
    log.hear("/services/mediation", ProceedingHandlersNamed(leg="L9", track=Track.MEDIATION, role="mediator", persons=LI))
    events = log.says(BODY, "progressed", step="experts_assigned", recusal_checked=True, persons=LI)
    assert refusal(events) == (403, Ground.CONFLICT)


def test_43_two_parts_that_exclude_nothing_are_shown_to_the_sender_and_allowed() -> None:
    log = opened(Track.ADJUDICATION)
    log.hear(
        "/services/enforcement_liaison",
        ProceedingHandlersNamed(leg="L9", track=Track.PENALTY, role="inspector", persons=("O-3",)),
    )
    events = log.step("docketed", persons=("O-3",))
    (shown,) = [each for each in events if isinstance(each, Say) and isinstance(each.message, ProceedingNoticed)]
    assert (shown.to, shown.message.ground) == (OWNER, Ground.CONFLICT)
    assert "O-3 was inspector in L9" in shown.message.text


def test_43_the_same_part_in_the_same_proceeding_is_no_conflict() -> None:
    log, _ = mediated()
    assert not [
        each for each in log.step("mediator_recused") if isinstance(each, Say) and isinstance(each.message, ProceedingNoticed)
    ]
    log.step("mediator_accepted", persons=LI)
    assert len(log.state.parts) == 1


def test_43_a_step_that_names_nobody_takes_no_names() -> None:
    log, _ = mediated()
    events = log.says(BODY, "progressed", step="session", persons=LI)
    assert refusal(events) == (422, Ground.OTHER)
    assert "mediator_accepted" in events[0].text


def test_43_a_step_that_does_not_say_who_is_taken_as_before() -> None:
    log = opened(Track.MEDIATION)
    log.step("consent_given", by="all")
    assert not [each for each in log.step("mediator_accepted") if isinstance(each.message, ProceedingHandlersNoted)]


@pytest.mark.parametrize("role", roles().values(), ids=lambda each: each.id)
def test_43_every_part_is_named_by_a_step_that_goes_on_and_bars_parts_that_there_are(role: Role) -> None:
    assert set(role.later_barred) <= set(roles())
    for step in role.steps:
        assert role_at(role.track, step) is role
        assert track_rules(role.track).steps[step].does == "progressed", "only a step that goes on says who"


def test_43_people_are_codes_and_never_names() -> None:
    with pytest.raises(ValidationError):
        named("mediation.progressed").schema.load({"leg": "L1", "step": "mediator_accepted", "persons": ["李四"]})
