"""The names on the broker: every exchange, queue and routing key of the network, written here and nowhere else."""

from typing import NamedTuple

import xianjie.messages  # noqa: F401  (makes every message known: bindings follow from who hears what)
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES, Message

EVENTS = "xianjie.events"
"""What one service says to another; key `<speaker>.<noun>.<verb>.v1.<hearer>`."""
AGENCIES_IN = "xianjie.agencies.in"
"""What agencies and the front door say; key `<code or door>.<noun>.<verb>.v1`."""
AGENCIES_OUT = "xianjie.agencies.out"
"""What services say to agencies; key `<code>.<noun>.<verb>.v1`."""
LOG = "xianjie.log"
"""What services say to nobody: the journal alone keeps it; key `<speaker>.<noun>.<verb>.v1`."""
OPS = "xianjie.ops"
"""What operators say; key `<service or all>.<noun>.<verb>.v1`."""
CLOCK = "xianjie.clock"
"""In exercises: what the player says to every partition of every service, whatever the key."""
UNROUTED = "xianjie.unrouted"
"""The side lane, exchange and queue: what nobody hears, or what has no inbox."""
SIDE_LANE = "routing"
"""Who reads it."""
JOURNAL = "xianjie.journal"
"""The stream of everything that was said, in order."""
ROUNDS = "xianjie.rounds"
"""In exercises: the queue of all `clock.reached`, for the player."""
SANDBOX_OUT = "xianjie.sandbox.out"
"""In a sandbox: where everything ends that services say to agencies."""
ALL = "all"
"""The hearer that stands for every service, in what operators say."""

PAIRS = (EVENTS, AGENCIES_IN, AGENCIES_OUT)
"""Outer exchanges that carry permissions and journal, each with an inner one that carries the bindings and the side lane."""
JOURNALED = (*PAIRS, LOG, OPS)


class Address(NamedTuple):
    """Where a message is published."""

    exchange: str
    key: str


def inner(exchange: str) -> str:
    """The inner exchange of a pair. Nobody can publish to it from outside."""
    return f"{exchange}.inner"


def entrance(service: str) -> str:
    """The exchange that spreads a service's messages over its partitions, by case."""
    return f"{service}.in"


def partition(service: str, number: int) -> str:
    """The queue of one partition; numbers begin at 1."""
    return f"{service}.{number}"


def inbox(code: str) -> str:
    """The queue of one agency."""
    return f"agency.{code}"


def address(speaker: str, name: str, version: int, hearer: str | None) -> Address:
    """Where `speaker` publishes `<noun>.<verb>` so that `hearer` gets it.

    `speaker`: a service, `door`, `operator`, `player` or an agency's code. `hearer`: a service, an agency's code, None
    for nobody; for operators a service or `all`. What agencies, the door and players say finds its hearer by its type.
    """
    said = f"{name}.v{version}"
    if speaker in SERVICES:
        if hearer is None:
            return Address(LOG, f"{speaker}.{said}")
        if hearer in SERVICES:
            return Address(EVENTS, f"{speaker}.{said}.{hearer}")
        return Address(AGENCIES_OUT, f"{hearer}.{said}")
    if speaker == OPERATOR:
        if hearer not in (*SERVICES, ALL):
            raise ValueError(f"an operator says {name} to one of {', '.join(SERVICES)}, or to {ALL}; not to {hearer}")
        return Address(OPS, f"{hearer}.{said}")
    return Address(CLOCK if speaker == PLAYER else AGENCIES_IN, f"{speaker}.{said}")


def hearer(exchange: str, key: str) -> str | None:
    """To whom something was published there: a service, an agency's code, or `all`; None where the address does not say."""
    words = key.split(".")
    return words[-1] if exchange == EVENTS else words[0] if exchange in (AGENCIES_OUT, OPS) else None


def services_hearing(exchange: str, key: str, kind: str) -> list[str]:
    """The services that hear what is published there: by its address, and what agencies and the door say by its type."""
    if exchange in (EVENTS, OPS):
        named = hearer(exchange, key)
        return [*SERVICES] if named == ALL else [each for each in SERVICES if each == named]
    cls = MESSAGES.get(kind) if exchange == AGENCIES_IN else None
    return [each for each in cls.heard_by if each in SERVICES] if cls else []


def exchange_for(message: type[Message], hearer: str | None) -> str:
    """The exchange on which a message of this class reaches `hearer`; as a service says it, where several may."""
    speaker = next((each for each in message.said_by if each in SERVICES), message.said_by[0])
    return address(speaker, message.name, message.version, hearer).exchange


def key_for(speaker: str, kind: str, hearer: str | None) -> str:
    """The routing key of a message of type `xianjie.<noun>.<verb>.v<version>`."""
    name, _, version = kind.removeprefix("xianjie.").rpartition(".v")
    return address(speaker, name, int(version), hearer).key


def heard_from_outside(service: str) -> list[str]:
    """`<noun>.<verb>.v1` of everything that agencies or the door say to this service."""
    heard = [each for each in MESSAGES.values() if service in each.heard_by]
    return [f"{each.name}.v{each.version}" for each in heard if {AGENCY, DOOR} & {*each.said_by}]


DIRECTORY = "directory"
"""The log of the directory, which decisions on every case look into."""
OWN_SUBJECTS, OWN_BEGINNINGS = (DIRECTORY, "clock"), ("dup-", "kept-")
"""What the network keeps logs of beside cases: the directory, the clock of exercises, registers of duplicates, what could not be read."""
KNOWLEDGE = ("kb-", "topic-")
"""How threads of the knowledge base begin: bodies speak in them, and they are no cases."""
LOOP, SUPPORTS = "loop-", "supports-"
"""How the threads begin in which a body tests the way to another, and in which it declares what its system supports: no cases either."""


def is_own(subject: str) -> bool:
    """Whether the network keeps it for itself: nobody from outside speaks of it."""
    return subject in OWN_SUBJECTS or subject.startswith(OWN_BEGINNINGS)


def is_case(subject: str) -> bool:
    """Whether it may be the name of a case."""
    return not is_own(subject) and not subject.startswith((*KNOWLEDGE, LOOP, SUPPORTS))
