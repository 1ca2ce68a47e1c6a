"""A small service on the real chassis, with rules that do as they are told: `python -m tests.chassis.probe`.

It runs under the name `mediation`, so that topology and permissions hold. `PROBE_KILL="after insert"` lets the process end at that step.
"""

from services.chassis.host import run  # first: it makes the process green

# isort: split
from services.chassis.caselog import CaseLog
from services.chassis.door import Door
from services.chassis.listening import listen
from services.chassis.ticking import Ticker
from tests.chassis.mortal import sentence
from tests.chassis.orders import rules
from xianjie.messages.routing import RoutingLegTaken
from xianjie.messages.tracks import MEDIATION


class Probe:
    """The chassis as it is, under other rules."""

    name = "mediation"
    log = CaseLog(rules)
    ticker = Ticker()
    door = Door()
    hears = listen(RoutingLegTaken, MEDIATION.progressed)


if __name__ == "__main__":
    sentence()
    run(Probe)
