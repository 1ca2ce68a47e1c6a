"""From a file to a contract: what is none, or one that cannot be compared, is refused in one message."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from xianjie.compatibility.contract import Channel, Contract, Json, Operation, Published
from xianjie.compatibility.schema import Broken, Schemas
from xianjie.written import BadFile

FILE = "asyncapi.json"
TITLE, FORMAT = "Xianjie", "3."
LARGEST = 64 << 20
ROLES = re.compile(r"([a-z_]+)\.(says|hears)(?:\.[A-Za-z]+)?")


def loaded(path: Path) -> Contract:
    """The contract in a file, or in the `asyncapi.json` of a folder. Raises `BadFile` in words that say what to give instead."""
    file = path / FILE if path.is_dir() else path
    try:
        if file.stat().st_size > LARGEST:
            raise BadFile(f"{file}: is larger than {LARGEST >> 20} MB; a contract of this network has about one")
        document = json.loads(file.read_bytes())
    except OSError as fault:
        raise BadFile(f"{file}: cannot be read: {fault.strerror}; give {FILE}, its folder, or the version of a release") from None
    except (ValueError, RecursionError) as fault:
        raise BadFile(f"{file}: is not JSON: {fault}") from None
    return contract(document, str(file))


def contract(document: Any, name: str) -> Contract:
    """The contract that a document holds. Raises `BadFile`."""
    _ours(document, name)
    schemas = Schemas(document)
    try:
        _sound(document, schemas)
        channels = {each: _channel(each, found) for each, found in _objects(document, "channels")}
        operations = [_operation(each, found, channels) for each, found in _objects(document, "operations")]
        messages = {each: _message(each, found) for each, found in _objects(document["components"], "messages")}
    except (Broken, _Shape) as fault:
        raise BadFile(f"{name}: is not a contract that can be compared: {fault}") from None
    except SchemaError as fault:
        where = "/".join(str(each) for each in fault.absolute_path)
        raise BadFile(
            f"{name}: is not a contract that can be compared: /components/schemas/{where}: {fault.message[:200]}"
        ) from None
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as fault:
        raise BadFile(f"{name}: is not a contract that can be compared: {type(fault).__name__} {fault}") from None
    return Contract(name, document, messages, operations, schemas)


class _Shape(ValueError):
    """Something has not the form it should have."""


def _ours(document: Any, name: str) -> None:
    """Raise `BadFile` for what is no AsyncAPI document of this network, or one of a format that is not read."""
    if not isinstance(document, dict) or not isinstance(document.get("asyncapi"), str):
        raise BadFile(
            f"{name}: is no AsyncAPI document: it has no text `asyncapi`; give contracts/schemas/{FILE} or a copy of it"
        )
    if not document["asyncapi"].startswith(FORMAT):
        raise BadFile(
            f"{name}: is AsyncAPI {document['asyncapi']}; contracts are compared in AsyncAPI {FORMAT}x: publish it anew"
        )
    info = document.get("info")
    if not isinstance(info, dict) or info.get("title") != TITLE:
        title = info.get("title") if isinstance(info, dict) else None
        raise BadFile(f"{name}: describes {title or 'something without a title'}, not {TITLE}; give a contract of this network")


def _objects(found: Json, name: str) -> Iterator[tuple[str, Json]]:
    inner = found.get(name)
    if not isinstance(inner, dict):
        raise _Shape(f"{name} must be an object")
    for key, each in inner.items():
        if not isinstance(each, dict):
            raise _Shape(f"{name}/{key} must be an object")
        yield key, each


def _sound(document: Json, schemas: Schemas) -> None:
    """Every schema is one, with patterns that can be read, and every reference leads somewhere."""
    components = document.get("components")
    if not isinstance(components, dict) or not isinstance(components.get("schemas"), dict):
        raise _Shape("components/schemas must be an object")
    headers = {key: each.get("headers", {}) for key, each in _objects(components, "messages")}
    for where, found in (("schemas", components["schemas"]), ("messages", headers)):
        for name, each in found.items():
            if fault := _fault(json.dumps(each, sort_keys=True)):
                raise _Shape(f"components/{where}/{name}{fault}")
    for each in (*components["schemas"].values(), *headers.values()):
        schemas.ground(each)
    for key, value in _members([components["schemas"], headers]):
        if key == "$ref" and isinstance(value, str):
            schemas.at(value)


@lru_cache(maxsize=4096)
def _fault(schema: str) -> str:
    """What is wrong with a schema, nothing if it is one. Two contracts have most of theirs in common."""
    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as fault:
        return f"{''.join(f'/{each}' for each in fault.absolute_path)}: {fault.message[:200]}"
    return ""


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object within."""
    for key, each in value.items() if isinstance(value, dict) else ():
        yield key, each
        yield from _members(each)
    for each in value if isinstance(value, list) else ():
        yield from _members(each)


def _channel(name: str, found: Json) -> Channel:
    amqp = found.get("bindings", {}).get("amqp", {})
    exchange, queue = amqp.get("exchange", {}), amqp.get("queue", {})
    declared = {
        "is": amqp.get("is"), "exchange": {key: each for key, each in exchange.items() if key != "name"},
        "queue": {key: each for key, each in queue.items() if key != "name"},
    }  # fmt: skip
    return Channel(name, _text(found, "address", name), exchange.get("name"), queue.get("name"), declared)


def _text(found: Json, name: str, where: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise _Shape(f"{name} of {where} must be a text")
    return value


def _operation(name: str, found: Json, channels: dict[str, Channel]) -> Operation:
    role = ROLES.fullmatch(name)
    if not role:
        raise _Shape(f"the operation {name} is not named <role>.says.<channel> or <role>.hears")
    reply = found.get("reply")
    answered = (_last(reply["channel"]), frozenset(_last(each) for each in reply.get("messages", ()))) if reply else None
    messages = frozenset(_last(each) for each in found.get("messages", ()))
    permissions = found.get("x-permissions", {})
    return Operation(
        name, role[1], found.get("action") == "send", channels[_last(found["channel"])], messages, permissions, answered
    )


def _last(reference: Json) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]


def _message(key: str, found: Json) -> Published:
    examples = found.get("examples") or [{}]
    sample = examples[0].get("payload")
    return Published(
        key, _text(found, "name", key), found.get("contentType", ""), found.get("headers", {}), found.get("payload", {}),
        str(found.get("summary", "")), sample if isinstance(sample, dict) else None,
    )  # fmt: skip
