"""What must hold of every case, whatever was said: looked for in what happened, not in the rules that should have seen to it. Pure."""

from collections import Counter
from collections.abc import Iterator

from xianjie.protocol.table import table
from xianjie.timeline.shape import Leg, Timeline
from xianjie.vocabulary import LegKind

OVER = frozenset({"concluded", "visit_due", "closed", "archived"})
"""Statuses of a case on which nobody works any more."""


def broken(timeline: Timeline) -> Iterator[str]:
    """Each invariant that does not hold of this case, in words."""
    yield from _custody(timeline)
    ends = table("leg").ends
    open_legs = [each for each in timeline.legs if each.state not in ends]
    for leg in timeline.legs:
        yield from _still_ticking(leg) if leg.state in ends else _notice(leg)
    if timeline.status in OVER and open_legs:
        yield f"it is {timeline.status}, and {', '.join(each.leg for each in open_legs)} open"
    twice = Counter((each.receiver, each.track) for each in open_legs)
    yield from (f"{body} has {n} open legs of {track}" for (body, track), n in twice.items() if n > 1)


def _custody(timeline: Timeline) -> Iterator[str]:
    """Only a TRANSFER moves custody, to whom it was sent, or back."""
    given = {body for each in timeline.legs if each.kind == LegKind.TRANSFER for body in (each.sender, each.receiver)}
    for _, owner in timeline.owners[1:]:
        if owner not in given:
            yield f"{owner} answers for it, and nobody transferred it there"


def _notice(leg: Leg) -> Iterator[str]:
    if leg.kind == LegKind.NOTIFY and leg.state in ("acknowledged", "taken"):
        yield f"{leg.leg} only notifies, and is {leg.state}: it ends when it is acknowledged"


def _still_ticking(leg: Leg) -> Iterator[str]:
    for clock in leg.clocks:
        if clock.state in ("running", "paused"):
            yield f"{leg.leg} is {leg.state}, and its clock {clock.name} is {clock.state}"
