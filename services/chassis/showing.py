"""What a commit shows at the door: types, identities, moments, and of the messages what `xianjie.disclosure` lets through."""

import json
from datetime import datetime
from typing import Any

from xianjie import wire
from xianjie.disclosure import shown

Document = dict[str, Any]
ATTRIBUTES = ("type", "source", "time", "timeprecision", "follows", "referral", "mode")
"""Of an envelope; each has a form of its own that leaves no room for words."""


def commit(document: Document) -> Document:
    """One commit of a case's log, without anybody's words."""
    said = [
        {"id": each["id"], "type": each["type"], "key": each["k"], "case": each["case"], **message(each["body"])}
        for each in document["said"]
    ]
    kept = document["outcome"] == "kept"
    unread = kept or document["type"] == "unreadable"  # nobody knows what is in it
    heard = {"unreadable": True, **({"faults": faults(document)} if kept else {})} if unread else message(document["heard"])
    return {
        "n": document["n"], "now": document["now"], "cause": document["cause"], "type": document["type"], "outcome": document["outcome"],
        "status": document["status"], "hash": document["hash"], "unsent": bool(document.get("unsent")), "heard": heard, "said": said,
        "exchange": document.get("exchange"),
    }  # fmt: skip


def message(body: bytes | None) -> Document:
    """Attributes and data of a valid message, as far as they may be shown; nothing of one that was erased."""
    if body is None:
        return {"erased": True, "data": {}}
    found = wire.loads(bytes(body))
    attributes = {name: found[name] for name in ATTRIBUTES if name in found}
    return {**attributes, "data": shown(found["type"], found["data"])}


def kept(document: Document) -> Document:
    """What could not be read: from whom, when, and its faults; of its routing key the first word, which the broker holds true."""
    sender = document["routing_key"].split(".", 1)[0]
    return {"case": document["case"], "now": document["now"], "sender": sender, "faults": faults(document)}


def faults(document: Document) -> list[str]:
    """The faults of what was kept. Of unreadable bytes the place is left out: its names are the sender's own."""
    return [fault(document["type"], each) for each in document["faults"]]


def fault(kind: str, text: str) -> str:
    """One fault, `<JSON pointer> <what is wrong>`, as it may be shown."""
    words = kind == "unreadable" and text.startswith("/") and not text.startswith("/ ")
    return "/… holds what no text may hold" if words else text


def parked(row: Document) -> Document:
    """The first row of a parked case."""
    found: Document = {name: row.get(name) for name in PARKED}
    if row["fingerprint"] == "invalid-unreadable" and row["error"]:
        found["error"] = fault("unreadable", row["error"])
    return found


PARKED = ("case", "k", "head", "key", "at", "attempts", "failed", "hold_until", "fingerprint", "error", "culprit", "exchange")
"""Of a parked row; never its bytes, its headers, or what an operator said of it."""


def text(content: Any) -> str:
    """As JSON; moments as ISO 8601."""

    def moment(value: Any) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.dumps(content, default=moment, ensure_ascii=False)
