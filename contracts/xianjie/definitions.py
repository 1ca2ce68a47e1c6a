"""What one virtual host of the network holds and who may do what in it, in RabbitMQ's importable format."""

import base64
import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from xianjie.envelope import HEADER
from xianjie.message import DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES
from xianjie.topology import (
    AGENCIES_IN,
    AGENCIES_OUT,
    ALL,
    CLOCK,
    EVENTS,
    JOURNAL,
    JOURNALED,
    LOG,
    OPS,
    PAIRS,
    ROUNDS,
    SANDBOX_OUT,
    SIDE_LANE,
    UNROUTED,
    entrance,
    heard_from_outside,
    inbox,
    inner,
    partition,
)  # fmt: skip

Definitions = dict[str, Any]


def definitions(
    vhost: str,
    agencies: Collection[str],
    *,
    partitions: Mapping[str, int],
    passwords: Mapping[str, str],
    journal: bool = True,
    exercise: bool = False,
    sandbox: bool = False,
    bridged: Collection[str] = (),
    journal_age: str = "7D",
    delivery_limit: int | None = None,
) -> Definitions:
    """Everything one virtual host holds, in RabbitMQ's importable format.

    `partitions`: per service, 1 where it is not named. `passwords`: by user; a user without one must exist already (users
    are shared between virtual hosts, permissions are not). `journal_age`: as in 7D, 12h. `delivery_limit`: -1 on brokers
    that have a default limit (RabbitMQ 4), None elsewhere. `journal=False`: nothing is recorded (for benchmarks). `sandbox`: for
    recordings that are played again; no agency is in it, and what is said to any ends in one queue that is cut at its end.
    `bridged`: agencies that come by HTTP, for whom the user `bridge` speaks and reads; one that is not among `agencies` too has an inbox, and no
    user of its own.
    """
    if sandbox and agencies:
        raise ValueError("no agency is in a sandbox: what is played again there reaches nobody")
    made = _Made(vhost, exercise, delivery_limit)
    made.backbone(journal, journal_age)
    if sandbox:
        made.sandbox()
    for service in SERVICES:
        made.service(service, partitions.get(service, 1))
    for code in agencies:
        made.agency(code)
    if bridged:
        made.bridge(bridged, agencies)
    made.people(passwords)
    return {"vhosts": [{"name": vhost}], **made.content}


def agency_definitions(
    vhost: str, code: str, password: str, *, exercise: bool = False, delivery_limit: int | None = None
) -> Definitions:
    """What one joining agency needs in a virtual host that is there: its inbox, its user, what it may do."""
    made = _Made(vhost, exercise, delivery_limit)
    made.agency(code)
    made.people({code: password})
    return made.content


def bridge_definitions(
    vhost: str, bridged: Collection[str], *, password: str | None = None, delivery_limit: int | None = None
) -> Definitions:
    """What the bridge needs in a virtual host that is there, to serve these agencies and no others: their inboxes, what it may do."""
    made = _Made(vhost, False, delivery_limit)
    made.bridge(bridged, ())
    made.people({BRIDGE: password} if password else {})
    return made.content


def users(agencies: Collection[str], *, exercise: bool = False, sandbox: bool = False, bridge: bool = False) -> list[str]:
    """Everyone who needs a password: services, door, operator, player of an exercise, who plays recordings in a sandbox, bridge, agencies."""
    some = {PLAYER: exercise, REPLAYER: sandbox, BRIDGE: bridge}
    return [*SERVICES, DOOR, OPERATOR, *(each for each, there in some.items() if there), *agencies]


