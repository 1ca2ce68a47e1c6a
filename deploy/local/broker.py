"""A private RabbitMQ node: started, stopped, killed and paused at will, told by definitions what to hold."""

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pika
from pika.exceptions import AMQPError

from deploy.local import programs
from deploy.local.broker_settings import ADMIN, admin_password, environment, has_api, make_secrets, node_name, write_settings
from deploy.local.ports import LOOPBACK, answers
from deploy.local.process import MachineError, Process, last_lines, only_one
from deploy.local.record import Record

START_LIMIT = 180.0  # seconds
STOP_LIMIT = 30.0
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


class Broker:
    """The node that lives in `home`. Any process may hold a `Broker` of the same home: what is true is on disk."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.record = Record(self.home)

    @classmethod
    def attach(cls, home: Path) -> Self:
        """The broker that another process started from this folder; MachineError where none ever was."""
        broker = cls(home)
        if not broker.record.exists():
            raise MachineError(f"no broker was ever started from {broker.home}: start one (python -m deploy.local)")
        return broker

    # --- life

    def start(self, limit: float = START_LIMIT) -> None:
        """Start the node and return when it takes AMQP connections. Already running: only waits for that.

        Keeps ports, name and data of last time. MachineError with the ends of the logs after `limit` seconds.
        """
        with only_one(self.home):
            if self.running:
                self.resume()
                self._wait_until_ready(limit)
                return
            try:
                self._spawn()
                self._wait_until_ready(limit)
            except MachineError:
                self._end(signal.SIGKILL)
                raise

    def stop(self) -> None:
        """End the node cleanly, and the epmd it was started with. Nothing happens when it does not run."""
        if self.record.exists():
            with only_one(self.home):
                self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node as a power cut would (SIGKILL); confirmed messages are on disk."""
        self._node().end(0, signal.SIGKILL)

    def pause(self) -> None:
        """Stop the node's clock (SIGSTOP), at once: connections stay open and nothing answers."""
        self._node().pause()

    def resume(self) -> None:
        """Let a paused node go on."""
        self._node().send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop cleanly if it runs, and start on the same ports."""
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        """Whether the node's process exists; a paused one does."""
        return self.record.process("broker") is not None

    def memory(self) -> int:
        """Resident memory of the node in bytes; 0 when it does not run."""
        node = self.record.process("broker")
        return node.memory() if node else 0

    # --- use

    def uri(self, vhost: str = "/", user: str | None = None, password: str | None = None) -> str:
        """Where to connect, percent-encoded; without a user as the machine's own administrator."""
        user, password = (ADMIN, admin_password(self.home)) if user is None else (user, password or "")
        who = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"amqp://{who}@{LOOPBACK}:{self.record.port('amqp')}/{quote(vhost, safe='')}"

    def api(self) -> str | None:
        """The management API, with the machine's own administrator; None of a broker that was started without one."""
        if not (has_api(self.home) and self.record.exists() and self.record.knows("api")):
            return None
        return f"http://{ADMIN}:{quote(admin_password(self.home), safe='')}@{LOOPBACK}:{self.record.port('api')}"

    def import_definitions(self, definitions: Mapping[str, Any]) -> None:
        """Create what the definitions name, in RabbitMQ's own format; what is there already stays.

        The machine's administrator is let into every virtual host they create.
        """
        entry = [{"user": ADMIN, "vhost": vhost["name"], **EVERYTHING} for vhost in definitions.get("vhosts", ())]
        content = {**definitions, "permissions": [*definitions.get("permissions", ()), *entry]}
        with tempfile.NamedTemporaryFile("w", dir=self.home / "tmp", suffix=".json") as file:
            json.dump(content, file)
            file.flush()
            self.ctl("import_definitions", file.name)

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host and all it holds; one that is not there is fine."""
        if name in self.ctl("list_vhosts", "--silent", "name").splitlines():
            self.ctl("delete_vhost", name)

    def cut(self, user: str, reason: str) -> None:
        """Close every connection of a user.

        `rabbitmqctl` fails with the exit reason of a connection that ends by itself just then, and leaves the others
        open: it is told again, three times at most.
        """
        for attempt in range(3):
            try:
                self.ctl("close_all_user_connections", user, reason)
            except MachineError:
                if attempt == 2:
                    raise
            else:
                return

    def ctl(self, *args: str) -> str:
        """What `rabbitmqctl` says to these arguments; MachineError with its complaint when it fails."""
        command = [str(programs.rabbitmq_scripts() / "rabbitmqctl"), *args]
        done = subprocess.run(command, check=False, env=self._environment(), capture_output=True, text=True, timeout=180)
        if done.returncode:
            complaint = (done.stderr.strip() or done.stdout.strip())[-2000:]
            raise MachineError(f"rabbitmqctl {args[0]} failed at node {node_name(self.home)}: {complaint}")
        return done.stdout

    # --- inside

    def _node(self) -> Process:
        node = self.record.process("broker")
        if node is None:
            raise MachineError(f"the broker of {self.home} does not run: start it first")
        return node

    def _environment(self) -> Mapping[str, str]:
        return environment(self.home, self.record.port("epmd"), self.record.port("distribution"))

    def _spawn(self) -> None:
        scripts = programs.rabbitmq_scripts()
        make_secrets(self.home)
        self._end_epmd()  # one left by a node that was killed
        self.record.settle_ports("amqp", "epmd", "distribution", "api")
        write_settings(self.home, self.record.port("amqp"), self.record.port("api"))
        self._spawn_epmd()
        output = self.home / "log" / "start.log"
        self.record.started("broker", Process.spawn([scripts / "rabbitmq-server"], self._environment(), output))

    def _spawn_epmd(self) -> None:
        """Started by us rather than by Erlang, which would leave it behind as a daemon of unknown pid."""
        port, output = self.record.port("epmd"), self.home / "log" / "epmd.log"
        command: list[str | Path] = [programs.epmd(), "-port", str(port), "-address", LOOPBACK]
        epmd = Process.spawn(command, self._environment(), output)
        self.record.started("epmd", epmd)
        limit = time.monotonic() + 5
        while not answers(port):
            if time.monotonic() > limit or not epmd.alive():
                raise MachineError(f"epmd did not come up on port {port}.\n{last_lines(output)}")
            time.sleep(0.02)

    def _wait_until_ready(self, limit: float) -> None:
        until = time.monotonic() + limit
        while not self._takes_connections():
            late = time.monotonic() > until
            if late or not self.running:
                what = f"was not ready after {limit:g} s" if late else "ended while starting"
                logs = last_lines(self.home / "log" / "start.log", self.home / "log" / "broker.log")
                raise MachineError(f"the broker of {self.home} {what}. Its logs end:\n{logs}")
            time.sleep(0.05)

    def _takes_connections(self) -> bool:
        if not answers(self.record.port("amqp")):
            return False
        parameters = pika.URLParameters(self.uri() + "?socket_timeout=2&stack_timeout=5&blocked_connection_timeout=5")
        try:
            pika.BlockingConnection(parameters).close()
        except (AMQPError, OSError):
            return False
        return True

    def _end(self, first: int) -> None:
        node = self.record.process("broker")
        if node:
            node.end(STOP_LIMIT, first)
        self.record.forget("broker")
        self._end_epmd()

    def _end_epmd(self) -> None:
        epmd = self.record.process("epmd")
        if epmd:
            epmd.end(5)
        self.record.forget("epmd")
