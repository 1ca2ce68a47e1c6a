"""The local machine: a real broker and a real database, private, on loopback, gone without a trace when stopped."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest
from pika.exceptions import AMQPError, ChannelClosedByBroker
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError
from typer.testing import CliRunner

from deploy.local.__main__ import app
from deploy.local.broker import Broker
from deploy.local.broker_settings import has_api
from deploy.local.database import Database
from deploy.local.given import GivenBroker, GivenDatabase
from deploy.local.machine import HOME, Machine
from deploy.local.network import Network
from deploy.local.ports import EPHEMERAL, free_ports
from deploy.local.process import PROC, MachineError, Process
from deploy.local.running import bring_up, take_down
from xianjie.definitions import password_hash

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

DURABLE = {"vhost": "try/1", "durable": True, "auto_delete": False}
DEFINITIONS = {
    "vhosts": [{"name": "try/1"}],
    "users": [
        {
            "name": "court",
            "password_hash": password_hash("p@ss:/word"),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": "",
        }
    ],
    "permissions": [{"user": "court", "vhost": "try/1", "configure": "^$", "write": "^in$", "read": "^$"}],
    "topic_permissions": [{"user": "court", "vhost": "try/1", "exchange": "in", "write": r"^court\.", "read": "^$"}],
    "exchanges": [
        {**DURABLE, "name": "in", "type": "topic", "internal": False, "arguments": {}},
        {
            **DURABLE,
            "name": "split",
            "type": "x-consistent-hash",
            "internal": False,
            "arguments": {"hash-header": "case"},
        },
    ],
    "queues": [
        {**DURABLE, "name": "work", "arguments": {"x-queue-type": "quorum"}},
        {**DURABLE, "name": "journal", "arguments": {"x-queue-type": "stream"}},
    ],
    "bindings": [
        {
            "vhost": "try/1",
            "arguments": {},
            "source": source,
            "destination": to,
            "destination_type": kind,
            "routing_key": key,
        }
        for source, to, kind, key in [
            ("in", "split", "exchange", "#"),
            ("in", "journal", "queue", "#"),
            ("split", "work", "queue", "1"),
        ]
    ],
}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One machine for these tests, in a folder whose name makes trouble: a blank and a character that is not ASCII."""
    machine = Machine(tmp_path_factory.mktemp("machine") / "a checkout 衔", environ={})
    machine.up()
    yield machine
    machine.down()


def test_in_a_folder_that_its_plugin_cannot_stand_the_node_runs_without_the_api(machine: Machine, tmp_path: Path) -> None:
    """The management plugin ends the node where a folder's name is not ASCII; bodies then join there by rabbitmqctl."""
    assert machine.broker.running
    assert machine.broker.api() is None
    assert (has_api(machine.home), has_api(tmp_path)) == (False, True)


@pytest.fixture(scope="module")
def broker(machine: Machine) -> Broker:
    """The machine's broker, holding the definitions above."""
    assert isinstance(machine.broker, Broker)
    machine.broker.import_definitions(DEFINITIONS)
    return machine.broker


@pytest.fixture(scope="module")
def database(machine: Machine) -> Database:
    """The machine's database."""
    assert isinstance(machine.database, Database)
    return machine.database


def say(broker: Broker, body: bytes, key: str = "court.accepted") -> None:
    """The court says something, and the broker has confirmed it."""
    parameters = pika.URLParameters(broker.uri("try/1", "court", "p@ss:/word"))
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("in", key, body, pika.BasicProperties(delivery_mode=2, headers={"case": "c-1"}))


def waiting(broker: Broker, queue: str, offset: str | None = None) -> list[bytes]:
    """What waits in a queue, or in a stream from an offset on; taken from the one, only read in the other."""
    found: list[bytes] = []
    with pika.BlockingConnection(pika.URLParameters(broker.uri("try/1"))) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=100)
        arguments = {"x-stream-offset": offset} if offset else {}
        for method, _, body in channel.consume(queue, arguments=arguments, inactivity_timeout=1):
            if method is None:
                break
            found.append(body)
            channel.basic_ack(method.delivery_tag)
        channel.cancel()
    return found


