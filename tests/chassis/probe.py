"""A small service on the real chassis, with rules that do as they are told: `python -m tests.chassis.probe`.

It runs under the name `mediation`, so that topology and permissions hold. `PROBE_KILL="after insert"` lets the process end as by a power
cut at that step; nothing of this is known to the chassis itself.
"""

from services.chassis.host import run  # first: it makes the process green

# isort: split
import os
import signal
from typing import Any

from amqp.channel import Channel

from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.sending import Sender
from services.chassis.store import Store
from services.chassis.ticking import Ticker
from tests.chassis.orders import rules
from xianjie.messages.mediation import MediationProgressed
from xianjie.messages.routing import RoutingLegTaken


class Probe:
    """The chassis as it is, under other rules."""

    name = "mediation"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()
    hears = listen(RoutingLegTaken, MediationProgressed)


def cut_power(when: str, what: str, nth: int) -> None:
    """End the process, as a power cut would, before, midway through or after the nth time that it does `what`."""
    owner: Any
    owner, name = {
        "insert": (Store, "insert"),
        "send": (Sender, "send"),
        "clear": (Store, "clear"),
        "ack": (Channel, "basic_ack"),
    }[what]
    real, left = getattr(owner, name), [nth]

    def wrapped(self: Any, first: Any, *rest: Any, **more: Any) -> Any:
        left[0] -= bool(first)
        if left[0] or not first:
            return real(self, first, *rest, **more)
        if when == "midway":
            real(self, first[: len(first) // 2], *rest, **more)
        elif when == "after":
            real(self, first, *rest, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    if order_ := os.environ.get("PROBE_KILL"):
        cut_power(*order_.split(), nth=int(os.environ.get("PROBE_AT", "1")))
    run(Probe)
