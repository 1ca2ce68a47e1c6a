"""The file of an agency: one SQLite database, held by one process, in which what was committed survives a power cut."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

from xianjie.office.schema import MARK, STEPS
from xianjie.trouble import StoreFault

BUSY = 5.0
"""Seconds that a write waits for another one, as for an operator's beside a running agency."""
SAYS = {
    "SQLITE_FULL": "the disk is full, or the file has reached its limit: make room; nothing of this was kept",
    "SQLITE_READONLY": "it cannot be written: check who owns the file and its folder, and whether the disk is mounted read-only",
    "SQLITE_CANTOPEN": "it cannot be opened: check that the folder is there and may be written",
    "SQLITE_NOTADB": "it is no database: name another file, or move this one aside",
    "SQLITE_CORRUPT": "it is damaged: move it aside and put back a copy; what was said since the copy is to be said again",
    "SQLITE_BUSY": "another process writes to it and does not end: try again",
    "SQLITE_IOERR": "the disk does not take or give it: check the disk",
}


class Store:
    """The open file. Every thread may use it; one at a time does. Raises `StoreFault` for whatever the file or the disk refuses."""

    def __init__(self, path: str | os.PathLike[str], owner: str) -> None:
        """Open it for the agency `owner` (`/agencies/<code>`), making or upgrading it; `StoreFault` where another process holds it."""
        self.path = Path(path).resolve()  # one lock for one file, by whatever name
        self._one = threading.RLock()
        with _told(self.path):
            self._lock: sqlite3.Connection | None = _held(self.path)
            try:
                _touch(self.path)
                self._db = _connected(self.path, "rw")
                try:
                    self._prepare(owner)
                except BaseException:
                    self._db.close()
                    raise
            except BaseException:
                self._lock.close()
                raise

    @classmethod
    def beside(cls, path: Path, *, write: bool = False) -> Self:
        """The same for an operator, beside the agency that may hold it: nothing is made, nothing is upgraded."""
        self = cls.__new__(cls)
        self.path, self._one, self._lock = path, threading.RLock(), None
        if not path.is_file():
            raise StoreFault(f"{path}: there is no such file; an agency makes it, as the store that it is given")
        with _told(path):
            self._db = _connected(path, "rw" if write else "ro")
            try:
                if _version(self._db, path) != len(STEPS):
                    raise StoreFault(f"{path}: it was written by another version of the client: use that one's command")
            except BaseException:
                self._db.close()
                raise
        return self

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written within is kept, or nothing is."""
        with self._one, _told(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """For reading."""
        with self._one, _told(self.path):
            yield self._db

    def close(self) -> None:
        """Let go of it; another process may hold it then."""
        with self._one:
            self._db.close()
            if self._lock:
                self._lock.close()

    def _prepare(self, owner: str) -> None:
        version = _version(self._db, self.path)
        if version > len(STEPS):
            raise StoreFault(f"{self.path}: it was written by a later version of the client: install that one")
        if self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise StoreFault(f"{self.path}: {SAYS['SQLITE_CORRUPT']}")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        with self.transaction() as db:
            for step, statements in enumerate(STEPS[version:], version + 1):
                for each in statements:
                    db.execute(each)
                db.execute(f"PRAGMA user_version = {step}")
            db.execute(f"PRAGMA application_id = {MARK}")
            db.execute("INSERT OR IGNORE INTO about VALUES ('owner', ?)", (owner,))
            found = _about(db, "owner")
            if found != owner:
                raise StoreFault(f"{self.path}: it belongs to {found}, not to {owner}: each agency needs a file of its own")
            db.execute("INSERT OR REPLACE INTO about VALUES ('process', ?)", (str(os.getpid()),))


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", BUSY, 0, None, check_same_thread=False, uri=True)


def _held(path: Path) -> sqlite3.Connection:
    """The lock, which the operating system lets go of when the process ends in whatever way."""
    lock = sqlite3.connect(f"{path}-lock", 0, 0, None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as fault:
        lock.close()
        if fault.sqlite_errorname != "SQLITE_BUSY":
            raise
        raise StoreFault(
            f"{path}: another process{_holder(path)} has it open: end that one first, or name another file"
        ) from None
    return lock


def _holder(path: Path) -> str:
    with suppress(sqlite3.Error), closing(_connected(path, "ro")) as db:
        return f" ({_about(db, 'process')})"
    return ""


def _touch(path: Path) -> None:
    """For its owner alone: it holds what is said and heard."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _version(db: sqlite3.Connection, path: Path) -> int:
    """The version of its tables, 0 of an empty file; `StoreFault` for a database of somebody else's."""
    (mark,), (tables,) = (
        db.execute("PRAGMA application_id").fetchone(),
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone(),
    )
    if mark != MARK and (mark or tables):
        raise StoreFault(f"{path}: it is a database of another program, and stays as it is: name another file")
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _about(db: sqlite3.Connection, name: str) -> str:
    return str(db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()[0])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever SQLite or the system refuses, in words."""
    try:
        yield
    except sqlite3.Error as fault:
        name = getattr(fault, "sqlite_errorname", "")
        says = next((says for code, says in SAYS.items() if name.startswith(code)), f"{fault}")
        raise StoreFault(f"{path}: {says}") from fault
    except OSError as fault:
        raise StoreFault(f"{path}: {fault.strerror}: check that the folder is there and may be written") from fault
