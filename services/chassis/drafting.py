"""Drafting commits: of a message that is decided, of one that cannot be read, of one that an operator passes over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.chassis import commit
from services.chassis.commit import Head, Sheet, Spoken
from services.chassis.delivery import Reading, clean, from_agency
from services.chassis.memory import Memory
from services.chassis.speaking import speak
from services.chassis.store import Document
from services.chassis.writing import Writing
from xianjie.deciding import Given, Rules
from xianjie.envelope import Heard
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.ops import ClockTicked
from xianjie.vocabulary import CHINA
from xianjie.wording import counted

LARGEST = 12 * 1024 * 1024
"""Bytes of one commit; the database takes no document over 16 MB, and would refuse the whole batch."""


class StillDue(RuntimeError):
    """A decision left a clock that is due now: it would tick for ever."""


class TooLarge(RuntimeError):
    """A commit that no database takes."""


@dataclass(slots=True)
class Draft:
    """One commit of a round: its document, what it says, which commit it overtakes, and which reading it came from."""

    document: Document
    said: list[Spoken]
    overtakes: str | None
    place: int


class Drafter:
    """Makes the next commit of a case out of its last one and a message; memory holds it from then on."""

    def __init__(self, rules: Rules[Any], memory: Memory, exercise: str | None, secret: bytes, *, checked: bool = True) -> None:
        """`secret`: the operator's, of the digests. `checked`: in an exercise, what is said is held against its contract."""
        self._rules, self._memory, self._exercise, self._secret, self._checked = rules, memory, exercise, secret, checked

    def decide(self, reading: Reading, now: datetime, place: int = 0, skips: Mapping[str, str] | None = None) -> Draft:
        """The commit of a valid message; raises what the rules raise."""
        heard = reading.heard
        assert heard is not None
        head, write = self._begin(reading, now, skips or {})
        if isinstance(heard.message, ClockTicked):
            write.give_up()
        write.take(heard, from_agency(reading))
        cause = {"source": heard.source, "id": heard.id}
        return self._draft(reading, head, write, cause, heard, place)

    def pass_over(self, reading: Reading, now: datetime, text: str, named: bool = True) -> Draft:
        """The commit that notes a message which nobody can read; its bytes stay in it. `named`: what follows it need not wait for it."""
        invalid = reading.invalid
        assert invalid is not None
        source, id = invalid.attribute("source"), invalid.attribute("id")
        source, id = (source, id) if named and source and id else ("/unread", reading.delivery.digest)
        head, write = self._begin(reading, now, {})
        write.pass_over(source, id, text)
        return self._draft(reading, head, write, {"source": source, "id": id}, None, 0)

    def _begin(self, reading: Reading, now: datetime, skips: Mapping[str, str]) -> tuple[Head | None, Writing]:
        rules: Any = self._rules if self._memory.is_case(reading.case) else self._rules.reference
        head = self._memory.get(reading.case)
        sheet = Sheet(rules.initial(reading.case))
        if head:
            sheet = Sheet(head.sheet.state, dict(head.sheet.last), dict(head.sheet.sent), head.sheet.held)
        now = head.now.astimezone(CHINA) if head and head.now > now else now
        given = Given(now, self._memory.directory(), self._memory.versions())
        return head, Writing(
            self._rules.service, reading.case, sheet, given, self._exercise, rules.decide, rules.evolve, skips, self._checked
        )

    def _draft(
        self, reading: Reading, head: Head | None, write: Writing, cause: dict[str, str], heard: Heard | None, place: int
    ) -> Draft:
        now, at, case = write.given.now, datetime.now(UTC), self._memory.is_case(reading.case)
        due = self._due(write, case)
        if heard and isinstance(heard.message, ClockTicked) and due and due <= now:
            raise StillDue(f"{heard.message.name} left a clock due at {due.isoformat()}")
        waits = {each.id: head.waits.get(each.id, at) if head else at for each in write.sheet.held}
        more: Document = (
            {"waiting": min(waits.values()), "waits": [{"id": i, "at": w} for i, w in waits.items()]} if waits else {}
        )
        document = commit.make(
            head, reading.case, cause, reading.delivery.body, now, write.said, write.sheet, due, list(write.given.versions), self._secret,
            first=reading.delivery.first, status=write.status, outcome=write.outcome,
            type=heard.message.name if heard else "unreadable", at=at,
            exchange=reading.delivery.exchange, glance=dict(self._rules.glance(write.sheet.state)) if case else {}, **more,
        )  # fmt: skip
        document["key"] = reading.key
        size = len(document["state"])
        if size + len(document["heard"]) + sum(len(each.body) for each in write.said) > LARGEST:
            raise TooLarge("what is to be stored of this case is too large")
        self._memory.put(Head(reading.case, document["n"], document["hash"], now, write.sheet, due, size, waits))
        return Draft(document, write.said, f"{head.case}/{head.n}" if head else None, place)

    def _due(self, write: Writing, case: bool) -> datetime | None:
        waits = [each.until for each in write.sheet.held if each.until]
        due = self._rules.due(write.sheet.state) if case else None
        return min([*waits, *([due] if due else [])], default=None)

    def keep(self, reading: Reading, now: datetime, place: int = 0) -> Draft:
        """Not a valid message, or one that nobody hears: kept with its bytes and every fault, in a log of its own; an agency hears 422."""
        invalid, delivery, service = reading.invalid, reading.delivery, self._rules.service
        assert invalid is not None
        faults = [clean(f"{each.pointer or '/'} {each.says}", 500) for each in invalid.faults[:50]]
        said = self._returned(reading, now)
        if delivery.sender and not _receipt(reading):
            to = invalid.attribute("id") or "unreadable"
            answer = ReceiptGiven(
                to=to, status=422, faults=tuple(faults), text=counted(len(invalid.faults), "fault"), code=invalid.code
            )
            id = commit.said_id(service, reading.case, "kept", "receipt")
            said.append(speak(service, answer, delivery.sender, reading.case, id, now, self._exercise))
        cause = {"source": "/unread", "id": delivery.digest}
        document = commit.make(
            None, reading.case, cause, delivery.body, now, said, Sheet(None), None, list(self._memory.versions()), self._secret,
            status=422, outcome="kept", type=invalid.kind, at=datetime.now(UTC), exchange=delivery.exchange, faults=faults,
            routing_key=clean(delivery.key, 255), headers=[{"name": n, "value": clean(v)} for n, v in delivery.headers.items()][:50],
        )  # fmt: skip
        document.pop("head")  # it is no case, and has no next commit
        document["key"] = reading.key
        return Draft(document, said, None, place)

    def _returned(self, reading: Reading, now: datetime) -> list[Spoken]:
        """What follows from a message of one of our services that came back, since its hearer has no inbox."""
        unrouted, heard = self._rules.unrouted, reading.returned
        if unrouted is None or heard is None:
            return []
        try:
            say = unrouted(heard)
        except Exception:  # the message is kept all the same
            say = None
        if say is None:
            return []
        id = commit.said_id(self._rules.service, reading.case, "kept", "returned")
        subject = say.subject or heard.subject
        return [speak(self._rules.service, say.message, say.to, subject, id, now, self._exercise, heard)]


def _receipt(reading: Reading) -> bool:
    """Whether it claims to be a receipt: none is given for it, else two of them could answer each other for ever."""
    kind = reading.invalid.attribute("type") if reading.invalid else None
    return ".receipt." in (kind or reading.delivery.key)
