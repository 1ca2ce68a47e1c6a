"""The agency client with a store, against a real broker: what is said is never lost, what is heard is handled once, whatever fails."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pika.exceptions import AMQPError

from tests.broker.network import CODE, OTHER, THEN, Network
from tests.chassis.ground import until
from xianjie import envelope
from xianjie.agency import Agency, Received, Refused, Retries
from xianjie.messages.case import CaseReviewed
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.referral import ReferralAccepted, ReferralAcknowledged, ReferralMoved, ReferralOffered
from xianjie.vocabulary import Ground, LegKind, Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

OFFER = ReferralOffered(leg="L1", track=Track.MEDIATION, kind=LegKind.DELEGATE, sender=OTHER, right="design")
MOVED = ReferralMoved(leg="L1", state="declined", body=OTHER)
SOON = Retries(times=3, first=0.05, longest=0.1)
Open = Callable[..., Agency]


@pytest.fixture(scope="module", autouse=True)
def settled(two_agencies: Network) -> None:
    """A broker that is killed soon after a queue was made may not find it again: it has ended in order once since."""
    two_agencies.broker.restart()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "office.sqlite"


@pytest.fixture
def life(network: Network, store: Path) -> Iterator[Open]:
    """A maker of lives of one office, each on the same file; the one before is over."""
    lives: list[Agency] = []

    def begin(heartbeat: int = 30, **more: object) -> Agency:
        end()
        lives.append(Agency(f"{network.uri(CODE)}?heartbeat={heartbeat}", CODE, store=store, **more))  # type: ignore[arg-type]
        return lives[-1]

    def end() -> None:
        while lives:
            lives.pop().close()

    yield begin
    end()
    until(lambda: emptied(network), "every queue answers again")


def emptied(network: Network) -> bool:
    """A broker that was killed answers for its queues a moment after it takes connections."""
    try:
        network.empty()
    except AMQPError:
        return False
    return True


def numbered(n: int) -> CaseReviewed:
    """Something to say that is known again."""
    return CaseReviewed(verdict="accept", text=f"{n}")


def texts(network: Network) -> list[int]:
    return [int(each.message.text) for each in network.heard_by("intake") if isinstance(each.message, CaseReviewed)]


# --- speaking


def test_what_is_said_is_in_the_file_first_and_goes_out_in_order(network: Network, life: Open) -> None:
    office = life()
    ids = [office.say(numbered(n), f"c-{n % 3}") for n in range(50)]
    until(lambda: office.said == 50, "all is confirmed")
    assert (office.outbox().waiting, office.outbox().unanswered, office.outbox().oldest) == (0, 50, None)
    assert [each.id for each in network.heard_by("intake")] == ids


def test_what_is_said_while_the_broker_is_away_goes_out_when_it_is_back(network: Network, life: Open) -> None:
    """`say` does not wait and does not fail; how much waits, since when and why, can be asked."""
    office = life()
    network.broker.kill()
    try:
        began = time.monotonic()
        for n in range(20):
            office.say(numbered(n), "c-1")
        assert time.monotonic() - began < 5
        until(lambda: office.outbox().trouble, "it has noticed")
        found = office.outbox()
        assert (found.waiting, found.aside) == (20, ())
        assert found.oldest
        assert timedelta() < found.age(found.oldest + timedelta(seconds=3)) == timedelta(seconds=3)
        assert "127.0.0.1" in (found.trouble or "")
    finally:
        network.broker.start()
    until(lambda: office.outbox().waiting == 0, "all has gone out", 60)
    assert office.outbox().trouble is None
    assert texts(network) == [*range(20)]


def test_what_did_not_go_out_in_one_life_goes_out_in_the_next(network: Network, life: Open, store: Path) -> None:
    """The same bytes, in the same order; nothing needs to be said for it."""
    with Agency("amqp://a:b@127.0.0.1:9/x", CODE, store=store) as alone:
        ids = [alone.say(numbered(n), "c-1") for n in range(5)]
    office = life().open().open()
    office.say(numbered(5), "c-1")
    until(lambda: office.outbox().waiting == 0, "all has gone out")
    heard = network.heard_by("intake")
    assert [each.id for each in heard][:5] == ids
    assert [each.message for each in heard] == [numbered(n) for n in range(6)]


def test_a_life_that_says_nothing_still_empties_the_outbox(network: Network, life: Open, store: Path) -> None:
    with Agency("amqp://a:b@127.0.0.1:9/x", CODE, store=store) as alone:
        alone.say(numbered(1), "c-1")
    life().start()
    until(lambda: network.left_in("intake.1") == 1, "it has gone out")


def test_what_the_broker_refuses_for_good_is_set_aside_with_its_reason_and_holds_up_nobody(network: Network, life: Open) -> None:
    """Among many that go out together; a person can let it go again, or drop it."""
    office = life()
    network.broker.kill()
    try:
        for n in range(10):
            office.speaker = OTHER if n in (3, 7) else CODE
            office.say(numbered(n), "c-1")
    finally:
        network.broker.start()
    until(lambda: office.outbox().waiting == 0, "all has been tried", 60)
    aside = office.outbox().aside
    assert [(each.way, each.case, each.code) for each in aside] == [("said", "c-1", "not_allowed")] * 2
    assert "may not do this" in aside[0].why
    assert aside[0].why.endswith("and nothing else")
    assert list(dict.fromkeys(texts(network))) == [0, 1, 2, 4, 5, 6, 8, 9]


def test_many_threads_may_say_at_once(network: Network, life: Open) -> None:
    """Each in its own order, and from the first word on; one thread speaks for all."""
    office = life()

    together = threading.Barrier(5)

    def talk(which: int) -> None:
        together.wait()
        for n in range(40):
            office.say(numbered(n), f"c-{which}")

    threads = [threading.Thread(target=talk, args=(which,)) for which in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    until(lambda: office.said == 200, "all is confirmed")
    assert [each.name for each in threading.enumerate() if each.name.startswith("xianjie mouth")] == [
        f"xianjie mouth /agencies/{CODE}"
    ]
    heard = network.heard_by("intake")
    for which in range(5):
        assert [each.message for each in heard if each.subject == f"c-{which}"] == [numbered(n) for n in range(40)]


def test_the_same_said_again_is_one_message_and_the_same_id_in_other_words_is_refused(network: Network, life: Open) -> None:
    office = life()
    for _ in range(2):
        office.say(numbered(1), "c-1", id="m-1", time=THEN)
    with pytest.raises(envelope.Invalid, match="/id was said before, in other words"):
        office.say(numbered(2), "c-1", id="m-1", time=THEN)
    until(lambda: office.said == 1, "it is confirmed")
    assert texts(network) == [1]


# --- receipts


def test_each_message_knows_its_receipt_and_what_has_none_is_listed(network: Network, life: Open) -> None:
    office = life()
    first, second = office.say(numbered(1), "c-1"), office.say(numbered(2), "c-1")
    assert office.answered(first) is None
    until(lambda: len(office.unanswered()) == 2, "both are with the broker")
    network.tell(ReceiptGiven(to=first, status=202), CODE)
    network.tell(ReceiptGiven(to=first, status=409, first=202), CODE)
    receipt = office.receipt(first, 10)
    assert receipt == ReceiptGiven(to=first, status=202)
    assert [each.id for each in office.unanswered()] == [second]
    assert office.unanswered(timedelta(hours=1)) == []
    assert office.receipt(second, 0.1) is None
    with pytest.raises(KeyError, match="nothing was said under the id m-none"):
        office.answered("m-none")
    received = office.hear(5)
    assert received is not None
    assert received.message == receipt, "whoever waits for one takes nothing from who hears"
    until(lambda: office.outbox().unhandled == 2, "the second has come")
    assert office.receipt(first, 0) == receipt, "that it was known already is no news"


def test_a_refusing_receipt_goes_to_its_handler_and_others_to_theirs(network: Network, life: Open) -> None:
    office = life()
    refused: list[Received[ReceiptGiven]] = []
    others: list[Received[ReceiptGiven]] = []
    office.on_refusal(refused.append)
    office.on(ReceiptGiven, others.append)
    id = office.say(numbered(1), "c-1")
    network.tell(ReceiptGiven(to="x", status=202), CODE)
    network.tell(ReceiptGiven(to=id, status=403, ground=Ground.NOT_YOURS, text="not yours"), CODE)
    with office.start():
        until(lambda: refused, "the refusal is handed over")
    assert [each.message.to for each in refused + others] == [id, "x"]


# --- hearing


def test_what_a_handler_says_is_kept_with_the_mark_that_the_message_is_done_or_not_at_all(network: Network, life: Open) -> None:
    """It fails halfway: nothing was said. The second time it says the same under the same ids, at the moment of the first."""
    office = life(retries=SOON)
    seen: list[tuple[str, str, bool]] = []

    @office.on(ReferralOffered)
    def answer(received: Received[ReferralOffered]) -> None:
        ids = [office.say(shape(leg=received.message.leg), received.case) for shape in (ReferralAcknowledged, ReferralAccepted)]
        seen.append((ids[0], ids[1], received.redelivered))
        if len(seen) == 1:
            raise LookupError("halfway")

    offer = network.tell(OFFER, CODE)
    with office.start():
        until(lambda: len(seen) == 2, "it was handled twice")
        until(lambda: office.said == 3, "all is confirmed")
    assert (seen[0][:2], seen[0][2], seen[1][2]) == (seen[1][:2], False, True)
    heard = network.heard_by("routing")
    assert [each.message.name for each in heard] == ["referral.delivered", "referral.acknowledged", "referral.accepted"]
    assert [each.id for each in heard[1:]] == [*seen[0][:2]]
    assert {each.attributes.causationid for each in heard} == {offer}
    assert heard[1].attributes.time == heard[2].attributes.time


def test_what_was_done_in_one_life_is_known_in_the_next(network: Network, life: Open) -> None:
    """The broker delivers it once more: it is neither handled nor answered again."""
    heard: list[str] = []
    for marker in ("m-2", "m-3"):  # what comes after it, so that it is known to have been taken in
        network.tell(OFFER, CODE, id="m-1")
        network.tell(MOVED, CODE, id=marker)
        with life().start(lambda received: heard.append(received.heard.id)):
            until(lambda wanted=marker: wanted in heard, "what comes after it is heard")
    assert heard == ["m-1", "m-2", "m-3"]
    assert [each.message.name for each in network.heard_by("routing")] == ["referral.delivered"]


def test_a_message_that_always_fails_is_set_aside_its_case_waits_and_others_go_on(network: Network, life: Open) -> None:
    """Nothing that the handler said of it may be seen, for it may name people; after a person's word all goes on in order."""
    office = life(retries=SOON)
    broken, handled = [True], list[str]()

    def handle(received: Received) -> None:
        if received.heard.id == "m-2" and broken[0]:
            raise LookupError("张三, 13800000000")
        handled.append(received.heard.id)

    for id, case in (("m-1", "c-1"), ("m-2", "c-1"), ("m-3", "c-2"), ("m-4", "c-1"), ("m-5", "c-2")):
        network.tell(MOVED, CODE, case, id)
    with office.start(handle):
        until(lambda: office.outbox().aside, "it is set aside")
        until(lambda: len(handled) == 3, "the other case goes on")
        assert handled == ["m-1", "m-3", "m-5"]
        (aside,) = office.outbox().aside
        assert (aside.way, aside.id, aside.case, aside.behind) == ("heard", "m-2", "c-1", 1)
        assert aside.why.startswith("LookupError at test_agency_store.py:")
        assert aside.why.endswith(" in handle")
        assert "张三" not in repr(office.outbox())
        broken[0] = False
    assert network.left_in(f"agency.{CODE}") == 0


