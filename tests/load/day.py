"""A day of the network: so many cases, mixed as published figures have it (model.yaml), each with its way and its end, and bodies that answer.

The same number and seed make the same cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from xianjie.envelope import Heard
from xianjie.message import Message
from xianjie.messages.case import (
    Applicant,
    CaseNoticed,
    CaseRegistered,
    CaseReviewed,
    CaseSubmitted,
    DisputedRight,
    Paper,
    Respondent,
    Wish,
)
from xianjie.messages.proceeding import ProceedingNoticed
from xianjie.messages.referral import ReferralBodyChosen, ReferralChoiceAsked, ReferralRequested
from xianjie.messages.tracks import ADJUDICATION, CONFIRMATION, COURT, CRIMINAL, MEDIATION, PENALTY
from xianjie.messages.visit import VisitDue
from xianjie.play import manners
from xianjie.vocabulary import ApplicantKind, LegKind, Track

CENTRE, OFFICE, BENCH, REGULATOR, COMMITTEE, POLICE = (
    "CN-SH-IPAC", "CN-SH-IPO", "CN-SH-IPC", "CN-GD-LGQ-AMR", "CN-SH-YPQ-PMC", "CN-GD-SZH-PSB"
)  # fmt: skip
BODIES = (CENTRE, OFFICE, BENCH, REGULATOR, COMMITTEE, POLICE)
PLACES = {"penalty": "440307"}
"""Where the infringement is, by way; else in Shanghai."""


def paper(kind: str) -> Paper:
    """One that an outcome needs."""
    return Paper(id=kind, kind=kind, title=kind, media_type="application/pdf", size=0, sha256="0" * 64)


@cache
def model() -> dict[str, Any]:
    """The published figures, each with its source."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("model.yaml").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one case. `way`: court, mediation, adjudication or penalty; `smooth`: whether it goes as it usually does."""

    case: str
    way: str
    smooth: bool
    right: str

    @property
    def receiving(self) -> str:
        """Where the application comes in."""
        return REGULATOR if self.way == "penalty" else CENTRE

    def application(self) -> CaseSubmitted:
        """What the applicant says."""
        place = PLACES.get(self.way, "310110")
        wishes = {
            "court": Wish(track=Track.COURT, body=BENCH), "mediation": Wish(track=Track.MEDIATION, body=COMMITTEE),
            "adjudication": Wish(track=Track.ADJUDICATION, body=OFFICE),
        }  # fmt: skip
        return CaseSubmitted(
            receiving_body=self.receiving, applicant=Applicant(name=f"applicant of {self.case}", kind=ApplicantKind.LEGAL_PERSON),
            right=DisputedRight(type=self.right), respondents=(Respondent(name=f"respondent of {self.case}", area=place),),
            infringement_area=place, wish=wishes.get(self.way), summary=f"what happened in {self.case}",
        )  # fmt: skip


def plans(n: int, seed: int, prefix: str = "day") -> Iterator[Plan]:
    """So many cases, one after the other."""
    dice, shares = Random(seed), {name: each["value"] for name, each in model()["shares"].items()}
    smooth = {
        "court": 1 - shares["court_settled"], "mediation": shares["mediation_agreed"], "adjudication": shares["adjudication_through"],
        "penalty": 1 - shares["penalty_to_police"],
    }  # fmt: skip
    ways = {name: each["a_year"] for name, each in model()["ways"].items()}
    rights = model()["rights"]
    for at in range(n):
        (way,) = dice.choices([*ways], [*ways.values()])
        (right,) = dice.choices([*rights], [*rights.values()])
        if way == "adjudication":  # offices adjudicate patents alone
            right = "patent"
        elif way == "penalty":
            right = dice.choice(["patent", "trademark"])
        yield Plan(f"{prefix}-{at}", way, dice.random() < smooth[way], right)


def replies(plan: Plan, heard: Heard) -> Iterator[Message]:
    """What a body answers to what it is told of this case, at once."""
    yield from manners.replies(heard)
    match heard.message:
        case CaseRegistered():
            yield CaseReviewed(verdict="accept")
        case ReferralChoiceAsked(track=track):
            yield ReferralBodyChosen(track=track, body=BENCH)
        case CaseNoticed(status="accepted") if plan.way == "penalty":
            yield ReferralRequested(track=Track.PENALTY, kind=LegKind.FILE, body=REGULATOR)
        case ProceedingNoticed(track=Track.MEDIATION, state="outcome_reported", outcome="failed"):
            yield ReferralRequested(track=Track.COURT, kind=LegKind.FILE)
        case COURT.opened(leg=leg):
            yield COURT.progressed(leg=leg, step="docketed")
            settled = plan.way == "court" and not plan.smooth
            yield (
                COURT.outcome_reported(leg=leg, outcome="withdrawn")
                if settled
                else COURT.outcome_reported(leg=leg, outcome="judged_for_claimant", papers=(paper("judgment"),))
            )
        case MEDIATION.opened(leg=leg):
            yield from _mediation(leg, plan.smooth)
        case ADJUDICATION.opened(leg=leg):
            yield ADJUDICATION.progressed(leg=leg, step="docketed")
            yield ADJUDICATION.outcome_reported(leg=leg, outcome="turned_to_mediation" if plan.smooth else "withdrawn")
        case CONFIRMATION.opened(leg=leg):
            yield CONFIRMATION.progressed(leg=leg, step="accepted")
            yield CONFIRMATION.outcome_reported(leg=leg, outcome="confirmed")
        case PENALTY.opened(leg=leg):
            yield from _penalty(leg, plan.smooth)
        case CRIMINAL.opened(leg=leg):
            for step in ("filed", "goods_handed_over", "sent_to_procuratorate"):
                yield CRIMINAL.progressed(leg=leg, step=step)
            yield CRIMINAL.outcome_reported(leg=leg, outcome="sentenced", papers=(paper("judgment"),))


def _mediation(leg: str, agreed: bool) -> Iterator[Message]:
    for step in ("consent_given", "mediator_accepted", *(("signed",) if agreed else ())):
        yield MEDIATION.progressed(leg=leg, step=step, by="all", recusal_checked=True)
    yield (
        MEDIATION.outcome_reported(leg=leg, outcome="confirmation_requested", to=BENCH)
        if agreed
        else MEDIATION.outcome_reported(leg=leg, outcome="failed")
    )


def _penalty(leg: str, ordinary: bool) -> Iterator[Message]:
    for step in ("filed", *(() if ordinary else ("crime_suspected", "handover_approved"))):
        yield PENALTY.progressed(leg=leg, step=step)
    yield (
        PENALTY.outcome_reported(leg=leg, outcome="penalised", papers=(paper("decision"),))
        if ordinary
        else PENALTY.outcome_reported(leg=leg, outcome="transferred_to_police", to=POLICE)
    )


def ends(message: Message) -> bool:
    """Whether a body that hears this sees a case at its end."""
    return isinstance(message, VisitDue)
