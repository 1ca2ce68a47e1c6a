"""The four services on the local machine: a virtual host and databases of their own, one process each, and who listens where."""

import json
import os
import secrets
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.bridging import Bridging
from deploy.local.machine import Machine
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.process import MachineError, Process, last_lines
from xianjie.definitions import BRIDGE, definitions, users
from xianjie.message import SERVICES


class Network:
    """One running network, described by `network.json` in its folder; another process can attach to it and stop it."""

    def __init__(
        self, machine: Machine, home: Path, name: str = "xianjie", *, exercise: str | None = None, sandbox: bool = False
    ) -> None:
        """`exercise`: what everything said in it must name, if it is one. `sandbox`: for recordings; no agency is in it."""
        self.machine, self.home, self.name, self.exercise, self.sandbox = machine, home / name, name, exercise, sandbox
        self.file = self.home / "network.json"
        self.passwords: dict[str, str] = {}
        self.doors: dict[str, str] = {}
        self.front = ""
        self.bridge = Bridging(self.home)
        self.parts: dict[str, str] = {}
        """Where broker and database were when it was started."""
        self.processes: dict[str, Process] = {}
        self.secrets: dict[str, str] = {}

    def prepare(self, agencies: Collection[str], *, journal: bool = True, bridged: Collection[str] = ()) -> None:
        """Make virtual host, queues, users and permissions; what is there already stays. `bridged`: who comes by HTTP.

        Who joined by hand is there beside `agencies`, and who left is not.
        """
        agencies = agencies if self.sandbox else self.machine.keys.members(self.name, agencies)
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        exercise, sandbox = bool(self.exercise), self.sandbox
        everybody = users(agencies, exercise=exercise, sandbox=sandbox, bridge=bool(bridged))
        self.passwords = {each: self.machine.password(each) for each in everybody}
        self.secrets = self._secrets()
        self.machine.broker.import_definitions(
            definitions(
                self.name,
                agencies,
                partitions={},
                passwords=self.passwords,
                journal=journal,
                exercise=exercise,
                sandbox=sandbox,
                bridged=bridged,
            )
        )
        self.bridge.prepare(bridged)
        front, *ports = free_ports(1 + len(SERVICES))
        self.doors = {service: f"http://{LOOPBACK}:{port}" for service, port in zip(SERVICES, ports, strict=True)}
        self.front = f"http://{LOOPBACK}:{front}"

    def _secrets(self) -> dict[str, str]:
        """The secrets that must stay the same for as long as the data do; made once, readable by their owner alone."""
        kept = self.home / "secrets.json"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(
                json.dumps({"XIANJIE_SALT": secrets.token_urlsafe(24), "XIANJIE_DOOR_KEY": secrets.token_urlsafe(24)})
            )
        return dict(json.loads(kept.read_text()))

    def uri(self, user: str) -> str:
        """How `user` reaches the broker."""
        return self.machine.broker.uri(self.name, user, self.passwords[user])

    def start(self, *services: str) -> None:
        """Start these services (all, and the bridge if one is wanted, if none is named) in any order, and return when each is ready."""
        chosen = services or (*SERVICES, *(["bridge"] if self.bridge.codes else []))
        for service in chosen:
            if self.log(service).exists():  # what the life before said, in case it has died
                self.log(service).replace(self.log(service).with_suffix(".log.before"))
            self.processes[service] = Process.spawn(
                [sys.executable, "-m", f"services.{service}"], self.environment(service), self.log(service)
            )
        for service in chosen:
            self.wait_ready(service)
        self.write()

    def environment(self, service: str) -> dict[str, str]:
        """The settings of one service: those of this process's environment, but for what this network says itself."""
        if service == "bridge":
            return {**os.environ, **self.bridge.environment(self.uri(BRIDGE), self.exercise)}
        return {
            **os.environ,
            **self.secrets,
            "XIANJIE_AMQP_URI": self.uri(service),
            "XIANJIE_MONGODB_URI": self.machine.database.uri(),
            "XIANJIE_DATABASE": f"{self.name}_{service}",
            "XIANJIE_DOOR_PORT": self.doors[service].rsplit(":", 1)[1],
            "XIANJIE_EXERCISE": self.exercise or "",
            **(self._front() if service == "intake" else {"XIANJIE_FRONT_PORT": "", "XIANJIE_FRONT_AMQP_URI": ""}),
        }

    def _front(self) -> dict[str, str]:
        """Where intake serves applicants, and speaks for them."""
        return {"XIANJIE_FRONT_PORT": self.front.rsplit(":", 1)[1], "XIANJIE_FRONT_AMQP_URI": self.uri("door")}

    def log(self, service: str) -> Path:
        """Where its log lines go."""
        return self.home / f"{service}.log"

    def wait_ready(self, service: str, limit: float = 180.0) -> None:
        """Wait until its door says that it is ready; raises MachineError with the end of its log."""
        end = time.monotonic() + limit
        while not self.ready(service):
            alive = self.processes[service].alive()
            if not alive or time.monotonic() > end:
                what = f"did not become ready within {limit:g} s" if alive else "ended while starting"
                raise MachineError(f"{service} {what}\n{last_lines(self.log(service))}")
            time.sleep(0.05)

    def wait_known(self, service: str, case: str, id: str | None = None, limit: float = 180.0) -> None:
        """Wait until a service has a log of that subject, and in it the message `id`; raises MachineError with the end of its log."""
        end = time.monotonic() + limit
        seen = 0
        while True:
            page = self._log(service, case, seen)
            if any(id in (None, each["cause"]["id"]) for each in page):
                return
            seen = page[-1]["n"] if page else seen
            if time.monotonic() > end:
                raise MachineError(f"{service} did not take in {case} within {limit:g} s\n{last_lines(self.log(service))}")
            time.sleep(0.05)

    def _log(self, service: str, case: str, after: int) -> list[dict[str, Any]]:
        """The commits of a log after a number; none yet where nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.doors[service]}/cases/{case}?after={after}", timeout=10) as answer:
                return list(json.load(answer))
        except (OSError, ValueError):
            return []

    def ready(self, service: str) -> bool:
        """What its door says."""
        door = self.bridge.door if service == "bridge" else self.doors[service]
        try:
            with urllib.request.urlopen(f"{door}/ready", timeout=2) as answer:
                return bool(json.load(answer)["ready"])
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def stop(self, *services: str) -> None:
        """Drain and end these services, or all."""
        for service in services or tuple(self.processes):
            self.processes[service].send(15)
        for service in services or tuple(self.processes):
            self.processes.pop(service).end(15)
        if not self.processes:
            self.file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Stop it, and leave nothing of it: no folder, no virtual host, no databases."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        self.machine.keys.forget(self.name)
        self.machine.broker.delete_vhost(self.name)
        with MongoClient[dict[str, Any]](self.machine.database.uri(), serverSelectionTimeoutMS=5000) as client:
            for service in SERVICES:
                client.drop_database(f"{self.name}_{service}")

    def write(self) -> None:
        """Say in `network.json` what runs where: for the command line, and for whoever stops it."""
        content: dict[str, Any] = {
            "name": self.name, "exercise": self.exercise, "doors": self.doors, "front": self.front,
            "amqp": {user: self.uri(user) for user in self.passwords},
            "broker_api": self.machine.broker.api(), "keys": str(self.machine.keys.file.absolute()), "parts": self.machine.addresses(),
            "processes": {service: [each.pid, each.born] for service, each in self.processes.items()}, "secrets": self.secrets,
            **({"bridge": self.bridge.described()} if self.bridge.codes else {}),
        }  # fmt: skip
        self.file.touch(mode=0o600)
        self.file.write_text(json.dumps(content, indent=1))

    @classmethod
    def attach(cls, machine: Machine, home: Path, name: str = "xianjie") -> "Network":
        """The network that another process started."""
        network = cls(machine, home, name)
        try:
            found: Mapping[str, Any] = json.loads(network.file.read_text())
        except FileNotFoundError:
            raise MachineError(f"no network runs here ({network.file} is not there); start one with: make run") from None
        network.front, network.parts = found.get("front", ""), found.get("parts", {})
        if bridge := found.get("bridge"):
            network.bridge.codes, network.bridge.address, network.bridge.door = (
                [*bridge["keys"]],
                bridge["address"],
                bridge["door"],
            )
        network.exercise, network.doors, network.secrets = found["exercise"], found["doors"], found["secrets"]
        network.processes = {service: Process(*each) for service, each in found["processes"].items()}
        return network
