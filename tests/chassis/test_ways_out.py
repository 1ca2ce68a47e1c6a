"""Every way out of the path of a message: whatever goes wrong with it, it has a durable outcome, and its sender hears."""

import json
from datetime import UTC, datetime, timedelta

import pika
import pytest

from tests.chassis.ground import BODY, Ground, encode, progressed, taken, until
from xianjie.message import Message
from xianjie.messages.tracks import MEDIATION
from xianjie.topology import AGENCIES_IN, address

pytestmark = pytest.mark.broker
KEY = f"{BODY}.mediation.progressed.v1"


def test_an_agencys_message_is_committed_said_and_answered_once(ground: Ground) -> None:
    probe = ground.probe()
    ground.report("c-1", "m-1", progressed("say 2"))
    assert ground.receipts(1)["m-1"][0]["status"] == 202
    assert [each.data["text"] for each in ground.heard_by("routing.1", 2)] == ["m-1/0", "m-1/1"]
    until(
        lambda: ground.store.log.count_documents({"unsent": True}) == 0,
        "its mark is taken away, once the broker has what it said",
    )
    (commit,) = ground.commits("c-1")
    assert (commit["cause"]["source"], commit["cause"]["id"]) == (f"/agencies/{BODY}", "m-1")
    probe.sound("c-1")


def test_what_cannot_be_read_or_fails_its_contract_is_kept_with_bytes_and_every_fault_and_answered_422(ground: Ground) -> None:
    ground.probe()
    good = json.loads(encode(progressed(), "c-1", f"/agencies/{BODY}", "m-1"))
    bad = {**good, "specversion": "0.9", "data": {"leg": "seven", "step": "Mediated!"}}
    bodies = [b"\xff\xfe no JSON", b"[1, 2", json.dumps(bad).encode()]
    ground.publish([(AGENCIES_IN, KEY, "c-1", body) for body in bodies])
    answers = ground.receipts(3)
    assert {name: [each["status"] for each in given] for name, given in answers.items()} == {
        "unreadable": [422, 422],
        "m-1": [422],
    }
    assert {each.split()[0] for each in answers["m-1"][0]["faults"]} == {"/specversion", "/data/leg", "/data/step"}
    kept = ground.kept()
    assert sorted(bytes(each["heard"]) for each in kept) == sorted(bodies)
    assert all(each["faults"] and each["headers"] == [{"name": "case", "value": "c-1"}] for each in kept)
    ground.report("c-1", "m-2", progressed())  # its case is not held up
    assert ground.receipts(1)["m-2"][0]["status"] == 202


def test_what_is_unknown_here_or_contradicts_its_header_is_kept_and_answered_422_and_blocks_nothing(ground: Ground) -> None:
    probe = ground.probe()
    good = encode(progressed(), "c-1", f"/agencies/{BODY}", "m-1")
    unknown = good.replace(b"mediation.progressed.v1", b"mediation.progressed.v9")
    foreign = encode(progressed(), "c-1", "/agencies/CN-OTHER", "m-2")
    early = encode(progressed(), "c-1", f"/agencies/{BODY}", "m-3", time=datetime.now(UTC) + timedelta(minutes=6))
    ground.publish(
        [
            (AGENCIES_IN, KEY, "c-1", unknown),
            (AGENCIES_IN, KEY, "c-2", good),
            (AGENCIES_IN, KEY, pika.BasicProperties(), good.replace(b'"m-1"', b'"m-4"')),
            (AGENCIES_IN, KEY, "c-1", foreign),
            (AGENCIES_IN, KEY, "c-1", early),
        ]
    )
    answers = ground.receipts(5)
    faults = [each["faults"][0] for given in answers.values() for each in given]
    assert sorted(each.split()[0] for each in faults) == ["/source", "/subject", "/subject", "/time", "/type"]
    assert all(each["status"] == 422 for given in answers.values() for each in given)
    assert (len(ground.kept()), ground.decided(), ground.parked()) == (5, 0, [])
    assert probe.metric("heard_total", outcome="kept") == 5


def test_the_same_message_again_is_answered_409_with_the_first_answer_and_changes_nothing(ground: Ground) -> None:
    ground.probe()
    for order, first in (("", 202), ("refuse 410", 410), ("refuse 403", 403)):
        body = ground.report(f"c-{first}", f"m-{first}", progressed(order))
        assert ground.receipts(1)[f"m-{first}"][0]["status"] == first
        for _ in range(2):  # each time it is said, it is answered
            ground.publish([(AGENCIES_IN, KEY, f"c-{first}", body)])
            (again,) = ground.receipts(1)[f"m-{first}"]
            assert (again["status"], again["first"]) == (409, first)
        assert len(ground.commits(f"c-{first}")) == 1


def test_the_same_invalid_bytes_again_are_answered_again_and_kept_once(ground: Ground) -> None:
    ground.probe()
    for _ in range(2):
        ground.publish([(AGENCIES_IN, KEY, "c-1", b"{}")] * 2)
        ground.publish([(AGENCIES_IN, KEY, "c-1", b"{}")])
        assert len(ground.receipts(3)["unreadable"]) == 3
    assert len(ground.kept()) == 1


