"""A database that was restored from a backup: what it lost is made again by the service itself, to the byte, before it hears anything."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pika
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.network import Network
from tests.bench.whole import OFFICE, application
from tests.chassis.ground import until
from tests.faults.lives import Lives, carry, introduce
from tests.recording.memory import ROOT
from xianjie import journal
from xianjie.agency import Agency
from xianjie.cli import network as seen
from xianjie.cli.verify import verified
from xianjie.envelope import CONTENT_TYPE
from xianjie.message import SERVICES
from xianjie.topology import AGENCIES_OUT, EVENTS
from xianjie.vocabulary import Mode

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
Documents = dict[str, list[dict[str, Any]]]
COLLECTIONS = ("log", "parked", "leases")
HASHED = (
    "_id", "case", "n", "prev", "hash", "cause", "key", "heard", "now", "said", "state", "digests", "versions", "salt", "status", "outcome",
)  # fmt: skip


def database(client: MongoClient[dict[str, Any]], network: Network, service: str) -> Database[dict[str, Any]]:
    return client[f"{network.name}_{service}"]


def taken(there: Database[dict[str, Any]]) -> Documents:
    """A backup."""
    return {name: list(there[name].find()) for name in COLLECTIONS}


def put_back(there: Database[dict[str, Any]], backup: Documents) -> None:
    for name, documents in backup.items():
        there[name].delete_many({})
        if documents:
            there[name].insert_many(documents)


def hours_ago(backup: Documents) -> Documents:
    """The same backup, if the service had last run on it two hours ago: else it would not be taken for an older copy."""
    leases = [{**each, **({"at": each["at"] - timedelta(hours=2)} if each["_id"] == "seen" else {})} for each in backup["leases"]]
    return {**backup, "leases": leases}


def logs(there: Database[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every commit, as far as it is hashed, and which is the last of its case."""
    found = there.log.find().sort("_id", 1)
    return [{**{name: each.get(name) for name in HASHED}, "head": "head" in each, "due": each.get("due")} for each in found]


def rest(network: Network) -> None:
    live = seen.find(network.file)
    until(lambda: not any(live.ask(each, "/unsaid")["count"] for each in SERVICES), "everything is said", 30)


@pytest.fixture
def went(lives: Lives) -> Lives:
    """A network through which three cases went."""
    for service in SERVICES:
        lives.network.processes[service] = lives.start(service)
    lives.network.wait_known("routing", "directory", introduce(lives.network))
    carry(lives.network, (f"early-{k}" for k in range(3)))
    lives.network.write()
    rest(lives.network)
    return lives


@pytest.mark.parametrize("services", [(each,) for each in SERVICES] + [SERVICES], ids=lambda each: "-".join(each))
def test_what_a_restored_database_lost_is_there_again_to_the_byte(went: Lives, services: tuple[str, ...]) -> None:
    network = went.network
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        backups = {each: hours_ago(taken(database(client, network, each))) for each in services}
        carry(network, (f"late-{k}" for k in range(4)))
        rest(network)
        network.stop()
        before = {each: logs(database(client, network, each)) for each in services}
        for each in services:
            put_back(database(client, network, each), backups[each])
            assert len(logs(database(client, network, each))) < len(before[each])
        for each in SERVICES:
            network.processes[each] = went.start(each)
        for each in services:
            assert logs(database(client, network, each)) == before[each]
    network.write()
    found = verified(seen.find(network.file))
    assert (found.faults, found.parked, found.kept) == ([], 0, 0)
    carry(network, ["after"])


def test_a_database_that_is_gone_altogether_is_made_again(went: Lives) -> None:
    network = went.network
    network.stop()
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        before = logs(database(client, network, "mediation"))
        client.drop_database(f"{network.name}_mediation")
        network.processes["mediation"] = went.start("mediation")
        assert logs(database(client, network, "mediation")) == before
    assert len(before) > 10


def test_what_waits_in_the_queue_comes_after_what_was_lost(went: Lives) -> None:
    network = went.network
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        backup = hours_ago(taken(database(client, network, "intake")))
        carry(network, ["late"])
        rest(network)
        network.stop("intake")
        with Agency(network.uri(OFFICE), OFFICE) as office:
            office.say(application(1), "waiting", mode=Mode.TEST)
        before = logs(database(client, network, "intake"))
        put_back(database(client, network, "intake"), backup)
        network.processes["intake"] = went.start("intake")
        until(
            lambda: any(each["case"] == "waiting" for each in logs(database(client, network, "intake"))),
            "the new case is there",
            30,
        )
        after = {each["_id"]: each for each in logs(database(client, network, "intake"))}
    assert len(before) > 10
    for each in before:  # what waited may go on with a register, of which another commit is the last then, and has what is due
        now = after[each["_id"]]
        last = {} if now["head"] == each["head"] else {name: now[name] for name in ("head", "due")}
        assert now == {**each, **last}
    line = next(each for log in went.logs for each in log.read_text().splitlines() if '"restored"' in each)
    assert '"other":0' in line.replace(" ", "")


