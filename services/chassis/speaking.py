"""A message as bytes with its address on the broker, and what is said beside the commits: receipts, and news for the journal."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from services.chassis.commit import Spoken, said_id
from xianjie import envelope, topology, wire
from xianjie.envelope import Actor, Heard
from xianjie.message import Message
from xianjie.messages.log import Committed, LogCommitted
from xianjie.vocabulary import Mode

Document = dict[str, Any]
MOST_ROWS = 300
"""So many commits fit into one `log.committed`, whatever they are called."""


class TooLong(Exception):
    """What is said is longer than anybody takes."""


def speak(
    service: str, message: Message, to: str | None, case: str, id: str, now: datetime, exercise: str | None, heard: Heard | None = None,
    follows: str | None = None,
) -> Spoken:  # fmt: skip
    """One message as bytes, with its address on the broker."""
    attributes = envelope.attributes(
        message, case, f"/services/{service}", id, time=now, because=heard.id if heard else None, exercise=exercise,
        mode=heard.attributes.mode if heard else None, follows=follows, **_actor(service, heard).attributes(),
    )  # fmt: skip
    exchange, key = topology.address(service, message.name, message.version, to)
    body = envelope.write(attributes, message)
    if len(body) > wire.LONGEST:
        raise TooLong(f"{message.name} is {len(body)} bytes long")
    return Spoken(id, message.type, exchange, key, case, body, attributes.mode is not Mode.TEST)


def _actor(service: str, heard: Heard | None) -> Actor:
    """Who acted: whoever made the cause happen; else the service itself."""
    return (heard.actor if heard else None) or Actor(id=service, role="service")


def committed(service: str, documents: list[Document], exercise: str | None) -> Iterator[Spoken]:
    """What the journal is told of these commits; written when it is asked for."""
    for at in range(0, len(documents), MOST_ROWS):
        yield _committed(service, documents[at : at + MOST_ROWS], exercise)


def _committed(service: str, documents: list[Document], exercise: str | None) -> Spoken:
    rows = tuple(
        Committed(
            case=each["case"], n=each["n"], source=each["cause"]["source"], id=each["cause"]["id"], now=each["now"],
            versions=tuple(each["versions"]), hash=each["hash"],
        )
        for each in documents
    )  # fmt: skip
    last = documents[-1]
    id = said_id(service, last["case"], f"batch {last['n']}", "committed")
    return speak(service, LogCommitted(service=service, commits=rows), None, last["case"], id, last["now"], exercise)


def said_by(document: Document) -> list[Spoken]:
    """What a stored commit says, to be sent again."""
    return [
        Spoken(each["id"], each["type"], each["x"], each["k"], each["case"], bytes(each["body"])) for each in document["said"]
    ]


def again(service: str, unsent: Iterable[Document], exercise: str | None) -> list[Spoken]:
    """What an earlier life stored and did not get confirmed: everything said, and the journal's news of it."""
    left = list(unsent)
    return [*(each for document in left for each in said_by(document)), *committed(service, left, exercise)]