def test_a_handler_may_take_longer_than_the_heartbeat(network: Network, life: Open) -> None:
    """The connection is looked after by another thread: what comes meanwhile is taken in, nothing is delivered twice."""
    office = life(heartbeat=1)
    seen: list[tuple[str, bool]] = []
    waited = threading.Event()

    def slow(received: Received) -> None:
        seen.append((received.heard.id, received.redelivered))
        if len(seen) == 1:
            line = office._desk.ear._line  # type: ignore[union-attr]
            time.sleep(5)  # five heartbeats, after two of which the broker hangs up
            network.tell(MOVED, CODE, "c-1", "m-2")
            until(lambda: office.outbox().unhandled == 2, "what comes meanwhile is taken in", 10)
            assert office._desk.ear._line is line  # type: ignore[union-attr]
            waited.set()

    network.tell(MOVED, CODE, "c-1", "m-1")
    with office.start(slow):
        until(lambda: len(seen) == 2, "both are handled", 20)
    assert waited.is_set()
    assert seen == [("m-1", False), ("m-2", False)]


def test_it_goes_on_after_the_broker_was_killed_while_messages_come_and_go(network: Network, life: Open) -> None:
    """In callbacks: what was heard before is answered while the broker is away, and the answers go out when it is back."""
    office = life()
    gone, back = threading.Event(), threading.Event()

    @office.on(ReferralOffered)
    def accept(received: Received[ReferralOffered]) -> None:
        if received.case == "c-1":
            gone.wait(60)
        office.say(ReferralAcknowledged(leg=received.message.leg), received.case)
        if received.case == "c-2":
            back.set()

    with office.start():
        network.tell(OFFER, CODE, "c-1")
        until(lambda: office.said == 1, "the receipt of the offer is confirmed")
        network.broker.kill()
        gone.set()
        until(lambda: office.outbox().waiting == 1, "the answer waits")
        network.broker.start()
        network.tell(OFFER, CODE, "c-2")
        assert back.wait(60)
        until(lambda: office.outbox().waiting == 0, "all has gone out", 60)
    assert [(each.message.name, each.subject) for each in network.heard_by("routing")] == [
        ("referral.delivered", "c-1"), ("referral.acknowledged", "c-1"),
        ("referral.delivered", "c-2"), ("referral.acknowledged", "c-2"),
    ]  # fmt: skip


