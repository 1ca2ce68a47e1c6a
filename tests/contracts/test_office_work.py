"""Working through the inbox of an agency's file: who gets what, what happens to what fails, what is forgotten when. Without a broker."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.chassis.ground import until
from xianjie import envelope
from xianjie.agency import Agency, Received, Retries
from xianjie.message import Message
from xianjie.messages.case import CaseReviewed
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.proceeding import Opened
from xianjie.messages.referral import ReferralAcknowledged, ReferralMoved
from xianjie.messages.tracks import COURT, MEDIATION
from xianjie.office import inbox, outbox
from xianjie.office.mouth import KEPT
from xianjie.trouble import StoreFault
from xianjie.vocabulary import CHINA, LegKind

MOVED = ReferralMoved(leg="L1", state="declined", body="CN-A")
OPENED = {"leg": "L1", "kind": LegKind.FILE, "sender": "CN-A", "stage": "filed"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Agency]:
    with opened(tmp_path) as office:
        yield office


def opened(folder: Path) -> Agency:
    """An agency with a file, which looks for no broker."""
    retries = Retries(times=3, first=0)
    office = Agency("amqp://a:b@127.0.0.1:9/x", "CN-SH-IPO", store=folder / "office.sqlite", limit=0.1, retries=retries)
    for thread in (office._kept().mouth, office._kept().ear):
        thread.start = lambda _=None: None  # type: ignore[method-assign]
    return office


def hear(office: Agency, id: str, message: Message = MOVED, case: str = "c-1", at: float | None = None) -> None:
    """It has come in."""
    attributes = envelope.attributes(
        message, case, f"/services/{message.said_by[0]}", id, time=datetime(2024, 3, 1, tzinfo=CHINA)
    )
    body = envelope.write(attributes, message)
    with office._kept().store.transaction() as db:
        inbox.keep(db, envelope.read(body), body, at or time.time())


def work(office: Agency, until: str) -> list[str]:
    """Let it run until this message is handed out; the ids of all that were."""
    seen: list[str] = []

    def note(received: Received) -> None:
        seen.append(received.heard.id)
        office.dispatch(received)
        if received.heard.id == until:
            office.stop()

    office.run(note)
    return seen


def test_each_message_goes_to_the_handler_of_its_class_else_of_its_shape_else_to_the_last(office: Agency) -> None:
    got: list[tuple[str, str]] = []
    office.on(COURT.opened, lambda received: got.append(("court", received.heard.id)))
    office.on(Opened, lambda received: got.append(("any track", received.heard.id)))
    hear(office, "m-1", COURT.opened(**OPENED))
    hear(office, "m-2", MEDIATION.opened(**OPENED))
    hear(office, "m-3")
    office.otherwise(lambda received: got.append(("otherwise", received.heard.id)))
    work(office, "m-3")
    assert got == [("court", "m-1"), ("any track", "m-2"), ("otherwise", "m-3")]
    with pytest.raises(ValueError, match="Opened has a handler already"):
        office.on(Opened, print)


@pytest.mark.parametrize(
    ("status", "first", "refused"), [(202, None, False), (403, None, True), (409, 202, False), (409, 422, True)]
)
def test_a_receipt_that_refuses_is_told_from_one_that_does_not(office: Agency, status: int, first: int, refused: bool) -> None:
    got: list[str] = []
    office.on_refusal(lambda _: got.append("refused"))
    office.on(ReceiptGiven, lambda _: got.append("taken"))
    hear(office, "m-1", ReceiptGiven(to="x", status=status, first=first))
    work(office, "m-1")
    assert got == ["refused" if refused else "taken"]


def test_what_no_handler_is_for_is_done_with(office: Agency) -> None:
    hear(office, "m-1")
    work(office, "m-1")
    assert office.outbox().unhandled == 0


def test_a_message_on_which_the_process_dies_each_time_is_set_aside(tmp_path: Path) -> None:
    """It cannot be caught where it happens; it is counted before."""
    for _ in range(3):
        office = opened(tmp_path)
        hear(office, "m-1")
        assert office._kept().next(0) is not None
        office._kept().store.close()  # and nothing more: as a power cut
    with opened(tmp_path) as office:
        hear(office, "m-2", case="c-2")
        assert work(office, "m-2") == ["m-2"]
        assert [(each.id, each.why) for each in office.outbox().aside] == [
            ("m-1", "the process ended while it was handled, 3 times")
        ]  # fmt: skip


def test_ctrl_c_in_a_handler_leaves_nothing_said_and_does_not_count_as_a_failure(office: Agency) -> None:
    hear(office, "m-1")

    def interrupted(received: Received) -> None:
        office.say(ReferralAcknowledged(leg="L1"), received.case)
        raise KeyboardInterrupt

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            office.run(interrupted)
    assert (office.outbox().waiting, office.outbox().unhandled, office.outbox().aside) == (0, 1, ())


def test_a_run_after_the_end_is_refused_at_once_and_one_under_way_ends_with_it(office: Agency) -> None:
    """Nothing waits for a file that will not come back."""
    seen = threading.Event()
    hear(office, "m-1")
    running = threading.Thread(target=office.run, args=(lambda _: seen.set(),), daemon=True)
    running.start()
    assert seen.wait(10)
    office.close()
    running.join(10)
    assert not running.is_alive()
    with pytest.raises(StoreFault, match="it was closed: open the agency anew"):
        office.run(print)


def test_a_close_between_the_last_message_and_the_last_look_at_the_outbox_ends_the_run_too(
    office: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes has let out what waited; the run has nothing more to say of it, and no fault."""
    desk = office._kept()
    look = desk._waiting

    def closed_first() -> bool:
        monkeypatch.setattr(desk, "_waiting", look)
        office.close()
        return look()

    monkeypatch.setattr(desk, "_waiting", closed_first)
    hear(office, "m-1")
    with capture_logs() as logs:
        office.run(lambda _: office.stop())
    assert desk.closed
    assert not [each for each in logs if each["event"] == "file in trouble"]