def listeners(processes: list[Process]) -> set[str]:
    """The local addresses (as the kernel writes them) on which these processes listen."""
    sockets = {
        os.readlink(link) for process in processes for link in (PROC / str(process.pid) / "fd").iterdir() if link.is_symlink()
    }
    found = set()
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                found.add(words[1].rpartition(":")[0])
    return found


def own(machine: Machine) -> list[Process]:
    """Every process of a machine."""
    roots = [machine.broker.record.process("broker"), machine.broker.record.process("epmd")]
    roots.append(machine.database.record.process("database"))
    return [process for root in roots if root for process in [root, *root.family()]]


def test_what_the_definitions_name_is_there_and_carries_messages(broker: Broker) -> None:
    """A message goes through the hashing exchange into the quorum queue, and into the stream beside it."""
    say(broker, b"accepted")
    assert waiting(broker, "work") == [b"accepted"]
    assert b"accepted" in waiting(broker, "journal", offset="first")


def test_a_user_speaks_only_under_its_own_routing_key(broker: Broker) -> None:
    """The topic permission holds: nobody speaks for another body."""
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        say(broker, b"forged", key="police.accepted")


def test_nobody_gets_in_with_the_password_every_broker_has(broker: Broker) -> None:
    """There is no user guest."""
    with pytest.raises(AMQPError):
        pika.BlockingConnection(pika.URLParameters(broker.uri("/", "guest", "guest")))


def test_importing_again_changes_nothing_and_is_quick(broker: Broker) -> None:
    """Definitions may be imported at every start; a call takes a second or two, and many times that on a machine that does other things."""
    say(broker, b"kept")
    began = time.monotonic()
    broker.import_definitions(DEFINITIONS)
    assert time.monotonic() - began < 20
    assert waiting(broker, "work") == [b"kept"]


def test_a_confirmed_message_survives_the_broker_being_killed(broker: Broker) -> None:
    """A confirm means it is on disk, in queue and stream; the broker comes back at the same address."""
    before = broker.uri()
    say(broker, b"confirmed")
    broker.kill()
    assert not broker.running
    broker.start()
    assert broker.uri() == before
    assert waiting(broker, "work") == [b"confirmed"]
    assert b"confirmed" in waiting(broker, "journal", offset="first")


def test_a_paused_broker_answers_nothing_until_resumed(broker: Broker) -> None:
    """Pausing is an outage that no connection notices by itself."""
    broker.pause()
    confirmed = threading.Thread(target=say, args=(broker, b"late"))
    try:
        confirmed.start()
        confirmed.join(1)
        assert confirmed.is_alive()
    finally:
        broker.resume()
    confirmed.join(20)
    assert waiting(broker, "work") == [b"late"]


def test_a_virtual_host_can_be_removed_twice(broker: Broker) -> None:
    """Removing what is not there is fine."""
    broker.import_definitions({"vhosts": [{"name": "gone"}]})
    broker.delete_vhost("gone")
    broker.delete_vhost("gone")
    with pytest.raises(MachineError, match="never_there"):
        broker.ctl("delete_vhost", "never_there")


def test_a_majority_write_survives_the_database_being_killed(database: Database) -> None:
    """A client made before the kill finds the primary again by itself."""
    with MongoClient(database.uri()) as client:
        cases = client["try"].get_collection("cases", write_concern=WriteConcern("majority", j=True))
        cases.insert_one({"_id": "c-1"})
        database.kill()
        assert not database.running
        database.start()
        assert cases.find_one({}) == {"_id": "c-1"}
        cases.insert_one({"_id": "c-2"})


def test_a_paused_database_answers_nothing_until_resumed(database: Database) -> None:
    """Pausing is an outage that ends without loss."""
    with MongoClient(database.uri(), socketTimeoutMS=500, serverSelectionTimeoutMS=500) as client:
        client.admin.command("ping")
        database.pause()
        try:
            with pytest.raises(PyMongoError):
                client.admin.command("ping")
        finally:
            database.resume()
    with MongoClient(database.uri()) as client:
        client.admin.command("ping")


