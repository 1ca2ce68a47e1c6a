"""The return visit 回访: asking the applicant afterwards, a part of closing."""

from datetime import datetime
from typing import Annotated

from marshmallow import validate

from xianjie.fields import Count, Text
from xianjie.message import AGENCY, DOOR, Message, message


@message("visit.due", said_by="intake", heard_by=AGENCY)
class VisitDue(Message):
    """The owner is to ask the applicant how the help was. `tries` have failed so far."""

    tries: Count
    due: datetime | None = None


@message("visit.answered", said_by=(AGENCY, DOOR), heard_by="intake")
class VisitAnswered(Message):
    """The applicant answered: satisfaction from 1 (not at all) to 5 (fully)."""

    satisfaction: Annotated[int, validate.Range(min=1, max=5)]
    text: Text = ""


@message("visit.missed", said_by=AGENCY, heard_by="intake")
class VisitMissed(Message):
    """A try to reach the applicant failed. After the last the case closes all the same."""

    text: Text = ""


@message("visit.recorded", said_by="intake")
class VisitRecorded(Message):
    """A try of the return visit, the first being 1, and its result: no satisfaction means that it failed."""

    tries: Count
    satisfaction: Count | None = None
