"""What keeps the network running: clocks of exercises, ticks, new years of the calendar, and what operators ask of parked cases."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from marshmallow import validate

from xianjie.fields import Count, Name, Text
from xianjie.message import OPERATOR, PLAYER, SERVICES, Message, message

Bytes = Annotated[str, validate.Length(max=200_000)]
"""A whole message as text, within another one."""


@message("clock.advanced", said_by=PLAYER, heard_by=SERVICES)
class ClockAdvanced(Message):
    """In an exercise it is now `to`. Goes to every partition of every service."""

    to: datetime
    round: Count


@message("clock.asked", said_by=PLAYER, heard_by=SERVICES)
class ClockAsked(Message):
    """What have you heard and said since the last answer?"""

    round: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How many messages went to one agency."""

    agency: Name
    count: Count


@message("clock.reached", said_by=SERVICES)
class ClockReached(Message):
    """Everything before this question is done: how much was heard and said since the last, and what is due next."""

    service: Name
    partition: Count
    round: Count
    heard: Count
    said: Count
    parked: Count
    next_due: datetime | None = None
    told: tuple[Told, ...] = ()
    """What is in the agencies' inboxes since the last answer, confirmed by the broker."""


@message("clock.ticked", said_by=SERVICES, heard_by=SERVICES)
class ClockTicked(Message):
    """A due moment of this case is reached. Fires every clock due by then, if commit `n` is still the last."""

    n: Count
    due: datetime


@message("calendar.extended", said_by=SERVICES, heard_by=SERVICES)
class CalendarExtended(Message):
    """The holidays are known `until` then: this case counts anew what it counted by weekends alone. Said by a service to itself."""

    until: date


@message("parked.retry_asked", said_by=(OPERATOR, *SERVICES), heard_by=SERVICES)
class ParkedRetryAsked(Message):
    """Decide the parked messages of this case again, in order."""

    who: Name
    why: Text


@message("parked.amend_asked", said_by=OPERATOR, heard_by=SERVICES)
class ParkedAmendAsked(Message):
    """Put `body` in the place of the first parked message of this case, then decide again."""

    who: Name
    why: Text
    k: Count
    body: Bytes


@message("gap.found", said_by=SERVICES, heard_by=SERVICES)
class GapFound(Message):
    """The journal has this message, which another waits for and which never came: said by a service to itself, as it was published."""

    exchange: Name
    key: Annotated[str, validate.Length(min=1, max=255)]
    body: Bytes


@message("parked.skip_asked", said_by=OPERATOR, heard_by=SERVICES)
class ParkedSkipAsked(Message):
    """Note the first parked message of this case as skipped, then decide the rest."""

    who: Name
    why: Text
    k: Count
