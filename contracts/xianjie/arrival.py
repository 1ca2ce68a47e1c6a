"""A message as it arrives: its envelope against what the broker says of it. The services check by this, and whoever tests an agency."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from xianjie.envelope import CONTENT_TYPE, Fault, Heard
from xianjie.topology import is_own

AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be ahead of a service's."""


def unkept(headers: Mapping[str, Any]) -> str:
    """The name of a header that the journal cannot keep, "" if there is none.

    RabbitMQ 3.10 routes a message with a decimal to its queues, but no stream takes it, and its sender is cut off (541; tried).
    """
    return next((str(name)[:40] for name, value in headers.items() if _decimal(value)), "")


def _decimal(value: Any) -> bool:
    """Not by recursion: py-amqp reads lists within lists deeper than Python would follow twice (tried)."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, Decimal):
            return True
        left += each.values() if isinstance(each, Mapping) else each if isinstance(each, list) else ()
    return False


def structured(content_type: str, wanted: str = CONTENT_TYPE) -> bool:
    """Whether it names a CloudEvent in JSON, or `wanted`: in any case of letters, with no parameter but JSON's one charset (RFC 9110, 8.3.1)."""
    kind, *parameters = (each.strip().lower() for each in content_type.split(";"))
    return kind == wanted and all(each.replace('"', "") in ("", "charset=utf-8") for each in parameters)


def doubts(
    heard: Heard, *, key: str, header: Any, content_type: str, now: datetime | None, exercise: str | None, kept_out: str = "",
    outside: bool = True,
) -> Iterator[Fault]:  # fmt: skip
    """What does not fit though each part is valid. `key`: the routing key, its first word alone, or "" where it does not name the speaker.

    `header`: the header `case`. `now` None: whether it comes from the future is not asked. `exercise`: the name of the one that this
    network is in, if any. `kept_out`: what `unkept` found. `outside`: whether it comes from outside the network.
    """
    if header != heard.subject:
        yield Fault("/subject", "differs from the header `case`, by which messages find their partition")
    if outside and is_own(heard.subject):
        yield Fault("/subject", "is a name that the network keeps for itself: give the case another")
    if kept_out:
        yield Fault("", f"must come without the header {kept_out!r}: the network's journal keeps no decimal number")
    if not structured(content_type):
        came = f", not {content_type[:80]!r}" if content_type else ""
        yield Fault("", f"must come with the content type {CONTENT_TYPE}{came}", "wrong_content_type")
    if key and key.split(".", 1)[0] != heard.speaker:
        yield Fault("/source", "differs from the routing key, under which the sender is known to the broker")
    elif "." in key and not f"{key}.".split(".", 1)[1].startswith(f"{heard.message.name}.v{heard.message.version}."):
        yield Fault("/type", "differs from the routing key, by which messages find their hearer")
    leg = getattr(heard.message, "leg", None)
    if None not in (leg, heard.attributes.referral) and heard.attributes.referral != leg:
        yield Fault("/referral", f"must be {leg}, the leg that the data speaks of, or not be there")
    if heard.attributes.exercise != exercise:
        yield Fault("/exercise", f"must be {exercise}" if exercise else "must not be there: this network is in operation")
    if now:
        yield from ahead(heard, now)


def ahead(heard: Heard, now: datetime) -> Iterator[Fault]:
    """Whether it comes from the future."""
    time = heard.attributes.time
    if time and time > now + AHEAD:
        yield Fault("/time", "is more than five minutes ahead", "clock_skew")
