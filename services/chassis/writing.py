"""From what rules answer to what is stored and sent: identities, envelopes, receipts, and messages that waited."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.chassis.commit import Held, Sheet, Spoken, said_id
from services.chassis.speaking import speak
from xianjie import envelope
from xianjie.deciding import Event, Given, Hold, Note, Refuse, Say
from xianjie.envelope import Heard
from xianjie.message import SERVICES, Message
from xianjie.messages.log import LogHeld, LogNoted, ReceiptGiven
from xianjie.vocabulary import Ground

PATIENCE = timedelta(minutes=10)
"""How long an agency's early message waits for the fact that it speaks about."""
BY_OPERATOR = "by an operator"
"""What a note says of a message that a person asked for or skipped; who and why stand beside it."""
MOST_HELD, MOST_BYTES = 50, 1024 * 1024
"""More messages of one sender, or more bytes of all, may not wait in one case."""
FOLLOWS = "follows "
"""How `awaits` begins where it is another message of the same sender."""
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")

Decide = Callable[[Any, Heard, Given], list[Event]]
Evolve = Callable[[Any, Message], Any]


class TooMuchHeld(Exception):
    """So many messages of our own services wait in a case that something is wrong; it is parked. An agency is refused instead."""


class SaidToNobody(Exception):
    """A rule says something to somebody who is neither a service nor has an agency's code: the broker would refuse all we say."""


