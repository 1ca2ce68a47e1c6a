"""Connections to the broker: with a heartbeat, within a time limit, and deaf to no message, however its frames are filled."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
import eventlet
from amqp import abstract_channel
from amqp.basic_message import Message
from amqp.exceptions import AMQPError, NotFound
from eventlet.patcher import original

from xianjie import topology

select: Any = original("select")

OLDEST = (3, 10)
"""The oldest RabbitMQ that this runs on: quorum queues, streams and single active consumers behave as they must since then."""
SECONDS = 8.0
"""How long connecting and setting up a channel may take."""


class Unable(Exception):
    """The broker answers, but it is not set up for this service, or too old. Nothing can be heard until an operator has seen to it."""


class NotOurs(Unable):
    """The database is another service's."""


def connect(uri: str, name: str) -> amqp.Connection:
    """A connection with a heartbeat; raises OSError or amqp errors when the broker is away."""
    parts = urlsplit(uri)
    secure = parts.scheme == "amqps"
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or (5671 if secure else 5672)}", userid=unquote(parts.username or "guest"), ssl=secure,
        password=unquote(parts.password or "guest"), virtual_host=unquote(parts.path[1:]) or "/", heartbeat=10, connect_timeout=5,
        read_timeout=None, write_timeout=10, client_properties={"connection_name": name},
    )  # fmt: skip
    with within(SECONDS, f"the broker did not take the connection within {SECONDS:g} s"):
        connection.connect()
    return connection


def within(seconds: float, says: str) -> Any:
    """A block that ends with TimeoutError if it takes longer; for what waits on the broker without a limit of its own."""
    return eventlet.Timeout(seconds, TimeoutError(says))


def waits(connection: amqp.Connection) -> bool:
    """Whether the broker has sent something that was not read yet; asked of the system at once.

    A read with a time limit would do, but the hub waits in whole milliseconds, which is a fifth of a message's way (measured).
    """
    sock: Any = connection.sock
    if hasattr(sock, "pending") and sock.pending():
        return True
    look = select.poll()
    look.register(sock.fileno(), select.POLLIN)
    return bool(look.poll(0))


def check(connection: amqp.Connection, *queues: str) -> dict[str, Any]:
    """What the broker is and can do, as it says itself; raises `Unable` naming everything that is missing for this service.

    The kinds of exchanges cannot be asked for by a user who may not declare any: that they fit is the business of the definitions.
    """
    says = connection.server_properties or {}
    version = str(says.get("version", "?"))
    missing = []
    if tuple(int(each) for each in re.findall(r"\d+", version)[:2]) < OLDEST:
        missing.append(f"RabbitMQ {version} is too old; {'.'.join(map(str, OLDEST))} or later is needed")
    can = says.get("capabilities") or {}
    missing += [f"it cannot do {each}" for each in ("publisher_confirms", "exchange_exchange_bindings") if not can.get(each)]
    for queue in queues:
        missing += _absent(
            connection, f"no queue {queue}", lambda channel, queue=queue: channel.queue_declare(queue, passive=True)
        )
    for name in (topology.EVENTS, topology.AGENCIES_OUT, topology.LOG):
        missing += _absent(
            connection, f"no exchange {name}", lambda channel, name=name: channel.exchange_declare(name, "topic", passive=True)
        )
    if missing:
        where = getattr(connection, "virtual_host", "?")
        raise Unable(f"virtual host {where}: {'; '.join(missing)}. Import the definitions of the network into it")
    return {"product": says.get("product"), "version": version, "default_delivery_limit": version >= "4"}


def _absent(connection: amqp.Connection, says: str, ask: Any) -> list[str]:
    channel = connection.channel()
    try:
        ask(channel)
    except NotFound:
        return [says]
    except AMQPError as fault:
        return [f"{says} to be seen ({fault.__class__.__name__})"]
    channel.close()
    return []


# --- what a sender can write into a frame, and py-amqp would fall over, again at each redelivery, for ever (tried)

_properties, _arguments = Message._load_properties, abstract_channel.loads


def _forgiving_properties(self: Any, class_id: int, buf: bytes, offset: int) -> int:
    """Properties that are no UTF-8, or out of range, are as good as none; the message fails its contract, with bytes kept."""
    try:
        return int(_properties(self, class_id, buf, offset))
    except Exception:
        self.properties = {}
        return len(buf)


def _forgiving_arguments(format: str, buf: bytes, offset: int) -> Any:
    """A routing key need not be UTF-8 for the broker: what is not reads as `?`."""
    while True:
        try:
            return _arguments(format, buf, offset)
        except UnicodeDecodeError as fault:
            broken = bytes(fault.object)
            buf = bytes(buf).replace(broken, bytes(each if each < 128 else 63 for each in broken))


Message._load_properties = _forgiving_properties
abstract_channel.loads = _forgiving_arguments
