"""One AsyncAPI 3 document: where everybody speaks and listens, who says and hears what, by which permission, with examples."""

import json
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from xianjie import __version__, topology
from xianjie.definitions import TOPICS, definitions
from xianjie.envelope import CONTENT_TYPE, HEADER
from xianjie.json_schema import Schemas
from xianjie.message import AGENCY, DOOR, MESSAGES, OPERATOR, PLAYER, SERVICES, Message
from xianjie.messages.log import ReceiptGiven
from xianjie.publishing.schemas import summary, whole

CODE = "CN-EXAMPLE"
"""The agency whose permissions stand for everybody's."""
ABOUT = """Cases of intellectual property, handed over from agency to agency.

Each message an agency says is answered by a receipt.given in its inbox: 202 taken, or held for what its text names; 403 not its to say, 409
known already, 410 too late, 422 invalid. What was held and is refused after all is answered by one more, which holds."""
WORDS = ("speaker", "noun", "verb", "version", "hearer")
ROLES = (AGENCY, DOOR, OPERATOR, PLAYER, *SERVICES)
OUTER = {
    topology.AGENCIES_IN: ("agenciesIn", "What agencies and the front door say. The first word of the key is who says it, held by the broker."),
    topology.EVENTS: ("events", "What one service says to another."),
    topology.LOG: ("log", "What services say to nobody: the journal alone keeps it."),
    topology.OPS: ("ops", "What operators say to a service, or to all."),
    topology.CLOCK: ("clock", "In exercises: what the player says to every service."),
}  # fmt: skip
KEYS = {
    topology.AGENCIES_IN: "{speaker}.{noun}.{verb}.v{version}", topology.EVENTS: "{speaker}.{noun}.{verb}.v{version}.{hearer}",
    topology.LOG: "{speaker}.{noun}.{verb}.v{version}", topology.OPS: "{hearer}.{noun}.{verb}.v{version}",
    topology.CLOCK: "{speaker}.{noun}.{verb}.v{version}",
}  # fmt: skip


def document(samples: Path) -> dict[str, Any]:
    """The whole of it. `samples`: the folder of golden samples, which become the examples."""
    schemas = Schemas()
    messages = {key(each): _message(each, schemas, samples) for each in _all()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Xianjie", "version": __version__, "license": {"name": "Apache-2.0"},
            "description": ABOUT,
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "network": {
                "host": "{host}", "pathname": "/{vhost}", "protocol": "amqp", "protocolVersion": "0.9.1",
                "variables": {"host": {"default": "localhost:5672"}, "vhost": {"default": "xianjie"}},
                "security": [{"$ref": "#/components/securitySchemes/user"}],
            }
        },
        "channels": {**{name: _exchange(exchange, name, says) for exchange, (name, says) in OUTER.items()}, "inbox": _inbox()},
        "operations": dict(_operations()),
        "components": {
            "securitySchemes": {"user": {"type": "userPassword", "description": "A user of the broker; an agency's is its code."}},
            "messages": messages, "schemas": schemas.found,
        },
    }  # fmt: skip


def key(cls: type[Message]) -> str:
    """The name of a message within the document."""
    return f"{cls.name}.v{cls.version}"


@cache
def _all() -> list[type[Message]]:
    return sorted(MESSAGES.values(), key=lambda each: (each.name, each.version))


def _message(cls: type[Message], schemas: Schemas, samples: Path) -> dict[str, Any]:
    schemas.found[key(cls)] = whole(cls, schemas)
    made: dict[str, Any] = {
        "name": cls.type, "title": key(cls), "summary": summary(cls), "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object", "required": [HEADER],
            "properties": {HEADER: {"type": "string", "description": "Equals `subject`; partitions are chosen by it."}},
        },
        "payload": {"$ref": f"#/components/schemas/{key(cls)}"},
    }  # fmt: skip
    if cls.deprecated:  # AsyncAPI has no word for it but in schemas
        made["tags"] = [{"name": "deprecated", "description": cls.deprecated}]
    sample = samples / f"{key(cls)}.json"
    if sample.exists():
        payload = json.loads(sample.read_bytes())
        made["examples"] = [{"name": "sample", "headers": {HEADER: payload["subject"]}, "payload": payload}]
    return made


