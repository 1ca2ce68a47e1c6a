"""What a schema says, place by place: so that two of them are told apart in words, whoever says or reads."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xianjie.compatibility.schema import Schemas, checked_words, same
from xianjie.compatibility.walking import PASSED, Place

Facts = dict[tuple[Place, str], Any]
NONE = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Change:
    """At `place` something (`keyword`) was `old` and is `new`; None: it was not, or is no more, there."""

    place: Place
    keyword: str
    old: Any
    new: Any

    def words(self) -> str:
        """In a line."""
        match self.keyword, self.old, self.new:
            case "field", None, new:
                return f"added: {'required' if new['required'] else 'optional'}{_meaning(new)}"
            case "field", _, None:
                return "taken away"
            case "required", _, new:
                return "must be there now" if new else "may be left out now"
            case "null", _, new:
                return "may be null now" if new else "may not be null any more"
            case "enum", list() as old, list() as new:
                parts = (
                    (word, [each for each in one if each not in other])
                    for word, one, other in (("with", new, old), ("without", old, new))
                )
                return "list of values: " + ", ".join(f"{word} {', '.join(map(str, found))}" for word, found in parts if found)
            case ("if" | "anyOf" | "oneOf" | "not") as keyword, _, _:
                return f"{'condition' if keyword == 'if' else 'choice'} ({keyword}) changed"
            case keyword, None, new:
                return f"{keyword} {shown(new)} added"
            case keyword, old, None:
                return f"{keyword} {shown(old)} taken away"
        return f"{self.keyword} {shown(self.old)} → {shown(self.new)}"


def _meaning(field: Any) -> str:
    return f", {shown(field['default'])} where it is not said" if not field["required"] and field["default"] is not None else ""


def shown(value: Any) -> str:
    """A value in a line, cut where it is long."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"


def facts(schemas: Schemas, schema: Any) -> Facts:
    """By place and keyword, all that restricts values there, and what their absence means."""
    found: dict[tuple[Place, str], list[Any]] = {}
    for place, keyword, value in _facts(schemas, schema, (), frozenset()):
        values = found.setdefault((place, keyword), [])
        if not any(same(value, each) for each in values):
            values.append(value)
    return {key: values[0] if len(values) == 1 else Several(values) for key, values in found.items()}


def going(schemas: Schemas, schema: Any, place: Place = (), trail: frozenset[str] = frozenset()) -> dict[Place, str]:
    """By place, what is deprecated, with what to say instead."""
    if repr(schema) in trail or not isinstance(schema, dict):
        return {}
    trail |= {repr(schema)}
    found = {place: str(schema.get("x-instead", ""))} if schema.get("deprecated") is True else {}
    inner = [schemas.at(schema["$ref"])] if "$ref" in schema else []
    for each in (*inner, *schema.get("allOf", ()), *schema.get("anyOf", ())):
        found |= going(schemas, each, place, trail)
    if "items" in schema:
        found |= going(schemas, schema["items"], (*place, 0), trail)
    for name, each in schema.get("properties", {}).items():
        found |= going(schemas, each, (*place, name), trail)
    return found


class Several(list[Any]):
    """What is asked more than once at a place: all of it holds."""


def _apart(one: Any, other: Any) -> tuple[Any, Any]:
    """What only the one and what only the other asks, where several things are asked."""
    if not (isinstance(one, Several) or isinstance(other, Several)):
        return one, other
    mine, theirs = ([*each] if isinstance(each, Several) else [] if each is None else [each] for each in (one, other))
    only = (
        [each for each in mine if not any(same(each, it) for it in theirs)],
        [it for it in theirs if not any(same(each, it) for each in mine)],
    )
    before, after = (each[0] if len(each) == 1 else each or None for each in only)
    return before, after


def _facts(schemas: Schemas, schema: Any, place: Place, trail: frozenset[str]) -> Iterator[tuple[Place, str, Any]]:
    if repr(schema) in trail and "$ref" in repr(schema):
        yield place, "$ref", "a shape within itself"
        return
    trail |= {repr(schema)}
    parts = schemas.spread(schema)
    for part in parts:
        for keyword, value in part.items():
            if keyword == "anyOf":
                yield from _either(schemas, value, place, trail)
            elif keyword == "items":
                yield from _facts(schemas, value, (*place, 0), trail)
            elif keyword == "if":
                yield place, "if", schemas.canonical({name: part[name] for name in ("if", "then", "else") if name in part})
            elif keyword not in (*PASSED, "properties", "required", "description"):  # of which what restricts is a check, below
                yield place, keyword, schemas.canonical(value) if isinstance(value, dict | list) and keyword != "enum" else value
        if says := checked_words(part):
            yield place, "check", says
    for name in dict.fromkeys(name for part in parts for name in part.get("properties", ())):
        yield from _member(schemas, parts, name, place, trail)


def _member(schemas: Schemas, parts: Any, name: str, place: Place, trail: frozenset[str]) -> Iterator[tuple[Place, str, Any]]:
    found = [part["properties"][name] for part in parts if name in part.get("properties", {})]
    required = any(name in part.get("required", ()) for part in parts)
    default = next((each["default"] for each in found if isinstance(each, dict) and "default" in each), None)
    yield (*place, name), "field", {"required": required, "default": default}
    yield (*place, name), "required", required
    if default is not None and not required:
        yield (*place, name), "default", default
    for each in found:
        yield from _facts(schemas, each, (*place, name), trail)


def _either(schemas: Schemas, branches: list[Any], place: Place, trail: frozenset[str]) -> Iterator[tuple[Place, str, Any]]:
    """A value or null is that value, which may be null; any other choice is told as a whole."""
    others = [each for each in branches if each != NONE]
    if len(others) == 1 and len(branches) == 2:
        yield place, "null", True
        yield from _facts(schemas, others[0], place, trail)
    else:
        yield place, "anyOf", schemas.canonical(branches)


def changes(old: Facts, new: Facts) -> list[Change]:
    """What differs. Of what was added or taken away whole, only that; what stands beneath it goes without saying."""
    whole = {place for place, keyword in old.keys() ^ new.keys() if keyword == "field"}
    found = []
    for place, keyword in dict.fromkeys((*old, *new)):
        before, after = old.get((place, keyword)), new.get((place, keyword))
        if any(place[:length] in whole for length in range(1, len(place) + 1)):
            if not (keyword == "field" and not any(place[:length] in whole for length in range(1, len(place)))):
                continue
        elif keyword == "field":
            continue
        if not same(before, after):
            found.append(Change(place, keyword, *_apart(before, after)))
    return found