def test_the_database_comes_back_when_its_port_was_taken(database: Database) -> None:
    """It moves to another port, and its replica set learns the new address."""
    before = database.uri()
    database.stop()
    with socket.create_server(("127.0.0.1", database.record.port("mongodb"))):
        database.start()
    assert database.uri() != before
    with MongoClient(database.uri(), serverSelectionTimeoutMS=5000) as client:
        client["try"].get_collection("moved", write_concern=WriteConcern("majority")).insert_one({})


def test_everything_listens_on_loopback_alone(machine: Machine, broker: Broker) -> None:
    """127.0.0.1 or ::1, in the kernel's hexadecimal; no port is open to the network."""
    assert listeners(own(machine)) <= {"0100007F", "00000000000000000000000001000000"}
    assert len(listeners(own(machine))) >= 1


def test_every_file_it_holds_open_is_its_own(machine: Machine, broker: Broker) -> None:
    """Nothing outside the machine's folder is open for writing, and the secrets are readable by the owner alone."""
    home = str(machine.home.resolve())
    for process in own(machine):
        for link in (PROC / str(process.pid) / "fd").iterdir():
            flags = int((PROC / str(process.pid) / "fdinfo" / link.name).read_text().split("flags:")[1].split()[0], 8)
            target = os.readlink(link)
            if flags & os.O_ACCMODE and target.startswith("/") and not target.startswith("/dev/"):
                assert target.startswith(home), f"{process} writes to {target}"
    secrets = [machine.home / "broker" / name for name in ("admin.password", ".erlang.cookie", "rabbitmq.conf")]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secrets} == {0}


