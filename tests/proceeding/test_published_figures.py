"""The days that published cases took come out of the proceedings."""

from datetime import datetime

import pytest

from xianjie.vocabulary import CHINA, Ground, Level, Track

from .telling import BODY, COURT, OWNER, Log, ended, opened

TOO_LATE = (410, Ground.TOO_LATE)


def adjudicating(*steps: str, **more: object) -> Log:
    return opened(Track.ADJUDICATION, **more).steps(*steps)  # type: ignore[arg-type]


# --- the published figures


def test_the_published_figures_of_markor_come_out() -> None:
    """Shanghai 2020: 7 days to acceptance, 120 to the agreement, 21 to the request, 0 to the ruling."""
    log = adjudicating(area="310000", level=Level.PROVINCE, now=datetime(2020, 5, 25, 9, tzinfo=CHINA), sender=BODY)
    log.on(2020, 6, 1).steps("docketed")
    assert log.met("B1") == (7, 7), "five days, the last a Saturday, so that the Monday is in time"
    log = opened(Track.MEDIATION, sender=BODY, basis="administrative", now=datetime(2020, 6, 1, 10, tzinfo=CHINA))
    log.steps("consent_given", "mediator_accepted").on(2020, 9, 29).steps("signed")
    assert log.breached("B15")
    log.on(2020, 10, 20)
    end = ended(log.reports("confirmation_requested"))
    assert log.met("C7") == (21, 21)
    assert end.gross_days == 120 + 21
    log = opened(Track.CONFIRMATION, receiver=COURT, now=datetime(2020, 10, 20, 9, tzinfo=CHINA))
    log.steps("accepted")
    log.reports("confirmed")
    assert (log.met("C8"), log.met("C8b")) == ((0, 0), (0, 0))


@pytest.mark.parametrize(("extended", "late"), [(False, True), (True, False)])
def test_the_published_figures_of_boehringer_come_out(extended: bool, late: bool) -> None:
    """The national office 2021: 264 days gross, 152 of them suspended, 112 net."""
    log = adjudicating("docketed", area="000000", level=Level.NATION, now=datetime(2021, 11, 5, 9, tzinfo=CHINA))
    log.on(2021, 12, 15).says(BODY, "suspended", ground=Ground.INVALIDATION, proof="acceptance_notice")
    log.on(2022, 5, 16).says(BODY, "resumed")
    assert log.state.clocks["L1/B4"].due.date().isoformat() == "2022-07-07", "5 February, and 152 days"
    if extended:
        log.step("extended")
    log.on(2022, 7, 27).reports("infringement_found")
    end = ended(log.says(OWNER, "outcome_acknowledged"))
    assert (end.gross_days, end.net_days) == (264, 112)
    assert log.breached("B4") is late
    if not late:
        assert log.met("B4") == (264, 112)