def unreadable(case: str) -> bytes:
    """What routing would say of a leg, in a way that no contract has."""
    found = json.loads((ROOT / "contracts/samples/routing.leg_taken.v1.json").read_bytes())
    return json.dumps({**found, "subject": case, "id": str(uuid.uuid4()), "data": {**found["data"], "leg": "no leg"}}).encode()


def test_what_was_parked_is_parked_again_with_what_came_behind_it(went: Lives) -> None:
    network = went.network
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        there = database(client, network, "mediation")
        backup = hours_ago(taken(there))
        with pika.BlockingConnection(pika.URLParameters(network.uri("routing"))) as connection:
            body = unreadable("early-0")
            connection.channel().basic_publish(
                EVENTS,
                "routing.routing.leg_taken.v1.mediation",
                body,
                pika.BasicProperties(headers={"case": "early-0"}, delivery_mode=2),
            )
        until(lambda: there.parked.count_documents({}) == 1, "it is parked", 20)
        carry(network, ["late"])
        rest(network)
        network.stop("mediation")
        put_back(there, backup)
        network.processes["mediation"] = went.start("mediation")
        assert [bytes(each["body"]) for each in there.parked.find()] == [body]
        assert (there.parked.find_one() or {})["case"] == "early-0"
    line = next(each for log in went.logs for each in log.read_text().splitlines() if '"restored"' in each)
    assert json.loads(line)["taken_in"] == 1


def returned(network: Network, id: str, case: str, subject: str) -> None:
    """Something that intake says to a body without an inbox: it comes back by the side lane, and nothing told so before."""
    found = json.loads((ROOT / "contracts/samples/receipt.given.v1.json").read_bytes())
    body = json.dumps({**found, "id": id, "source": "/services/intake", "subject": subject}).encode()
    properties = pika.BasicProperties(headers={"case": case}, delivery_mode=2, content_type=CONTENT_TYPE)
    with pika.BlockingConnection(pika.URLParameters(network.uri("intake"))) as connection:
        connection.channel().basic_publish(AGENCIES_OUT, "CN-XX-NOPE.receipt.given.v1", body, properties)


def test_what_came_back_is_sought_in_a_second_reading(went: Lives) -> None:
    network = went.network
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        there = database(client, network, "routing")
        backup = hours_ago(taken(there))
        known = there.log.count_documents({})
        returned(network, "came-back-1", "early-0", "early-0")
        returned(network, "came-back-2", "early-1", "no case at all")
        until(lambda: there.log.count_documents({"key": {"$regex": "^unread "}}) == 2, "both are committed", 20)
        carry(network, ["late"])
        rest(network)
        network.stop("routing")
        before = logs(there)
        assert len(before) > known + 10
        put_back(there, backup)
        network.processes["routing"] = went.start("routing")
        assert logs(there) == before
    line = json.loads(next(each for log in went.logs for each in log.read_text().splitlines() if '"restored"' in each))
    assert (line["missing"], line["other"]) == (0, 0)


def test_under_another_salt_nobody_is_told_twice(went: Lives) -> None:
    """Every hash comes out otherwise; what was said stands in the journal, and is not said again."""
    network = went.network
    with MongoClient[dict[str, Any]](network.machine.database.uri(), tz_aware=True) as client:
        there = database(client, network, "intake")
        backup = hours_ago(taken(there))
        carry(network, ["late"])
        rest(network)
        network.stop("intake")
        ids = [each.id for each in journal.read(network.uri("operator"))]
        put_back(there, backup)
        network.processes["intake"] = went.start("intake", XIANJIE_SALT="another salt than before")
        again = list(journal.read(network.uri("operator")))[len(ids) :]
        assert [each.key for each in again] == ["intake.log.committed.v1"], "the word by which it found the end of the journal"
        assert there.parked.count_documents({}) == 0
    carry(network, ["after"])
    network.write()
    found = verified(seen.find(network.file))
    assert found.parked == 0
    assert all("with another hash than in the log" in each for each in found.faults), found.faults
