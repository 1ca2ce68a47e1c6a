"""The inbox: what an agency hears, kept before it is acknowledged, handed out in the order of each case, done once."""

import sqlite3
from dataclasses import dataclass

from xianjie import envelope
from xianjie.envelope import Heard, Invalid


@dataclass(frozen=True, slots=True)
class Kept:
    """One message out of the file. `tries`: how often it was handed out, this time included. `first`: when that was first, in seconds."""

    n: int
    heard: Heard
    tries: int
    first: float


_READY = """SELECT n, body, tries, first FROM heard AS one WHERE state = 'waiting' AND hold <= :now AND life <> :life AND NOT EXISTS (
    SELECT 1 FROM heard AS before WHERE before."case" = one."case" AND before.n < one.n AND before.state <> 'done'
    AND (before.state = 'aside' OR before.hold > :now)) ORDER BY n LIMIT 1"""
"""The first whose time has come, that this life has not in hand, and before which no other of its case was set aside or waits."""


def keep(db: sqlite3.Connection, heard: Heard, body: bytes, now: float) -> bool:
    """Whether it is new."""
    made = db.execute(
        'INSERT OR IGNORE INTO heard (source, id, "case", type, body, at) VALUES (?, ?, ?, ?, ?, ?)',
        (heard.source, heard.id, heard.subject, heard.attributes.type, body, now),
    )
    return bool(made.rowcount)


def ready(db: sqlite3.Connection, now: float, life: str) -> bool:
    """Whether one may be handed out now."""
    return db.execute(_READY, {"now": now, "life": life}).fetchone() is not None


def hand_out(db: sqlite3.Connection, now: float, life: str) -> Kept | None:
    """The next one, if its time has come; it is counted that it was handed out, so that what ends the process does not come for ever."""
    row = db.execute(_READY, {"now": now, "life": life}).fetchone()
    if row is None:
        return None
    n, body, tries, first = row[0], row[1], row[2] + 1, row[3] or now
    try:
        heard = envelope.read(body)
    except Invalid as fault:
        set_aside(db, n, f"this version of the client does not understand it ({fault.code})")
        return None
    db.execute("UPDATE heard SET tries = ?, first = ?, life = ? WHERE n = ?", (tries, first, life, n))
    return Kept(n, heard, tries, first)


def next_hold(db: sqlite3.Connection, now: float) -> float | None:
    """When the next one that waits for another try may be handed out."""
    found = db.execute("SELECT min(hold) FROM heard WHERE state = 'waiting' AND hold > ?", (now,)).fetchone()[0]
    return None if found is None else float(found)


def done(db: sqlite3.Connection, n: int) -> None:
    """It is dealt with: only that is remembered of it, not what it said."""
    db.execute("UPDATE heard SET state = 'done', body = x'', why = NULL WHERE n = ?", (n,))


def hold(db: sqlite3.Connection, n: int, until: float, why: str) -> None:
    """It failed, and is tried again then."""
    db.execute("UPDATE heard SET hold = ?, life = '', why = ? WHERE n = ?", (until, why, n))


def give_back(db: sqlite3.Connection, n: int) -> None:
    """It was handed out in vain, through no fault of its own."""
    db.execute("UPDATE heard SET tries = max(0, tries - 1), life = '' WHERE n = ?", (n,))


def set_aside(db: sqlite3.Connection, n: int, why: str) -> None:
    """It is tried no more until a person says so, and what follows in its case waits."""
    db.execute("UPDATE heard SET state = 'aside', life = '', why = ? WHERE n = ?", (why, n))


def forget(db: sqlite3.Connection, before: float) -> None:
    """What was done and came before then."""
    db.execute("DELETE FROM heard WHERE state = 'done' AND at < ?", (before,))
