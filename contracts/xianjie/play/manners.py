"""How simulated agencies behave by themselves: the ordinary replies that no published case mentions."""

from collections.abc import Iterator

from xianjie.envelope import Heard
from xianjie.message import Message, named
from xianjie.messages.proceeding import ProceedingCancelRequested, ProceedingNoticed
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralOffered,
    ReferralRecalled,
    ReferralRecallRequested,
)
from xianjie.vocabulary import LegKind

DEFAULT = ("acknowledge", "accept", "take_note", "recall")
"""What a simulated body does unless its scenario says otherwise: clerk's receipt, acceptance, note of an outcome, letting an offer go."""

KNOWN = (*DEFAULT, "cancel")
"""All manners there are; what is not by default, a scenario asks for."""


def replies(heard: Heard, manners: tuple[str, ...] = DEFAULT) -> Iterator[Message]:
    """What a body with these manners answers at once."""
    match heard.message:
        case ReferralOffered(leg=leg, kind=kind) if "acknowledge" in manners:
            yield ReferralAcknowledged(leg=leg)
            if "accept" in manners and kind is not LegKind.NOTIFY:
                yield ReferralAccepted(leg=leg, recusal_checked=True)
        case ProceedingNoticed(leg=leg, state="outcome_reported", track=track) if "take_note" in manners:
            yield named(f"{track}.outcome_acknowledged")(leg=leg)  # type: ignore[call-arg]
        case ReferralRecallRequested(leg=leg) if "recall" in manners:
            yield ReferralRecalled(leg=leg)
        case ProceedingCancelRequested(leg=leg, track=track) if "cancel" in manners:
            yield named(f"{track}.cancel_answered")(leg=leg, agreed=True)  # type: ignore[call-arg]
