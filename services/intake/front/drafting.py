"""From a request to the message that the door says for the applicant, checked against its contract: every fault at once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from services.chassis.answering import LONGEST
from services.chassis.commit import Spoken
from services.intake.front import answers, codes
from services.intake.front.answers import Problem
from xianjie import envelope, topology
from xianjie.envelope import Attributes, Heard, Invalid
from xianjie.message import DOOR, Message, plain
from xianjie.messages.case import CaseSubmitted
from xianjie.vocabulary import Mode
from xianjie.wording import counted

NOT_TAKEN = ("query_hash", "forwarded_by")
"""Fields of an application that are not the applicant's to fill in."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid message, ready to be said. `code`: the query code, of a new application alone."""

    case: str
    heard: Heard
    spoken: Spoken
    code: str = ""


class Drafting:
    """Makes the door's messages: the same request under the same key gives the same case, message and code."""

    def __init__(self, made: codes.Codes, exercise: str | None, now: Callable[[], datetime]) -> None:
        self._codes, self._exercise, self._now = made, exercise, now

    def application(self, request: Request) -> Draft:
        """A new application. Raises `Problem` with every fault of key and body."""
        key, wrong = _key(request)
        data = {name: value for name, value in answers.body_of(request).items() if name not in NOT_TAKEN}
        case, code = self._codes.case(key), self._codes.code(key)
        data["query_hash"] = codes.hash_of(code)
        return self._draft(CaseSubmitted, case, self._codes.message(case, "submit", key), data, wrong, code)

    def later(self, request: Request, cls: type[Message], case: str, what: str) -> Draft:
        """What an applicant says of a case on file. Raises `Problem` with every fault of key and body."""
        key, wrong = _key(request)
        return self._draft(cls, case, self._codes.message(case, what, key), answers.body_of(request), wrong)

    def _draft(
        self, cls: type[Message], case: str, id: str, data: dict[str, Any], wrong: list[dict[str, str]], code: str = ""
    ) -> Draft:
        attributes = self._attributes(cls, case, id)
        try:
            heard = envelope.read(json.dumps({**plain(attributes), "data": data}, ensure_ascii=False).encode())
        except Invalid as refused:
            wrong = [*wrong, *answers.pointed(refused.faults)]
            if refused.kind == "unreadable":
                raise _unreadable(refused) from None
        if wrong:
            raise _faulty(wrong)
        body = envelope.write(attributes, heard.message)
        if len(body) > LONGEST:
            raise answers.too_large()
        address = topology.address(DOOR, cls.name, cls.version, None)
        return Draft(case, heard, Spoken(id, cls.type, address.exchange, address.key, case, body), code)

    def _attributes(self, cls: type[Message], case: str, id: str) -> Attributes:
        return Attributes(
            specversion="1.0", id=id, source=f"/services/{DOOR}", type=cls.type, subject=case, datacontenttype="application/json",
            time=self._now(), actorrole="applicant", correlationid=case, exercise=self._exercise,
            mode=Mode.EXERCISE if self._exercise else Mode.OPS, dataclass="personal",
        )  # fmt: skip


def _key(request: Request) -> tuple[str, list[dict[str, str]]]:
    """The key, or what is wrong with it."""
    try:
        return codes.key_of(request.headers.get("Idempotency-Key")), []
    except codes.BadKey as fault:
        return "", [{"header": "Idempotency-Key", "detail": str(fault)}]


def _faulty(wrong: list[dict[str, str]]) -> Problem:
    """400 if the key is at fault, whatever else is; else 422."""
    status, title = (400, "The Idempotency-Key is missing or wrong") if "header" in wrong[0] else (422, "Not valid")
    return Problem(status, title, f"{counted(len(wrong), 'thing')} must be put right; each is named in `errors`.", wrong)


def _unreadable(refused: Invalid) -> Problem:
    """Beyond the limits of every message: too long as a whole, or too deep."""
    if "bytes long" in refused.faults[0].says:
        return answers.too_large()
    return Problem(400, "The body cannot be read", f"The body {refused.faults[0].says}.", answers.pointed(refused.faults))
