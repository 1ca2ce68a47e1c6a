"""Feature 80: warnings from the centre for disputes abroad and its branches, leave for evidence to go abroad, and bodies that grow."""

from dataclasses import replace

import pytest

from services.routing.directory import Directory, evolve
from xianjie.message import Message
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.org import OrgChanged
from xianjie.messages.overseas import AlertRaised, AlertTold, ExportAsked, ExportDecided, ExportLeaveAsked, ExportTold
from xianjie.messages.provider import ProviderAsked
from xianjie.vocabulary import AgencyKind, Ground, Track

from .telling import BODIES, CENTRE, CITY, COURT, DIRECTORY, MEDIATOR, NATION, PROVINCE, STRANGER, Log, accepted, refusal, the

ALERT = AlertRaised(countries=("DE", "FR"), rights=("design",), text="stands at the fair are searched on the first day")
ASKED = ExportAsked(item="drawings", papers=("p-drawings",), country="DE", text="for the court at Düsseldorf")
CLOCK = "export-drawings/N2.export"
LEAVE = ExportDecided(body=CENTRE, item="drawings", approved=True, decision="(2025) 7")


def with_branch() -> Directory:
    """The directory with a branch of the centre for disputes abroad, and an office without an inbox."""
    (office,) = (each for each in BODIES if each.code == STRANGER)
    branch = replace(office, code="GD-OB", kind=AgencyKind.OVERSEAS_BRANCH, parent=NATION)
    deaf = replace(office, code="TJ-IPO", inbox=False)
    return Directory(bodies={**DIRECTORY.bodies, branch.code: branch, deaf.code: deaf})


def test_80_a_warning_goes_to_all_who_advise_and_to_nobody_else() -> None:
    events = Log(with_branch()).says("GD-OB", ALERT)
    told = {each.to: each.message for each in events if isinstance(each.message, AlertTold)}
    assert set(told) == {NATION, PROVINCE, STRANGER, CENTRE}
    assert not {COURT, MEDIATOR, CITY, "TJ-IPO", "GD-OB"} & set(told)
    assert {(each.by, each.countries, each.text) for each in told.values()} == {("GD-OB", ALERT.countries, ALERT.text)}


@pytest.mark.parametrize("who", [CITY, COURT, "CN-NOBODY"])
def test_80_only_the_centre_its_branches_and_the_national_office_warn(who: str) -> None:
    assert refusal(Log(with_branch()).says(who, ALERT)) == (403, Ground.NOT_YOURS)


@pytest.mark.parametrize("countries", [(), ("CN",), ("DE", "CN")])
def test_80_a_warning_is_about_disputes_abroad(countries: tuple[str, ...]) -> None:
    assert refusal(Log(with_branch()).says("GD-OB", replace(ALERT, countries=countries))) == (422, Ground.OTHER)


@pytest.mark.parametrize(
    "said",
    [ALERT, CapacityAsked(track=Track.COURT, right="design"), ProviderAsked(skill="optics", right="design", area="440300")],
)
def test_80_what_is_about_no_case_is_not_said_in_one(said: Message) -> None:
    assert refusal(accepted(directory=with_branch()).says("GD-OB", said)) == (403, Ground.OTHER)


def asked() -> Log:
    log = accepted(papers=2)
    log.says(CENTRE, ASKED)
    return log


def test_80_evidence_goes_abroad_only_with_leave_of_a_body_above() -> None:
    log = accepted(papers=2)
    events = log.says(CENTRE, ASKED)
    put, told = the(events, PROVINCE, ExportLeaveAsked), the(events, CENTRE, ExportTold)
    assert (put.country, put.papers, told.state, told.due) == ("DE", ("p-drawings",), "asked", log.state.clocks[CLOCK].due)
    assert log.state.exports["drawings"].approved is None
    leave = the(log.says(PROVINCE, LEAVE), CENTRE, ExportTold)
    assert (leave.state, leave.decision, log.state.exports["drawings"].approved) == ("approved", "(2025) 7", True)
    assert CLOCK not in log.state.clocks
    assert refusal(log.says(PROVINCE, LEAVE)) == (410, Ground.TOO_LATE)


def test_80_leave_names_the_decision_of_the_competent_authority() -> None:
    log = asked()
    assert refusal(log.says(PROVINCE, replace(LEAVE, decision=None))) == (422, Ground.PAPERS_INCOMPLETE)
    told = the(log.says(NATION, replace(LEAVE, approved=False, decision=None, text="not these")), CENTRE, ExportTold)
    assert (told.state, told.text) == ("refused", "not these")


@pytest.mark.parametrize("who", [CENTRE, CITY, COURT])
def test_80_nobody_gives_leave_to_itself(who: str) -> None:
    assert refusal(asked().says(who, LEAVE)) == (403, Ground.NOT_YOURS)


def test_80_silence_is_no_leave_and_the_body_above_is_reminded_before() -> None:
    log = asked()
    assert the(log.tick(), PROVINCE, ExportLeaveAsked).item == "drawings"
    told = the(log.lapse(CLOCK), CENTRE, ExportTold)
    assert (told.state, told.ground, log.state.exports["drawings"].approved) == ("unanswered", Ground.LAPSED, False)


def test_80_only_the_owner_asks_with_papers_that_it_names_and_each_once() -> None:
    log = asked()
    assert refusal(log.says(CITY, ASKED)) == (403, Ground.NOT_YOURS)
    assert refusal(log.says(CENTRE, ASKED)) == (403, Ground.DUPLICATE)
    for wrong in ({"papers": ()}, {"country": "CN"}):
        assert refusal(log.says(CENTRE, replace(ASKED, item="more", **wrong))) == (422, Ground.OTHER)
    assert refusal(accepted().says(CENTRE, ASKED)) == (422, Ground.OTHER), "its file holds no paper"
    assert refusal(accepted(owner=NATION, papers=2).says(NATION, ASKED)) == (403, Ground.OTHER), "nobody is above it"


def test_80_a_centre_that_grows_keeps_its_code_and_what_it_has() -> None:
    """Upgraded, and put under another: its case and its limits go on."""
    log = asked()
    (centre,) = (each for each in BODIES if each.code == CENTRE)
    log.directory = evolve(log.directory, OrgChanged(body=replace(centre, kind=AgencyKind.PROTECTION_CENTRE, parent=NATION)))
    assert log.owner == CENTRE
    assert the(log.says(NATION, LEAVE), CENTRE, ExportTold).state == "approved"
