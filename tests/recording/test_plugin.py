"""The fixtures that are shipped: given, when, then, over one service and over all four."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from xianjie.messages.case import (
    Applicant,
    CaseReviewed,
    CaseSubmitted,
    DisputedRight,
    Respondent,
    Wish,
)
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralDeclined, ReferralOffered
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.tracks import MEDIATION
from xianjie.testing.network import Network
from xianjie.vocabulary import ApplicantKind, Ground, LegKind, Level, Track

CENTRE, COMMITTEE = "CN-SH-IPAC", "CN-SH-YPQ-PMC"
Make = Callable[..., Network]
SEEDS = [None, 1, 2, 3]
APPLICATION = CaseSubmitted(
    receiving_body=CENTRE, applicant=Applicant(name="somebody", kind=ApplicantKind.LEGAL_PERSON), right=DisputedRight(type="design"),
    respondents=(Respondent(name="somebody else", area="310110"),), infringement_area="310110",
    wish=Wish(track=Track.MEDIATION, body=COMMITTEE),
)  # fmt: skip


def offered(make: Make, **more: Any) -> Network:
    """A network in which a case waits for the committee's answer."""
    network = make(**more)
    network.given(CENTRE, APPLICATION, "c-1")
    network.given(CENTRE, CaseReviewed(verdict="accept"), "c-1")
    network.given(COMMITTEE, ReferralAcknowledged(leg="L1"), "c-1")
    return network


@pytest.mark.parametrize("seed", SEEDS)
def test_all_four_an_offer_that_is_accepted_opens_a_proceeding(xianjie_network: Make, seed: int | None) -> None:
    network = offered(xianjie_network, seed=seed)
    then = network.when(COMMITTEE, ReferralAccepted(leg="L1", recusal_checked=True), "c-1")
    assert then.receipt is not None
    assert then.receipt.status == 202
    assert "mediation.opened" in [each.name for each in then.to(COMMITTEE)]
    assert network.state("intake", "c-1")["owner"] == CENTRE


@pytest.mark.parametrize("seed", SEEDS)
def test_all_four_an_offer_that_is_declined_goes_to_the_next_body(xianjie_network: Make, seed: int | None) -> None:
    network = offered(xianjie_network, seed=seed)
    then = network.when(COMMITTEE, ReferralDeclined(leg="L1", ground=Ground.CAPACITY, text="no room"), "c-1")
    assert then.receipt is not None
    assert then.receipt.status == 202
    assert [each.leg for each in then.of(ReferralOffered)] == ["L2"]
    assert "sla.breached" in network.wait(timedelta(days=60)).names


def test_time_that_passes_lets_clocks_run_out(xianjie_network: Make) -> None:
    network = offered(xianjie_network)
    assert "sla.breached" in network.wait(timedelta(days=60)).names


def test_bodies_answer_by_their_manners(xianjie_network: Make) -> None:
    network = xianjie_network(manners={COMMITTEE: ("acknowledge", "accept")})
    network.given(CENTRE, APPLICATION, "c-1")
    then = network.when(CENTRE, CaseReviewed(verdict="accept"), "c-1")
    assert "mediation.opened" in then.names


def test_a_message_that_is_refused_has_its_receipt(xianjie_network: Make) -> None:
    network = offered(xianjie_network)
    then = network.when(CENTRE, ReferralAccepted(leg="L1", recusal_checked=True), "c-1")
    assert then.receipt is not None
    assert then.receipt.status == 403


def test_one_service_is_told_by_the_others_and_what_it_says_is_seen(xianjie_network: Make) -> None:
    network = xianjie_network(services=["mediation"], bodies=[])
    taken = RoutingLegTaken(
        leg="L1", track=Track.MEDIATION, kind=LegKind.FILE, receiver=COMMITTEE, sender=CENTRE, area="310110", level=Level.COUNTY, right="design"
    )  # fmt: skip
    network.given("routing", taken, "c-1", to="mediation")
    then = network.when(COMMITTEE, MEDIATION.progressed(leg="L1", step="consent_given", by="all"), "c-1")
    assert (then.receipt.status if then.receipt else None) == 202
    assert {each.by for each in then.said} == {"mediation"}


def test_what_is_recorded_is_everything(xianjie_network: Make) -> None:
    network = offered(xianjie_network)
    assert len(network.recorded) > 30
    assert not [each for each in network.recorded if not each.body]


def test_a_parked_case_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(xianjie_network):
            network = xianjie_network(bodies=[])
            network.engine.services["intake"].store.rows["c-1"] = [{"error": "planted"}]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:pytest_nameko", "-W", "ignore")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*c-1 is parked at intake: planted*"])


def test_elsewhere_a_test_needs_no_more_than_the_plugin(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "deploy/directory"
    pytester.makeini(f"[pytest]\nxianjie_directory = {folder}\n")
    scenario = pytestconfig.rootpath / "tests/scenarios/sh-wipo-award-2024.yaml"
    pytester.makepyfile(
        f"def test_it(xianjie_play, xianjie_bodies):\n    assert xianjie_play({str(scenario)!r}) == []\n    assert xianjie_bodies\n"
    )
    pytester.runpytest_subprocess("-p", "no:pytest_nameko", "-W", "ignore").assert_outcomes(passed=1)
