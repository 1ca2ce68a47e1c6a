"""Who has room for a matter: asked before anybody is named, and answered from the directory. Nothing personal is in it."""

from dataclasses import dataclass

from xianjie.fields import Area, Code, Count, Right, Text
from xianjie.message import AGENCY, Message, message
from xianjie.vocabulary import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A body that may take such a matter: by which rule, and how much it has open, as last counted."""

    body: Code
    rule: Text
    open_legs: Count = 0


@message("capacity.asked", said_by=AGENCY, heard_by="routing")
class CapacityAsked(Message):
    """Who would take a matter of this track and right in these places? The subject is a thread of your own, and no case."""

    track: Track
    right: Right
    areas: tuple[Area, ...] = ()


@message("capacity.told", said_by="routing", heard_by=AGENCY)
class CapacityTold(Message):
    """The bodies that may take such a matter, the nearest and least loaded first, by one version of the directory; the first ten."""

    track: Track
    right: Right
    bodies: tuple[Room, ...] = ()
    excluded: Count = 0
    """How many bodies take this track and may not take such a matter."""
    directory: Count