def test_repetitions_within_one_batch_are_taken_once(ground: Ground) -> None:
    body = encode(progressed("say 1"), "c-1", f"/agencies/{BODY}", "m-1")
    ground.publish([(AGENCIES_IN, KEY, "c-1", body)] * 5)
    ground.probe()
    assert sorted(each["status"] for each in ground.receipts(5)["m-1"]) == [202, 409, 409, 409, 409]
    assert len(ground.heard_by("routing.1")) == len(ground.commits("c-1")) == 1


def test_the_same_identity_with_other_bytes_is_no_repetition_but_invalid(ground: Ground) -> None:
    ground.probe()
    ground.report("c-1", "m-1", progressed())
    ground.receipts(1)
    other = ground.report("c-1", "m-1", progressed("say 1"))
    (answer,) = ground.receipts(1)["m-1"]
    assert (answer["status"], answer["faults"][0].split()[0]) == (422, "/id")
    assert [bytes(each["heard"]) for each in ground.kept()] == [other]
    ground.publish([(AGENCIES_IN, KEY, "c-1", other)])  # and once more, now that it is kept
    assert ground.receipts(1)["m-1"][0]["status"] == 409
    assert len(ground.commits("c-1")) == 1


@pytest.mark.parametrize(("order", "status", "ground_"), [("refuse 410", 410, "too_late"), ("refuse 403", 403, "not_yours")])
def test_what_the_protocol_does_not_allow_is_noted_in_the_log_and_answered_with_the_reason(
    ground: Ground, order: str, status: int, ground_: str
) -> None:
    ground.probe()
    ground.report("c-1", "m-1", progressed(order))
    (answer,) = ground.receipts(1)["m-1"]
    assert (answer["status"], answer["ground"], answer["text"]) == (status, ground_, "the probe was told to refuse")
    (commit,) = ground.commits("c-1")
    assert (commit["outcome"], commit["said"][0]["type"]) == ("refused", "xianjie.log.noted.v1")


def test_an_invalid_message_of_our_own_services_makes_its_case_wait_and_no_other(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "the first is decided")
    broken = encode(taken(), "c-1", "/services/routing", "m-2", "m-1").replace(b'"L1"', b'"leg one"')
    ground.publish([(*address("routing", taken().name, 1, "mediation"), "c-1", broken)])
    until(lambda: ground.parked("c-1"), "the case is parked")
    ground.tell(("c-1", "m-3", taken()), ("c-2", "n-1", taken()), after={"c-1": "m-2"})
    until(lambda: ground.tale("c-2") == ["n-1"], "the other case goes on")
    first, second = until(lambda: len(found := ground.parked("c-1")) == 2 and found, "the next one waits behind it")
    assert (bytes(first["body"]), first["fingerprint"], second["fingerprint"]) == (broken, "invalid-invalid", None)
    assert "/data/leg" in first["error"]
    probe.sound("c-1")


def test_what_contradicts_its_header_parks_nothing_even_if_one_of_our_own_said_it(ground: Ground) -> None:
    ground.probe()
    body = encode(taken(), "c-1", "/services/routing", "m-1")
    ground.publish([(*address("routing", taken().name, 1, "mediation"), "c-2", body)])
    until(ground.kept, "it is kept")
    assert ground.parked() == []


@pytest.mark.parametrize("order", ["nobody", "big", "grow"])
def test_a_rule_that_says_what_nobody_takes_parks_its_case_and_stops_nothing(ground: Ground, order: str) -> None:
    said: Message = taken(order)
    ground.tell(("c-1", "m-1", said), ("c-2", "n-1", taken()))
    probe = ground.probe()
    until(lambda: ground.parked("c-1") and ground.tale("c-2") == ["n-1"], "one is parked, the other goes on")
    assert (ground.commits("c-1"), probe.metric("outages_total", which="broker")) == ([], 0)


def test_a_write_that_the_database_refuses_parks_its_case_and_what_stood_before_it_stands(ground: Ground) -> None:
    probe = ground.probe()
    ground.store.command("collMod", "log", validator={"case": {"$ne": "c-2"}})
    probe.drain()
    ground.tell(*[(f"c-{at}", f"m-{at}-{turn}", taken("say 1")) for turn in (1, 2) for at in (1, 2, 3)])
    probe.again()
    until(lambda: ground.decided() == 4 and len(ground.parked("c-2")) == 2, "one case is parked, the others are decided")
    assert ground.parked("c-2")[0]["fingerprint"] == "refused"
    assert len(ground.heard_by("routing.1", 4)) == 4
    assert probe.metric("outages_total", which="database") == 0
    ground.store.command("collMod", "log", validator={})
    until(lambda: ground.tale("c-2") == ["m-2-1", "m-2-2"], "the ladder tries again")
    probe.sound("c-1", "c-2", "c-3")


