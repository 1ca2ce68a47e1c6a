"""Features 1, 2, 3, 66: by what way an application came and who applies is kept, steers who comes first, and shows what is doubtful."""

from dataclasses import replace
from typing import Any

import pytest

from services.intake.rules import rules
from xianjie.messages.case import DisputedRight
from xianjie.messages.routing import RoutingFileDue
from xianjie.vocabulary import Base, Channel, RightType, TargetGroup, right_number

from .telling import APPLICANT, CENTRE, OFFICE, ROUTING, Log, application, in_service, submitted, the, to


def registered(log: Log) -> Any:
    """What the receiving body hears of the application, and routing too."""
    (found,) = to(log.said, CENTRE, "case.registered")
    assert to(log.said, "routing", "case.registered") == [found]
    return found


@pytest.mark.parametrize("channel", list(Channel))
def test_01_every_channel_yields_the_same_application_and_is_kept(channel: Channel) -> None:
    log = submitted(channel=channel)
    assert registered(log).channel == channel
    assert log.state.file == application(channel=channel)


@pytest.mark.parametrize(
    ("more", "first"),
    [({}, False), ({"groups": (TargetGroup.MICRO,)}, True), ({"bases": (Base.INCUBATOR,)}, True)],
)
def test_02_who_belongs_to_a_target_group_or_sits_in_a_base_comes_first(more: dict[str, object], first: bool) -> None:
    who = replace(APPLICANT, **more)
    log = submitted(applicant=who)
    told = registered(log)
    assert (told.priority, rules.glance(log.state)["priority"]) == (first, first)
    assert (told.applicant, told.groups, told.bases) == (who.kind, who.groups, who.bases)


@pytest.mark.parametrize(
    ("right", "number", "good"),
    [
        (RightType.INVENTION, "ZL200580009877.6", True),
        (RightType.UTILITY_MODEL, "ZL201620913636.X", True),
        (RightType.PATENT, "201510299950.3", True),
        (RightType.PATENT, "CN 201510299950.3", True),
        (RightType.INVENTION, "ZL200580009877.7", False),
        (RightType.INVENTION, "ZL20051010xxxx.4", False),
        (RightType.DESIGN, "12345", False),
        (RightType.TRADEMARK, "7654321", True),
        (RightType.TRADEMARK, "G1234567", True),
        (RightType.TRADEMARK, "SAMPLE", False),
        (RightType.COPYRIGHT, "国作登字-2020-F-00000001", None),
        ("folklore", "1", None),
    ],
)
def test_03_a_number_has_the_form_of_its_right_and_a_patents_its_check_digit(right: str, number: str, good: bool | None) -> None:
    assert right_number(right, number) is good


def test_03_a_right_or_service_that_is_in_no_list_and_a_doubtful_number_are_shown_and_refuse_nothing() -> None:
    odd = submitted(right=DisputedRight(type="folklore", number="1"), service="dispote")
    assert registered(odd).doubts == ("/right/type", "/service")
    assert registered(submitted(right=DisputedRight(type="design"))).doubts == ()
    wrong = submitted(right=DisputedRight(type="design", number="ZL201830129997.1"))
    assert registered(wrong).doubts == ("/right/number",)


@pytest.mark.parametrize(("hidden", "authority", "named"), [(True, False, False), (True, True, True), (False, False, True)])
def test_66_a_hidden_reporter_is_named_to_authorities_alone(hidden: bool, authority: bool, named: bool) -> None:
    log = in_service(hidden=hidden, summary="my neighbour told me")
    file = the(log.hear(ROUTING, RoutingFileDue(leg="L1", receiver=OFFICE, authority=authority)), "case.file_released")
    assert (file.applicant is not None, bool(file.summary)) == (named, named)
    assert file.respondents == application().respondents, "what it is about is told to all"
