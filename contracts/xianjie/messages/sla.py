"""What a service says about the clocks of its own cases, once each."""

from datetime import datetime

from xianjie.fields import Cited, Coded, Count, Text
from xianjie.message import SERVICES, Message, message
from xianjie.vocabulary import Ground


@message("sla.started", said_by=SERVICES)
class SlaStarted(Message):
    """A time limit runs: which rule, about what, until when (Asia/Shanghai)."""

    clock: Coded
    rule: Coded
    cited: Cited
    start: datetime
    due: datetime
    region: Coded | None = None
    level: Coded | None = None
    window: bool = False
    judged: bool = True
    verified: bool = True
    provisional: bool = False


@message("sla.paused", said_by=SERVICES)
class SlaPaused(Message):
    """The limit does not run: the ground is one of those for which its rule stops; `until` when, where the law caps the pause."""

    clock: Coded
    at: datetime
    ground: Ground
    until: datetime | None = None


@message("sla.resumed", said_by=SERVICES)
class SlaResumed(Message):
    """The limit runs again, until the new due moment."""

    clock: Coded
    at: datetime
    due: datetime
    provisional: bool = False


@message("sla.extended", said_by=SERVICES)
class SlaExtended(Message):
    """The limit was lengthened as its rule allows."""

    clock: Coded
    due: datetime
    text: Text = ""
    provisional: bool = False


@message("sla.recounted", said_by=SERVICES)
class SlaRecounted(Message):
    """The limit was counted by weekends alone, and the calendar has learnt the holidays: its due moment counted anew."""

    clock: Coded
    due: datetime
    provisional: bool = False


@message("sla.warned", said_by=SERVICES)
class SlaWarned(Message):
    """The limit is near."""

    clock: Coded
    due: datetime


@message("sla.breached", said_by=SERVICES)
class SlaBreached(Message):
    """The limit passed; for a window: the chance is gone."""

    clock: Coded
    due: datetime
    window: bool = False


@message("sla.met", said_by=SERVICES)
class SlaMet(Message):
    """What had to happen happened in time: days gross (all) and net (without pauses)."""

    clock: Coded
    gross_days: Count
    net_days: Count


@message("sla.not_judged", said_by=SERVICES)
class SlaNotJudged(Message):
    """A date was not known to the day, so nobody can say whether the limit was kept."""

    clock: Coded


@message("sla.stopped", said_by=SERVICES)
class SlaStopped(Message):
    """The limit no longer matters: what it was about has ended otherwise, or what had to happen came late, with its days then."""

    clock: Coded
    gross_days: Count | None = None
    net_days: Count | None = None
