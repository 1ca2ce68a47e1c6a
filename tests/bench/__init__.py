"""What one process of this network carries in a second, beside stock frameworks and a bare loop doing the same.

Every contestant is a process of its own, told by its environment what to use:
AMQP_URI, MONGODB_URI, N (messages it is given) and PREFIX (what its queues and its database are called after).
The durability is the same for all: quorum queues in and out, persistent messages, publisher confirms,
MongoDB writes acknowledged by the majority and journalled.
"""

import os
import uuid
from dataclasses import dataclass
from typing import Any

PREFETCH = 50
"""Unacknowledged messages that a stock framework may hold, and its workers."""


@dataclass(frozen=True)
class Place:
    """Where one run takes place: broker, database, number of messages, and the prefix that keeps runs apart."""

    amqp: str
    mongo: str
    n: int
    prefix: str

    @classmethod
    def from_environment(cls) -> "Place":
        """The place that a contestant was started in. KeyError names the variable that is missing."""
        env = os.environ
        return cls(env["AMQP_URI"], env["MONGODB_URI"], int(env["N"]), env["PREFIX"])

    def environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads."""
        return {"AMQP_URI": self.amqp, "MONGODB_URI": self.mongo, "N": str(self.n), "PREFIX": self.prefix}

    @property
    def exchange(self) -> str:
        """The topic exchange: routing key `heard` leads to the inbox, `said` to the outbox."""
        return f"{self.prefix}.events"

    @property
    def inbox(self) -> str:
        """The quorum queue that is full before the contestant starts."""
        return f"{self.prefix}.inbox"

    @property
    def outbox(self) -> str:
        """The quorum queue that gets one outgoing message for each one heard."""
        return f"{self.prefix}.outbox"

    @property
    def journal(self) -> str:
        """The stream that records all that is said, in runs that ask for it."""
        return f"{self.prefix}.journal"


def answer(case: str, cause: str) -> dict[str, Any]:
    """What every contestant says about a message it heard: some 400 bytes of JSON."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/services/intake",
        "type": "xianjie.case.registered.v1",
        "subject": case,
        "time": "2026-03-02T09:30:05+08:00",
        "datacontenttype": "application/json",
        "causationid": cause,
        "data": {"owner": "110000-assistance-centre", "clock": "A1"},
    }