def test_two_machines_run_side_by_side_and_stop_without_a_trace(machine: Machine, broker: Broker, tmp_path: Path) -> None:
    """Another checkout's machine shares neither ports nor names; stopping it ends all of its processes and no other.

    It is started by a program that is then interrupted as Ctrl-C would, and stopped from here.
    """
    script = (
        "import sys, time; from pathlib import Path; from deploy.local.machine import Machine;"
        "Machine(Path(sys.argv[1]), environ={}).up(); print('up', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "other")]
    watched = [
        Path("/var/lib/rabbitmq"),
        Path("/var/log/rabbitmq"),
        Path("/etc/rabbitmq"),
        Path.home() / ".erlang.cookie",
    ]
    before = [path.stat().st_mtime_ns if path.exists() else None for path in watched]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"
        starter.send_signal(signal.SIGINT)
    other = Machine(tmp_path / "other", environ={})
    processes = own(other)
    assert len(processes) >= 3
    assert {part["address"] for part in other.status()}.isdisjoint(part["address"] for part in machine.status())
    Broker.attach(tmp_path / "other" / "broker").stop()
    other.down()
    other.down()
    assert [process for process in processes if process.alive()] == []
    assert [path.stat().st_mtime_ns if path.exists() else None for path in watched] == before
    assert not list(Path("/tmp").glob(f"mongodb-{other.database.record.port('mongodb')}.sock"))
    assert all(part["running"] for part in machine.status())


def test_a_virtual_host_for_trials_is_made_by_command_and_its_address_lets_one_in(machine: Machine, broker: Broker) -> None:
    """What is printed is an address and nothing else, so that a shell can take it; where no broker runs, it is said how to start one."""
    command = [sys.executable, "-m", "deploy.local", "broker-and-database", "trial"]
    done = subprocess.run([*command, "for-trials", "--home", str(machine.home)], capture_output=True, text=True, check=True)
    with pika.BlockingConnection(pika.URLParameters(done.stdout.strip())) as connection:
        connection.channel().queue_declare("mine", exclusive=True)
    broker.delete_vhost("for-trials")
    nowhere = subprocess.run([*command, "--home", str(machine.home / "none")], capture_output=True, text=True, check=False)
    assert (nowhere.returncode, "the broker does not run" in nowhere.stderr) == (1, True)


def test_a_machine_that_was_never_started_says_so(tmp_path: Path) -> None:
    """Attaching, killing and pausing need something to act on; stopping and status do not."""
    with pytest.raises(MachineError, match="was ever started"):
        Broker.attach(tmp_path)
    with pytest.raises(MachineError, match="does not run"):
        Database(tmp_path).kill()
    Machine(tmp_path, environ={}).down()
    assert [part["running"] for part in Machine(tmp_path, environ={}).status()] == [False, False]


def test_a_failed_start_shows_the_log_and_leaves_nothing(tmp_path: Path) -> None:
    """The error carries the log's end, and no half-started process stays."""
    broker = Broker(tmp_path / "broker")
    (tmp_path / "broker" / "data").mkdir(parents=True)
    (tmp_path / "broker" / "data" / "rabbit").touch()
    with pytest.raises(MachineError, match="Its logs end:"):
        broker.start(limit=0.2)
    assert not broker.running
    assert broker.record.process("epmd") is None


def test_a_given_broker_and_database_are_used_and_left_alone(machine: Machine, broker: Broker, tmp_path: Path) -> None:
    """With AMQP_URI and MONGODB_URI set nothing is started; what needs the broker's own tools is refused in words."""
    given = {"AMQP_URI": broker.uri("try/1"), "MONGODB_URI": machine.database.uri()}
    borrowed = Machine(tmp_path, environ=given)
    borrowed.up()
    assert isinstance(borrowed.broker, GivenBroker)
    assert isinstance(borrowed.database, GivenDatabase)
    assert borrowed.broker.uri() == given["AMQP_URI"]
    assert borrowed.broker.uri("a/b", "court", "x y").rpartition("@")[0].endswith("//court:x%20y")
    with pytest.raises(MachineError, match="unset AMQP_URI"):
        borrowed.broker.import_definitions(DEFINITIONS)
    with pytest.raises(MachineError, match="unset MONGODB_URI"):
        borrowed.database.kill()
    borrowed.down()
    assert broker.running
    assert "password" not in json.dumps(borrowed.status())
    assert list(tmp_path.iterdir()) == []


def test_ports_are_out_of_the_way_of_outgoing_connections() -> None:
    """Else a client calling a dead broker again and again would end up connected to itself, and take its port."""
    first, last = (int(word) for word in EPHEMERAL.read_text().split())
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert not [port for port in ports if first <= port <= last]


def test_a_network_of_which_one_service_has_died_is_started_anew_and_nobody_is_left_behind(tmp_path: Path) -> None:
    before = bring_up("survivors", ["CN-SH-IPO"], homes=tmp_path).processes.copy()
    try:
        before["mediation"].send(signal.SIGKILL)
        assert before["mediation"].gone_within(5)
        again = bring_up("survivors", ["CN-SH-IPO"], homes=tmp_path).processes
        assert [each.alive() for each in before.values()] == [False] * 4
        assert [each.alive() for each in again.values()] == [True] * 4
        assert (tmp_path / "survivors/mediation.log.before").exists(), "what the one that died said last"
        machine = Machine(tmp_path / HOME.name, environ={})
        machine.database.kill()
        up = CliRunner().invoke(app, ["up", "--name", "survivors", "--home", str(tmp_path)], catch_exceptions=False)
        assert "database had died, and is started again" in up.stdout
        assert machine.database.running
        assert Network.attach(machine, tmp_path, "survivors").processes == again, "the services have waited for it"
    finally:
        take_down("survivors", tmp_path)
    assert [each.alive() for each in again.values()] == [False] * 4


@pytest.mark.timeout(10)
def test_a_user_has_one_password_on_a_machine_whoever_asks(tmp_path: Path) -> None:
    """An exercise beside a running network does not take its users' passwords away."""
    one, other = Machine(tmp_path / "m", environ={}), Machine(tmp_path / "m", environ={})
    assert one.password("intake") == other.password("intake")
    assert one.password("intake") != one.password("routing")
    assert one.password("intake") != Machine(tmp_path / "n", environ={}).password("intake")
    assert [(each.name, each.stat().st_mode & 0o777) for each in (tmp_path / "m").iterdir()] == [("secret", 0o600)]
