"""From the body of a request to a message as the agency would have published it itself: the same checks, the same bytes, the same address."""

from datetime import datetime

from werkzeug.wrappers import Request

from services.bridge.answers import faulty, invalid, refused, wrong_type
from services.chassis.commit import Spoken
from xianjie import envelope
from xianjie.arrival import doubts, structured
from xianjie.envelope import CONTENT_TYPE, Invalid
from xianjie.topology import address


def typed(request: Request, wanted: str) -> None:
    """Raise `Problem` unless the body is of that content type, in UTF-8."""
    if not structured(request.content_type or "", wanted):
        raise wrong_type(wanted)


def spoken(raw: bytes, code: str, now: datetime, exercise: str | None) -> Spoken:
    """The message of that agency, with its address on the broker; raises `Problem` with every fault.

    In an exercise, whose clock is another, no time is too early.
    """
    try:
        heard = envelope.read(raw)
    except Invalid as fault:
        raise invalid(fault) from None
    if heard.source != f"/agencies/{code}":
        raise refused("not_allowed", f"This key speaks for /agencies/{code} alone; the message says {heard.source}.")
    kind = heard.message
    at = address(code, kind.name, kind.version, None)
    clock = None if exercise else now
    faults = list(doubts(heard, key=at.key, header=heard.subject, content_type=CONTENT_TYPE, now=clock, exercise=exercise))
    if faults:
        raise faulty(faults, Invalid(faults).code)
    return Spoken(heard.id, kind.type, at.exchange, at.key, heard.subject, raw)