def test_what_is_no_message_is_no_message_to_say(office: Agency) -> None:
    with pytest.raises(TypeError, match="and no str"):
        office.say("hello", "c-1")  # type: ignore[arg-type]


def test_while_the_disk_is_full_a_run_waits_and_goes_on_when_there_is_room(office: Agency) -> None:
    """What the handler said is kept once, and the handler is not called again for it. The limit of pages is SQLite's full disk."""
    store, calls = office._kept().store, list[str]()

    def limit(pages: str) -> None:
        with store.look() as db:
            db.execute(f"PRAGMA max_page_count = {pages or db.execute('PRAGMA page_count').fetchone()[0]}")

    def wordy(received: Received) -> None:
        calls.append(received.heard.id)
        limit("")
        for n in range(100):
            office.say(CaseReviewed(verdict="accept", text=f"{n} " + "x" * 2000), received.case)

    hear(office, "m-1")
    with capture_logs() as logs:
        office.start(wordy)
        until(lambda: [each for each in logs if each["event"] == "file in trouble"], "it waits")
        assert office.outbox().waiting == 0
        limit("1000000")
        until(lambda: office.outbox().waiting == 100, "there is room")
        office.stop(wait=10)
    assert "the disk is full" in logs[0]["why"]
    assert (calls, office.outbox().unhandled) == (["m-1"], 0)


def test_what_this_version_does_not_understand_any_more_is_set_aside_and_others_go_on(office: Agency) -> None:
    hear(office, "m-1")
    with office._kept().store.transaction() as db:
        db.execute("""UPDATE heard SET body = ?""", (b'{"specversion":"1.0","type":"xianjie.referral.sung.v9","data":{}}',))
    hear(office, "m-2", case="c-2")
    assert work(office, "m-2") == ["m-2"]
    assert ["does not understand it" in each.why for each in office.outbox().aside] == [True]


def test_a_receipt_cannot_be_awaited_within_a_handler(office: Agency) -> None:
    hear(office, "m-1")
    found: list[str] = []

    def ask(received: Received) -> None:
        id = office.say(ReferralAcknowledged(leg="L1"), received.case)
        with pytest.raises(ValueError, match="goes out when it returns"):
            office.receipt(id, 1)
        found.append(id)

    office.on(ReferralMoved, ask)
    work(office, "m-1")
    assert office.answered(found[0]) is None


def test_what_is_done_is_remembered_for_thirty_days_and_what_waits_for_ever(office: Agency) -> None:
    long_ago = time.time() - KEPT - 60
    for id, at in (("m-1", long_ago), ("m-2", time.time())):
        hear(office, id, at=at)
        received = office.hear(0)
        assert received
        office.done(received)
    hear(office, "m-3", at=long_ago)
    ids = [office.say(CaseReviewed(verdict="accept"), "c-1") for _ in range(3)]
    with office._kept().store.transaction() as db:
        first, second, third = outbox.waiting(db, 3)
        outbox.sent(db, [first], long_ago)
        outbox.sent(db, [second], time.time())
        db.execute("UPDATE said SET at = ? WHERE n = ?", (long_ago, third.n))
    office._kept().mouth._tidy()
    with office._kept().store.look() as db:
        assert [row[0] for row in db.execute("SELECT id FROM heard ORDER BY n")] == ["m-2", "m-3"]
        assert [row[0] for row in db.execute("SELECT id FROM said ORDER BY n")] == ids[1:]
