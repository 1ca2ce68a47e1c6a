"""The judge of a trial: every message of the system, held against its contract, its identity and the protocol. Pure; others move the bytes."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xianjie import envelope
from xianjie.arrival import doubts
from xianjie.conformance.course import Answer, Course
from xianjie.conformance.findings import Fault, Findings
from xianjie.envelope import Heard, Invalid
from xianjie.message import SERVICES
from xianjie.messages.log import ReceiptGiven
from xianjie.vocabulary import Ground

LONGEST = 2000
"""Characters of a message that a report shows."""


@dataclass(slots=True)
class Watched:
    """One course under the eyes of the judge. `said`: what the system said about it, each identity once."""

    course: Course
    script: str
    said: list[Heard] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    crossing: Callable[[], bool] = lambda: False
    """Whether what comes now may have been said before the news that it contradicts was heard."""
    lenient: bool = False
    """Whether answers about legs that were never offered are no fault here."""

    def has(self, *names: str) -> bool:
        """Whether the system has said any of these about it; a name that begins with a dot stands for any track."""
        return any(each.message.name in names or f".{each.message.name.split('.')[1]}" in names for each in self.said)

    def spoke_in_track(self) -> list[Heard]:
        """What it said in the proceeding."""
        return [each for each in self.said if each.message.name.startswith(f"{self.course.role.track}.")]


def read(
    body: bytes, *, key: str, headers: Mapping[str, Any], content_type: str, now: datetime, code: str | None = None
) -> Heard:
    """The message, valid by contract and as it arrived; raises `Invalid` with every fault. `code`: who alone may have said it."""
    heard = envelope.read(body)
    faults = list(doubts(heard, key=key, headers=headers, content_type=content_type, now=now, exercise=None))
    if not {*heard.message.heard_by} & {*SERVICES}:
        faults.append(envelope.Fault("/type", "is heard by no service"))
    if code and heard.source != f"/agencies/{code}":
        faults.append(envelope.Fault("/source", f"must be /agencies/{code}"))
    if faults:
        raise Invalid(faults, "doubtful", {"id": heard.id, "source": heard.source, "subject": heard.subject})
    return heard


class Judge:
    """Hears what the system `code` says, answers as the network does, and notes every clause that is met or broken."""

    def __init__(self, code: str, findings: Findings, now: Callable[[], datetime]) -> None:
        self.code, self.findings, self.now = code, findings, now
        self.watched: dict[str, Watched] = {}
        self.receipts: set[str] = set()
        """The ids of receipts that were given."""
        self._seen: dict[str, tuple[str, int]] = {}
        """By id, the digest of what was said under it first, and how that was answered."""

    def hear(self, body: bytes, key: str, headers: Mapping[str, Any], content_type: str) -> Iterator[tuple[str, Any]]:
        """Judge one message; what the system is to be told, each with its case."""
        try:
            heard = read(body, key=key, headers=headers, content_type=content_type, now=self.now(), code=self.code)
        except Invalid as fault:
            yield from self._invalid(body, fault)
            return
        self.findings.meet("contract.valid")
        if heard.attributes.causationid in self.receipts:
            self._fault("receipt.unanswered", heard, f"{heard.message.name} answers a receipt", "nothing", body)
        else:
            self.findings.meet("receipt.unanswered")
        known = self._seen.get(heard.id)
        digest = hashlib.sha256(body).hexdigest()
        if known:
            yield self._again(heard, body, known, digest)
            return
        self.findings.meet("contract.identity")
        answer = self._answer(heard, body)
        self._seen[heard.id] = digest, answer.status
        given = ReceiptGiven(to=heard.id, status=answer.status, ground=answer.ground, text=answer.text)  # type: ignore[arg-type]
        yield heard.subject, given
        for each in answer.says:
            yield heard.subject, each

    def _answer(self, heard: Heard, body: bytes) -> Answer:
        found = self.watched.get(heard.subject)
        if found is None or (leg_of(heard) not in (None, found.course.leg)):
            if "leg" not in heard.message.__dataclass_fields__:  # type: ignore[attr-defined]
                return Answer(202)
            if not (found and found.lenient):
                where = f"{leg_of(heard)} of {heard.subject}"
                self._fault("contract.subject", heard, f"speaks of {where}, which was never offered to it", "offered legs", body)
            return Answer(410, (), Ground.TOO_LATE, f"no leg {leg_of(heard)} of {heard.subject} came within ten minutes")
        self.findings.meet("contract.subject")
        found.said.append(heard)
        answer = found.course.hear(heard, self.now())
        if answer.status != 202:
            found.refused.append(answer)
        self._judge(found, heard, answer, body)
        return answer

    def _judge(self, found: Watched, heard: Heard, answer: Answer, body: bytes) -> None:
        if answer.breaks is None:
            for clause in ("protocol.turn", "protocol.rule"):
                self.findings.meet(clause)
            if found.spoke_in_track():
                self.findings.meet("protocol.opened")
        elif answer.breaks != "protocol.turn" or not found.crossing():
            says = f"{heard.message.name} was refused ({answer.status}): {answer.text}"
            self._fault(answer.breaks, heard, says, answer.expected, body)

    def _again(self, heard: Heard, body: bytes, known: tuple[str, int], digest: str) -> tuple[str, Any]:
        before, status = known
        if before == digest:
            return heard.subject, ReceiptGiven(to=heard.id, status=409, first=status)  # type: ignore[arg-type]
        says = f"{heard.id} came before with other bytes"
        self._fault("contract.identity", heard, says, "the same bytes, or another id", body)
        return heard.subject, ReceiptGiven(to=heard.id, status=422, faults=("/id was used before, with other bytes",))

    def _invalid(self, body: bytes, fault: Invalid) -> Iterator[tuple[str, Any]]:
        if fault.attribute("type") == ReceiptGiven.type:  # it is kept and not answered: two who answer receipts would never end
            case = fault.attribute("subject") or "–"
            script = self.watched[case].script if case in self.watched else "–"
            self.findings.fault(Fault("receipt.unanswered", script, case, "receipt.given is said", "nothing", shown(body)))
            return
        faults = tuple(f"{each.pointer or '/'} {each.says}"[:500] for each in fault.faults[:50])
        case = fault.attribute("subject") or "kept-unreadable"
        script = self.watched[case].script if case in self.watched else "–"
        self.findings.fault(
            Fault("contract.valid", script, case, "; ".join(faults), "a message that its schema takes", shown(body))
        )
        receipt = ReceiptGiven(to=fault.attribute("id") or "unreadable", status=422, faults=faults, code=fault.code)
        yield case if case in self.watched else "kept-unreadable", receipt

    def _fault(self, clause: str, heard: Heard, says: str, expected: str, body: bytes) -> None:
        script = self.watched[heard.subject].script if heard.subject in self.watched else "–"
        self.findings.fault(Fault(clause, script, heard.subject, says, expected, shown(body)))


def leg_of(heard: Heard) -> str | None:
    """The leg that a message speaks of, if it speaks of one."""
    return getattr(heard.message, "leg", None)


def shown(body: bytes) -> Any:
    """A message for a report: as JSON where it is JSON and not too long, else its beginning as text."""
    try:
        if len(body) <= LONGEST:
            return json.loads(body)
    except ValueError:
        pass
    return body[:LONGEST].decode("utf-8", "replace")
