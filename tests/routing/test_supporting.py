"""What the system of a body supports: declared by itself, kept in the directory, and held before anything is offered."""

from dataclasses import replace

import pytest

from services.routing.directory import Directory, Supports, decide, evolve
from services.routing.rules import rules
from xianjie.deciding import Given, Say
from xianjie.envelope import Attributes, Heard
from xianjie.messages.capacity import CapacityAsked, CapacityTold
from xianjie.messages.org import OrgLeft, OrgSupportsDeclared, OrgSupportsNoted
from xianjie.messages.referral import ReferralOffered
from xianjie.topology import is_case
from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, DIRECTORY, PROVINCE, START, Log, accepted, noted, planned, refusal, the

TYPES = ("referral.offered.v1", "referral.accepted.v1")
NO_ADJUDICATION = Supports(types=TYPES, tracks=(Track.MEDIATION,))


def declared(**supports: Supports) -> Directory:
    """The directory, the city's office having declared this."""
    return replace(DIRECTORY, supports={CITY: supports["city"]})


def thread(name: str = "supports-SZ-IPO") -> Log:
    log = Log()
    log.state = log.refolded = rules.initial(name)
    return log


def test_what_is_declared_is_passed_into_the_directory_and_kept_there() -> None:
    """Agencies do not speak of the directory; routing does, to itself. The last word counts."""
    said = OrgSupportsDeclared(types=TYPES, tracks=(Track.MEDIATION,))
    (event,) = thread().says(CITY, said)
    noted_there = OrgSupportsNoted(code=CITY, types=TYPES, tracks=(Track.MEDIATION,))
    assert event == Say(noted_there, to="routing", subject="directory")
    after = told(DIRECTORY, noted_there)
    assert after.supports == {CITY: NO_ADJUDICATION}
    assert told(after, OrgSupportsNoted(code=CITY, types=TYPES)).unsupported(CITY, Track.ADJUDICATION) == ""


def told(directory: Directory, said: OrgSupportsNoted) -> Directory:
    """The directory after routing has told itself."""
    given = Attributes(
        specversion="1.0", id="m1", source="/services/routing", type=said.type, subject="directory", datacontenttype="application/json",
        time=START,
    )  # fmt: skip
    for each in decide(directory, Heard(given, said), Given(START)):
        if isinstance(each, Say):
            directory = evolve(directory, each.message)
    return directory


@pytest.mark.parametrize(
    ("types", "why"),
    [
        (("referral.sung.v1",), "referral.sung.v1"),
        (("referral.offered.v2",), "referral.offered.v2"),
        (("routing.cleared.v1",), "routing.cleared.v1"),
        ((), "name every type"),
    ],
    ids=["a type nobody knows", "a version nobody speaks", "what only services say", "no type at all"],
)
def test_types_that_no_body_says_or_hears_are_refused_by_name(types: tuple[str, ...], why: str) -> None:
    events = thread().says(CITY, OrgSupportsDeclared(types=types))
    assert refusal(events) == (422, Ground.OTHER)
    assert why in events[0].text  # type: ignore[union-attr]


def test_it_is_declared_in_a_thread_of_its_own_that_is_no_case() -> None:
    assert refusal(accepted().says(CITY, OrgSupportsDeclared(types=TYPES))) == (403, Ground.OTHER)
    assert not is_case("supports-SZ-IPO")


def test_a_track_that_a_system_does_not_take_is_not_offered_to_it() -> None:
    """Planned by rule, the next competent body gets it; named by a person, it is refused with the reason."""
    leg = planned(directory=declared(city=NO_ADJUDICATION)).leg()
    assert (leg.receiver, leg.track) == (PROVINCE, Track.ADJUDICATION)
    log = accepted(directory=declared(city=NO_ADJUDICATION))
    events = log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert refusal(events) == (403, Ground.NOT_COMPETENT)
    assert f"the system of {CITY} has declared that it takes no adjudication" in events[0].text  # type: ignore[union-attr]


def test_a_system_that_does_not_read_offers_is_offered_nothing() -> None:
    log = accepted(directory=declared(city=Supports(types=("referral.accepted.v1",))))
    events = log.asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert refusal(events) == (403, Ground.NOT_COMPETENT)
    assert "does not read referral.offered.v1" in events[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize("supports", [None, Supports(types=TYPES), Supports(types=TYPES, tracks=(Track.ADJUDICATION,))])
def test_who_declared_nothing_or_this_track_is_offered_it(supports: Supports | None) -> None:
    directory = declared(city=supports) if supports else DIRECTORY
    events = accepted(directory=directory).asks(CENTRE, Track.ADJUDICATION, LegKind.FILE, CITY)
    assert the(events, CITY, ReferralOffered).track is Track.ADJUDICATION


def test_who_cannot_be_offered_it_has_no_room_for_it() -> None:
    log = Log(declared(city=NO_ADJUDICATION))
    events = log.says(CENTRE, CapacityAsked(track=Track.ADJUDICATION, right="design", areas=("440300",)))
    assert [each.body for each in the(events, CENTRE, CapacityTold).bodies] == [PROVINCE]


def test_with_a_body_goes_what_its_system_declared() -> None:
    """Of one that the directory does not know, nothing is kept."""
    assert evolve(declared(city=NO_ADJUDICATION), OrgLeft(code=CITY)).supports == {}
    assert told(DIRECTORY, OrgSupportsNoted(code="NO-BODY", types=TYPES)) == DIRECTORY
    assert noted(decide(DIRECTORY, Heard(_given(), OrgSupportsNoted(code="NO-BODY", types=TYPES)), Given(START)))


def _given() -> Attributes:
    return Attributes(
        specversion="1.0", id="m1", source="/services/routing", type=OrgSupportsNoted.type, subject="directory",
        datacontenttype="application/json", time=START,
    )  # fmt: skip
