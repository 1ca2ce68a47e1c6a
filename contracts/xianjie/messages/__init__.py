"""Every message of the network, one file per noun; the case, the largest, is a folder. Importing this package makes all of them known.

What is said in proceedings is the same in every track: its shapes are in proceeding.py, and tracks.py says them under each track's noun.
"""

from xianjie.messages import (
    capacity,
    case,
    cost,
    knowledge,
    log,
    loop,
    ops,
    org,
    overseas,
    proceeding,
    provider,
    pull,
    quality,
    referral,
    routing,
    sla,
    tracks,
    visit,
)

__all__ = [
    "capacity",
    "case",
    "cost",
    "knowledge",
    "log",
    "loop",
    "ops",
    "org",
    "overseas",
    "proceeding",
    "provider",
    "pull",
    "quality",
    "referral",
    "routing",
    "sla",
    "tracks",
    "visit",
]
