"""The outbox: what an agency says, in order, from the moment it is said until the network has answered."""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xianjie import envelope
from xianjie.envelope import Fault, Invalid
from xianjie.messages.log import ReceiptGiven
from xianjie.topology import Address
from xianjie.vocabulary import CHINA
from xianjie.voice import Utterance

WELCOME = (202, 409)
"""Answers after which a message need not be kept any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message on its way out, and its place in the order."""

    n: int
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that the broker has and the network has not answered, since when."""

    id: str
    case: str
    type: str
    sent: datetime


def moment(at: float) -> datetime:
    """As people read it."""
    return datetime.fromtimestamp(at, CHINA)


def put(db: sqlite3.Connection, utterance: Utterance, now: float) -> None:
    """Say it. The same again is no second one; `Invalid` for the same id in other words, which the network would refuse."""
    digest = hashlib.sha256(utterance.body).digest()
    known = db.execute("SELECT digest FROM said WHERE id = ?", (utterance.id,)).fetchone()
    if known is None:
        db.execute(
            'INSERT INTO said (id, "case", type, exchange, key, body, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            (utterance.id, utterance.case, utterance.type, *utterance.to, utterance.body, digest, now),
        )
    elif known[0] != digest:
        raise Invalid([Fault("/id", "was said before, in other words: give what is new an id of its own")])


def waiting(db: sqlite3.Connection, count: int) -> list[Waiting]:
    """The first that are to go out, in order."""
    rows = db.execute(
        """SELECT n, id, "case", type, exchange, key, body FROM said WHERE state = 'waiting' ORDER BY n LIMIT ?""", (count,)
    )
    return [Waiting(n, Utterance(id, case, type, Address(*to), body)) for n, id, case, type, *to, body in rows]


def sent(db: sqlite3.Connection, those: Sequence[Waiting], now: float) -> None:
    """The broker has them."""
    db.executemany(
        "UPDATE said SET state = 'sent', sent = ? WHERE n = ? AND state = 'waiting'", ((now, each.n) for each in those)
    )


def set_aside(db: sqlite3.Connection, n: int, code: str, why: str) -> None:
    """The broker says no for good; what comes after it goes on."""
    db.execute("UPDATE said SET state = 'aside', code = ?, why = ? WHERE n = ? AND state = 'waiting'", (code, why, n))


def answer(db: sqlite3.Connection, given: ReceiptGiven, body: bytes, now: float) -> None:
    """The network answers what was said. That it knows it already is no news where it has answered before."""
    row = db.execute("SELECT n, status FROM said WHERE id = ?", (given.to,)).fetchone()
    if row is None or (row[1] is not None and given.status == 409):
        return
    db.execute(
        """UPDATE said SET status = ?, receipt = ?, sent = coalesce(sent, ?), state = CASE state WHEN 'waiting' THEN 'sent' ELSE state END,
        body = CASE WHEN ? THEN x'' ELSE body END WHERE n = ?""",
        (given.status, body, now, given.status in WELCOME, row[0]),
    )


def answered(db: sqlite3.Connection, id: str) -> ReceiptGiven | None:
    """The receipt of what was said under this id, once it came; KeyError if nothing was."""
    row = db.execute("SELECT receipt FROM said WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise KeyError(f"nothing was said under the id {id}, or too long ago")
    given = envelope.read(row[0]).message if row[0] else None
    return given if isinstance(given, ReceiptGiven) else None


def unanswered(db: sqlite3.Connection, before: float) -> list[Unanswered]:
    """What the broker has had since before then, oldest first, without an answer."""
    rows = db.execute(
        """SELECT id, "case", type, sent FROM said WHERE state = 'sent' AND status IS NULL AND sent <= ? ORDER BY sent, n""",
        (before,),
    )
    return [Unanswered(id, case, type, moment(at)) for id, case, type, at in rows]


def forget(db: sqlite3.Connection, before: float) -> None:
    """What went out, or was dropped, before then."""
    db.execute("DELETE FROM said WHERE state IN ('sent', 'dropped') AND coalesce(sent, at) < ?", (before,))