def _exchange(exchange: str, name: str, says: str) -> dict[str, Any]:
    words = {each: {"description": f"The {each}."} for each in WORDS if f"{{{each}}}" in KEYS[exchange]}
    kind = "fanout" if exchange == topology.CLOCK else "topic"
    return {
        "address": KEYS[exchange], "description": says, "parameters": words, "messages": _named(_on(exchange)),
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": exchange, "type": kind, "durable": True, "autoDelete": False}}},
    }  # fmt: skip


def _inbox() -> dict[str, Any]:
    return {
        "address": "agency.{code}", "description": "What services say to one agency. Acknowledge what you have stored.",
        "parameters": {"code": {"description": "The agency's code."}},
        "messages": _named(each for each in _all() if AGENCY in each.heard_by),
        "bindings": {"amqp": {"is": "queue", "queue": {"name": "agency.{code}", "durable": True, "exclusive": False, "autoDelete": False}}},
    }  # fmt: skip


@cache
def _on(exchange: str) -> list[type[Message]]:
    """What is said on an exchange."""
    return [
        each
        for each in _all()
        if exchange in {topology.address(by, each.name, each.version, to).exchange for by, to in _ways(each)}
    ]


def _ways(cls: type[Message]) -> Iterable[tuple[str, str | None]]:
    """By whom and to whom a message goes."""
    for by in cls.said_by:
        speaker = CODE if by == AGENCY else by
        if by in SERVICES:
            hearers: list[str | None] = [CODE if each == AGENCY else each for each in cls.heard_by] or [None]
        else:
            hearers = [next(iter(cls.heard_by), topology.ALL) if by == OPERATOR else None]
        for to in hearers:
            yield speaker, to


def _named(messages: Iterable[type[Message]]) -> dict[str, Any]:
    return {key(each): {"$ref": f"#/components/messages/{key(each)}"} for each in messages}


def _operations() -> Iterable[tuple[str, dict[str, Any]]]:
    for role in ROLES:
        for exchange, (name, _) in OUTER.items():
            said = [each for each in _on(exchange) if role in each.said_by and _there(role, each, exchange)]
            if said:
                yield f"{role}.says.{name}", _operation("send", role, name, said)
        heard = [each for each in _all() if role in each.heard_by]
        if role == AGENCY:
            yield "agency.hears", _operation("receive", role, "inbox", heard)
        elif role in SERVICES:
            for exchange, (name, _) in OUTER.items():
                if mine := [each for each in _on(exchange) if role in each.heard_by]:
                    yield f"{role}.hears.{name}", _operation("receive", role, name, mine)
            if told := [each for each in _all() if role in each.said_by and AGENCY in each.heard_by]:
                yield f"{role}.says.inbox", _operation("send", role, "inbox", told)


def _there(role: str, cls: type[Message], exchange: str) -> bool:
    speaker = CODE if role == AGENCY else role
    return any(by == speaker and topology.address(by, cls.name, cls.version, to).exchange == exchange for by, to in _ways(cls))


def _operation(action: str, role: str, channel: str, messages: Collection[type[Message]]) -> dict[str, Any]:
    does = "says" if action == "send" else "hears"
    made: dict[str, Any] = {
        "action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": f"What {role} {does} there.",
        "messages": [{"$ref": f"#/channels/{channel}/messages/{key(each)}"} for each in messages],
        "x-permissions": permissions(role),
    }  # fmt: skip
    if action == "send":
        made["bindings"] = {"amqp": {"deliveryMode": 2, "mandatory": True}}
    if role == AGENCY and action == "send":
        made["reply"] = {
            "channel": {"$ref": "#/channels/inbox"}, "messages": [{"$ref": f"#/channels/inbox/messages/{key(ReceiptGiven)}"}]
        }  # fmt: skip
    return made


@cache
def permissions(role: str) -> dict[str, Any]:
    """What the broker lets a user of that role do, as regular expressions; an agency's for the code CN-EXAMPLE. All else is refused."""
    user = CODE if role == AGENCY else role
    made = definitions("vhost", [CODE], partitions={}, passwords={}, exercise=True)
    (plain,) = (each for each in made["permissions"] if each["user"] == user)
    topics = {each["exchange"]: each["write"] for each in made["topic_permissions"] if each["user"] == user}
    return {
        "configure": plain["configure"], "write": plain["write"], "read": plain["read"],
        "routing_keys": {each: topics[each] for each in TOPICS if topics[each] != "^$"},
    }  # fmt: skip
