"""Supervision of the quality of service: a body above the owner looks into a case that was drawn, and says what it found."""

from xianjie.fields import Code, Text
from xianjie.message import AGENCY, Message, message


@message("quality.checked", said_by=AGENCY, heard_by="routing")
class QualityChecked(Message):
    """A body above the owner has checked how the case was served: well, or not, and why."""

    passed: bool
    text: Text = ""


@message("quality.noted", said_by="routing")
class QualityNoted(Message):
    """The result of a check stands beside the case; a later one of the same body takes its place."""

    by: Code
    passed: bool


@message("quality.told", said_by="routing", heard_by=AGENCY)
class QualityTold(Message):
    """What the body above found in a case that is yours."""

    by: Code
    passed: bool
    text: Text = ""
