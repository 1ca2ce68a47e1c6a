"""Feature 66: which bodies learn who a hidden reporter is."""

from dataclasses import replace

import pytest

from services.routing.directory import Directory
from xianjie.messages.referral import ReferralAccepted
from xianjie.messages.routing import RoutingFileDue
from xianjie.vocabulary import AgencyKind, LegKind, Track

from .telling import BODIES, CITY, MEDIATOR, offered, the


@pytest.mark.parametrize(("kind", "track", "to", "authority"), [
    (LegKind.FILE, Track.ADJUDICATION, CITY, True), (LegKind.DELEGATE, Track.MEDIATION, MEDIATOR, False),
])  # fmt: skip
def test_66_intake_hears_whether_who_took_a_leg_is_an_authority(kind: LegKind, track: Track, to: str, authority: bool) -> None:
    log = offered(kind, track, to).goes("L1", "delivered", "acknowledged")
    assert the(log.says(to, ReferralAccepted(leg="L1", recusal_checked=True)), "intake", RoutingFileDue).authority is authority


def test_66_no_platform_fair_or_market_and_nobody_unknown_is_an_authority() -> None:
    for kind in (AgencyKind.PLATFORM, AgencyKind.FAIR_ORGANISER, AgencyKind.MARKET_OPERATOR, AgencyKind.LAW_FIRM):
        body = replace(BODIES[0], kind=kind)
        assert not Directory(bodies={body.code: body}).authority(body.code)
    assert not Directory().authority("CN-NOBODY")
