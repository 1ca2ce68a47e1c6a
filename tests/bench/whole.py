"""Whole cases through all four services: an application becomes adjudication, mediation, confirmation, and a return visit that is due."""

import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.network import Network
from deploy.local.process import MachineError
from deploy.local.running import bring_up
from xianjie.agency import Agency, Received
from xianjie.message import SERVICES, Message
from xianjie.messages.case import Applicant, CaseRegistered, CaseReviewed, CaseSubmitted, DisputedRight, Respondent, Wish
from xianjie.messages.proceeding import ProceedingNoticed
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralOffered
from xianjie.messages.tracks import ADJUDICATION, CONFIRMATION, MEDIATION
from xianjie.messages.visit import VisitDue
from xianjie.vocabulary import ApplicantKind, Mode, Track

OFFICE, COURT = "CN-SH-IPO", "CN-SH-IPC"


@dataclass(frozen=True)
class Measured:
    """What a run of whole cases showed."""

    cases_per_s: float
    messages_per_case: float
    rss_mb: dict[str, float]
    ready_s: dict[str, float]


def cases(homes: Path, n: int) -> Measured:
    """`n` cases at once through a network of its own, until a return visit is due in each."""
    network = bring_up("benchwhole", [OFFICE, COURT], homes=homes)
    try:
        rate, heard = _run(network, n)
        rss = {service: network.processes[service].memory() / 2**20 for service in SERVICES}
        return Measured(rate, heard, rss, _ready(network))
    finally:
        network.stop()


def _run(network: Network, n: int) -> tuple[float, float]:
    with Agency(network.uri(OFFICE), OFFICE) as office, Agency(network.uri(COURT), COURT) as court:
        began, done, last = time.monotonic(), 0, time.monotonic()
        for i in range(n):
            office.say(application(i), f"whole-{int(began * 1000)}-{i}", mode=Mode.TEST)
        while done < n:
            for body in (office, court):
                while received := body.hear(0.002):
                    last = time.monotonic()
                    done += isinstance(received.message, VisitDue)
                    for reply in replies(received):
                        body.say(reply, received.case, because=received.heard.id, mode=Mode.TEST)
                    body.done(received)
            if time.monotonic() - last > 30:
                raise MachineError(f"only {done} of {n} cases came to their return visit; nothing moved for 30 s")
        return n / (time.monotonic() - began), (office.said + court.said) / n


def _ready(network: Network) -> dict[str, float]:
    """Seconds from start to ready of each service, one after the other."""
    found = {}
    for service in SERVICES:
        network.stop(service)
        began = time.monotonic()
        network.start(service)
        found[service] = time.monotonic() - began
    return found


def application(i: int) -> CaseSubmitted:
    """One application that wishes for adjudication."""
    return CaseSubmitted(
        receiving_body=OFFICE, applicant=Applicant(name=f"applicant {i}", kind=ApplicantKind.LEGAL_PERSON), right=DisputedRight(type="design"),
        respondents=(Respondent(name=f"respondent {i}", area="310000"),), wish=Wish(track=Track.ADJUDICATION, body=OFFICE),
    )  # fmt: skip


def replies(received: Received) -> list[Message]:
    """What office and court answer: everything goes its way."""
    match received.message:
        case CaseRegistered():
            return [CaseReviewed(verdict="accept")]
        case ReferralOffered(leg=leg):
            return [ReferralAcknowledged(leg=leg), ReferralAccepted(leg=leg, recusal_checked=True)]
        case ADJUDICATION.opened(leg=leg):
            return [
                ADJUDICATION.progressed(leg=leg, step="docketed"),
                ADJUDICATION.outcome_reported(leg=leg, outcome="turned_to_mediation"),
            ]
        case MEDIATION.opened(leg=leg):
            steps = [
                MEDIATION.progressed(leg=leg, step=step, by="all", recusal_checked=True)
                for step in ("consent_given", "mediator_accepted", "signed")
            ]
            return [*steps, MEDIATION.outcome_reported(leg=leg, outcome="confirmation_requested", to=COURT)]
        case CONFIRMATION.opened(leg=leg):
            return [
                CONFIRMATION.progressed(leg=leg, step="accepted"),
                CONFIRMATION.outcome_reported(leg=leg, outcome="confirmed"),
            ]
        case ProceedingNoticed(leg=leg, state="outcome_reported"):
            return [CONFIRMATION.outcome_acknowledged(leg=leg)]
    return []
