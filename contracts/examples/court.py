"""A court's system, whole: it takes suits that are offered, hears them, and reports each judgment with its paper.

XIANJIE_URI=amqp://CN-SH-IPC:password@127.0.0.1:5672/xianjie python contracts/examples/court.py --code CN-SH-IPC --store court.sqlite

It ends with Ctrl-C or SIGTERM, after the message at hand. What it has said and heard is in the store: started again, it goes on.
"""

import argparse
import hashlib
import logging
import os
import signal
import sys

import structlog

from xianjie.agency import Agency, Received, Trouble
from xianjie.message import Message
from xianjie.messages.case import CaseFileReleased, Paper
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
from xianjie.messages.tracks import COURT
from xianjie.vocabulary import Ground, LegKind, Track

log = structlog.get_logger("court")


class Court:
    """What the court does with what it hears; everything it says in one of these leaves together, or not at all."""

    def __init__(self, office: Agency) -> None:
        self.office = office
        office.on(ReferralOffered, self.decide_on_offer)
        office.on(COURT.opened, self.hear_the_suit)
        office.on(CaseFileReleased, self.file)
        office.on(RecallRequested, self.keep)
        office.on(ProceedingCancelRequested, self.go_on)
        office.on(ProceedingContested, self.stand_by)
        office.on_refusal(self.look_into)

    def decide_on_offer(self, received: Received[ReferralOffered]) -> None:
        """A clerk has it on the desk; suits are taken, other tracks are not this court's. A notification wants no more than a receipt."""
        offer = received.message
        self.office.say(ReferralAcknowledged(leg=offer.leg, reference=f"({received.case})"), received.case)
        if offer.kind is LegKind.NOTIFY:
            return
        if offer.track is not Track.COURT:
            self.office.say(
                ReferralDeclined(leg=offer.leg, ground=Ground.OUT_OF_SCOPE, text="this court hears suits alone"), received.case
            )
            return
        self.office.say(ReferralAccepted(leg=offer.leg, recusal_checked=True), received.case)

    def file(self, received: Received[CaseFileReleased]) -> None:
        """The whole file, once the leg is taken. A real system stores it; nothing of it belongs into a log."""
        log.info("filed", case=received.case, papers=len(received.message.papers))

    def hear_the_suit(self, received: Received[Opened]) -> None:
        """Docketed, tried, judged. A real court takes months between them, and says each from its own screens with the same words."""
        leg, case = received.message.leg, received.case
        self.office.say(COURT.progressed(leg=leg, step="docketed"), case)
        self.office.say(COURT.progressed(leg=leg, step="hearing", text="the court sat"), case)
        judgment = written(f"Judgment in {case}: for the claimant.")
        self.office.say(COURT.outcome_reported(leg=leg, outcome="judged_for_claimant", papers=(judgment,)), case)

    def keep(self, received: Received[RecallRequested]) -> None:
        """The sender wants its offer back: too late, for this court has accepted at once. (`referral.recalled` would let it go.)"""
        self.office.say(ReferralRecallRefused(leg=received.message.leg, recusal_checked=True), received.case)

    def go_on(self, received: Received[ProceedingCancelRequested]) -> None:
        """A suit is not stopped by the body that sent it, but by the claimant."""
        self.office.say(
            COURT.cancel_answered(leg=received.message.leg, agreed=False, text="only the claimant withdraws it"), received.case
        )

    def stand_by(self, received: Received[ProceedingContested]) -> None:
        """The sender does not take the outcome as it is; it stands. What then becomes of it, a body above decides."""
        answer = COURT.contest_answered(leg=received.message.leg, again=False, text="against a judgment one appeals")
        self.office.say(answer, received.case)

    def look_into(self, received: Received[ReceiptGiven]) -> None:
        """Something that was said is refused: for a person."""
        receipt = received.message
        log.error("refused", case=received.case, to=receipt.to, status=receipt.status, ground=receipt.ground, text=receipt.text)

    def handle(self, received: Received[Message]) -> None:
        """One line for each message, then its handler."""
        log.info("heard", type=received.message.name, case=received.case, id=received.heard.id, again=received.redelivered)
        self.office.dispatch(received)


def written(text: str) -> Paper:
    """A paper, which itself stays here: the network gets its size and its digest."""
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    return Paper(id=digest[:16], kind="judgment", title="民事判决书", media_type="text/plain", size=len(content), sha256=digest)


def main() -> None:
    """Settings from options or environment; then work until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--uri", default=os.environ.get("XIANJIE_URI"), help="the broker, amqp://user:password@host:port/vhost (XIANJIE_URI)"
    )
    parser.add_argument("--code", default="CN-SH-IPC", help="the court's code in the network (%(default)s)")
    parser.add_argument("--store", default="court.sqlite", help="the file that remembers what was said and heard (%(default)s)")
    given = parser.parse_args()
    if not given.uri:
        parser.error("where is the broker? give --uri, or set XIANJIE_URI, which other users of this machine cannot see")
    structlog.configure(processors=[structlog.processors.TimeStamper(), structlog.processors.JSONRenderer()])
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        with Agency(given.uri, given.code, store=given.store) as office:
            office.run(Court(office).handle, stop_on=(signal.SIGINT, signal.SIGTERM))
    except Trouble as fault:
        sys.exit(f"court: {fault}")


if __name__ == "__main__":
    main()
