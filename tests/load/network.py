"""A day on a running network: its bodies speak for themselves, each over a connection of its own, and answer as the plan of each case has it."""

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from deploy.local.network import Network
from tests.load import day
from xianjie.agency import Agency, Received
from xianjie.messages.log import ReceiptGiven
from xianjie.vocabulary import Mode

AT_ONCE = 40
"""Cases that are under way together."""
STILL = 60.0
"""Seconds without a message after which the rest of the cases are given up."""


class Carried:
    """What became of the cases: which were seen through, and what was refused."""

    def __init__(self, plans: Iterable[day.Plan]) -> None:
        self.plans: dict[str, day.Plan] = {}
        self.ended: set[str] = set()
        self.refused: list[ReceiptGiven] = []
        self._coming = iter(plans)
        self._more = True
        self._moved = time.monotonic()

    def carry(self, network: Network, progress: Callable[[int], object] = int) -> None:
        """Until every case has come to its end, or nothing moves any more. `progress` hears every ten seconds how many did."""
        told = time.monotonic()
        with ExitStack() as stack:
            bodies = {code: stack.enter_context(Agency(network.uri(code), code)) for code in day.BODIES}
            while (self._more or len(self.ended) < len(self.plans)) and time.monotonic() < self._moved + STILL:
                if time.monotonic() > told + 10:
                    told = time.monotonic()
                    progress(len(self.ended))
                self._submit(bodies)
                for body in bodies.values():
                    while received := body.hear(0.001):
                        self._answer(body, received)

    def _submit(self, bodies: dict[str, Agency]) -> None:
        while self._more and len(self.plans) < len(self.ended) + AT_ONCE:
            plan = next(self._coming, None)
            self._more = plan is not None
            if plan:
                self.plans[plan.case] = plan
                bodies[plan.receiving].say(plan.application(), plan.case, mode=Mode.TEST)

    def _answer(self, body: Agency, received: Received) -> None:
        self._moved = time.monotonic()
        if isinstance(received.message, ReceiptGiven) and received.message.status != 202:
            self.refused.append(received.message)
        if day.ends(received.message):
            self.ended.add(received.case)
        for each in day.replies(self.plans[received.case], received.heard):
            body.say(each, received.case, because=received.heard.id, mode=Mode.TEST)
        body.done(received)