def test_a_broker_that_blocks_publishers_is_outlasted_while_messages_are_heard(network: Network, life: Open) -> None:
    """It is short of memory: what is said waits, and what comes is handled; afterwards all goes out."""
    office = life(limit=1.0)
    heard: list[str] = []
    with office.start(lambda received: heard.append(received.heard.id)):
        office.say(numbered(0), "c-1")
        until(lambda: office.said == 1, "it is connected")
        network.tell(MOVED, CODE, "c-1", "m-1")
        until(lambda: heard == ["m-1"], "it hears")
        network.broker.ctl("set_vm_memory_high_watermark", "0.0001")
        try:
            office.say(numbered(1), "c-1")
            until(lambda: office.outbox().trouble, "it has noticed", 30)
            assert office.outbox().waiting == 1
        finally:
            network.broker.ctl("set_vm_memory_high_watermark", "0.6")
        until(lambda: office.outbox().waiting == 0, "it has gone out", 30)
    assert list(dict.fromkeys(texts(network))) == [0, 1]


def test_connections_that_are_cut_again_and_again_are_made_anew(network: Network, life: Open) -> None:
    """Both of them; nothing is handled twice."""
    office = life()
    heard: list[str] = []
    with office.start(lambda received: heard.append(received.heard.id)):
        network.tell(MOVED, CODE, "c-1", "m-1")
        until(lambda: heard == ["m-1"], "it hears")
        for _ in range(3):
            network.broker.cut(CODE, "a test")
        network.tell(MOVED, CODE, "c-1", "m-2")
        until(lambda: heard == ["m-1", "m-2"], "it hears again")


