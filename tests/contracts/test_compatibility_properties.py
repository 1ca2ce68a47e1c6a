"""Whatever changes: where the gate says compatible, no message that one side may say is refused by the other."""

import copy
import re
from collections.abc import Callable
from typing import Any

from body_changes import Json, document, only
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from xianjie.compatibility.contract import Contract
from xianjie.compatibility.direction import BREAKING, COMPATIBLE, HEAR, OLD_TO_NEW, SAY
from xianjie.compatibility.judging import compared
from xianjie.compatibility.loading import contract

SHAPES = {
    "referral.declined.v1": ("ReferralDeclined", SAY), "referral.offered.v1": ("ReferralOffered", HEAR),
    "routing.leg_taken.v1": ("RoutingLegTaken", OLD_TO_NEW), "receipt.given.v1": ("ReceiptGiven", HEAR),
    "cost.reported.v1": ("CostReported", SAY),
}  # fmt: skip
"""By message: its shape, and the direction that is looked at."""
PATTERNS = ("^[a-z]*$", "^[A-Z0-9-]{2,8}$", "^L[1-9][0-9]?$", "x", "^.{0,5}$", "^(?:a|b)c*$")
PLAIN_TEXT = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"))


def alone(key: str) -> Json:
    """The published document with this one message in it."""
    found = only(document(), {key})
    found["operations"]["agency.says.agenciesIn"].pop("reply")
    return found


DOCUMENTS = {key: alone(key) for key in SHAPES}

# --- random changes

NUMBER = st.integers(0, 12)
TEXT_CHANGES: list[Callable[[Any], Any]] = [
    lambda draw: {"maxLength": draw(NUMBER)}, lambda draw: {"minLength": draw(NUMBER)},
    lambda draw: {"pattern": draw(st.sampled_from(PATTERNS))}, lambda draw: {"format": draw(st.sampled_from(["date", "date-time"]))},
    lambda draw: {"enum": draw(st.lists(st.sampled_from("abc"), min_size=1))},
    lambda draw: {"const": draw(st.sampled_from("abc"))}, lambda draw: {"not": {"const": draw(st.sampled_from("abc"))}},
]  # fmt: skip
NUMBER_CHANGES: list[Callable[[Any], Any]] = [
    lambda draw: {"minimum": draw(NUMBER)}, lambda draw: {"maximum": draw(NUMBER)}, lambda draw: {"exclusiveMinimum": draw(NUMBER)},
    lambda draw: {"multipleOf": draw(st.integers(1, 4))}, lambda draw: {"type": draw(st.sampled_from(["number", "integer"]))},
]  # fmt: skip
LIST_CHANGES: list[Callable[[Any], Any]] = [
    lambda draw: {"maxItems": draw(NUMBER)}, lambda draw: {"minItems": draw(NUMBER)}, lambda draw: {"uniqueItems": draw(st.just(True))},
]  # fmt: skip
BY_TYPE = {"string": TEXT_CHANGES, "integer": NUMBER_CHANGES, "number": NUMBER_CHANGES, "array": LIST_CHANGES}


@st.composite
def changed(draw: Any, key: str) -> Json:
    """The document after one to three random changes of the shape."""
    found = copy.deepcopy(DOCUMENTS[key])
    shape = found["components"]["schemas"][SHAPES[key][0]]
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(shape["properties"])))
        _changed_member(draw, shape, name)
    return found


def _changed_member(draw: Any, shape: Json, name: str) -> None:
    kind = draw(st.sampled_from(["limit", "limit", "limit", "drop", "require", "null", "enum", "remove", "add", "closed", "if"]))
    schema = shape["properties"][name]
    inner = schema["anyOf"][0] if "anyOf" in schema else schema
    required = [each for each in shape.get("required", []) if each != name]
    if kind == "limit" and (changes := BY_TYPE.get(inner.get("type", ""))):
        inner.update(draw(st.sampled_from(changes))(draw))
    elif kind == "drop":
        inner.pop(draw(st.sampled_from(["type", *sorted(inner)])), None)
    elif kind == "require":
        shape["required"] = required if name in shape.get("required", []) else [*required, name]
    elif kind == "null":
        shape["properties"][name] = inner if "anyOf" in schema else {"anyOf": [schema, {"type": "null"}]}
    elif kind == "enum" and len(inner.get("enum", ())) > 1:
        inner["enum"] = inner["enum"][1:] if draw(st.booleans()) else [*inner["enum"], "later"]
    elif kind == "remove" and len(shape["properties"]) > 1:
        del shape["properties"][name]
        shape["required"] = required
    elif kind == "add" and f"{name}_more" not in shape["properties"]:
        shape["properties"][f"{name}_more"] = copy.deepcopy(schema)
        shape["required"] = [*shape.get("required", []), *([f"{name}_more"] if draw(st.booleans()) else [])]
    elif kind == "closed":
        shape["additionalProperties"] = False
    elif kind == "if":
        other = draw(st.sampled_from(sorted(shape["properties"])))
        shape["if"], shape["then"] = {"required": [name]}, {"required": [other]}


