"""The file of an agency: made, locked, upgraded, and refused in words where it is not what it should be."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from xianjie.agency import Agency
from xianjie.messages.case import CaseReviewed
from xianjie.office import file as files
from xianjie.office.file import Store
from xianjie.trouble import StoreFault, Trouble

WHO = "/agencies/CN-SH-IPO"
NOBODY = "amqp://a:b@127.0.0.1:9/x"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "office.sqlite"


@pytest.fixture
def office(path: Path) -> Iterator[Agency]:
    """An agency with a file, and no broker."""
    with Agency(NOBODY, "CN-SH-IPO", store=path) as office:
        yield office


def test_what_was_committed_is_on_the_disk_and_the_file_is_for_its_owner_alone(path: Path) -> None:
    with closing(Store(path, WHO)) as store, store.look() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_second_process_is_told_which_one_has_it(path: Path, office: Agency) -> None:
    """Also where it does nothing but open it; and when the first has ended, it may."""
    code = f"from xianjie.agency import Agency; Agency({NOBODY!r}, 'CN-SH-IPO', store={str(path)!r}).close()"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"another process ({os.getpid()}) has it open: end that one first" in second.stderr
    office.close()
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_file_cannot_be_opened_twice_in_one_process(path: Path, office: Agency) -> None:
    with pytest.raises(StoreFault, match="has it open"):
        Agency(NOBODY, "CN-SH-IPO", store=path)


@pytest.mark.parametrize("kind", ["a symbolic link", "a link to its folder"])
def test_the_same_file_by_another_name_is_the_same_file(path: Path, office: Agency, kind: str) -> None:
    """Two processes on one file would handle everything twice."""
    other = (
        path.parent.with_name(f"{path.parent.name} linked") / path.name if kind.endswith("folder") else path.with_name("other")
    )
    if kind.endswith("folder"):
        other.parent.symlink_to(path.parent)
    else:
        other.symlink_to(path.name)
    with pytest.raises(StoreFault, match="has it open"):
        Agency(NOBODY, "CN-SH-IPO", store=other)


def test_another_agencys_file_is_refused(path: Path, office: Agency) -> None:
    office.close()
    with pytest.raises(StoreFault, match="belongs to /agencies/CN-SH-IPO, not to /agencies/CN-BJ-IPO"):
        Agency(NOBODY, "CN-BJ-IPO", store=path)
    Agency(NOBODY, "CN-SH-IPO", store=path).close()


def test_what_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"a letter to the court, in plain words\n" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreFault, match="no database: name another file"):
        Store(path, WHO)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE clients (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreFault, match="database of another program, and stays as it is"):
        Store(path, WHO)
    assert path.read_bytes() == before


def test_a_damaged_file_is_named_with_what_to_do(path: Path, office: Agency) -> None:
    for n in range(200):
        office.say(CaseReviewed(verdict="accept", text="x" * 500), f"c-{n}")
    office.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 20] = os.urandom(4096 * 17)
    path.write_bytes(content)
    with pytest.raises(StoreFault, match="it is damaged: move it aside and put back a copy"):
        Store(path, WHO)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"nowhere/office.sqlite: it cannot be opened: check that the folder is there"):
        Store(tmp_path / "nowhere/office.sqlite", WHO)


def test_a_file_that_may_not_be_written_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user without the right finds it; here the connection is opened so, for root may write everything."""
    Store(path, WHO).close()
    real = files._connected
    monkeypatch.setattr(files, "_connected", lambda path, _: real(path, "ro"))
    with pytest.raises(StoreFault, match="it cannot be written: check who owns the file"):
        Store(path, WHO)


def say_for_ever(office: Agency) -> None:
    while True:
        office.say(CaseReviewed(verdict="accept", text="x" * 900), "c-1")


def test_a_full_disk_is_said_nothing_is_half_kept_and_it_goes_on_when_there_is_room(path: Path, office: Agency) -> None:
    """The limit of pages is how SQLite meets a disk that takes no more."""
    store = office._kept().store
    with store.look() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 8}")
    with pytest.raises(StoreFault, match=r"office.sqlite: the disk is full.*nothing of this was kept"):
        say_for_ever(office)
    kept = office.outbox().waiting
    assert kept > 0
    with store.look() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    office.say(CaseReviewed(verdict="accept"), "c-1")
    assert office.outbox().waiting == kept + 1


def test_an_older_file_is_upgraded_with_what_it_holds(path: Path, office: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, in one transaction; a later one is left alone."""
    id = office.say(CaseReviewed(verdict="accept"), "c-1")
    office.close()
    with monkeypatch.context() as later:
        later.setattr(files, "STEPS", (*files.STEPS, ("ALTER TABLE said ADD COLUMN colour TEXT DEFAULT 'red'",)))
        for _ in range(2):
            with closing(Store(path, WHO)) as store, store.look() as db:
                assert db.execute("SELECT id, colour FROM said").fetchall() == [(id, "red")]
                assert db.execute("PRAGMA user_version").fetchone() == (2,)
    with pytest.raises(StoreFault, match="written by a later version of the client: install that one"):
        Store(path, WHO)


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(path: Path, office: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    office.close()
    with monkeypatch.context() as later:
        later.setattr(files, "STEPS", (*files.STEPS, ("ALTER TABLE said ADD COLUMN colour TEXT", "SELECT nonsense")))
        with pytest.raises(StoreFault, match="nonsense"):
            Store(path, WHO)
    Store(path, WHO).close()


def test_a_closed_agency_says_so_and_may_be_closed_again(office: Agency) -> None:
    office.close()
    office.close()
    with pytest.raises(Trouble, match="closed"):
        office.say(CaseReviewed(verdict="accept"), "c-1")


def test_what_needs_a_store_says_so() -> None:
    with Agency(NOBODY, "CN-SH-IPO") as office:
        for ask in (office.outbox, office.start, office.unanswered, lambda: office.receipt("m", 1), lambda: office.answered("m")):
            with pytest.raises(
                ValueError, match=r"has no store: this needs one, as in Agency\(uri, code, store='office.sqlite'\)"
            ):
                ask()