def test_hearing_by_hand_works_out_of_the_file_as_it_does_over_a_line(network: Network, life: Open) -> None:
    """What is not done comes again in the next life; what is done does not."""
    ids = [network.tell(MOVED, CODE), network.tell(MOVED, CODE)]
    office = life()
    first, second = office.hear(5), office.hear(5)
    assert first
    assert second
    assert [first.heard.id, second.heard.id] == ids
    assert (first.redelivered, second.redelivered) == (False, False)
    assert office.hear(0) is None
    office.done(first)
    again = life().hear(5)
    assert again
    assert (again.heard.id, again.redelivered) == (ids[1], True)


def test_wrong_credentials_end_hearing_and_set_nothing_aside(network: Network, store: Path) -> None:
    """What was said waits until somebody has mended it."""
    uri = network.broker.uri(network.vhost, CODE, "wrong")
    with Agency(uri, CODE, store=store) as office:
        office.say(numbered(1), "c-1")
        with pytest.raises(Refused, match="check both for blanks"):
            office.run(print)
        until(lambda: office.outbox().trouble, "it has noticed")
        assert (office.outbox().waiting, office.outbox().aside) == (1, ())
    with Agency(network.uri(CODE), CODE, store=store) as office:
        office.start()
        until(lambda: office.outbox().waiting == 0, "it has gone out")


@pytest.mark.timeout(400)
def test_ten_thousand_messages_go_out_in_order(network: Network, life: Open, store: Path) -> None:
    """Said while the broker is away; the rates are printed."""
    began = time.monotonic()
    with Agency("amqp://a:b@127.0.0.1:9/x", CODE, store=store) as alone:
        for n in range(10_000):
            alone.say(numbered(n), f"c-{n % 100}")
        kept = time.monotonic() - began
    began = time.monotonic()
    office = life().open()
    office.say(numbered(10_000), "c-0")
    until(lambda: office.outbox().waiting == 0, "all has gone out", 120)
    sent = time.monotonic() - began
    print(f"\n10,000 messages: kept at {10_000 / kept:,.0f}/s, sent at {10_000 / sent:,.0f}/s")
    assert texts(network) == [*range(10_001)]
