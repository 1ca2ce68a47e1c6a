"""A private MongoDB: a one-member replica set, because only a replica set has majority writes and change streams."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import programs
from deploy.local.ports import LOOPBACK, answers
from deploy.local.process import MachineError, Process, last_lines, only_one
from deploy.local.record import Record

START_LIMIT = 180.0  # seconds
STOP_LIMIT = 30.0
CACHE_GB = 0.5
REPLICA_SET = "rs0"
ALREADY_INITIATED = 23  # the server's error code
QUIET = ("--quiet", "--setParameter", "diagnosticDataCollectionEnabled=false")  # no 100 MB of metrics nobody reads


class Database:
    """The mongod that lives in `home`. Any process may hold a `Database` of the same home: what is true is on disk."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.record = Record(self.home)
        self.log = self.home / "mongod.log"

    @classmethod
    def attach(cls, home: Path) -> Self:
        """The database that another process started from this folder; MachineError where none ever was."""
        database = cls(home)
        if not database.record.exists():
            raise MachineError(f"no database was ever started from {database.home}: start one (python -m deploy.local)")
        return database

    # --- life

    def start(self, limit: float = START_LIMIT) -> None:
        """Start mongod and return when it is the primary of its set. Already running: only waits for that.

        Keeps port and data of last time. MachineError with the end of the log after `limit` seconds.
        """
        with only_one(self.home):
            ran = self.running
            try:
                self._become_primary(time.monotonic() + limit)
            except (MachineError, PyMongoError) as error:
                if not ran:
                    self._end(signal.SIGKILL)
                logs = last_lines(self.home / "start.log", self.log)
                what = f"the database of {self.home} did not come up: {error}. Its logs end:"
                raise MachineError(f"{what}\n{logs}") from error

    def stop(self) -> None:
        """End mongod cleanly. Nothing happens when it does not run."""
        if self.record.exists():
            with only_one(self.home):
                self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End mongod as a power cut would (SIGKILL); journaled majority writes are on disk."""
        self._server().end(0, signal.SIGKILL)

    def pause(self) -> None:
        """Stop mongod's clock (SIGSTOP), at once: connections stay open and nothing answers."""
        self._server().pause()

    def resume(self) -> None:
        """Let a paused mongod go on."""
        self._server().send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop cleanly if it runs, and start on the same port."""
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        """Whether mongod's process exists; a paused one does."""
        return self.record.process("database") is not None

    def memory(self) -> int:
        """Resident memory of mongod in bytes; 0 when it does not run."""
        server = self.record.process("database")
        return server.memory() if server else 0

    def uri(self) -> str:
        """Where to connect: by the set's name, so that a client waits for the primary when it was restarted."""
        return f"mongodb://{self._address()}/?replicaSet={REPLICA_SET}"

    # --- inside

    def _address(self) -> str:
        return f"{LOOPBACK}:{self.record.port('mongodb')}"

    def _server(self) -> Process:
        server = self.record.process("database")
        if server is None:
            raise MachineError(f"the database of {self.home} does not run: start it first")
        return server

    def _become_primary(self, until: float) -> None:
        if self.running:
            self.resume()
        else:
            self._take_port(until)
            self._spawn("--replSet", REPLICA_SET)
        with self._client(until) as client:
            if not self.record.knows("replica set"):
                self._found_replica_set(client)
            self._wait(until, "primary", lambda: bool(client.admin.command("hello")["isWritablePrimary"]))

    def _take_port(self, until: float) -> None:
        """The port of last time; or another if that is taken, and then the set, kept offline, learns its new address.

        Started as a member under an unknown address it would look for itself at the old one, for half a minute.
        """
        self.record.settle_ports("mongodb")
        port = self.record.port("mongodb")
        if self.record.knows("replica set") and self.record.port("replica set") != port:
            self._spawn()
            with self._client(until) as client:
                config = client["local"]["system.replset"]
                config.update_one({"_id": REPLICA_SET}, {"$set": {"members.0.host": self._address()}})
            self._end(signal.SIGTERM)
            self.record.note_port("replica set", port)

    def _spawn(self, *role: str) -> None:
        data = self.home / "data"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        program = programs.mongod(self.home)
        network = ["--bind_ip", LOOPBACK, "--port", str(self.record.port("mongodb")), "--nounixsocket"]
        storage = ["--dbpath", str(data), "--wiredTigerCacheSizeGB", str(CACHE_GB), "--oplogSize", "256"]
        log = ["--logpath", str(self.log), "--logappend", *QUIET]
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.home)}
        server = Process.spawn([program, *role, *network, *storage, *log], env, self.home / "start.log")
        self.record.started("database", server)

    def _client(self, until: float) -> MongoClient[dict[str, Any]]:
        """A client of this very server, whatever its role, once it listens."""
        self._wait(until, "listening", lambda: answers(self.record.port("mongodb")))
        return MongoClient(self._address(), directConnection=True, serverSelectionTimeoutMS=10_000)

    def _found_replica_set(self, client: MongoClient[dict[str, Any]]) -> None:
        member = {"_id": 0, "host": self._address()}
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        except OperationFailure as error:
            if error.code != ALREADY_INITIATED:  # it was, and we were interrupted before noting it
                raise
        self.record.note_port("replica set", self.record.port("mongodb"))

    def _wait(self, until: float, what: str, reached: Callable[[], bool]) -> None:
        while not reached():
            if not self.running:
                raise MachineError(f"it ended before it was {what}")
            if time.monotonic() > until:
                raise MachineError(f"it was not {what} in time")
            time.sleep(0.02)

    def _end(self, first: int) -> None:
        server = self.record.process("database")
        if server:
            server.end(STOP_LIMIT, first)
        self.record.forget("database")
