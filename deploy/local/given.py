"""A broker or database that someone else runs, named by AMQP_URI or MONGODB_URI: used, never started or stopped."""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import pika
from pika.exceptions import AMQPError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.process import MachineError


class Given:
    """What holds for both: start only checks that it answers, stop leaves it alone, the rest is refused."""

    variable: str
    thing: str

    def __init__(self, address: str) -> None:
        self.address = address

    def start(self) -> None:
        """Check that it answers; MachineError when it does not."""
        raise NotImplementedError

    def stop(self) -> None:
        """Leave it alone: it is not ours."""

    def kill(self) -> None:
        """Refused."""
        self._refuse("be killed")

    def pause(self) -> None:
        """Refused."""
        self._refuse("be paused")

    def resume(self) -> None:
        """Refused."""
        self._refuse("be resumed")

    def restart(self) -> None:
        """Refused."""
        self._refuse("be restarted")

    @property
    def running(self) -> bool:
        """Whether it answers."""
        try:
            self.start()
        except MachineError:
            return False
        return True

    def memory(self) -> int:
        """0: not ours to know."""
        return 0

    def _refuse(self, what: str) -> NoReturn:
        raise MachineError(
            f"the {self.thing} named by {self.variable} is run by someone else and cannot {what} from here: "
            f"unset {self.variable} to let this machine run one of its own"
        )


class GivenBroker(Given):
    """The broker of AMQP_URI. Its definitions are its operator's business: import them there."""

    variable, thing = "AMQP_URI", "broker"

    def start(self) -> None:
        """Check that it takes connections; MachineError when it does not."""
        try:
            pika.BlockingConnection(pika.URLParameters(self.address)).close()
        except (AMQPError, OSError, ValueError, LookupError) as error:  # pika falls over an address without a path
            where = urlsplit(self.address).hostname or self.address
            raise MachineError(f"the broker named by AMQP_URI ({where}) does not answer: {error!r}") from error

    def uri(self, vhost: str | None = None, user: str | None = None, password: str | None = None) -> str:
        """AMQP_URI, with another virtual host or user where one is named."""
        given = urlsplit(self.address)
        host = given.netloc.rpartition("@")[2]
        netloc = given.netloc if user is None else f"{quote(user, safe='')}:{quote(password or '', safe='')}@{host}"
        path = given.path if vhost is None else f"/{quote(vhost, safe='')}"
        return urlunsplit((given.scheme, netloc, path, given.query, ""))

    def import_definitions(self, definitions: Mapping[str, Any]) -> None:
        """Refused: it needs `rabbitmqctl` beside the broker."""
        self._refuse("be given definitions")

    def api(self) -> None:
        """None: whoever runs it names its management API in XIANJIE_BROKER_API."""

    def delete_vhost(self, name: str) -> None:
        """Refused: it needs `rabbitmqctl` beside the broker."""
        self._refuse("lose a virtual host")

    def ctl(self, *args: str) -> str:
        """Refused: it needs `rabbitmqctl` beside the broker."""
        self._refuse("be spoken to by rabbitmqctl")


class GivenDatabase(Given):
    """The database of MONGODB_URI."""

    variable, thing = "MONGODB_URI", "database"

    def start(self) -> None:
        """Check that a primary answers; MachineError when none does."""
        try:
            with MongoClient[dict[str, Any]](self.address, serverSelectionTimeoutMS=5000) as client:
                if "setName" not in client.admin.command("hello"):
                    raise MachineError("the database named by MONGODB_URI is no replica set: majority writes need one")
        except PyMongoError as error:
            raise MachineError(f"the database named by MONGODB_URI does not answer: {error}") from error

    def uri(self) -> str:
        """MONGODB_URI."""
        return self.address
