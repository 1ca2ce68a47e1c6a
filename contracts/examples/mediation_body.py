"""A mediation body's system, whole: it asks both parties, names a mediator, mediates, and reports what was agreed.

XIANJIE_URI=amqp://CN-SH-YPQ-PMC:password@127.0.0.1:5672/xianjie python contracts/examples/mediation_body.py --code CN-SH-YPQ-PMC

With `--parties refuse` the parties do not agree to mediation, and the leg goes back. It ends with Ctrl-C or SIGTERM.
"""

import argparse
import logging
import os
import signal
import sys

import structlog

from xianjie.agency import Agency, Received, Trouble
from xianjie.message import Message
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.proceeding import Opened, ProceedingCancelRequested, ProceedingContested
from xianjie.messages.referral import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralDeclined,
    ReferralOffered,
    ReferralRecallRefused,
)
from xianjie.messages.referral import ReferralRecallRequested as RecallRequested
from xianjie.messages.tracks import MEDIATION
from xianjie.vocabulary import Ground, LegKind, Track

log = structlog.get_logger("mediation_body")
MEDIATORS = ("MED-7", "MED-12")
"""By codes of our own, never by name."""


class MediationBody:
    """What the body does with what it hears. `parties`: whether they agree, or refuse to be mediated."""

    def __init__(self, office: Agency, parties: str) -> None:
        self.office, self.parties = office, parties
        office.on(ReferralOffered, self.decide_on_offer)
        office.on(MEDIATION.opened, self.seek_consent)
        office.on(RecallRequested, self.keep)
        office.on(ProceedingCancelRequested, self.stop)
        office.on(ProceedingContested, self.stand_by)
        office.on_refusal(self.look_into)

    def decide_on_offer(self, received: Received[ReferralOffered]) -> None:
        """Mediations are taken, as soon as a clerk has checked that nobody who will handle it must withdraw."""
        offer = received.message
        self.office.say(ReferralAcknowledged(leg=offer.leg), received.case)
        if offer.kind is LegKind.NOTIFY:
            return
        if offer.track is not Track.MEDIATION:
            self.office.say(
                ReferralDeclined(leg=offer.leg, ground=Ground.OUT_OF_SCOPE, text="we mediate, and no more"), received.case
            )
            return
        self.office.say(ReferralAccepted(leg=offer.leg, recusal_checked=True), received.case)

    def seek_consent(self, received: Received[Opened]) -> None:
        """Both parties are asked. Without their consent there is no mediation: that step gives the leg back, with its inventory."""
        leg, case = received.message.leg, received.case
        self.office.say(MEDIATION.progressed(leg=leg, step="consent_sought"), case)
        if self.parties == "refuse":
            self.office.say(MEDIATION.progressed(leg=leg, step="consent_refused", inventory=("none",)), case)
            return
        self.office.say(MEDIATION.progressed(leg=leg, step="consent_given", by="all"), case)
        self.mediate(leg, case)

    def mediate(self, leg: str, case: str) -> None:
        """A mediator accepts and declares no conflict; the parties meet, agree, and sign. What was conceded on the way goes no further."""
        mediator = MEDIATORS[sum(case.encode()) % len(MEDIATORS)]
        steps = (
            MEDIATION.progressed(leg=leg, step="mediator_named"),
            MEDIATION.progressed(leg=leg, step="mediator_accepted", persons=(mediator,), recusal_checked=True),
            MEDIATION.progressed(leg=leg, step="session"),
            MEDIATION.progressed(leg=leg, step="facts_agreed", text="the design was sold from the shop since March"),
            MEDIATION.progressed(leg=leg, step="agreed"),
            MEDIATION.progressed(leg=leg, step="signed", by="all"),
        )
        for step in steps:
            self.office.say(step, case)
        self.office.say(MEDIATION.outcome_reported(leg=leg, outcome="agreement", text="licence, and compensation paid"), case)

    def keep(self, received: Received[RecallRequested]) -> None:
        """The sender wants its offer back: too late, for it was accepted at once. (`referral.recalled` would let it go.)"""
        self.office.say(ReferralRecallRefused(leg=received.message.leg, recusal_checked=True), received.case)

    def stop(self, received: Received[ProceedingCancelRequested]) -> None:
        """The sender no longer wants it, and so there is nothing to mediate."""
        self.office.say(MEDIATION.cancel_answered(leg=received.message.leg, agreed=True), received.case)

    def stand_by(self, received: Received[ProceedingContested]) -> None:
        """The sender does not take the outcome as it is; it stands. What then becomes of it, a body above decides."""
        answer = MEDIATION.contest_answered(leg=received.message.leg, again=False, text="the parties have signed")
        self.office.say(answer, received.case)

    def look_into(self, received: Received[ReceiptGiven]) -> None:
        """Something that was said is refused: for a person."""
        receipt = received.message
        log.error("refused", case=received.case, to=receipt.to, status=receipt.status, ground=receipt.ground, text=receipt.text)

    def handle(self, received: Received[Message]) -> None:
        """One line for each message, then its handler."""
        log.info("heard", type=received.message.name, case=received.case, id=received.heard.id, again=received.redelivered)
        self.office.dispatch(received)


def main() -> None:
    """Settings from options or environment; then work until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--uri", default=os.environ.get("XIANJIE_URI"), help="the broker, amqp://user:password@host:port/vhost (XIANJIE_URI)"
    )
    parser.add_argument("--code", default="CN-SH-YPQ-PMC", help="the body's code in the network (%(default)s)")
    parser.add_argument(
        "--store", default="mediation.sqlite", help="the file that remembers what was said and heard (%(default)s)"
    )
    parser.add_argument("--parties", choices=("agree", "refuse"), default="agree", help="what the parties answer (%(default)s)")
    given = parser.parse_args()
    if not given.uri:
        parser.error("where is the broker? give --uri, or set XIANJIE_URI, which other users of this machine cannot see")
    structlog.configure(processors=[structlog.processors.TimeStamper(), structlog.processors.JSONRenderer()])
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        with Agency(given.uri, given.code, store=given.store) as office:
            office.run(MediationBody(office, given.parties).handle, stop_on=(signal.SIGINT, signal.SIGTERM))
    except Trouble as fault:
        sys.exit(f"mediation_body: {fault}")


if __name__ == "__main__":
    main()
