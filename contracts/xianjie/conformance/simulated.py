"""An agency to try against: it does what its role must, or is wrong in named ways, or decides by chance under a seed."""

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pika

from xianjie import envelope
from xianjie.agency import Agency, Received
from xianjie.conformance import planning
from xianjie.conformance.roles import Role
from xianjie.conformance.scripted import Script
from xianjie.envelope import CONTENT_TYPE, HEADER, Attributes, Beside, Heard, Invalid
from xianjie.line import Delivery, Line
from xianjie.message import Message, named
from xianjie.messages import referral
from xianjie.messages.case import CaseWithdrawalAsked
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.loop import LoopSounded
from xianjie.messages.proceeding import ProceedingCancelRequested, ProceedingContested
from xianjie.topology import AGENCIES_IN, Address
from xianjie.vocabulary import CHINA, Ground, Mode
from xianjie.voice import Utterance

WRONGS: dict[str, tuple[str, ...]] = {
    "never_delivers": ("offer.delivered",),
    "never_acknowledges": ("offer.acknowledged",),
    "never_decides": ("offer.decided",),
    "accepts_unseen": ("protocol.turn",),
    "accepts_without_declaring": ("protocol.rule",),
    "answers_receipts": ("receipt.unanswered",),
    "acts_twice": ("duplicate.once",),
    "uses_an_id_twice": ("contract.identity",),
    "wrong_routing_key": ("contract.valid",),
    "no_content_type": ("contract.valid",),
    "no_header": ("contract.valid",),
    "breaks_the_schema": ("contract.valid",),
    "speaks_before_opened": ("protocol.opened",),
    "works_though_refused": ("refused.stops",),
    "lets_go_of_what_it_took": ("recall.kept",),
    "ignores_recalls": ("recall.answered",),
    "works_though_expired": ("protocol.opened",),
    "never_works": ("proceeding.begun",),
    "outcome_without_papers": ("protocol.rule",),
    "takes_steps_out_of_turn": ("protocol.rule",),
    "ignores_cancelling": ("cancel.answered",),
    "ignores_contests": ("contest.answered",),
    "stumbles_over_unknown_fields": ("reader.unknown_fields",),
    "stumbles_over_unknown_terms": ("reader.unknown_terms",),
    "stumbles_over_unknown_types": ("reader.unknown_types",),
    "stumbles_over_rubbish": ("reader.unreadable",),
    "stumbles_over_long_texts": ("reader.large",),
    "speaks_of_other_cases": ("contract.subject",),
    "follows_nothing_said": ("contract.order",),
    "says_what_is_over": ("contract.lasting",),
    "invents_causes": ("contract.cause",),
    "not_persistent": ("contract.durable",),
    "no_user": ("contract.user",),
    "ignores_tests_of_the_way": ("loop.answered",),
    "answers_unreadable_offers": ("reader.unreadable",),
    "recalls_twice": ("protocol.turn",),
    "insists_on_what_was_refused": ("refused.stops",),
    "knows_again_offers_alone": ("duplicate.once",),
    "says_what_owners_say": ("protocol.turn",),
    "keeps_deliveries": ("inbox.acknowledged",),
    "eight_hours_behind": ("contract.time",),
}
"""By name, what a simulated agency does wrong, and the clauses that name it. (`stumbles`: it ends there, and takes nothing more.)"""


class Stumbled(Exception):
    """A simulated agency fell over something in its inbox, as it was told to."""