def test_what_waits_behind_a_parked_message_is_written_once_though_a_commit_beside_it_is_refused(ground: Ground) -> None:
    probe = ground.probe()
    ground.store.command("collMod", "log", validator={"case": {"$ne": "c-2"}})
    ground.tell(("c-9", "m-9-0", taken("raise")))
    until(lambda: ground.parked("c-9"), "a case is parked")
    ground.store.parked.update_many({}, {"$set": {"hold_until": None}})
    probe.drain()
    ground.tell(("c-1", "m-1", taken("say 1")), ("c-9", "m-9-1", taken()), ("c-2", "m-2", taken()), after={"c-9": "m-9-0"})
    bodies = [encode(progressed(), "c-9", f"/agencies/{BODY}", f"a-{at}") for at in range(3)]
    ground.publish([(AGENCIES_IN, KEY, "c-9", body) for body in bodies])
    ground.tell(("c-3", "m-3", taken("say 1")), ("c-2", "m-2-1", taken("say 1")), after={"c-2": "m-2"})
    probe.again()
    until(lambda: ground.decided() == 2 and len(ground.parked("c-2")) == 2, "one more case is parked, the others are decided")
    waiting = [each["key"].split()[1] for each in ground.parked("c-9")]
    assert waiting == ["m-9-0", "m-9-1", "a-0", "a-1", "a-2"]
    assert len(ground.heard_by("routing.1", 2)) == 2
    told = [each["cause"] for each in probe.lines("message") if each["case"] == "c-9"]
    assert told == waiting[1:]
    ground.publish([(AGENCIES_IN, KEY, "c-9", bodies[1])])  # nobody was told before that it is known
    (again,) = ground.receipts(1)["a-1"]
    assert (again["status"], again.get("first")) == (409, None)


def test_a_reader_that_stood_still_while_another_took_over_goes_on_from_what_stands(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken()))
    until(lambda: ground.tale("c-1") == ["m-1"], "the first is decided")
    other = ground.probe()  # waits as the second reader of the partition, until the first is stopped
    probe.process.pause()
    try:
        ground.machine.broker.cut("mediation", "the first stands still")
        ground.tell(("c-1", "m-2", taken()), after={"c-1": "m-1"})
        until(lambda: ground.tale("c-1") == ["m-1", "m-2"], "the second reader is the active one")
    finally:
        probe.process.send(18)
    other.drain()
    ground.tell(("c-1", "m-3", taken()), after={"c-1": "m-2"})
    until(lambda: ground.tale("c-1") == ["m-1", "m-2", "m-3"], "the first, old as its memory was, went on from what stands")
    probe.sound("c-1")


def test_a_commit_that_another_writer_slipped_in_is_found_and_the_message_is_decided_on_top_of_it(ground: Ground) -> None:
    probe = ground.probe()
    ground.tell(("c-1", "m-1", taken("say 1")))
    until(
        lambda: ground.tale("c-1") == ["m-1"] and ground.store.log.count_documents({"unsent": True}) == 0, "the first is decided"
    )
    probe.process.pause()
    _slip_in(ground)
    probe.process.send(18)
    ground.tell(("c-1", "m-3", taken("say 1")), ("c-2", "n-1", taken()), after={"c-1": "m-1"})
    until(lambda: ground.tale("c-2") == ["n-1"] and len(ground.commits("c-1")) == 3, "it is decided again, on top of the other's")
    assert probe.lines("fenced")
    assert ground.parked() == []
    probe.sound("c-1")


def _slip_in(ground: Ground) -> None:
    """Commit 2 of c-1, such as another process of the same service would write it: a note."""
    from datetime import UTC, datetime

    from services.chassis import commit
    from services.chassis.writing import Writing
    from tests.chassis.ground import SALT
    from tests.chassis.orders import Tale, evolve
    from xianjie.deciding import Given, Note
    from xianjie.envelope import read

    (last,) = ground.commits("c-1")
    head = commit.Sheets(Tale).head(last)
    body = encode(progressed(), "c-1", f"/agencies/{BODY}", "x-1")
    write = Writing("mediation", "c-1", head.sheet, Given(last["now"]), None, lambda *_: [Note("slipped in")], evolve)
    write.take(read(body), None)
    cause = {"source": f"/agencies/{BODY}", "id": "x-1"}
    document = commit.make(
        head, "c-1", cause, body, last["now"], write.said, write.sheet, None, last["versions"], SALT.encode(),
        status=202, outcome="noted", type=MEDIATION.progressed.name, at=datetime.now(UTC), exchange="", glance={},
    )  # fmt: skip
    document.pop("unsent")
    ground.store.log.insert_one(document)


@pytest.mark.parametrize("name", ["directory", "clock", "dup-1", "kept-1"])
def test_no_case_has_a_name_that_the_network_keeps_for_itself(ground: Ground, name: str) -> None:
    """It would be folded into another log, and stand in no list."""
    ground.probe()
    ground.report(name, "a-1", progressed("say 1"))
    ((answer,),) = ground.receipts(1).values()
    assert answer["status"] == 422
    assert any("/subject" in each for each in answer["faults"])
    assert not ground.commits(name)
