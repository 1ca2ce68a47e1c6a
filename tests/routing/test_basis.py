"""Under which basis a leg runs (T1): what its sender says and may say, and what routing sees for itself."""

import pytest

from xianjie.vocabulary import Ground, LegKind, Track

from .telling import CENTRE, CITY, COURT, MEDIATOR, accepted, offered, refusal


def test_T1_a_court_that_entrusts_before_it_has_a_suit_entrusts_before_filing() -> None:
    log = accepted(owner=COURT)
    log.asks(COURT, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR)
    assert log.leg().basis == "before_filing"


def test_T1_an_ip_office_that_mediates_a_patent_dispute_does_so_as_an_authority() -> None:
    log = offered(LegKind.FILE, Track.MEDIATION, CITY)
    assert log.leg().basis == "administrative"
    assert offered(LegKind.FILE, Track.MEDIATION, MEDIATOR).leg().basis is None


@pytest.mark.parametrize("basis", ["before_filing", "after_filing", "after_filing_summary"])
def test_T1_only_a_court_says_that_a_court_entrusts(basis: str) -> None:
    for body in (MEDIATOR, None):
        events = accepted().asks(CENTRE, Track.MEDIATION, LegKind.DELEGATE, body, basis=basis)
        assert refusal(events) == (403, Ground.NOT_YOURS)
        assert f"{basis} is for a court to say" in events[0].text  # type: ignore[union-attr]
    log = accepted(owner=COURT)
    log.asks(COURT, Track.MEDIATION, LegKind.DELEGATE, MEDIATOR, basis=basis)
    assert log.leg().basis == basis


@pytest.mark.parametrize(
    ("track", "known"),
    [
        (Track.MEDIATION, "administrative, after_filing, after_filing_summary, before_filing"),
        (Track.COURT, "admin, appeal, first_instance, retrial"),
        (Track.ADJUDICATION, "none"),
    ],
)
def test_T1_a_basis_that_the_track_does_not_have_is_refused_with_those_that_it_has(track: Track, known: str) -> None:
    events = accepted().asks(CENTRE, track, LegKind.FILE, basis="by_moonlight")
    assert refusal(events) == (422, Ground.OTHER)
    assert events[0].text == f"/data/basis: {track} has no basis by_moonlight; it has {known}"  # type: ignore[union-attr]


@pytest.mark.parametrize("basis", ["first_instance", "admin", "appeal", "retrial"])
def test_T1_how_a_suit_comes_to_a_court_anybody_may_say(basis: str) -> None:
    log = accepted()
    log.asks(CENTRE, Track.COURT, LegKind.FILE, COURT, basis=basis)
    assert log.leg().basis == basis


def test_T1_whether_a_mediation_is_an_office_s_own_routing_sees_for_itself() -> None:
    log = accepted()
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, MEDIATOR, basis="administrative")
    assert log.leg().basis is None, "a mediation body is no authority"
    log = accepted()
    log.asks(CENTRE, Track.MEDIATION, LegKind.FILE, CITY, basis="administrative")
    assert log.leg().basis == "administrative"
