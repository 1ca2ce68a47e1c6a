"""Cases that wait: the message that could not be decided, its successors behind it in order, and how they get going again."""

import hashlib
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo.errors import BulkWriteError, WTimeoutError

from services.chassis import showing
from services.chassis.delivery import Delivery, Reading, clean
from services.chassis.store import DUPLICATE, Document, Fenced, Store
from services.chassis.writing import Failed

LADDER = (1, 5, 15, 60, 300, 900, 3600)
"""Seconds until each retry; after the last, an operator is needed."""
STRING: Document = {"$gt": ""}
"""Any fingerprint: the row that failed, at which its case waits; successors have none."""
HERE = Path(__file__).parent
"""What runs the rules is not part of what went wrong in them."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a message could not be decided: stable across releases, and nothing personal."""

    fingerprint: str
    error: str
    culprit: str | None = None
    """The cause of the message that failed, where it is another than the parked one: it had waited for it."""


UNFINISHED = Trouble("unfinished", "begun three times and never finished: the process died on it")
REFUSED = Trouble("refused", "the database refuses what is to be stored of it")


def trouble(fault: BaseException, type: str, culprit: str | None = None) -> Trouble:
    """Name a fault by its exception and the functions it came through, not by lines; its text may hold data, so it is left out."""
    if isinstance(fault, Failed) and fault.__cause__:
        return trouble(fault.__cause__, fault.name, fault.key)
    came = traceback.extract_tb(fault.__traceback__)
    frames = [each.name for each in came if Path(each.filename).parent != HERE][-6:] or [each.name for each in came][-1:]
    name = f"{fault.__class__.__name__} in {'/'.join(frames[-3:])} on {type}"
    found = hashlib.sha256(f"{fault.__class__.__name__}|{type}|{'/'.join(frames)}".encode()).hexdigest()
    return Trouble(found[:12], name[:300], culprit)


