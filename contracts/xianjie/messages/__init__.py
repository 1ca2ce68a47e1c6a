"""Every message of the network, one file per noun; the case, the largest, is a folder. Importing this package makes all of them known."""

from xianjie.messages import (
    adjudication,
    case,
    confirmation,
    court,
    log,
    mediation,
    ops,
    org,
    proceeding,
    referral,
    routing,
    sla,
    visit,
)

__all__ = [
    "adjudication", "case", "confirmation", "court", "log", "mediation", "ops", "org", "proceeding", "referral", "routing", "sla", "visit",
]  # fmt: skip
