"""The least a durable hop can cost: store, say, clear and acknowledge two hundred at a time, judging nothing.

Run as `python -m tests.bench.floor`.
"""

from collections import Counter
from typing import Any

import amqp
import kombu
import msgspec
import pymongo

from tests.bench import Place, answer

BATCH = 200
PATIENCE = 0.0005
"""Seconds that a batch waits for one more message."""
OUTAGE = 10
"""Seconds without a frame from the broker after which the loop gives up."""


class Loop:
    """Takes up to 200 messages, stores them with one insert_many, says one for each, clears them, acknowledges once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        client = pymongo.MongoClient[dict[str, Any]](place.mongo, w="majority", journal=True)
        self.log = client[place.prefix]["log"]
        self.log.create_index([("case", 1), ("n", 1)], unique=True)
        self.log.create_index([("case", 1), ("cause", 1)], unique=True)
        self.log.create_index("unsent", partialFilterExpression={"unsent": True})
        self.heads: Counter[str] = Counter()
        self.taken: list[amqp.Message] = []
        self.said = 0
        self.unconfirmed: set[int] = set()
        self.connection = kombu.Connection(place.amqp).connect()
        self.inward, self.outward = self.connection.channel(), self.connection.channel()
        self.outward.confirm_select()
        self.outward.events["basic_ack"].add(self.confirmed)
        self.outward.events["basic_nack"].add(self.refused)
        self.inward.basic_qos(0, 2 * BATCH, False)
        self.inward.basic_consume(place.inbox, callback=self.taken.append)

    def run(self) -> None:
        """Handles as many messages as the place was given, then ends."""
        handled = 0
        while handled < self.place.n:
            batch = self.take()
            commits = [self.commit(message) for message in batch]
            ids = self.log.insert_many(commits, ordered=True).inserted_ids
            for commit in commits:
                self.say(commit["said"])
            while self.unconfirmed:
                self.connection.drain_events(timeout=OUTAGE)
            self.log.update_many({"_id": {"$in": ids}}, {"$unset": {"unsent": 1}})
            self.inward.basic_ack(batch[-1].delivery_tag, multiple=True)
            handled += len(batch)

    def take(self) -> list[amqp.Message]:
        """Whatever is waiting, at least one message and at most a batch, in order."""
        while not self.taken:
            self.connection.drain_events(timeout=OUTAGE)
        try:
            while len(self.taken) < BATCH:
                self.connection.drain_events(timeout=PATIENCE)
        except TimeoutError:
            pass
        batch = self.taken[:BATCH]
        del self.taken[:BATCH]
        return batch

    def commit(self, message: amqp.Message) -> dict[str, Any]:
        """What is stored for a message: its identity, its bytes, what is said, and that it is not yet sent."""
        heard = msgspec.json.decode(message.body)
        case, cause = heard["subject"], heard["id"]
        self.heads[case] += 1
        said = answer(case, cause)
        return {
            "case": case,
            "n": self.heads[case],
            "cause": cause,
            "heard": message.body,
            "said": said,
            "unsent": True,
        }

    def say(self, said: dict[str, Any]) -> None:
        """Publishes without waiting; the confirm is counted when it comes."""
        self.said += 1
        self.unconfirmed.add(self.said)
        message = amqp.Message(msgspec.json.encode(said), content_type="application/json", delivery_mode=2)
        self.outward.basic_publish(message, self.place.exchange, "said")

    def confirmed(self, tag: int, multiple: bool) -> None:
        """One confirm, which may stand for all before it."""
        self.unconfirmed -= {t for t in self.unconfirmed if t <= tag} if multiple else {tag}

    def refused(self, tag: int, multiple: bool) -> None:
        """The floor has no way out of a refusal."""
        raise RuntimeError(f"the broker refused message {tag}")


if __name__ == "__main__":
    Loop(Place.from_environment()).run()