class Parking:
    """The parked rows of one service. A case is parked while rows exist for it."""

    def __init__(self, store: Store, service: str) -> None:
        self._rows, self._service = store.parked, service

    def park(self, reading: Reading, k: int, head: int, why: Trouble | None, hold: int | None = LADDER[0]) -> Document:
        """One row, as it is to be inserted; `why` for the message that failed, `hold`: seconds until it is retried, None: not by itself."""
        now, delivery = datetime.now(UTC), reading.delivery
        return {
            "_id": f"{reading.case}/{k}", "service": self._service, "case": reading.case, "k": k, "key": reading.key, "head": head,
            "body": delivery.body, "digest": delivery.digest, "headers": [[name, clean(value)] for name, value in delivery.headers.items()],
            "exchange": delivery.exchange, "routing_key": clean(delivery.key, 255), "at": now, "attempts": 0, "failed": None,
            "fingerprint": why.fingerprint if why else None, "error": why.error if why else None, "culprit": why.culprit if why else None,
            "hold_until": now + timedelta(seconds=hold) if why and hold is not None else None,
        }  # fmt: skip

    def insert(self, rows: list[Document]) -> None:
        """Write rows; raises `Fenced` if another writer has parked there, which is found out by reading again."""
        try:
            if rows:
                self._rows.insert_many(rows, ordered=True)
        except BulkWriteError as refused:
            faults = refused.details.get("writeErrors") or [{}]
            raise (
                Fenced("another writer parks") if faults[0].get("code") == DUPLICATE else WTimeoutError("not parked")
            ) from None

    def rows(self, case: str, limit: int) -> list[Document]:
        """The first rows of a case, in order."""
        return list(self._rows.find({"case": case}).sort("k", 1).limit(limit))

    def drop(self, row: Document) -> None:
        """The row is decided and committed."""
        self._rows.delete_one({"_id": row["_id"]})

    def waiting(self, case: str, key: str) -> Delivery | None:
        """The parked message of this cause, as it came or was amended."""
        found = self._rows.find_one({"case": case, "key": key})
        return delivery_of(found) if found else None

    def decided(self, causes: set[tuple[str, str]]) -> None:
        """Drop the rows of these cases and causes: their messages are committed."""
        found = self._rows.find({"case": {"$in": sorted({case for case, _ in causes})}}, {"case": 1, "key": 1})
        self._rows.delete_many({"_id": {"$in": [each["_id"] for each in found if (each["case"], each["key"]) in causes]}})

    def begin(self, row: Document) -> None:
        """Count the attempt before it is made: what kills the process must not be tried for ever."""
        attempts = row["attempts"] + 1
        hold = datetime.now(UTC) + timedelta(seconds=LADDER[attempts]) if attempts < len(LADDER) else None
        why = {} if row["fingerprint"] else {"fingerprint": "unfinished", "error": "begun and never finished"}
        self._rows.update_one({"_id": row["_id"]}, {"$set": {"attempts": attempts, "hold_until": hold, **why}})

    def failed(self, row: Document, why: Trouble, ask: str) -> None:
        """It failed again: the next rung of the ladder, or an operator. `ask`: the id of the message that asked for the attempt, so that
        whoever said it need not wait any longer."""
        change = {"fingerprint": why.fingerprint, "error": why.error, "culprit": why.culprit, "failed": ask}
        self._rows.update_one({"_id": row["_id"]}, {"$set": change})

    def ready(self, limit: int) -> list[Document]:
        """So many rows whose hold is over, the longest first."""
        wanted = {"hold_until": {"$lte": datetime.now(UTC)}}
        return list(self._rows.find(wanted, {"case": 1, "k": 1, "attempts": 1}).sort("hold_until", 1).limit(limit))

    def amend(self, case: str, k: int, body: bytes) -> None:
        """Put other bytes in the place of a row; it keeps its identity."""
        first = {"$ifNull": ["$original", "$body"]}
        self._rows.update_one({"_id": f"{case}/{k}"}, [{"$set": {"original": first}}, {"$set": {"body": {"$literal": body}}}])

    def skip(self, case: str, k: int, text: str) -> None:
        """The message of this row, or the one that made it fail, is to be noted and not decided."""
        self._rows.update_one({"_id": f"{case}/{k}"}, {"$set": {"skipped": text}})

    def page(
        self, limit: int, after: tuple[datetime, str] | None = None, fingerprint: str | None = None, case: str | None = None
    ) -> list[Document]:
        """The row that a case waits at, of at most `limit` cases, longest waiting first: those `after` a moment and row, of one kind, or one."""
        wanted: Document = {"fingerprint": fingerprint or STRING}
        if case:
            wanted["case"] = case
        if after:
            at, id = after
            wanted |= {"at": {"$gte": at}, "$or": [{"at": {"$gt": at}}, {"_id": {"$gt": id}}]}
        return list(self._rows.find(wanted, dict.fromkeys(showing.PARKED, 1)).sort([("at", 1), ("_id", 1)]).limit(limit))

    def groups(self) -> list[Document]:
        """How many cases wait for each reason and since when, most first: counted in the index alone, then one row of each is read."""
        counted = {"_id": "$fingerprint", "cases": {"$sum": 1}, "oldest": {"$min": "$at"}}
        found = list(
            self._rows.aggregate([{"$match": {"fingerprint": STRING}}, {"$group": counted}, {"$sort": {"cases": -1, "_id": 1}}])
        )
        for each in found:
            row = self._rows.find_one({"fingerprint": each["_id"]}, {"error": 1})
            each["error"] = row["error"] if row else None
        return found

    def count(self) -> int:
        """How many cases are parked."""
        return self._rows.count_documents({"fingerprint": STRING})

    def oldest(self) -> datetime | None:
        """When the longest-waiting row came."""
        found = self._rows.find_one({}, {"at": 1}, sort=[("at", 1)])
        return found["at"] if found else None


def delivery_of(row: Document, amended: bool = True) -> Delivery:
    """The parked message, as an operator has amended it or as it came."""
    original = bytes(row["original"]) if "original" in row else None
    body = bytes(row["body"]) if amended or original is None else original
    headers = dict(row["headers"])
    return Delivery(body, exchange=row["exchange"], key=row["routing_key"], headers=headers, redelivered=True, first=original)
