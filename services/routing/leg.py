"""A leg: one handing of a case, or of a task in it, and what is wanted before a receiver is found."""

from dataclasses import dataclass
from datetime import datetime

from xianjie.protocol.table import table
from xianjie.vocabulary import LegKind, Track

LEG = table("leg")
UNOFFERED = "consent_pending"
"""In this state the receiver has not heard of the leg, and it is the sender who must act."""

TOOK = ("taken", "returned", "cancelled", "closed")
"""States that a leg reaches only after its receiver accepted it, or was notified."""
ASKED = "info_requested"
"""In this state the receiver has asked for what is missing, and it is the sender who must act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A leg that is wanted, whoever will receive it. `consent`: the party is asked about each receiver."""

    track: Track
    kind: LegKind
    sender: str
    basis: str | None = None
    consent: bool = False
    pseudonymised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One handing of the case, or of a task in it, from `sender` to `receiver`."""

    id: str
    track: Track
    kind: LegKind
    sender: str
    receiver: str
    state: str
    before: str | None = None
    planned: bool = False
    hops: int = 0
    basis: str | None = None
    after: str | None = None
    """The leg that this one takes the place of."""
    designated: bool = False
    """Whether a superior named its receiver: that binds."""
    consent: bool = False
    withdrawn: bool = False
    """Whether the party has withdrawn its consent since."""
    pseudonymised: bool = False
    asked: bool = False
    """Whether its receiver has sent the one list of what is missing (T7)."""
    received: datetime | None = None
    """When its receiver got the request, or the rest of it that it had asked for."""
    received_judged: bool = True

    @property
    def open(self) -> bool:
        return self.state not in LEG.ends

    @property
    def took(self) -> bool:
        """Whether its receiver accepted it, whatever became of it then."""
        return self.state in TOOK

    @property
    def wanted(self) -> Wanted:
        """What it asks for, whoever receives it."""
        return Wanted(
            track=self.track, kind=self.kind, sender=self.sender, basis=self.basis, consent=self.consent,
            pseudonymised=self.pseudonymised,
        )  # fmt: skip
