"""What may go wrong for whoever takes part in the network, under one name."""

from datetime import datetime

from xianjie.refusals import refusals


class Trouble(Exception):
    """Base of all that the client raises by itself: `Refused`, `Away`, `Invalid`, `StoreFault`. Its text says what, where and what to do."""


class Refused(Trouble):
    """The broker will not have it, and trying again is no use. `code`: the reason by `refusals`. The text says why, and ends with the remedy.

    `remedy`: where that of the code does not fit.
    """

    def __init__(self, says: str, code: str = "not_set_up", remedy: str = "") -> None:
        super().__init__(says)
        self.says, self.code, self.remedy = says, code, remedy or refusals()[code].remedy

    def __str__(self) -> str:
        return f"{self.says}: {self.remedy}"


class WrongAddress(Refused):
    """What was given as the address of a broker is none."""


class Away(Trouble, ConnectionError):
    """The broker does not answer, or not in time. What was being said may or may not have arrived: say it again, with its `id` and `time`."""

    id: str | None = None
    """Of the message that was being said, if one was."""
    time: datetime | None = None
    """When that happened, as it says."""


class StoreFault(Trouble):
    """The file of an agency cannot be opened, read or written; nothing of what was being done is in it. The text says which file and why."""