class Failed(Exception):
    """A decision raised (its cause says what), on the message `key` of the type `name`: the one at hand, or one that waited for it."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(name)
        self.key, self.name = key, name


@dataclass(slots=True)
class Writing:
    """One commit in the making: `sheet` grows, `said` collects."""

    service: str
    case: str
    sheet: Sheet
    given: Given
    exercise: str | None
    decide: Decide
    evolve: Evolve
    skips: Mapping[str, str] = field(default_factory=dict)
    """By cause: messages that are not decided but noted, and why; an operator's word."""
    checked: bool = True
    """In an exercise, what is said is held against its contract."""
    said: list[Spoken] = field(default_factory=list)
    status: int = 202
    outcome: str = "decided"

    def take(self, heard: Heard, agency: str | None) -> None:
        """Decide one message, then those that waited for it; an agency gets its one receipt."""
        follows, last = heard.attributes.follows, self.sheet.last.get(heard.source)
        if follows and follows != last and _key(heard) not in self.skips:
            self._hold(heard, agency, FOLLOWS + follows, "the message it follows", answered=False)
            return
        self._settle(heard, agency)
        self._release()

    def pass_over(self, source: str, id: str, text: str) -> None:
        """Note that a message nobody can read is skipped; what follows it need not wait any longer."""
        self.outcome = "noted"
        self._speak(f"{source} {id}", None, LogNoted(text=BY_OPERATOR, words=text), None, self.case, 0)
        self.sheet.last[source] = id
        self._release()

    def _events(self, heard: Heard) -> list[Event]:
        if _key(heard) in self.skips:
            return [Note(BY_OPERATOR, self.skips[_key(heard)])]
        if heard.from_agency and heard.expired(self.given.now):
            return [Refuse(410, Ground.TOO_LATE, f"its time to live of {heard.attributes.ttl} s is over")]
        try:
            return self.decide(self.sheet.state, heard, self.given)
        except Exception as fault:
            raise Failed(_key(heard), heard.message.name) from fault

    def _settle(self, heard: Heard, agency: str | None, answered: bool = False) -> None:
        """`answered`: the agency had its receipt when the message was held; only a refusal is still news."""
        events = self._events(heard)
        refusal = next((each for each in events if isinstance(each, Refuse)), None)
        wait = next((each for each in events if isinstance(each, Hold)), None)
        if wait:
            self._hold(heard, agency, wait.awaits, wait.awaits, answered)
            return
        for place, event in enumerate([refusal] if refusal else events):
            self._event(heard, event, place)
        self.sheet.last[heard.source] = heard.id
        if refusal:
            self.outcome = "refused"
            late = "late" if answered else "receipt"
            self._receipt(heard, agency, refusal.status, refusal.ground, refusal.text, late)
        elif not answered:
            self._receipt(heard, agency, 202)

    def _event(self, heard: Heard, event: Event, place: int) -> None:
        match event:
            case Say(message=message, to=to, subject=subject):
                try:
                    self._say(heard, message, to, subject or self.case, place)
                    if subject is None:
                        self.sheet.state = self.evolve(self.sheet.state, message)
                except Exception as fault:
                    raise Failed(_key(heard), heard.message.name) from fault
            case Refuse(ground=ground, text=text):
                self._say(heard, LogNoted(text=text[:4000], ground=ground), None, self.case, place)
            case Note(text=text, words=words):
                self.outcome = "noted"
                self._say(heard, LogNoted(text=text[:4000], words=words and words[:4000]), None, self.case, place)

    def _say(self, heard: Heard, message: Message, to: str | None, case: str, place: int | str) -> None:
        self._speak(_key(heard), heard, message, to, case, place)

    def _speak(self, cause: str, heard: Heard | None, message: Message, to: str | None, case: str, place: int | str) -> None:
        if to and to not in SERVICES and not _CODE.fullmatch(to):
            raise SaidToNobody(f"{message.name} is said to nobody who exists")
        id = said_id(self.service, self.case, cause, f"{place}")
        follows = None
        if to and case == self.case:
            follows, self.sheet.sent[to] = self.sheet.sent.get(to), id
        spoken = speak(self.service, message, to, case, id, self.given.now, self.exercise, heard, follows)
        if self.exercise and self.checked:
            envelope.read(spoken.body)
        self.said.append(spoken)

    def _receipt(
        self, heard: Heard, agency: str | None, status: Any, ground: Ground | None = None, text: str = "", place: str = "receipt"
    ) -> None:
        self.status = status
        if agency:
            self._say(heard, ReceiptGiven(to=heard.id, status=status, ground=ground, text=text[:4000]), agency, self.case, place)

    def _hold(self, heard: Heard, agency: str | None, awaits: str, name: str, answered: bool) -> None:
        """Let it wait: an agency's for `PATIENCE`, and told so; what our own services said, until what it follows is there."""
        body = envelope.write(heard.attributes, heard.message).decode()
        waiting = sum(1 for each in self.sheet.held if each.source == heard.source)
        size = len(body) + sum(len(each.body) for each in self.sheet.held)
        if waiting >= MOST_HELD or size > MOST_BYTES:
            if not agency:
                raise TooMuchHeld(f"{waiting} messages of {heard.source} wait already")
            self._too_many(heard, agency, name, answered)
            return
        until = self.given.now + PATIENCE if agency or not awaits.startswith(FOLLOWS) else None
        self.sheet.held = [*self.sheet.held, Held(heard.source, heard.id, body, awaits, until)]
        self.outcome = "held"
        place = "held again" if answered else "held"
        self._say(heard, LogHeld(id=heard.id, source=heard.source, awaits=awaits[:200]), None, self.case, place)
        if not answered:
            self._receipt(heard, agency, 202, None, f"it waits for {name}")

    def _too_many(self, heard: Heard, agency: str, name: str, answered: bool) -> None:
        text = (
            f"{MOST_HELD} messages or {MOST_BYTES >> 10} kB wait in this case already; say it again, under a new id, after {name}"
        )
        self.outcome = "refused"
        self._event(heard, Refuse(403, Ground.CAPACITY, text), 0)
        self._receipt(heard, agency, 403, Ground.CAPACITY, text, "late" if answered else "receipt")

    def _release(self) -> None:
        """Decide what waits for a message that is known now, or for a fact that may be there now, until nothing more comes."""
        outcome, status = self.outcome, self.status
        released = True
        while released and self.sheet.held:
            released = False
            for each in list(self.sheet.held):
                waiting = envelope.read(each.body.encode())
                if self._early(each, waiting):
                    continue
                self.sheet.held = [other for other in self.sheet.held if other is not each]
                self._settle(waiting, waiting.speaker if waiting.from_agency else None, answered=True)
                released = True
        self.outcome, self.status = outcome, status

    def _early(self, each: Held, waiting: Heard) -> bool:
        if each.awaits.startswith(FOLLOWS):
            return self.sheet.last.get(each.source) != each.awaits.removeprefix(FOLLOWS) and _key(waiting) not in self.skips
        return any(isinstance(event, Hold) for event in self._events(waiting))

    def give_up(self) -> None:
        """What waited too long for a fact is too late: 410. What follows it need not wait for it any longer."""
        for each in [each for each in self.sheet.held if each.until and each.until <= self.given.now]:
            waiting = envelope.read(each.body.encode())
            self.sheet.held = [other for other in self.sheet.held if other is not each]
            awaited = "the message it follows" if each.awaits.startswith(FOLLOWS) else each.awaits
            self._event(waiting, Refuse(410, Ground.TOO_LATE, f"{awaited} did not come"), 0)
            self.sheet.last[each.source] = each.id
            if waiting.from_agency:
                says = f"{awaited} did not come within ten minutes"
                self._receipt(waiting, waiting.speaker, 410, Ground.TOO_LATE, says, "late")


def _key(heard: Heard) -> str:
    return f"{heard.source} {heard.id}"
