"""The place of one body on the broker: what the contracts give it, what the broker has, and every difference between the two by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from xianjie.definitions import Definitions, agency_definitions
from xianjie.joining.broker_api import BrokerApi
from xianjie.line import Away, parameters
from xianjie.topology import inbox

RIGHTS = ("configure", "write", "read")
PARTS = {"user": ("user ",), "permissions": ("permission ", "keys on "), "inbox": ("inbox ",)}
"""What a body has on the broker, and how the differences begin that are about each part."""
ABSENT = ("is not there", "is not set")
"""How a difference ends where there is nothing at all."""


@dataclass(frozen=True, slots=True)
class Depth:
    """Of an inbox, now: messages that nobody has in hand, and connected readers."""

    ready: int
    readers: int


def look(uri: str, queue: str, limit: float = 5.0) -> Depth | None:
    """How full a queue is, as any user of the virtual host may ask; None if it is not there. Raises `Away`; `Refused` for what is no address."""
    try:
        with pika.BlockingConnection(parameters(uri, limit)) as connection:
            found = connection.channel().queue_declare(queue, passive=True).method
            return Depth(found.message_count, found.consumer_count)
    except ChannelClosedByBroker as closed:
        if closed.reply_code == 404:
            return None
        raise Away(f"the broker does not tell how full {queue} is: {closed.reply_text}") from None
    except (AMQPError, OSError) as fault:
        raise Away(f"the broker does not tell how full {queue} is: {fault!r}") from None


@dataclass(frozen=True, slots=True)
class Place:
    """One body in one virtual host, as the management API shows it."""

    api: BrokerApi
    vhost: str
    code: str

    def contracted(self, password: str | None) -> Definitions:
        """What the contracts give it. `password` None: its user is there, and keeps the one that it has."""
        made = agency_definitions(self.vhost, self.code, password or "", delivery_limit=self.api.delivery_limit())
        return made if password else {**made, "users": []}

    def make(self, password: str | None) -> None:
        """User, permissions, inbox and binding, as the contracts have them."""
        self.api.import_definitions(self.contracted(password))

    def differences(self) -> list[str]:
        """What the broker has otherwise than the contracts say; empty where it is the same."""
        made = self.contracted(None)
        return [*self._user(), *self._permissions(made), *self._topics(made), *self._inbox(made)]

    def _user(self) -> Iterator[str]:
        user = self.api.user(self.code)
        if user is None:
            yield f"user {self.code}: is not there"
        elif user["tags"]:
            yield f"user {self.code}: has the tags {user['tags']}, and should have none"

    def _permissions(self, made: Definitions) -> Iterator[str]:
        (wanted,) = made["permissions"]
        yield from _compared(f"permission in {self.vhost}", wanted, next(iter(self.api.permissions(self.vhost, self.code)), None))

    def _topics(self, made: Definitions) -> Iterator[str]:
        """Of an exchange without a topic permission every key is open, if the permission lets the user publish there."""
        wanted = {each["exchange"]: each for each in made["topic_permissions"]}
        found = {each["exchange"]: each for each in self.api.topic_permissions(self.vhost, self.code)}
        for exchange in [*wanted, *sorted(found.keys() - wanted)]:
            yield from _compared(f"keys on {exchange}", wanted.get(exchange), found.get(exchange))

    def _inbox(self, made: Definitions) -> Iterator[str]:
        name, (binding,) = inbox(self.code), made["bindings"]
        if self.api.queue(self.vhost, name) is None:
            yield f"inbox {name}: is not there"
            return
        wanted = (binding["source"], binding["routing_key"])
        found = {(each["source"], each["routing_key"]) for each in self.api.bindings(self.vhost, name)}
        if wanted not in found:
            yield f"inbox {name}: gets nothing from {wanted[0]} by {wanted[1]}"
        yield from (f"inbox {name}: gets {key} from {source} besides" for source, key in sorted(found - {wanted}))


def _compared(what: str, wanted: Mapping[str, Any] | None, found: Mapping[str, Any] | None) -> Iterator[str]:
    if wanted is None or found is None:
        yield f"{what}: {'is not set' if found is None else 'is set, and the contracts know of none'}"
        return
    for right in RIGHTS:
        if right in wanted and wanted[right] != found.get(right):
            yield f"{what}: {right} is {found.get(right)!r}, and should be {wanted[right]!r}"


def nothing(differences: list[str]) -> bool:
    """Whether the broker has nothing of the body."""
    return bool(differences) and all(each.endswith(ABSENT) for each in differences)


def steps(differences: list[str]) -> Iterator[str]:
    """In words, of each part whether it is made, mended, or was there as the contracts have it."""
    for part, beginnings in PARTS.items():
        found = [each for each in differences if each.startswith(beginnings)]
        if not found or nothing(found):
            yield f"{'made' if found else 'there'}: {part}"
        else:
            yield f"mended: {part}: {'; '.join(found)}"
