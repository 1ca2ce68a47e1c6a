"""Facts from outside the tracks that open or shut a track (`case.fact_reported`). The list of facts is open: every other one is only counted."""

from collections.abc import Mapping
from types import MappingProxyType

BEARING: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "sued": {"sued": True},
        "suit_withdrawn": {"sued": False},
        "arbitration_agreed": {"arbitration_agreed": True},
        "arbitration_waived": {"arbitration_agreed": False},
    }
)
"""By fact: what is true of the dispute from then on, by the field of `case.submitted` that says so at the beginning."""


def bearing(fact: str) -> Mapping[str, bool]:
    """What the fact makes true or untrue of the dispute; nothing, for most facts."""
    return BEARING.get(fact, {})
