"""FastStream at its best, one MongoDB transaction per message. Run as `python -m tests.bench.stock_faststream`."""

import asyncio
import logging
from typing import Annotated, Any, Literal
from uuid import UUID

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.schemas import QueueType
from pydantic import AwareDatetime, BaseModel, Field
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from tests.bench import PREFETCH, Place, answer

Row = dict[str, Any]


class Party(BaseModel):
    """An applicant or a respondent."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$")]
    category: Literal["sme", "person", "organisation"]


class Evidence(BaseModel):
    """A reference to a file that is kept elsewhere."""

    id: UUID
    size: Annotated[int, Field(strict=True, ge=0)]
    media: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Application(BaseModel):
    """What is asked for, by whom, against whom."""

    right: Literal["patent", "trademark", "geographical_indication", "ic_layout"]
    grant: str
    area: Annotated[str, Field(pattern=r"^\d{6}$")]
    track: Literal["mediation", "adjudication", "court", "arbitration"]
    applicant: Party
    respondents: list[Party]
    services: list[str]
    evidence: list[Evidence]
    claimed: Annotated[int, Field(strict=True, ge=0, le=2**53)]
    urgent: bool
    channel: Literal["agency", "counter", "web"]
    summary: Annotated[str, Field(max_length=2_000)]


class Event(BaseModel):
    """The envelope."""

    specversion: Literal["1.0"]
    id: UUID
    source: Annotated[str, Field(pattern=r"^/(agencies|services)/[\w-]+$")]
    type: str
    subject: UUID
    time: AwareDatetime
    timeprecision: Literal["second", "day", "month", "year", "none"]
    data: Application


class Store:
    """The database of one place."""

    def __init__(self, place: Place) -> None:
        self.client = AsyncMongoClient[Row](place.mongo, w="majority", journal=True)
        self.rows = self.client[place.prefix]

    async def keep(self, cause: str, case: str, said: Row) -> bool:
        """Identity, state and outgoing message, all or nothing; False when the identity is known already."""

        async def together(session: AsyncClientSession) -> None:
            await self.rows.inbox.insert_one({"_id": cause}, session=session)
            state = {"$set": {"status": "under_review"}, "$inc": {"n": 1}}
            await self.rows.state.update_one({"_id": case}, state, upsert=True, session=session)
            await self.rows.outbox.insert_one({"_id": said["id"], "said": said, "sent": False}, session=session)

        try:
            async with self.client.start_session() as session:
                await session.with_transaction(together)
        except DuplicateKeyError:
            return False
        return True

    async def mark_sent(self, said: Row) -> None:
        """The outgoing message is confirmed."""
        await self.rows.outbox.update_one({"_id": said["id"]}, {"$set": {"sent": True}})


async def serve(place: Place) -> None:
    """Consumes until it is told to end."""
    broker = RabbitBroker(
        place.amqp,
        default_channel=Channel(prefetch_count=PREFETCH, publisher_confirms=True),
        log_level=logging.DEBUG,  # below what its logger shows: no line per message
    )
    exchange = RabbitExchange(place.exchange, type=ExchangeType.TOPIC, durable=True)
    inbox = RabbitQueue(place.inbox, queue_type=QueueType.QUORUM, durable=True, routing_key="heard")
    sender = broker.publisher(exchange=exchange, routing_key="said", persist=True)
    store = Store(place)

    @broker.subscriber(inbox, exchange, ack_policy=AckPolicy.NACK_ON_ERROR)
    async def register(event: Event) -> None:
        cause, case = str(event.id), str(event.subject)
        said = answer(case, cause)
        if await store.keep(cause, case, said):
            await sender.publish(said)
            await store.mark_sent(said)

    await FastStream(broker).run()


if __name__ == "__main__":
    asyncio.run(serve(Place.from_environment()))
