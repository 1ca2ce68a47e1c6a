"""The test of the way to a peer and back: from a body through routing to another body's system, which answers by itself. Nothing personal."""

from datetime import datetime
from typing import Literal

from xianjie.fields import Code, MessageId
from xianjie.message import AGENCY, Message, message


@message("loop.asked", said_by=AGENCY, heard_by="routing")
class LoopAsked(Message):
    """Does the way to this peer and back hold? The subject is a thread `loop-…` of your own; `nonce` is a word that the answer repeats."""

    peer: Code
    nonce: MessageId


@message("loop.sounded", said_by="routing", heard_by=AGENCY)
class LoopSounded(Message):
    """Somebody tests the way to you: say `loop.answered` with the same nonce until `due`. The client does so by itself."""

    asker: Code
    peer: Code
    nonce: MessageId
    at: datetime
    """When routing heard the question."""
    due: datetime
    to_routing_ms: int | None = None
    """From the asker's time to `at`; the difference of their two clocks is in it."""


@message("loop.answered", said_by=AGENCY, heard_by="routing")
class LoopAnswered(Message):
    """The peer's system heard it, at the message's time."""

    nonce: MessageId


@message("loop.returned", said_by="routing", heard_by="routing")
class LoopReturned(Message):
    """The test came back at once: its peer has no inbox."""

    nonce: MessageId


@message("loop.told", said_by="routing", heard_by=AGENCY)
class LoopTold(Message):
    """How the test ended, and how many milliseconds each part of the way took, by the times in the messages.

    `whole_ms` is from routing to the peer and back by one clock; the parts are between two clocks, and their difference is in them.
    """

    peer: Code
    nonce: MessageId
    outcome: Literal["answered", "silent", "no_inbox"]
    to_routing_ms: int | None = None
    to_peer_ms: int | None = None
    from_peer_ms: int | None = None
    whole_ms: int | None = None