@dataclass(slots=True)
class Manner:
    """How it behaves. `wrongs`: of WRONGS. `dice`: decides by chance, now and then, what else a body may lawfully do."""

    role: Role
    wrongs: frozenset[str] = frozenset()
    dice: random.Random | None = None
    script: Script | None = None
    """What it says instead, where a rule of the script is about it."""
    took: set[str] = field(default_factory=set)
    """Cases of which a leg was accepted."""
    ended: set[str] = field(default_factory=set)
    """Cases of which an outcome was reported."""

    def replies(self, heard: Heard) -> Iterator[Message]:
        """What it says to a message, in order."""
        written = self.script.replies(heard) if self.script else None
        if written is not None:
            yield from written
            return
        match heard.message:
            case referral.ReferralOffered() as offered:
                yield from self._offered(heard.subject, offered)
            case referral.ReferralRecallRequested(leg=leg) if "ignores_recalls" not in self.wrongs:
                keeps = heard.subject in self.took and "lets_go_of_what_it_took" not in self.wrongs
                yield (
                    referral.ReferralRecallRefused(leg=leg, recusal_checked=True) if keeps else referral.ReferralRecalled(leg=leg)
                )
                if "recalls_twice" in self.wrongs and not keeps:
                    yield referral.ReferralRecalled(leg=leg)
            case ProceedingCancelRequested(leg=leg, track=track) if (
                "ignores_cancelling" not in self.wrongs and heard.subject not in self.ended
            ):
                yield named(f"{track}.cancel_answered")(leg=leg, agreed=True, text="simulated")  # type: ignore[call-arg]
            case ProceedingContested(leg=leg, track=track) if "ignores_contests" not in self.wrongs:
                yield named(f"{track}.contest_answered")(leg=leg, again=False, text="simulated: it stands")  # type: ignore[call-arg]
            case ReceiptGiven(status=403) if heard.subject in self.took:
                yield from self._refused(heard.subject)
            case referral.ReferralMoved(state="expired", leg=leg) if "works_though_expired" in self.wrongs:
                yield self._way(leg)[0]
            case said if said.name == f"{self.role.track}.opened" and "never_works" not in self.wrongs:
                way = self._way(said.leg)  # type: ignore[attr-defined]
                self.ended.add(heard.subject)
                if "says_what_owners_say" in self.wrongs:
                    yield CaseWithdrawalAsked(text="simulated")
                yield from way[:1] if "ignores_cancelling" in self.wrongs else way

    def _offered(self, case: str, offered: referral.ReferralOffered) -> Iterator[Message]:
        leg = offered.leg
        if "speaks_before_opened" in self.wrongs:
            yield self._way(leg)[0]
        if "accepts_unseen" in self.wrongs:
            yield referral.ReferralAccepted(leg=leg, recusal_checked=True)
        if "never_acknowledges" in self.wrongs:
            return
        yield referral.ReferralAcknowledged(leg=leg, reference="simulated")
        if not {"never_decides", "ignores_recalls"} & self.wrongs:
            yield from self._decision(case, leg)

    def _refused(self, case: str) -> Iterator[Message]:
        if "insists_on_what_was_refused" in self.wrongs:
            yield referral.ReferralAccepted(leg="L1", recusal_checked=True)
        elif "works_though_refused" in self.wrongs:
            yield self._way("L1")[0]
        else:
            self.took.discard(case)

    def _decision(self, case: str, leg: str) -> Iterator[Message]:
        chance = self.dice.random() if self.dice else 1.0
        if chance < 0.1:
            yield referral.ReferralDeclined(leg=leg, ground=Ground.CAPACITY, text="simulated: no capacity")
        elif chance < 0.2:
            yield referral.ReferralDisputed(leg=leg, text="simulated: not ours")
        else:
            if chance < 0.4:
                yield referral.ReferralInfoRequested(leg=leg, gaps=("simulated: a power of attorney",))
            self.took.add(case)
            yield referral.ReferralAccepted(leg=leg, recusal_checked="accepts_without_declaring" not in self.wrongs)

    def _way(self, leg: str) -> list[Message]:
        said = planning.told(self.role.track, leg)
        if "takes_steps_out_of_turn" in self.wrongs:
            said = [said[-1], *said[:-1]]
        if "outcome_without_papers" in self.wrongs:
            said[-1] = replace(said[-1], papers=())  # type: ignore[type-var]
        return said