def password_hash(password: str) -> str:
    """What a user's definition carries as `password_hash` (`rabbit_password_hashing_sha256`)."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


REPLAYER = "replay"
"""The user of a sandbox who plays recordings again."""
BRIDGE = "bridge"
"""The user that speaks and reads for agencies that come by HTTP."""
NOTHING = "^$"
TOPICS = (*PAIRS, *(inner(each) for each in PAIRS), LOG, OPS)
"""Every topic exchange. The broker lets a user say anything on one for which no topic permission is set."""


_KINDS = ("users", "permissions", "topic_permissions", "exchanges", "queues", "bindings")


def _any(names: Collection[str]) -> str:
    return f"^({'|'.join(re.escape(each) for each in names)})$" if names else NOTHING


def _nouns(speaker: str) -> str:
    return "|".join(sorted({each.name.split(".")[0] for each in MESSAGES.values() if speaker in each.said_by}))


class _Made:
    """Definitions in the making."""

    def __init__(self, vhost: str, exercise: bool, delivery_limit: int | None) -> None:
        self.vhost, self.exercise, self.delivery_limit = vhost, exercise, delivery_limit
        self.content: Definitions = {each: [] for each in _KINDS}

    def backbone(self, journal: bool, journal_age: str) -> None:
        self._exchange(UNROUTED, "fanout")
        self._queue(UNROUTED, one_reader=True)
        self._bind(UNROUTED, UNROUTED)
        for outer in JOURNALED:
            self._exchange(outer)
        for outer in PAIRS:
            self._exchange(inner(outer), internal=True, arguments={"alternate-exchange": UNROUTED})
            self._bind(outer, inner(outer), "#", to="exchange")
        if self.exercise:
            self._exchange(CLOCK, "fanout")
            self._queue(ROUNDS, one_reader=True)
            self._bind(LOG, ROUNDS, "*.clock.reached.*")
        age = {"x-max-age": journal_age, "x-stream-max-segment-size-bytes": 50_000_000}  # old segments are dropped whole
        self._add("queues", name=JOURNAL, arguments={"x-queue-type": "stream", **age})
        for outer in (*JOURNALED, *([CLOCK] if self.exercise else [])) if journal else ():
            self._bind(outer, JOURNAL, "#")

    def service(self, service: str, partitions: int) -> None:
        spread = {"hash-header": HEADER}
        self._exchange(entrance(service), "x-consistent-hash", internal=True, arguments=spread)
        self._bind(inner(EVENTS), entrance(service), f"*.*.*.*.{service}", to="exchange")
        for said in heard_from_outside(service):
            self._bind(inner(AGENCIES_IN), entrance(service), f"*.{said}", to="exchange")
        for hearer in (service, ALL):
            self._bind(OPS, entrance(service), f"{hearer}.#", to="exchange")
        for queue in (partition(service, each + 1) for each in range(partitions)):
            self._queue(queue, one_reader=True)
            self._bind(entrance(service), queue, "1")
            if self.exercise:
                self._bind(CLOCK, queue)
        speaks = {EVENTS: rf"^{service}\.", LOG: rf"^{service}\.", AGENCIES_OUT: r"^[A-Z0-9-]+\.", UNROUTED: NOTHING}
        lane = r"|xianjie\.unrouted" if service == SIDE_LANE else ""
        self._permit(service, speaks, rf"^({service}\.[0-9]+|xianjie\.journal{lane})$")

    def sandbox(self) -> None:
        """Who plays a recording again may say what anybody outside said, and nothing that services say: above all not to agencies."""
        cut = {"x-max-length": 100_000, "x-overflow": "drop-head"}
        self._add("queues", name=SANDBOX_OUT, arguments={"x-queue-type": "quorum", **cut})
        self._bind(inner(AGENCIES_OUT), SANDBOX_OUT, "#")
        hearers = "|".join((*SERVICES, ALL))
        anybody = {AGENCIES_IN: rf"^([A-Z0-9-]+|{DOOR})\.", OPS: rf"^({hearers})\.({_nouns(OPERATOR)})\."}
        leads = {CLOCK: NOTHING} if self.exercise else {}
        self._permit(REPLAYER, anybody | leads, _any([ROUNDS] if self.exercise else []))

    def agency(self, code: str) -> None:
        self._inbox(code)
        self._permit(code, {AGENCIES_IN: rf"^{re.escape(code)}\."}, _any([inbox(code)]))

    def bridge(self, codes: Collection[str], agencies: Collection[str]) -> None:
        """It speaks under these codes and reads these inboxes. `agencies`: those whose inbox is made already."""
        for code in codes:
            if code not in agencies:
                self._inbox(code)
        speaks = rf"^({'|'.join(map(re.escape, codes))})\." if codes else NOTHING
        self._permit(BRIDGE, {AGENCIES_IN: speaks}, _any([inbox(each) for each in codes]))

    def _inbox(self, code: str) -> None:
        self._queue(inbox(code))
        self._bind(inner(AGENCIES_OUT), inbox(code), f"{code}.#")

    def people(self, passwords: Mapping[str, str]) -> None:
        """The users themselves; where services are, also what door, operator and player may do."""
        if self.content["exchanges"]:
            self._permit(DOOR, {AGENCIES_IN: rf"^{DOOR}\."}, NOTHING)
            hearers = "|".join((*SERVICES, ALL))
            self._permit(OPERATOR, {OPS: rf"^({hearers})\.({_nouns(OPERATOR)})\."}, _any([JOURNAL]))
            if self.exercise:
                self._permit(PLAYER, {CLOCK: NOTHING}, _any([ROUNDS, JOURNAL]))
        hashed = {"hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
        for user, password in passwords.items():
            self.content["users"].append({"name": user, "password_hash": password_hash(password), **hashed})

    def _permit(self, user: str, speaks: Mapping[str, str], reads: str) -> None:
        """`speaks`: the exchanges it may publish to, each with the keys it may use there."""
        self._at("permissions", user=user, configure=NOTHING, write=_any(speaks), read=reads)
        for exchange in TOPICS:
            self._at("topic_permissions", user=user, exchange=exchange, write=speaks.get(exchange, NOTHING), read=NOTHING)

    def _exchange(self, name: str, kind: str = "topic", internal: bool = False, arguments: Definitions | None = None) -> None:
        self._add("exchanges", name=name, type=kind, internal=internal, arguments=arguments or {})

    def _queue(self, name: str, *, one_reader: bool = False) -> None:
        limit = {} if self.delivery_limit is None else {"x-delivery-limit": self.delivery_limit}
        reader = {"x-single-active-consumer": True} if one_reader else {}
        self._add("queues", name=name, arguments={"x-queue-type": "quorum", **reader, **limit})

    def _bind(self, source: str, destination: str, key: str = "", to: str = "queue") -> None:
        self._at("bindings", source=source, destination=destination, destination_type=to, routing_key=key, arguments={})

    def _add(self, kind: str, **said: Any) -> None:
        self._at(kind, durable=True, auto_delete=False, **said)

    def _at(self, kind: str, **said: Any) -> None:
        self.content[kind].append({"vhost": self.vhost, **said})
