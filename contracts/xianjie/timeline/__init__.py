"""One case across all services: what was said, by whom, when and with what answer; its legs, its clocks, its owners. Pure.

Made of the commits that the doors of the services show (`GET /cases/<case>`); what a scenario expects is compared with it.
"""

from xianjie.timeline.building import Commit, build, in_order
from xianjie.timeline.invariants import broken
from xianjie.timeline.shape import Clock, Entry, Leg, Period, Step, Timeline, as_json, clocks, moment, path

__all__ = [
    "Clock",
    "Commit",
    "Entry",
    "Leg",
    "Period",
    "Step",
    "Timeline",
    "as_json",
    "broken",
    "build",
    "clocks",
    "in_order",
    "moment",
    "path",
]