class Simulated(Agency):
    """A simulated agency on a broker. What it does wrong on the way out is done here; what it says is its manner's."""

    def __init__(self, uri: str, code: str, manner: Manner, **options: Any) -> None:
        super().__init__(uri, code, unreadable=self._odd, **options)
        self.manner = manner

    def attend(self) -> None:
        """Answer what comes until `stop`; raises `Stumbled` where it is to."""
        self.run(self._answer)

    def _answer(self, received: Received) -> None:
        heard, wrongs = received.heard, self.manner.wrongs
        assert isinstance(received.origin, tuple), "a simulated agency keeps nothing on disk"
        self._stumble(heard, received.origin[0].body)
        if "answers_receipts" in wrongs and isinstance(heard.message, ReceiptGiven):
            taken = referral.ReferralAcknowledged(leg="L1")
            self.say(taken, heard.subject, because=heard.id, mode=Mode.TEST)
        for place, message in enumerate(self.manner.replies(heard)):
            self._speak(heard, message, place)

    def _speak(self, heard: Heard, message: Message, place: int) -> None:
        wrongs, case = self.manner.wrongs, heard.subject
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source} {heard.source} {heard.id} {place}"))
        if "acts_twice" in wrongs:
            self.say(message, case, because=heard.id, mode=Mode.TEST)
        if "knows_again_offers_alone" in wrongs:
            id = str(uuid.uuid4())
        if "uses_an_id_twice" in wrongs:
            id = f"always-{case}"
        if "speaks_of_other_cases" in wrongs:
            case = f"{case}-other"
        over = "says_what_is_over" in wrongs
        at = heard.attributes.time or datetime.now(CHINA)  # that of the message, so that it says the same after a restart
        at -= timedelta(hours=8 if "eight_hours_behind" in wrongs else 0)
        if {"wrong_routing_key", "no_content_type", "no_header", "breaks_the_schema", "not_persistent", "no_user"} & wrongs:
            self._wrongly(message, envelope.attributes(message, case, self.source, id, time=at, because=heard.id, mode=Mode.TEST))
            return
        self.say(
            message, case, because="nobody-said-this" if "invents_causes" in wrongs else heard.id, id=id, mode=Mode.TEST,
            follows="nobody-said-this" if "follows_nothing_said" in wrongs else None,
            time=at - timedelta(hours=1) if over else at, beside=Beside(ttl=60) if over else None,
        )  # fmt: skip

    def _wrongly(self, message: Message, given: Attributes) -> None:
        """Publish it as no client of ours would."""
        wrongs, body = self.manner.wrongs, envelope.write(given, message)
        if "breaks_the_schema" in wrongs:
            found = json.loads(body)
            found["data"]["leg"] = 1
            body = json.dumps(found).encode()
        name = "referral.reported" if "wrong_routing_key" in wrongs else message.name

        def publish(line: Line) -> None:
            properties = pika.BasicProperties(
                content_type=None if "no_content_type" in wrongs else CONTENT_TYPE,
                delivery_mode=1 if "not_persistent" in wrongs else 2,
                headers={} if "no_header" in wrongs else {HEADER: given.subject},
                user_id=None if "no_user" in wrongs else line.user,
            )
            line.publish(Address(AGENCIES_IN, f"{self.code}.{name}.v1"), body, properties)

        self._through(publish, self.patience)

    def _stumble(self, heard: Heard, body: bytes) -> None:
        wrongs = self.manner.wrongs
        if "stumbles_over_unknown_fields" in wrongs and b'"urgency"' in body:
            raise Stumbled("a field that it does not know")
        offered = heard.message
        if not isinstance(offered, referral.ReferralOffered):
            return
        if "stumbles_over_unknown_terms" in wrongs and offered.right.startswith("hologram"):
            raise Stumbled("a term that it does not know")
        if "stumbles_over_long_texts" in wrongs and len(offered.text) > 1000:
            raise Stumbled("a long text")

    def _odd(self, body: bytes, fault: Invalid) -> None:
        wrongs = self.manner.wrongs
        if "stumbles_over_unknown_types" in wrongs and fault.kind == "unknown":
            raise Stumbled("a type that it does not know")
        if "stumbles_over_rubbish" in wrongs and fault.kind != "unknown":
            raise Stumbled("what is no message")
        if "answers_unreadable_offers" in wrongs and (case := fault.attribute("subject")) and fault.kind != "unknown":
            self.say(referral.ReferralDelivered(leg="L1"), case, mode=Mode.TEST)

    def _delivered(self, heard: Heard, offer: referral.ReferralOffered) -> Utterance | None:
        return None if "never_delivers" in self.manner.wrongs else super()._delivered(heard, offer)

    def _echo(self, heard: Heard, sounded: LoopSounded) -> Utterance | None:
        return None if "ignores_tests_of_the_way" in self.manner.wrongs else super()._echo(heard, sounded)

    def done(self, received: Received) -> None:
        super().done(received)
        if "knows_again_offers_alone" in self.manner.wrongs and not isinstance(received.message, referral.ReferralOffered):
            self._done.popitem()

    def _acknowledge(self, delivery: Delivery, line: Line) -> None:
        if "keeps_deliveries" not in self.manner.wrongs:
            super()._acknowledge(delivery, line)
