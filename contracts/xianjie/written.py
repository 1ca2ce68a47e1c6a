"""What people write in YAML: read whole and as it stands, every fault with its place."""

from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from marshmallow import Schema, ValidationError, fields

from xianjie.fields import schema_for
from xianjie.wording import counted

Shape = TypeVar("Shape")


class BadFile(ValueError):
    """A file that cannot be used; the text names it, every place in it, and what is wrong there."""


def as_written(loader: type[Any]) -> type[Any]:
    """`loader`, but dates stay the text that was written: how exactly one is known counts, and one that is none is a fault among others."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in loader.yaml_implicit_resolvers.items()
    }
    return type("AsWritten", (loader,), {"yaml_implicit_resolvers": resolvers})


class _Once(yaml.SafeLoader):
    """YAML in which a key stands once: of two, the first would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word, no list or mapping", key.start_mark)
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_LOADER = as_written(_Once)


def documents(file: Path, *, secret: bool = False) -> list[Any]:
    """The YAML documents of a file; raises `BadFile`. `secret`: what cannot be read is named by its place, and not quoted."""
    try:
        return list(yaml.load_all(file.read_text("utf-8"), _LOADER))
    except OSError as fault:
        raise BadFile(f"{file}: cannot be read: {fault.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as fault:  # bytes that are not UTF-8
        raise BadFile(f"{file}: is not YAML: {_where(fault) if secret else ' '.join(str(fault).split())}") from None


def _where(fault: Exception) -> str:
    """The place alone."""
    mark = getattr(fault, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "it cannot be read as text"


def document(file: Path, *, secret: bool = False) -> Any:
    """The one YAML document of a file, None for an empty one; raises `BadFile`. `secret`: as `documents` has it."""
    found = documents(file, secret=secret)
    if len(found) > 1:
        raise BadFile(f"{file}: holds {counted(len(found), 'document')}; it must be one, without a line of ---")
    return found[0] if found else None


def value(text: str) -> Any:
    """What a word or phrase of YAML stands for; the text itself if it is no YAML."""
    try:
        return yaml.load(text, _LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def bad(where: Any, faults: Iterable[str]) -> BadFile:
    """What to raise for a file or folder with these faults."""
    lines = list(faults)
    return BadFile(f"{where}: {counted(len(lines), 'fault')}\n" + "\n".join(f"  {each}" for each in lines))


def flat(messages: Any, pointer: str = "") -> Iterator[str]:
    """Every fault that marshmallow found, each as `<JSON pointer>: <what is wrong>`."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from flat(inner, f"{pointer}/{name}")
    else:
        yield from (f"{pointer}: {each}" for each in (messages if isinstance(messages, list) else [messages]))


def loaded(cls: type[Shape], rows: Iterable[tuple[str, Any]], faults: list[str]) -> Iterator[tuple[str, Shape]]:
    """Each row, of which its place is given, as the dataclass `cls`; all that is wrong with the others joins `faults`."""
    schema = schema_for(cls)
    for place, row in rows:
        faults += _unknown(schema, row, place)
        try:
            made: Shape = schema.load(row)
        except ValidationError as refused:
            faults += flat(refused.messages, place)
        else:
            yield place, made


def _unknown(schema: Schema, row: Any, pointer: str) -> Iterator[str]:
    """A fault for every key that no field has: the schema itself passes them over."""
    for name, each in row.items() if isinstance(row, dict) else ():
        field = schema.fields.get(name)
        if field is None:
            yield f"{pointer}/{name}: no such key; there are {', '.join(schema.fields)}"
            continue
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            for number, part in enumerate(each) if isinstance(each, list) else [(None, each)]:
                yield from _unknown(inner.schema, part, f"{pointer}/{name}" + ("" if number is None else f"/{number}"))
