"""What the bridge counts for its operators. Nothing personal, no key, no address of anybody."""

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

TRIES = ("taken", "refused", "redirected", "gone", "unreachable", "too_slow", "address", "unexpected")
"""What may become of one try of a webhook."""


class Counted:
    """The metrics of one bridge."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made: Any = {"registry": self.registry, "namespace": "xianjie_bridge"}
        self.requests = Counter("requests", "Requests of agencies", ["route", "status"], **made)
        self.under_way = Gauge(
            "requests_under_way", "Requests of agencies that are not answered yet, polls that wait among them", **made
        )
        self.said = Counter("said", "Messages taken from agencies, which the broker has", **made)
        self.handed = Counter("handed", "Messages handed out, by the way", ["way"], **made)
        self.again = Counter("handed_again", "Messages handed out again, for they were not acknowledged in time", **made)
        self.acknowledged = Counter("acknowledged", "Messages acknowledged", **made)
        self.tries = Counter("webhook_tries", "Tries of webhooks, by what became of them", ["outcome"], **made)
        self.failing = Gauge("webhooks_failing", "Agencies whose webhook did not take the last try", **made)
        self.away = Gauge("away", "1 while the broker is away", **made)
        self.agencies = Gauge("agencies", "Agencies that are served", **made)
        self.absent = Gauge(
            "agencies_absent", "Agencies of the file that have no inbox on the broker, or none that the bridge may read", **made
        )
        self.oldest = Gauge("oldest_seconds", "For how long the oldest unacknowledged message is in hand here", **made)

    def watch(
        self, oldest: Callable[[], float], away: Callable[[], float], absent: Callable[[], float], under_way: Callable[[], float]
    ) -> None:
        """Ask for what changes by itself, each time that somebody looks."""
        self.under_way.set_function(under_way)
        self.oldest.set_function(oldest)
        self.away.set_function(away)
        self.absent.set_function(absent)
