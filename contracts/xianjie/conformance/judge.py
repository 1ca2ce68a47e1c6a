"""The judge of a trial: every message of the system, held against its contract, its identity and the protocol. Pure; others move the bytes."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xianjie import envelope, wire
from xianjie.arrival import AHEAD, doubts, unkept
from xianjie.conformance.course import Answer, of_case
from xianjie.conformance.findings import Fault, Findings
from xianjie.conformance.order import Order
from xianjie.conformance.watched import Watched
from xianjie.envelope import Heard, Invalid
from xianjie.message import SERVICES
from xianjie.messages.log import ReceiptGiven
from xianjie.vocabulary import Ground, Precision

FLOOD = 100
"""Messages of one case beyond which a system does not report what happens, but answers itself or receipts."""
LONGEST = 2000
"""Characters of a message that a report shows."""
UNREADABLE = "kept-unreadable"
Told = Iterator[tuple[str, Any]]
"""What the system is to be told, each with its case."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the system published, raw, with all that the broker says of it. `durable`: by delivery mode 2. `user`: its user-id, or ""."""

    body: bytes
    key: str
    headers: Mapping[str, Any]
    content_type: str
    durable: bool = True
    user: str = ""


def read(arrival: Arrival, now: datetime, code: str) -> Heard:
    """The message, valid by contract and as it arrived; raises `Invalid` with every fault. `code`: who alone may have said it."""
    heard = envelope.read(arrival.body)
    faults = list(
        doubts(
            heard, key=arrival.key, header=arrival.headers.get(envelope.HEADER), content_type=arrival.content_type, now=now,
            exercise=None, kept_out=unkept(arrival.headers),
        )
    )  # fmt: skip
    if not {*heard.message.heard_by} & {*SERVICES}:
        faults.append(envelope.Fault("/type", "is heard by no service"))
    if heard.source != f"/agencies/{code}":
        faults.append(envelope.Fault("/source", f"must be /agencies/{code}"))
    if faults:
        raise Invalid(faults, "doubtful", {"id": heard.id, "source": heard.source, "subject": heard.subject})
    return heard


