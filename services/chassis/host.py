"""Starting one service as a process of its own: `python -m services.<name>`."""

import gc
import sys
import warnings

gc.disable()  # until `run`: all that is made while modules are loaded comes to stay, and looking through it takes a fifth of the start

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # said on import by the library that nameko stands on

import eventlet  # noqa: E402
import eventlet.debug  # noqa: E402

eventlet.monkey_patch()
eventlet.debug.hub_exceptions(False)  # what a green thread raises is raised again where it is waited for; the hub would print it

import logging  # noqa: E402
import signal  # noqa: E402
from collections.abc import Callable  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402

from services.chassis.door import Unbound, bound  # noqa: E402
from services.chassis.settings import BadSettings, Shown, read_settings  # noqa: E402


def run(service: type, read: Callable[[], Shown] | None = None) -> None:
    """Run until SIGTERM or SIGINT, then drain: decide and acknowledge what was handed over, say it, and end with status 0.

    `read`: finds the settings, of a service that has other ones than those that decide.
    """
    gc.freeze()
    gc.enable()
    try:
        settings = read() if read else read_settings(service.name)  # type: ignore[attr-defined]
        sockets = bound(settings)
    except BadSettings as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(2) from None
    except Unbound as refused:
        print(f"{service.name} cannot start: {refused}", file=sys.stderr)  # type: ignore[attr-defined]
        raise SystemExit(2) from None
    logging.getLogger("nameko").setLevel(logging.CRITICAL)  # it would print what a batch raised, and with it what is personal
    runner = ServiceRunner({"SETTINGS": settings, "SOCKETS": sockets})
    runner.add_service(service)

    def drain(*_: object) -> None:
        eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, drain)
    signal.signal(signal.SIGINT, drain)
    runner.start()
    runner.wait()