# --- random messages, made without anything of the gate


def values(schema: Any, components: Json) -> st.SearchStrategy[Any]:
    """Values that fit most of what a schema asks; what does not fit the rest is sorted out by an ordinary validator."""
    if "$ref" in schema:
        return values(components[schema["$ref"].rsplit("/", 1)[1]], components)
    if "anyOf" in schema:
        return st.one_of([values(each, components) for each in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from([schema["const"]] if "const" in schema else schema["enum"])
    kinds: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "null": st.none, "boolean": st.booleans, "string": lambda: _texts(schema), "integer": lambda: _integers(schema),
        "number": lambda: st.one_of(_integers(schema), st.integers(0, 40).map(lambda each: each / 4)),
        "array": lambda: _lists(schema, components),
        "object": lambda: objects(schema, components),
    }  # fmt: skip
    one = schema.get("type")
    return kinds[one]() if one else st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.text(PLAIN_TEXT, max_size=3))


def _texts(schema: Json) -> st.SearchStrategy[str]:
    if "format" in schema:
        return st.sampled_from(["2026-03-02T09:30:00+08:00", "1999-12-31T23:59:59Z", "2026-03-02"])
    if "pattern" in schema:
        inner = schema["pattern"].removeprefix("^").removesuffix("$")
        return st.from_regex(re.compile(inner), fullmatch=True, alphabet=PLAIN_TEXT)
    low = schema.get("minLength", 0)
    words = st.sampled_from(["a", "b", "c", "later", "310000", "91110000600037341L"])
    return st.one_of(words, st.text(PLAIN_TEXT, min_size=low, max_size=max(low, min(schema.get("maxLength", 20), 20))))


def _integers(schema: Json) -> st.SearchStrategy[int]:
    low = schema.get("minimum", -3)
    return st.integers(low, max(low, min(schema.get("maximum", 30), low + 30)))


def _lists(schema: Json, components: Json) -> st.SearchStrategy[list[Any]]:
    low = schema.get("minItems", 0)
    return st.lists(values(schema.get("items", {}), components), min_size=low, max_size=low + 2)


@st.composite
def objects(draw: Any, schema: Json, components: Json) -> Json:
    """Members that are named, those that must be there and some of the others."""
    named = schema.get("properties", {})
    return {
        name: draw(values(each, components))
        for name, each in named.items()
        if name in schema.get("required", ()) or draw(st.booleans())
    }


def valid(by: Json, key: str, message: Json) -> bool:
    whole = {"$ref": f"#/components/schemas/{key}", "components": by["components"]}
    return bool(Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(message))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_compatible_is_never_said_where_a_message_is_refused(data: st.DataObject) -> None:
    """For random changes and random messages of who says it, by the document before and by the one after."""
    key = data.draw(st.sampled_from(sorted(SHAPES)))
    shape, direction = SHAPES[key]
    other = data.draw(changed(key))
    forward = data.draw(st.booleans())
    old, new = (DOCUMENTS[key], other) if forward else (other, DOCUMENTS[key])
    said, read = (new, old) if direction == HEAR else (old, new)
    sample = said["components"]["messages"][key]["examples"][0]["payload"]
    body = data.draw(objects(said["components"]["schemas"][shape], said["components"]["schemas"]))
    message = {**sample, "data": body}
    assume(valid(said, key, message))
    rows = [each for each in compared(_contract(old), _contract(new)) if each.direction == direction]
    if all(each.verdict == COMPATIBLE for each in rows):
        assert valid(read, key, message), rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_every_break_that_is_said_is_one(data: st.DataObject) -> None:
    """For random changes: the counterexample is taken by an ordinary validator for who says it; it is refused for who reads it, or means
    something else to it."""
    key = data.draw(st.sampled_from(sorted(SHAPES)))
    other = data.draw(changed(key))
    old, new = (DOCUMENTS[key], other) if data.draw(st.booleans()) else (other, DOCUMENTS[key])
    for row in compared(_contract(old), _contract(new)):
        if row.verdict == BREAKING:
            said, read = (old, new) if row.direction in (SAY, OLD_TO_NEW) else (new, old)
            message = (row.counterexample or {})["message"]
            assert valid(said, key, message), row
            if row.readings is None and "division code" not in row.why + row.what:
                assert not valid(read, key, message), row


def _contract(found: Json) -> Contract:
    return contract(found, "a document")
