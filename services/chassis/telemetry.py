"""What the service tells its operators: metrics, and one log line per message. Nothing personal in either."""

import logging
import sys
from typing import Any, Self

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from xianjie.vocabulary import Mode


class Telemetry:
    """The metrics of one service process, and its log."""

    def __init__(self, service: str, partition: int, level: str = "info", log: Any = None) -> None:
        """`log`: where lines go, if not to standard output."""
        self.registry = CollectorRegistry()
        self.log = (log or log_to_stdout(level)).bind(service=service, partition=partition)
        made: Any = {"registry": self.registry, "namespace": "xianjie"}
        self.heard = Counter("heard", "Messages heard, by what became of them", ["outcome"], **made)
        self.said = Counter("said", "Messages said", **made)
        self.batches = Histogram(
            "batch_seconds", "Seconds per batch", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5), **made
        )
        self.sizes = Histogram("batch_messages", "Messages per batch", buckets=(1, 2, 5, 10, 20, 50, 100, 200), **made)
        self.parked = Gauge("cases_parked", "Cases with parked messages", **made)
        self.held = Gauge("cases_held", "Cases with messages that wait for another", **made)
        self.fresh = Gauge("cases_fresh", "Cases in memory", **made)
        self.breaker = Gauge("breaker_open", "1 while broker or database are away", **made)
        self.oldest = Gauge(
            "oldest_undecided_seconds", "Age of the oldest message that is not decided, whatever the reason", **made
        )
        self.redelivered = Counter("redelivered", "Messages that came again", **made)
        self.outages = Counter("outages", "Times that broker or database went away", ["which"], **made)

    @classmethod
    def silent(cls, service: str) -> Self:
        """For services that run in a process that is not theirs."""
        nobody = structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        return cls(service, 1, log=nobody)

    def line(self, **what: Any) -> None:
        """One canonical line for one message."""
        if what["mode"] is not Mode.TEST:  # which is counted nowhere
            self.heard.labels(what["outcome"]).inc()
        self.log.info("message", **what)


def log_to_stdout(level: str) -> Any:
    """A logger that writes one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger()
