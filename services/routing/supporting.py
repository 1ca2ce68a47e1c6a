"""What the systems of bodies can read, say and take: declared by each in a thread of its own, kept in the directory, held before an offer."""

from functools import cache

from services.routing.moving import RoutingTurn
from xianjie.message import AGENCY, MESSAGES
from xianjie.messages.org import OrgSupportsDeclared, OrgSupportsNoted
from xianjie.topology import DIRECTORY, SUPPORTS
from xianjie.vocabulary import Ground

MOST_NAMED = 5
"""So many unknown types are named in an answer; more do not help."""


def declare(turn: RoutingTurn, said: OrgSupportsDeclared) -> None:
    """Pass it into the directory's log, if every type is one that bodies say or hear."""
    unknown = [each for each in said.types if each not in _spoken_with_bodies()]
    if not turn.state.case.startswith(SUPPORTS):
        turn.refuse(403, Ground.OTHER, f"what a system supports is declared in a thread whose name begins with {SUPPORTS}")
    elif not said.types:
        turn.refuse(422, Ground.OTHER, "/data/types: name every type that the system reads or says, as in referral.offered.v1")
    elif unknown:
        named = ", ".join(unknown[:MOST_NAMED]) + (f" and {len(unknown) - MOST_NAMED} more" if unknown[MOST_NAMED:] else "")
        turn.refuse(422, Ground.OTHER, f"/data/types: no body says or hears these types: {named}")
    else:
        noted = OrgSupportsNoted(code=turn.heard.speaker, types=said.types, tracks=said.tracks)
        turn.say(noted, to="routing", subject=DIRECTORY)


@cache
def _spoken_with_bodies() -> frozenset[str]:
    """`<noun>.<verb>.v<major>` of every message that bodies say or hear."""
    return frozenset(f"{each.name}.v{each.version}" for each in MESSAGES.values() if AGENCY in (*each.said_by, *each.heard_by))
