"""How an agency's file stands: what waits, what was set aside and why; and a person's word on what was."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from xianjie.office.outbox import moment


@dataclass(frozen=True, slots=True)
class Aside:
    """One message that a person must see to. `way`: `said`, refused by the broker for the reason `code`; or `heard`, and its handler failed."""

    way: Literal["said", "heard"]
    id: str
    case: str
    type: str
    at: datetime
    why: str
    code: str | None = None
    behind: int = 0
    """Of one that was heard: how many of its case wait behind it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many messages wait to go out, and since when the oldest; how many are not answered or not handled yet; what was set aside.

    `trouble`: why nothing goes out at the moment, if anything is wrong.
    """

    waiting: int
    oldest: datetime | None
    unanswered: int
    unhandled: int
    aside: tuple[Aside, ...]
    trouble: str | None = None

    def age(self, now: datetime) -> timedelta:
        """How long the oldest has waited to go out; nothing where none waits."""
        return now - self.oldest if self.oldest else timedelta()


def standing(db: sqlite3.Connection, trouble: str | None = None) -> Standing:
    """As it is now."""
    waiting, oldest = db.execute("SELECT count(*), min(at) FROM said WHERE state = 'waiting'").fetchone()
    (unanswered,) = db.execute("SELECT count(*) FROM said WHERE state = 'sent' AND status IS NULL").fetchone()
    (unhandled,) = db.execute("SELECT count(*) FROM heard WHERE state = 'waiting'").fetchone()
    return Standing(waiting, moment(oldest) if oldest else None, unanswered, unhandled, (*_refused(db), *_poisoned(db)), trouble)


def _refused(db: sqlite3.Connection) -> list[Aside]:
    rows = db.execute("""SELECT id, "case", type, at, why, code FROM said WHERE state = 'aside' ORDER BY n""")
    return [Aside("said", id, case, type, moment(at), why, code) for id, case, type, at, why, code in rows]


def _poisoned(db: sqlite3.Connection) -> list[Aside]:
    rows = db.execute("""SELECT id, "case", type, at, why, (SELECT count(*) FROM heard AS later WHERE later."case" = one."case"
        AND later.n > one.n AND later.state <> 'done') FROM heard AS one WHERE state = 'aside' ORDER BY n""")
    return [Aside("heard", id, case, type, moment(at), why, None, behind) for id, case, type, at, why, behind in rows]


def retry(db: sqlite3.Connection, id: str | None = None) -> int:
    """Let what was set aside under this id go its way again, or all of it; how many there were. A running agency sees it within seconds."""
    which, named = ("AND id = ?", (id,)) if id else ("", ())
    said = db.execute(f"UPDATE said SET state = 'waiting', code = NULL, why = NULL WHERE state = 'aside' {which}", named).rowcount
    heard = db.execute(
        f"UPDATE heard SET state = 'waiting', tries = 0, hold = 0, first = NULL, why = NULL WHERE state = 'aside' {which}", named
    )
    return said + heard.rowcount


def drop(db: sqlite3.Connection, id: str) -> int:
    """Give up what was set aside under this id: it is never said, or never handled, and its case goes on. How many there were."""
    said = db.execute("UPDATE said SET state = 'dropped', body = x'' WHERE state = 'aside' AND id = ?", (id,)).rowcount
    heard = db.execute("UPDATE heard SET state = 'done', body = x'' WHERE state = 'aside' AND id = ?", (id,)).rowcount
    return said + heard
