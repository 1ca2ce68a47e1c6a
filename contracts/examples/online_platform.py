"""The complaint desk of an online platform, whole: notices are passed on, measures taken, counter-statements passed back, and all reported.

XIANJIE_URI=amqp://CN-TMALL:password@127.0.0.1:5672/xianjie python contracts/examples/online_platform.py --seller counters --proof

`--seller` and `--proof` stand for what a real desk hears from sellers and right holders. It ends with Ctrl-C or SIGTERM.
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
from xianjie.messages.tracks import PLATFORM
from xianjie.vocabulary import Ground, LegKind, Track

log = structlog.get_logger("online_platform")


class Desk:
    """What the desk does with what it hears. `countered`: whether sellers counter; `proof`: whether right holders then show a suit."""

    def __init__(self, office: Agency, countered: bool, proof: bool) -> None:
        self.office, self.countered, self.proof = office, countered, proof
        office.on(ReferralOffered, self.decide_on_offer)
        office.on(PLATFORM.opened, self.act_on_notice)
        office.on(RecallRequested, self.keep)
        office.on(ProceedingCancelRequested, self.stop)
        office.on(ProceedingContested, self.stand_by)
        office.on_refusal(self.look_into)

    def decide_on_offer(self, received: Received[ReferralOffered]) -> None:
        """Notices of infringement on this platform are taken; nothing else is."""
        offer = received.message
        self.office.say(ReferralAcknowledged(leg=offer.leg), received.case)
        if offer.kind is LegKind.NOTIFY:
            return
        if offer.track is not Track.PLATFORM:
            self.office.say(
                ReferralDeclined(leg=offer.leg, ground=Ground.OUT_OF_SCOPE, text="notices of infringement only"), received.case
            )
            return
        self.office.say(ReferralAccepted(leg=offer.leg, recusal_checked=True), received.case)

    def act_on_notice(self, received: Received[Opened]) -> None:
        """The notice goes to the seller, the links go. A seller that does not answer leaves the measures standing (电子商务法 42)."""
        leg, case = received.message.leg, received.case
        self.office.say(PLATFORM.progressed(leg=leg, step="passed_on"), case)
        self.office.say(PLATFORM.progressed(leg=leg, step="measures_taken", text="links removed"), case)
        if self.countered:
            self.weigh(leg, case)
        else:
            self.office.say(PLATFORM.outcome_reported(leg=leg, outcome="measures_stand"), case)

    def weigh(self, leg: str, case: str) -> None:
        """The counter-statement goes to the right holder, who has fifteen days for proof of a complaint or a suit (电子商务法 43)."""
        self.office.say(PLATFORM.progressed(leg=leg, step="counter_statement", text="the seller holds a licence"), case)
        outcome, text = (
            ("measures_kept", "proof of a suit") if self.proof else ("measures_lifted", "no proof of a complaint or suit")
        )
        self.office.say(PLATFORM.outcome_reported(leg=leg, outcome=outcome, text=text), case)

    def keep(self, received: Received[RecallRequested]) -> None:
        """The sender wants its offer back: too late, for it was accepted at once. (`referral.recalled` would let it go.)"""
        self.office.say(ReferralRecallRefused(leg=received.message.leg, recusal_checked=True), received.case)

    def stop(self, received: Received[ProceedingCancelRequested]) -> None:
        """The sender withdraws its notice."""
        self.office.say(PLATFORM.cancel_answered(leg=received.message.leg, agreed=True), received.case)

    def stand_by(self, received: Received[ProceedingContested]) -> None:
        """The sender does not take the outcome as it is; it stands. What then becomes of it, a body above decides."""
        answer = PLATFORM.contest_answered(leg=received.message.leg, again=False, text="the measures follow from the notice")
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
    parser.add_argument("--code", default="CN-TMALL", help="the platform's code in the network (%(default)s)")
    parser.add_argument(
        "--store", default="platform.sqlite", help="the file that remembers what was said and heard (%(default)s)"
    )
    parser.add_argument("--seller", choices=("silent", "counters"), default="silent", help="what sellers do (%(default)s)")
    parser.add_argument("--proof", action="store_true", help="right holders show a complaint or a suit in time")
    given = parser.parse_args()
    if not given.uri:
        parser.error("where is the broker? give --uri, or set XIANJIE_URI, which other users of this machine cannot see")
    structlog.configure(processors=[structlog.processors.TimeStamper(), structlog.processors.JSONRenderer()])
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        with Agency(given.uri, given.code, store=given.store) as office:
            office.run(Desk(office, given.seller == "counters", given.proof).handle, stop_on=(signal.SIGINT, signal.SIGTERM))
    except Trouble as fault:
        sys.exit(f"online_platform: {fault}")


if __name__ == "__main__":
    main()
