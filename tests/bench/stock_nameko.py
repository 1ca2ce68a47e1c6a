"""Stock nameko 2.14.1 at its best, one MongoDB transaction per message. Run as `python -m tests.bench.stock_nameko`.

Only its own entry point and publisher; started through its ServiceRunner, since its command needs pkg_resources.
"""

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

from typing import Any

import pymongo
from kombu import Exchange, Queue
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp
from nameko.amqp.publish import Publisher
from nameko.extensions import DependencyProvider
from nameko.messaging import consume
from nameko.runners import ServiceRunner
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from tests.bench import PREFETCH, Place, answer

Row = dict[str, Any]


class Lenient(Schema):
    """Unknown fields are ignored."""

    class Meta:
        unknown = EXCLUDE


class Party(Lenient):
    """An applicant or a respondent."""

    name = fields.Str(required=True, validate=Length(1, 200))
    code = fields.Str(required=True, validate=Regexp(r"^[0-9A-Z]{18}$"))
    category = fields.Str(required=True, validate=OneOf(["sme", "person", "organisation"]))


class Evidence(Lenient):
    """A reference to a file that is kept elsewhere."""

    id = fields.UUID(required=True)
    size = fields.Int(required=True, strict=True, validate=Range(0))
    media = fields.Str(required=True)
    sha256 = fields.Str(required=True, validate=Regexp(r"^[0-9a-f]{64}$"))


class Application(Lenient):
    """What is asked for, by whom, against whom."""

    right = fields.Str(required=True, validate=OneOf(["patent", "trademark", "geographical_indication", "ic_layout"]))
    grant = fields.Str(required=True)
    area = fields.Str(required=True, validate=Regexp(r"^\d{6}$"))
    track = fields.Str(required=True, validate=OneOf(["mediation", "adjudication", "court", "arbitration"]))
    applicant = fields.Nested(Party, required=True)
    respondents = fields.List(fields.Nested(Party), required=True)
    services = fields.List(fields.Str(), required=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)
    claimed = fields.Int(required=True, strict=True, validate=Range(0, 2**53))
    urgent = fields.Bool(required=True)
    channel = fields.Str(required=True, validate=OneOf(["agency", "counter", "web"]))
    summary = fields.Str(required=True, validate=Length(max=2_000))


class Event(Lenient):
    """The envelope."""

    specversion = fields.Str(required=True, validate=OneOf(["1.0"]))
    id = fields.UUID(required=True)
    source = fields.Str(required=True, validate=Regexp(r"^/(agencies|services)/[\w-]+$"))
    type = fields.Str(required=True)
    subject = fields.UUID(required=True)
    time = fields.AwareDateTime(required=True)
    timeprecision = fields.Str(required=True, validate=OneOf(["second", "day", "month", "year", "none"]))
    data = fields.Nested(Application, required=True)


EVENT = Event()


class Store(DependencyProvider):
    """The database, injected as what one worker needs of it."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def setup(self) -> None:
        """One client for the process, with a connection for every worker."""
        self.client = pymongo.MongoClient[Row](self.place.mongo, w="majority", journal=True)
        self.rows = self.client[self.place.prefix]

    def get_dependency(self, worker_ctx: object) -> "Store":
        """Workers share it."""
        return self

    def keep(self, cause: str, case: str, said: Row) -> bool:
        """Identity, state and outgoing message, all or nothing; False when the identity is known already."""

        def together(session: ClientSession) -> None:
            self.rows.inbox.insert_one({"_id": cause}, session=session)
            state = {"$set": {"status": "under_review"}, "$inc": {"n": 1}}
            self.rows.state.update_one({"_id": case}, state, upsert=True, session=session)
            self.rows.outbox.insert_one({"_id": said["id"], "said": said, "sent": False}, session=session)

        try:
            with self.client.start_session() as session:
                session.with_transaction(together)
        except DuplicateKeyError:
            return False
        return True

    def mark_sent(self, said: Row) -> None:
        """The outgoing message is confirmed."""
        self.rows.outbox.update_one({"_id": said["id"]}, {"$set": {"sent": True}})


class Sender(DependencyProvider):
    """nameko's publisher, which waits for the confirm of each message."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def setup(self) -> None:
        """Connections come from kombu's pool."""
        uri = self.container.config["AMQP_URI"]
        self.publisher = Publisher(uri, exchange=self.exchange, routing_key="said", use_confirms=True)

    def get_dependency(self, worker_ctx: object) -> Publisher:
        """Workers share it."""
        return self.publisher


def service(place: Place) -> type:
    """The service class of this place."""
    exchange = Exchange(place.exchange, "topic", durable=True)
    inbox = Queue(place.inbox, exchange, "heard", durable=True, queue_arguments={"x-queue-type": "quorum"})

    class Intake:
        name = "intake"
        store = Store(place)
        sender = Sender(exchange)

        @consume(inbox, requeue_on_error=True)
        def register(self, body: Row) -> None:
            event = EVENT.load(body)
            cause, case = str(event["id"]), str(event["subject"])
            said = answer(case, cause)
            if self.store.keep(cause, case, said):
                self.sender.publish(said)
                self.store.mark_sent(said)

    return Intake


if __name__ == "__main__":
    here = Place.from_environment()
    runner = ServiceRunner({"AMQP_URI": here.amqp, "max_workers": PREFETCH})
    runner.add_service(service(here))
    runner.start()
    runner.wait()
