"""One message at a time: how long from its being in the queue to hearing what follows, beside one majority insert plus one confirmed publish.

The clock starts when the broker has confirmed the message, which is when it may deliver it: what its sender waits for is not the hop's.
The whole way, from before it is said, is reported as well. Before each message, and before each turn of the floor, nothing happens for
`IDLE` seconds: processes that are awakened are slower than those that never sleep, and both sides must be.
"""

import statistics
import time
import uuid
from datetime import UTC, datetime

import amqp
import pika
import pymongo
from pymongo.write_concern import WriteConcern

from deploy.local.machine import Machine
from services.chassis.sending import connect
from tests.bench import ours

IDLE = 0.01


def hop(machine: Machine, n: int) -> tuple[float, float]:
    """Median milliseconds of one hop of ours with nothing else to do: from confirmed publish, and from before it, to delivery of what is said.

    Four messages to a case, as in the runs for throughput: the first of each is looked for in the database.
    """
    with (
        ours.ground(machine) as place,
        place.contestant(),
        pika.BlockingConnection(pika.URLParameters(place.admin)) as connection,
    ):
        listening, speaking = connection.channel(), connection.channel()
        speaking.confirm_delivery()
        answers = listening.consume(ours.OUTBOX, inactivity_timeout=30)
        taken, whole = [], []
        for i in range(n + 10):
            case = f"one-{i // 4}"
            properties = pika.BasicProperties(
                content_type="application/cloudevents+json", delivery_mode=2, headers={"case": case}
            )
            body = ours.body(case, f"one-{uuid.uuid4()}", datetime.now(UTC))
            time.sleep(IDLE)
            said = time.perf_counter()
            speaking.basic_publish(ours.EXCHANGE, ours.KEY, body, properties)
            began = time.perf_counter()
            method, _, _ = next(answers)
            assert method is not None, "the contestant said nothing within 30 s"
            taken.append(time.perf_counter() - began)
            whole.append(time.perf_counter() - said)
            listening.basic_ack(method.delivery_tag)
        return statistics.median(taken[10:]) * 1000, statistics.median(whole[10:]) * 1000


def floor(machine: Machine, n: int) -> float:
    """Median milliseconds of one majority insert, journalled, and one confirmed publish to a quorum queue."""
    with ours.ground(machine) as place:
        client = pymongo.MongoClient[dict[str, object]](machine.database.uri())
        log = client[place.database].get_collection("log", write_concern=WriteConcern("majority", j=True))
        connection = connect(place.admin, "floor")
        channel = connection.channel()
        channel.confirm_select()
        confirmed: list[int] = []
        channel.events["basic_ack"].add(lambda tag, _: confirmed.append(tag))
        taken = []
        for i in range(n + 10):
            body = ours.body("one", str(i), datetime.now(UTC))
            message = amqp.Message(body, delivery_mode=2, application_headers={"case": "one"})
            time.sleep(IDLE)
            began = time.perf_counter()
            log.insert_one({"heard": body})
            confirmed.clear()
            channel.basic_publish(message, ours.EXCHANGE, ours.KEY)
            while not confirmed:
                connection.drain_events(timeout=10)
            taken.append(time.perf_counter() - began)
        connection.close()
        client.close()
        return statistics.median(taken[10:]) * 1000
