"""A service that ends as by a power cut at one step of a message's way: `PROBE_KILL="after insert" python -m tests.chassis.mortal intake`.

Nothing of this is known to the chassis itself.
"""

from services.chassis.host import run  # first: it makes the process green

# isort: split
import os
import signal
import sys
from importlib import import_module
from typing import Any

from amqp.channel import Channel

from services.chassis.sending import Sender
from services.chassis.store import Store


def sentence() -> None:
    """Do what `PROBE_KILL` and `PROBE_AT` say, if they are set."""
    if order := os.environ.get("PROBE_KILL"):
        cut_power(*order.split(), nth=int(os.environ.get("PROBE_AT", "1")))


def cut_power(when: str, what: str, nth: int) -> None:
    """End the process, as a power cut would, before, midway through or after the nth time that it does `what`, whether that comes off or
    not: an insert is refused when a message came again, because whoever said it lost its power too."""
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
        try:
            if when == "midway":
                real(self, first[: len(first) // 2], *rest, **more)
            elif when == "after":
                real(self, first, *rest, **more)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, wrapped)


def service(name: str) -> type:
    """The class of a real service."""
    module = import_module(f"services.{name}.service")
    return next(each for each in vars(module).values() if isinstance(each, type) and getattr(each, "name", None) == name)


if __name__ == "__main__":
    sentence()
    run(service(sys.argv[1]))
