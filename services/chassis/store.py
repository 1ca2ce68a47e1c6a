"""The database of one service: its log, what is parked, what is suspected, who holds the lease. Nothing else opens it."""

import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, MongoClient, UpdateMany
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.commit import digest
from xianjie.clocks import PROVISIONAL

DUPLICATE = 11000
"""The database's code for a key that is there already."""
OUTAGES = (AutoReconnect, ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError)
"""The database is away, or too slow to say. Nothing is known of what was written; everything is asked again."""

DUE = [("due", ASCENDING), ("_id", ASCENDING)]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A message that came before: the status first answered, and the salted digest of its bytes."""

    status: int | None
    digest: str
    salt: bytes | None = b""

    def same(self, body: bytes) -> bool:
        """Whether these are its bytes, as far as one can tell: with what was erased goes the salt."""
        return self.salt is None or digest(self.salt, body) == self.digest


class Stopped(Exception):
    """An insert stopped at `at`: everything before it stands. `known`: its cause was committed already; else the database refused it."""

    def __init__(self, at: int, known: bool) -> None:
        super().__init__(f"insert stopped at {at}: {'cause known' if known else 'refused'}")
        self.at, self.known = at, known


class Fenced(Exception):
    """Another writer was here: what we believe of these cases is old. Drop it, hang up, read again."""


def holder() -> str:
    """This process, as it holds leases."""
    return f"{socket.gethostname()}-{os.getpid()}"


class Store:
    """Durable by majority and journal; read from the primary, by majority."""

    def __init__(self, uri: str, database: str) -> None:
        self.client: MongoClient[Document] = MongoClient(
            uri,
            serverSelectionTimeoutMS=2000,
            socketTimeoutMS=5000,
            connectTimeoutMS=2000,
            retryWrites=False,
            tz_aware=True,
            appname=database,
        )
        base = self.client[database]
        durable = WriteConcern("majority", j=True, wtimeout=5000)
        self.log = base.get_collection("log", write_concern=durable, read_concern=ReadConcern("majority"))
        self.parked = base.get_collection("parked", write_concern=durable)
        self.suspects = base.get_collection("suspects", write_concern=durable)
        self.leases = base.get_collection("leases", write_concern=durable)
        self.clock = base.get_collection("clock", write_concern=durable)
        self._light = base.get_collection("log", write_concern=WriteConcern(1))

    def prepare(self, index: Iterable[str] = ()) -> None:
        """Create collections and indexes; also says early that the database is away. `index`: of the glance, to find cases by."""
        self.log.create_index([("case", ASCENDING), ("n", DESCENDING)], unique=True)
        self.log.create_index([("case", ASCENDING), ("key", ASCENDING)], unique=True)
        self.log.create_index([("case", ASCENDING)], partialFilterExpression={"head": True}, name="head")
        self.log.create_index([("at", ASCENDING)], partialFilterExpression={"unsent": True}, name="unsent")
        self.log.create_index(DUE, partialFilterExpression={"due": {"$exists": True}}, name="due")
        self.log.create_index([("waiting", ASCENDING)], sparse=True, name="waiting")
        self.log.create_index([("at", DESCENDING)], partialFilterExpression={"outcome": "kept"}, name="kept")
        for each in (*index, PROVISIONAL):
            there = {"head": True, f"glance.{each}": {"$exists": True}}
            self.log.create_index([(f"glance.{each}", ASCENDING)], partialFilterExpression=there, name=f"by {each}")
        self.parked.create_index([("case", ASCENDING), ("k", ASCENDING)], unique=True)
        self.parked.create_index([("case", ASCENDING), ("key", ASCENDING)], unique=True)
        self.parked.create_index([("at", ASCENDING)])
        self.parked.create_index([("hold_until", ASCENDING)])
        failed = {"fingerprint": {"$gt": ""}}
        self.parked.create_index([("at", ASCENDING), ("_id", ASCENDING)], partialFilterExpression=failed, name="failed")
        self.parked.create_index([("fingerprint", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="kinds")
        self.suspects.create_index([("at", ASCENDING)], expireAfterSeconds=86400)

    def ping(self) -> None:
        """Raise one of `OUTAGES` unless a primary answers."""
        self.client.admin.command("ping")
        self.clock.find_one({"_id": "ping"})

    def claim(self, service: str) -> str:
        """Whose database this is: the first service that asks has it for ever."""
        made = {"$setOnInsert": {"holder": service}}
        found = self.leases.find_one_and_update({"_id": "service"}, made, upsert=True, return_document=True)
        return str(found["holder"])

    def look(self, cases: list[str], cold: list[str]) -> tuple[dict[str, Document], dict[str, int]]:
        """Asked at once, since a message that comes alone waits for each answer: the last commits of the `cold` cases, and by parked case
        of all `cases` the place of its last row. Marks on earlier commits, left by somebody who died, are taken away."""
        found: dict[str, Document] = {}
        depths: dict[str, int] = {}
        left: list[str] = []
        parked: list[Document] = [  # sorted like this, one step in the index finds the last row of a case, however many there are
            {"$match": {"case": {"$in": cases}}},
            {"$sort": {"case": -1, "k": -1}},
            {"$group": {"_id": "$case", "depth": {"$first": "$k"}}},
        ]
        heads: list[Document] = [
            {"$match": {"case": {"$in": cold}, "head": True}},
            {"$project": {"heard": 0, "said": 0, "glance": 0}},
        ]
        both = [*heads, {"$unionWith": {"coll": "parked", "pipeline": parked}}]
        for each in self.log.aggregate(both) if cold else self.parked.aggregate(parked):
            if "depth" in each:
                depths[each["_id"]] = each["depth"]
                continue
            other = found.get(each["case"])
            if other is None or other["n"] < each["n"]:
                found[each["case"]] = each
            if other:
                left.append(min(other, each, key=lambda commit: commit["n"])["_id"])
        self.clear([], left)
        return found, depths

    def known(self, keys: Iterable[tuple[str, str]], *, parked: bool = False) -> dict[tuple[str, str], Known]:
        """Of these (case, cause), those committed already; with `parked` those that are parked as well, which have no status yet.

        Asked as two lists under a hint: as an `$or` of pairs, each pair is planned by itself, which takes 33 ms for 192 of them instead of 2.
        """
        pairs = set(keys)
        if not pairs:
            return {}
        cases, causes = ({"$in": sorted(set(each))} for each in zip(*pairs, strict=True))
        wanted: Document = {"$match": {"case": cases, "key": causes}}
        there: list[Document] = [wanted, {"$project": {"case": 1, "key": 1, "status": 1, "digest": "$cause.digest", "salt": 1}}]
        waits = [wanted, {"$project": {"case": 1, "key": 1, "status": None, "digest": 1, "salt": b""}}]
        both = [*there, {"$unionWith": {"coll": "parked", "pipeline": waits}}] if parked else there
        found = {(each["case"], each["key"]): each for each in self.log.aggregate(both, hint="case_1_key_1")}
        return {pair: Known(each["status"], each["digest"], each["salt"]) for pair, each in found.items() if pair in pairs}

    def insert(self, documents: list[Document]) -> None:
        """One ordered write. Raises `Stopped` at the first commit whose cause is known, or that is refused; `Fenced` by another writer."""
        if not documents:
            return
        try:
            self.log.insert_many(documents, ordered=True)
        except BulkWriteError as refused:
            fault = (refused.details.get("writeErrors") or [None])[0]
        else:
            return
        if fault is None:
            raise WTimeoutError("the write was not confirmed by a majority in time")
        at = fault["index"]
        known = fault["code"] == DUPLICATE and bool(self.known([(documents[at]["case"], documents[at]["key"])]))
        if fault["code"] == DUPLICATE and not known:
            raise Fenced(f"another writer has written commit {documents[at]['n']} of {documents[at]['case']}")
        raise Stopped(at, known)

    def clear(self, sent: list[str], overtaken: list[str]) -> None:
        """`sent` commits need no sending any more; `overtaken` ones are no longer the last of their case."""
        changes = [UpdateMany({"_id": {"$in": sent}}, {"$unset": {"unsent": 1}})] if sent else []
        if overtaken:
            changes.append(UpdateMany({"_id": {"$in": overtaken}}, {"$unset": {"head": 1, "due": 1, "waiting": 1}}))
        if changes:
            self._light.bulk_write(changes, ordered=False)

    def unsent(self, cases: list[str] | None = None, older: datetime | None = None, limit: int = 500) -> list[Document]:
        """Commits not yet said, in order of each case: what each says, and what the journal is told of it.

        Read as the primary has it, since marks are taken away without waiting for a majority; so a commit may be seen here too early.
        """
        wanted: Document = {"unsent": True}
        if cases is not None:
            wanted["case"] = {"$in": cases}
        if older is not None:
            wanted["at"] = {"$lt": older}
        shown = ("said", "case", "n", "cause", "now", "versions", "hash")
        found = self._light.find(wanted, dict.fromkeys(shown, 1)).sort([("at", 1), ("n", 1)]).limit(limit)
        return sorted(found, key=lambda each: (each["case"], each["n"]))

    def waiting(self) -> tuple[int, datetime | None]:
        """How many cases hold a message that waits for another, and since when the oldest does."""
        first = self.log.find_one({"waiting": {"$exists": True}}, {"waiting": 1}, sort=[("waiting", 1)])
        return (self.log.count_documents({"waiting": {"$exists": True}}), first["waiting"]) if first else (0, None)

    def waiting_longer(self, since: datetime, limit: int) -> list[Document]:
        """The last commits of cases in which a message has waited since before that, the oldest first."""
        found = self.log.find({"waiting": {"$lt": since}, "head": True}, {"case": 1, "state": 1, "waiting": 1})
        return list(found.sort("waiting").limit(limit))

    def due(
        self, now: datetime, *, since: datetime | None = None, after: Document | None = None, limit: int = 500
    ) -> list[Document]:
        """Cases whose next moment is reached, the longest ago first: of those reached `since` then, or of those that stand after one of them."""
        wanted = {"due": {"$lte": now, **({"$gt": since} if since else {})}}
        found = self._light.find(wanted, {"case": 1, "n": 1, "due": 1}).hint("due").sort(DUE).limit(limit)
        return list(found.min([("due", after["due"]), ("_id", after["_id"] + "\0")]) if after else found)

    def provisional(self, until: str) -> Iterator[Document]:
        """Cases with a clock that was counted by weekends alone and is due by the day `until`. By their own index: any other reads all cases."""
        wanted: Document = {"head": True, f"glance.{PROVISIONAL}": {"$lte": until}}
        return self._light.find(wanted, {"case": 1, "n": 1}).hint(f"by {PROVISIONAL}")

    def next_due(self) -> datetime | None:
        """The least due moment of all cases."""
        found = self._light.find_one({"due": {"$exists": True}}, {"due": 1}, sort=[("due", 1)])
        return found["due"] if found else None

    def take_lease(self, name: str, holder: str, seconds: int = 10) -> bool:
        """Whether `holder` has the lease for the next `seconds`."""
        now = datetime.now(UTC)
        free = {"_id": name, "$or": [{"holder": holder}, {"until": {"$lt": now}}]}
        try:
            found = self.leases.find_one_and_update(
                free, {"$set": {"holder": holder, "until": now + timedelta(seconds=seconds)}}, upsert=True, return_document=True
            )
        except DuplicateKeyError:
            return False
        return bool(found and found["holder"] == holder)

    def give_lease(self, name: str, holder: str) -> None:
        """Let others have it at once."""
        self.leases.delete_one({"_id": name, "holder": holder})

    def there(self, commits: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Of these commits, by case and number, those that the log has."""
        ids = {f"{case}/{n}": (case, n) for case, n in commits}
        found = self.log.find({"_id": {"$in": [*ids]}}, {"_id": 1})
        return {ids[each["_id"]] for each in found}

    def see(self) -> None:
        """The service runs on this database now."""
        self.leases.update_one({"_id": "seen"}, {"$set": {"at": datetime.now(UTC)}}, upsert=True)

    def seen(self) -> datetime | None:
        """When it last did, give or take the seconds of a lease; None if it never has."""
        found = self.leases.find_one({"_id": "seen"})
        return found["at"] if found else None

    def hand_over(self, partition: int, seconds: int = 10) -> None:
        """Whoever reads this partition next waits until `handed_over`, or so long."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self.leases.update_one({"_id": f"handing over {partition}"}, {"$set": {"until": until}}, upsert=True)

    def handing_over(self, partition: int) -> bool:
        """Whether the reader before us is still deciding."""
        found = self.leases.find_one({"_id": f"handing over {partition}"})
        return bool(found and found["until"] > datetime.now(UTC))

    def handed_over(self, partition: int) -> None:
        """The next reader may begin."""
        self.leases.delete_one({"_id": f"handing over {partition}"})

    def commits(self, case: str, after: int = 0, limit: int = 0, *, states: bool = False) -> Iterator[Document]:
        """The log of a case in order, read as it is asked for: at most `limit` commits (0: all) with a number above `after`."""
        wanted = {"case": case, "n": {"$gt": after}}
        return self.log.find(wanted, None if states else {"state": 0, "salt": 0}).sort("n", 1).limit(limit)
