"""Broker and database together, in one folder, or those that AMQP_URI and MONGODB_URI name."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from deploy.local.broker import Broker
from deploy.local.database import Database
from deploy.local.given import GivenBroker, GivenDatabase
from deploy.local.process import MachineError
from xianjie.joining.keys import Keys

HOME = Path(".local/machine")


class Status(TypedDict):
    """One line of `status`. `address` carries no password; memory is resident, in MiB."""

    name: str
    running: bool
    ours: bool
    address: str
    memory_mib: int


class Machine:
    """The machine that lives in `home`. Parts run by someone else are checked on `up` and left alone on `down`."""

    broker: Broker | GivenBroker
    database: Database | GivenDatabase

    def __init__(self, home: Path = HOME, environ: Mapping[str, str] = os.environ) -> None:
        self.home = home
        amqp, mongodb = environ.get("AMQP_URI"), environ.get("MONGODB_URI")
        self.broker = GivenBroker(amqp) if amqp else Broker(home / "broker")
        self.database = GivenDatabase(mongodb) if mongodb else Database(home / "database")

    def up(self) -> None:
        """Start both at once and return when both are ready; MachineError when one is not (the other stays up)."""
        with ThreadPoolExecutor(2) as both:
            for started in [both.submit(self.broker.start), both.submit(self.database.start)]:
                started.result()

    def down(self) -> None:
        """Stop what runs of it, also when it was started by another process or half way."""
        with ThreadPoolExecutor(2) as both:
            for stopped in [both.submit(self.broker.stop), both.submit(self.database.stop)]:
                stopped.result()

    @property
    def keys(self) -> Keys:
        """Which bodies joined or left by hand, and the passwords that they were given."""
        return Keys(self.home / "keys.json")

    @property
    def running(self) -> bool:
        """Whether anything of it that is ours runs."""
        return any(part.running for part in (self.broker, self.database) if isinstance(part, (Broker, Database)))

    def password(self, user: str) -> str:
        """Of a user of the broker: the same for all networks of this machine, since a user has one password on a broker.

        One that was given to a body by hand takes the place of the machine's own.
        """
        if given := self.keys.password(user):
            return given
        kept = self.home / "secret"
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = self.home / f"secret.{os.getpid()}"
            new.touch(mode=0o600)
            new.write_text(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(new, kept)  # whole or not at all, and by one of those who start at once
            new.unlink()
        return hmac.new(kept.read_bytes(), user.encode(), hashlib.sha256).hexdigest()[:24]

    def addresses(self) -> dict[str, str]:
        """Where broker and database are, without passwords."""
        return {"broker": _address(self.broker), "database": _address(self.database)}

    def status(self) -> list[Status]:
        """What runs, where, and what it costs."""
        return [_status("broker", self.broker), _status("database", self.database)]


def _status(name: str, part: Broker | GivenBroker | Database | GivenDatabase) -> Status:
    return {
        "name": name,
        "running": part.running,
        "ours": isinstance(part, (Broker, Database)),
        "address": _address(part),
        "memory_mib": part.memory() >> 20,
    }


def _address(part: Broker | GivenBroker | Database | GivenDatabase) -> str:
    """Where it is, without its password; nothing when it was never started."""
    try:
        uri = part.uri()
    except MachineError:
        return ""
    scheme, _, rest = uri.partition("://")
    who, at, where = rest.rpartition("@")
    return f"{scheme}://{who.partition(':')[0]}{at}{where}"
