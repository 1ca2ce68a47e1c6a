"""Whether the services see each case alike: its owner, its open legs, the proceedings of those that are taken. Pure."""

from collections.abc import Iterator
from typing import Any

from xianjie.tracks.track import service_of
from xianjie.vocabulary import Track

Glance = dict[str, Any]
"""What the last commit of a case shows in lists."""
Heads = dict[str, dict[str, Glance]]
"""By service and case: what its last commit shows."""
ACCEPTED = frozenset({"accepted", "in_service", "concluding", "withdrawing", "concluded", "visit_due", "closed", "archived"})
"""Statuses at intake of a case that routing must know. A suspended one may still be under review."""


def disagreements(heads: Heads) -> Iterator[str]:
    """Where services see a case differently, each in words with the case's id. A service without heads is not compared."""
    intake, routing = heads.get("intake", {}), heads.get("routing", {})
    keepers = sorted({service_of(each) for each in Track})
    for case in sorted({*intake, *routing}.union(*(heads.get(each, {}) for each in keepers))):
        ours, theirs = intake.get(case, {}), routing.get(case, {})
        if "intake" in heads and "routing" in heads:
            yield from _owner(case, ours, theirs)
            yield from _open(case, ours, theirs)
        if "routing" in heads:
            yield from _taken(case, theirs, {each: heads[each].get(case, {}) for each in keepers if each in heads})


def _owner(case: str, intake: Glance, routing: Glance) -> Iterator[str]:
    owner, answering = routing.get("owner"), intake.get("owner")
    if owner and answering != owner:
        yield f"{case}: intake says that {answering or 'nobody'} answers for it, routing says {owner}"
    if not owner and intake.get("status") in ACCEPTED:
        yield f"{case}: it is {intake['status']} at intake, and routing does not know it as accepted"


def _open(case: str, intake: Glance, routing: Glance) -> Iterator[str]:
    ours, theirs = _legs(intake), _legs(routing)
    for leg in sorted(ours - theirs):
        yield f"{case}: {leg} is open at intake, and routing has no such open leg"
    for leg in sorted(theirs - ours):
        yield f"{case}: {leg} is open at routing, and intake has no such open leg"


def _legs(seen: Glance) -> set[str]:
    return {each.split(" ", 1)[0] for each in seen.get("open_legs", [])}


def _taken(case: str, routing: Glance, tracks: dict[str, Glance]) -> Iterator[str]:
    taken = {leg: track for leg, track, _, state in map(str.split, routing.get("open_legs", [])) if state == "taken"}
    for leg, kind in taken.items():
        keeper = service_of(Track(kind)) if kind in set(Track) else None
        if keeper in tracks and leg not in tracks[keeper].get("taken", []):
            yield f"{case}: {leg} is taken, and {keeper} has no proceeding of it"
    for service, seen in tracks.items():
        for leg in (each.split(" ", 1)[0] for each in seen.get("proceedings", [])):
            if leg not in taken:
                yield f"{case}: {leg} is a proceeding at {service}, and routing does not hold it taken"
