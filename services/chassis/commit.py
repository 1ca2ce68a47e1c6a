"""One commit of a case's log: what was heard, what was said, the state after it, and the hash that chains it to the last."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

FORMAT = 1
"""Of the documents written here. A reader that meets a later one leaves the case alone until it is of that release itself."""
NAMESPACE = UUID("6f1e1a52-5d0b-5b0e-9f55-1d2f8c3a7e10")
GENESIS = "0" * 64

_encoder = msgspec.json.Encoder(order="deterministic")
canonical = msgspec.json.Encoder(order="sorted").encode
"""Canonical JSON (RFC 8785) for what is hashed: objects of ASCII names, strings and small integers. A test holds it against rfc8785."""


@dataclass(slots=True)
class Held:
    """A message that waits in the log: for the one it follows, or for a fact."""

    source: str
    id: str
    body: str
    awaits: str
    until: datetime | None = None


@dataclass(slots=True)
class Sheet:
    """What a commit stores as the state after it: the service's own state, and what the chassis must remember of the case."""

    state: Any
    last: dict[str, str] = field(default_factory=dict)
    """By source: the id of the last message that was decided."""
    sent: dict[str, str] = field(default_factory=dict)
    """By hearer: the id of the last message that was said to it."""
    held: list[Held] = field(default_factory=list)


@dataclass(slots=True)
class Spoken:
    """One message as it goes out: where to, and its bytes."""

    id: str
    type: str
    exchange: str
    key: str
    case: str
    body: bytes
    counted: bool = True
    """Not so for what follows from a test message."""


@dataclass(slots=True)
class Head:
    """The last commit of a case, as far as the next one needs it."""

    case: str
    n: int
    hash: str
    now: datetime
    sheet: Sheet
    due: datetime | None = None
    size: int = 0
    """Bytes of the state as it is stored."""
    waits: dict[str, datetime] = field(default_factory=dict)
    """By id of a held message: since when it waits, by the wall's clock."""


def stored(sheet: Sheet) -> bytes:
    """The state after a commit, as it is stored."""
    return _encoder.encode(sheet)


def hash_of_states(states: Iterable[tuple[str, str, bytes]]) -> str:
    """One hash over the last states of cases: service, case and state as it is stored, by name."""
    whole = hashlib.sha256()
    for service, case, state in states:
        whole.update(f"{service} {case} {hashlib.sha256(state).hexdigest()}\n".encode())
    return whole.hexdigest()


def said_id(service: str, case: str, cause: str, position: str) -> str:
    """The identity of what is said: a second run says the same, to the byte."""
    return str(uuid5(NAMESPACE, f"{service}|{case}|{cause}|{position}"))


def tick_id(service: str, case: str, n: int, due: datetime) -> str:
    """The identity of a tick: the same whoever sends it."""
    return str(uuid5(NAMESPACE, f"tick|{service}|{case}|{n}|{due.astimezone(UTC).isoformat()}"))


def salt_of(secret: bytes, case: str, n: int) -> bytes:
    """The salt of one commit's digests: with the bodies erased, they tell nothing, and the chain still verifies."""
    return hashlib.blake2b(f"{case}/{n}".encode(), key=secret[:64], digest_size=16).digest()


def digest(salt: bytes, body: bytes) -> str:
    """The salted SHA-256 of one body."""
    return hashlib.sha256(salt + body).hexdigest()


def hash_of(document: dict[str, Any]) -> str:
    """The hash of a commit: over case, number, previous hash, cause, moment, versions, and the digests of its bodies.

    The bodies themselves are not needed: they can be erased, the salt with them, and the chain still verifies.
    """
    covered = {
        "case": document["case"],
        "n": document["n"],
        "prev": document["prev"],
        "cause": document["cause"],
        "now": document["now"].astimezone(UTC).isoformat(),
        "versions": document["versions"],
        **document["digests"],
    }
    return hashlib.sha256(canonical(covered)).hexdigest()


def altered(document: dict[str, Any]) -> bool:
    """Whether a commit is not what was written: its hash, or a body that is still there."""
    salt, digests = document["salt"], document["digests"]
    bodies = [(document["heard"], digests["heard"]), (document["state"], digests["state"])]
    bodies += zip((each["body"] for each in document["said"]), digests["said"], strict=False)
    complete = len(document["said"]) == len(digests["said"])
    kept = all(body is None or (salt is not None and digest(salt, bytes(body)) == expected) for body, expected in bodies)
    return not (complete and kept and hash_of(document) == document["hash"])


def make(
    head: Head | None, case: str, cause: dict[str, str], heard: bytes, now: datetime, said: list[Spoken], sheet: Sheet,
    due: datetime | None, versions: list[str], secret: bytes, first: bytes | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The document of the next commit. `more` is kept beside it, outside the hash.

    `cause`: source and id of what was heard. `first`: the bytes that first came under this identity, if an operator has amended them.
    """
    n = head.n + 1 if head else 1
    salt, state = salt_of(secret, case, n), stored(sheet)
    digests = {"heard": digest(salt, heard), "said": [digest(salt, each.body) for each in said], "state": digest(salt, state)}
    document: dict[str, Any] = {
        "format": FORMAT,
        "_id": f"{case}/{n}",
        "case": case,
        "n": n,
        "prev": head.hash if head else GENESIS,
        "cause": {**cause, "digest": digest(salt, first) if first is not None else digests["heard"]},
        "key": f"{cause['source']} {cause['id']}",
        "heard": heard,
        "now": now,
        "said": [{"id": s.id, "type": s.type, "x": s.exchange, "k": s.key, "case": s.case, "body": s.body} for s in said],
        "state": state,
        "digests": digests,
        "versions": versions,
        "salt": salt,
        "head": True,
        **more,
    }
    if due:
        document["due"] = due
    document["unsent"] = True
    document["hash"] = hash_of(document)
    return document


class UnknownFormat(Exception):
    """A commit that a later release wrote."""


class Sheets:
    """Reads sheets of one service: its own state type inside, unknown fields ignored, missing ones by default."""

    def __init__(self, state: type) -> None:
        made = msgspec.defstruct(
            "StoredSheet", [("state", state), ("last", dict[str, str]), ("sent", dict[str, str]), ("held", list[Held])]
        )
        self._decoder = msgspec.json.Decoder(made)

    def read(self, stored: bytes) -> Sheet:
        """The sheet in `stored`; raises msgspec.ValidationError where it is of an unknown shape."""
        found: Any = self._decoder.decode(stored)
        return Sheet(found.state, found.last, found.sent, found.held)

    def head(self, document: dict[str, Any]) -> Head:
        """The last commit of a case as it is stored; raises msgspec.ValidationError as `read` does, UnknownFormat for a later release's."""
        if document["format"] > FORMAT:
            raise UnknownFormat(f"format {document['format']}")
        waits = {each["id"]: each["at"] for each in document.get("waits", ())}
        stored = bytes(document["state"])
        return Head(
            document["case"],
            document["n"],
            document["hash"],
            document["now"],
            self.read(stored),
            document.get("due"),
            len(stored),
            waits,
        )
