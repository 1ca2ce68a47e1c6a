"""The roles in which a system may be tried: which track it takes, and how a leg of it is offered."""

from dataclasses import dataclass
from types import MappingProxyType

from xianjie.vocabulary import LegKind, Track


@dataclass(frozen=True, slots=True)
class Role:
    """One role: legs of this track and kind are offered to it, of this right."""

    track: Track
    kind: LegKind
    right: str = "design"


ROLES = MappingProxyType(
    {
        "mediation_body": Role(Track.MEDIATION, LegKind.DELEGATE),
        "court": Role(Track.COURT, LegKind.FILE),
        "confirming_court": Role(Track.CONFIRMATION, LegKind.FILE),
        "adjudication": Role(Track.ADJUDICATION, LegKind.FILE),
        "arbitration": Role(Track.ARBITRATION, LegKind.FILE),
        "regulator": Role(Track.PENALTY, LegKind.TRANSFER, "trademark"),
        "police": Role(Track.CRIMINAL, LegKind.TRANSFER, "trademark"),
        "platform": Role(Track.PLATFORM, LegKind.FILE),
        "fair": Role(Track.FAIR, LegKind.FILE),
        "customs": Role(Track.CUSTOMS, LegKind.FILE, "trademark"),
        "expert": Role(Track.OPINION, LegKind.ASSIST),
        "credit_registrar": Role(Track.CREDIT, LegKind.FILE),
    }
)
"""By name."""