class Judge:
    """Hears what the system `code` says, answers as the network does, and notes every clause that is met or broken.

    `patience`: seconds in which what a message follows must have come; `clock`: the seconds that they are counted by.
    """

    def __init__(
        self, code: str, findings: Findings, now: Callable[[], datetime], *, patience: float = 10.0,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:  # fmt: skip
        self.code, self.findings, self.now, self.patience, self.clock = code, findings, now, patience, clock
        self.watched: dict[str, Watched] = {}
        self.told: dict[str, bool] = {}
        """The ids of what the system was told; True: of a receipt."""
        self.order: Order[bytes] = Order()
        self._count: Counter[str] = Counter()
        self._seen: dict[str, tuple[str, int]] = {}
        """By id, the digest of what was said under it first, and how that was answered."""

    def hear(self, arrival: Arrival) -> Told:
        """Judge one message; what the system is to be told."""
        body = arrival.body
        try:
            heard = read(arrival, self.now(), self.code)
        except Invalid as fault:
            yield from self._invalid(body, fault)
            return
        self.findings.meet("contract.valid")
        self._count[heard.subject] += 1
        if self._count[heard.subject] > FLOOD:
            self._flooded(heard, body)
            return
        self._as_it_came(heard, arrival)
        digest = hashlib.sha256(body).hexdigest()
        if known := self._seen.get(heard.id):
            yield self._again(heard, body, known, digest)
            return
        self.findings.meet("contract.identity")
        if self.order.follows(heard):
            answer = self._settled(heard, body)
            self._seen[heard.id] = digest, answer.status
            yield from self._answered(heard, answer)
        else:
            self.order.hold(heard, body, self.clock() + self.patience)
            self._seen[heard.id] = digest, 202
            yield heard.subject, ReceiptGiven(to=heard.id, status=202)
        yield from self._released()

    def overdue(self) -> Told:
        """What has waited too long for the message that it follows is too late, as in the network after ten minutes."""
        for heard, body in self.order.overdue(self.clock()):
            named = heard.attributes.follows
            says = f"{heard.message.name} follows {named}, which is not the last that its hearer heard of this case; it waited in vain"
            expected = "in `follows`, the last that was said to the same hearer of this case, or no `follows`"
            self._fault("contract.order", heard.subject, says, expected, body)
            self._did_not_count(heard.subject)
            text = "the message it follows did not come within ten minutes"
            yield heard.subject, ReceiptGiven(to=heard.id, status=410, ground=Ground.TOO_LATE, text=text)
            self.order.taken(heard)
        yield from self._released()

    # --- inside

    def _flooded(self, heard: Heard, body: bytes) -> None:
        """Not answered any more: what each receipt brings about would never end."""
        if self._count[heard.subject] == FLOOD + 1:
            says = f"{heard.message.name} is number {FLOOD + 1} of one case: something is said to every receipt, or over and over"
            self._fault("receipt.unanswered", heard.subject, says, "a message for what happened, and none for a receipt", body)

    def _as_it_came(self, heard: Heard, arrival: Arrival) -> None:
        """Clauses that one message keeps or breaks by itself, whatever it is about."""
        name, cause = heard.message.name, heard.attributes.causationid
        known = cause is None or cause in self.told or cause in self._seen
        receipt = cause is not None and self.told.get(cause, False)
        for clause, kept, says, expected in (
            ("receipt.unanswered", not receipt, "answers a receipt", "nothing"),
            ("contract.durable", arrival.durable, "came without delivery mode 2", "delivery_mode 2 (persistent)"),
            ("contract.user", arrival.user != "", "came without user-id", "the user who is connected"),
            ("contract.cause", known, f"names {cause} as its cause, which is unknown", "the id of a message that it was sent or has said"),
        ):  # fmt: skip
            if not kept:
                self._fault(clause, heard.subject, f"{name} {says}", expected, arrival.body)
            elif clause != "contract.cause" or cause is not None:
                self.findings.meet(clause)

    def _released(self) -> Told:
        for heard, body in self.order.released():
            answer = self._settled(heard, body)
            yield from self._answered(heard, answer, held=True)

    def _answered(self, heard: Heard, answer: Answer, *, held: bool = False) -> Told:
        """The receipt and what follows. `held`: it had its 202 already, and only a refusal is news."""
        if not held or answer.status != 202:
            yield (
                heard.subject,
                ReceiptGiven(to=heard.id, status=answer.status, ground=answer.ground, text=answer.text),  # type: ignore[arg-type]
            )
        for each in answer.says:
            yield heard.subject, each

    def _settled(self, heard: Heard, body: bytes) -> Answer:
        self.order.taken(heard)
        if heard.attributes.follows:
            self.findings.meet("contract.order")
        if heard.attributes.ttl is None:
            return self._answer(heard, body)
        if not heard.expired(self.now()):
            self.findings.meet("contract.lasting")
            return self._answer(heard, body)
        text = f"its time to live of {heard.attributes.ttl} s is over"
        says = f"{heard.message.name} came after its time {heard.attributes.time} and its ttl of {heard.attributes.ttl} s"
        self._fault("contract.lasting", heard.subject, says, "a ttl that is not over when it is said, or none", body)
        self._did_not_count(heard.subject)
        return Answer(410, (), Ground.TOO_LATE, text)

    def _answer(self, heard: Heard, body: bytes) -> Answer:
        found = self.watched.get(heard.subject)
        if found is None or (leg_of(heard) not in (None, found.course.leg)):
            if "leg" not in heard.message.__dataclass_fields__:  # type: ignore[attr-defined]
                return self._beside(heard, body)
            if not (found and found.lenient):
                says = f"speaks of {leg_of(heard)} of {heard.subject}, which was never offered to it"
                self._fault("contract.subject", heard.subject, says, "offered legs", body)
            return Answer(410, (), Ground.TOO_LATE, f"no leg {leg_of(heard)} of {heard.subject} came within ten minutes")
        self.findings.meet("contract.subject")
        self._dated(heard, body, found.since)
        answer = found.hear(heard, body, self.now())
        if answer.breaks:
            says = f"{heard.message.name} was refused ({answer.status}): {answer.text}"
            self._fault(answer.breaks, heard.subject, says, answer.expected, body)
        elif answer.status == 202 and answer.judged:
            for clause in ("protocol.turn", "protocol.rule", *(("protocol.opened",) if found.spoke_in_track() else ())):
                self.findings.meet(clause)
        return answer

    def _dated(self, heard: Heard, body: bytes, since: datetime | None) -> None:
        """Nothing is said of a case before its first message: a clock or a zone is wrong."""
        at = heard.attributes.time
        if since is None or at is None or heard.attributes.timeprecision is not Precision.SECOND:
            return
        if at < since - AHEAD:
            hours = (since - at).total_seconds() / 3600
            says = f"{heard.message.name} says that it happened {hours:.1f} hours before the system first heard of the case: {at}"
            self._fault(
                "contract.time", heard.subject, says, "the moment at which it happened, with the offset of its zone", body
            )
        else:
            self.findings.meet("contract.time")

    def _beside(self, heard: Heard, body: bytes) -> Answer:
        """What is about no leg, in a case or a thread that the trial does not know."""
        answer = of_case(heard.message, "agency")
        if answer is None:
            return Answer(202)
        says = f"says {heard.message.name} of {heard.subject}, in which it has no part"
        self._fault("contract.subject", heard.subject, says, "cases of which it was offered a leg", body)
        return answer

    def _again(self, heard: Heard, body: bytes, known: tuple[str, int], digest: str) -> tuple[str, Any]:
        before, status = known
        if before == digest:
            return heard.subject, ReceiptGiven(to=heard.id, status=409, first=status)  # type: ignore[arg-type]
        says = f"{heard.id} came before with other bytes"
        self._fault("contract.identity", heard.subject, says, "the same bytes, or another id", body)
        return heard.subject, ReceiptGiven(to=heard.id, status=422, faults=("/id was used before, with other bytes",))

    def _invalid(self, body: bytes, fault: Invalid) -> Told:
        case = fault.attribute("subject") or UNREADABLE
        if fault.attribute("type") == ReceiptGiven.type:  # it is kept and not answered: two who answer receipts would never end
            self._fault("receipt.unanswered", case, "receipt.given is said", "nothing", body)
            return
        faults = tuple(f"{each.pointer or '/'} {each.says}"[:500] for each in fault.faults[:50])
        fits = "an envelope that fits routing key, header, content type, clock and sender"
        self._fault(
            "contract.valid",
            case,
            "; ".join(faults),
            fits if fault.kind == "doubtful" else "a message that its schema takes",
            body,
        )
        self._did_not_count(case)
        receipt = ReceiptGiven(to=fault.attribute("id") or "unreadable", status=422, faults=faults, code=fault.code)
        yield case if case in self.watched else UNREADABLE, receipt

    def _did_not_count(self, case: str) -> None:
        if case in self.watched:
            self.watched[case].uncounted += 1

    def _fault(self, clause: str, case: str, says: str, expected: str, body: bytes) -> None:
        script = self.watched[case].script if case in self.watched else "–"
        self.findings.fault(Fault(clause, script, case, says, expected, shown(body)))


def leg_of(heard: Heard) -> str | None:
    """The leg that a message speaks of, if it speaks of one."""
    return getattr(heard.message, "leg", None)


def shown(body: bytes) -> Any:
    """A message for a report: as JSON where any reader takes it and it is not too long, else its beginning as text."""
    try:
        if len(body) <= LONGEST:
            return wire.loads(body)
    except wire.Unreadable:
        pass
    return body[:LONGEST].decode("utf-8", "replace")
