"""An agency's system that ends as by a power cut: `python -m tests.broker.mortal_office URI CODE STORE ["before publish" 3]`.

It acknowledges and accepts every offer, in a log of its own `<STORE>.handled` it notes each handling, and it ends when told so (SIGTERM).
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from xianjie.agency import Agency, Received
from xianjie.line import Line
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralOffered
from xianjie.office.desk import Desk
from xianjie.office.mouth import Mouth

POINTS: dict[str, tuple[str, Any, str]] = {
    "before it is acknowledged": ("before", Line, "acknowledge"),
    "after it was acknowledged": ("after", Line, "acknowledge"),
    "before it is kept": ("before", Desk, "say"),
    "after it was kept": ("after", Desk, "say"),
    "before it is published": ("before", Mouth, "_publish"),
    "after it was published": ("before", Mouth, "_mark"),
    "after it was marked": ("after", Mouth, "_mark"),
}
IN_THE_HANDLER = "in the handler"


def cut_power(when: str, owner: Any, name: str, nth: int) -> None:
    """End before or after the nth time that this is done."""
    real, left = getattr(owner, name), [nth]

    def wrapped(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **more)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, wrapped)


def accepting(office: Agency, note: Callable[[str], object], dies_at: int) -> Callable[[Received[ReferralOffered]], None]:
    """The handler, which ends the process at its nth call, halfway, if told to."""
    count = [0]

    def accept(received: Received[ReferralOffered]) -> None:
        count[0] += 1
        note(f"{received.heard.id}\n")
        office.say(ReferralAcknowledged(leg=received.message.leg), received.case)
        if count[0] == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        office.say(ReferralAccepted(leg=received.message.leg, recusal_checked=True), received.case)

    return accept


def main(uri: str, code: str, store: str, point: str = "", nth: str = "0") -> None:
    if point in POINTS:
        cut_power(*POINTS[point], nth=int(nth))
    with open(f"{store}.handled", "a", buffering=1) as notes, Agency(uri, code, store=store) as office:
        office.on(ReferralOffered, accepting(office, notes.write, int(nth) if point == IN_THE_HANDLER else 0))
        office.run(stop_on=(signal.SIGTERM, signal.SIGINT))


if __name__ == "__main__":
    main(*sys.argv[1:])
