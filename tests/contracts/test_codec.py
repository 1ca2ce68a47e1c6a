"""Messages to bytes and back: every class, whatever valid values it holds; and bytes that are no message, whatever they are."""

import dataclasses
import json
import types
import typing
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie import envelope, fields
from xianjie.envelope import Attributes, Invalid
from xianjie.message import MESSAGES, Message
from xianjie.vocabulary import CHINA, Mode, Precision, Term

CLASSES = [MESSAGES[each] for each in sorted(MESSAGES)]
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(CHINA))
BY_HINT: dict[Any, st.SearchStrategy[Any]] = {
    fields.Code: st.sampled_from(["CN-SH-IPO", "ABC", "0" * 32]),
    fields.CaseId: st.sampled_from(["C1", "a_b-c", "x" * 64]),
    fields.LegId: st.sampled_from(["L1", "L99999"]),
    fields.MessageId: st.sampled_from(["m1", "a.b:c_d-e", "9" * 64]),
    fields.Area: st.sampled_from(["000000", "310000", "440305", "330100"]),
    fields.Country: st.sampled_from(["DE", "US"]),
    fields.CreditCode: st.just("91110000600037341L"),
    fields.IdentityNumber: st.just("11010519491231002X"),
    fields.Word: st.sampled_from(["a", "in_progress", "z" * 64]),
    fields.Name: TEXT.filter(str.strip),
    fields.Text: TEXT,
    fields.Digest: st.sampled_from(["0" * 64, "ab" * 32]),
    fields.Count: st.integers(0, 2**53),
    fields.Right: st.sampled_from(["design", "not_yet_known"]),
    fields.Service: st.sampled_from(["dispute", "not_yet_known"]),
    bool: st.booleans(), int: st.integers(-(2**53), 2**53), str: TEXT, datetime: MOMENTS, date: st.dates(),
}  # fmt: skip
NARROW = st.sampled_from(["021-12345678", "application/pdf", "A", "sample", "91110000600037341L", 3, 1])
"""Values for fields with a form of their own, of which one fits."""


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Valid values of a type hint."""
    if hint in BY_HINT:
        return BY_HINT[hint]
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        field = fields.field_for(hint)
        return (NARROW | values(inside[0])).filter(lambda value: _fits(field, value))
    if origin in (types.UnionType, typing.Union):
        return st.none() | values(next(each for each in inside if each is not types.NoneType))
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is tuple:
        return st.lists(values(inside[0]), max_size=3).map(tuple)
    if dataclasses.is_dataclass(hint):
        return made(typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    raise TypeError(f"no values for {hint!r}")


def _fits(field: Any, value: Any) -> bool:
    try:
        return bool(field.deserialize(value) == value)
    except Exception:
        return False


@cache
def made(cls: type) -> st.SearchStrategy[Any]:
    """Objects of a dataclass with valid values; optional fields are left out at times."""
    hints = typing.get_type_hints(cls, include_extras=True)
    required = {each.name: values(hints[each.name]) for each in dataclasses.fields(cls) if each.default is dataclasses.MISSING}
    optional = {each.name: values(hints[each.name]) for each in dataclasses.fields(cls) if each.name not in required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda data: cls(**data))


def source_of(cls: type[Message]) -> str:
    who = cls.said_by[0]
    kinds = {"agency": "/agencies/CN-SH-IPO", "operator": "/operators/duty", "player": "/players/player"}
    return kinds.get(who, f"/services/{who}")


@st.composite
def enveloped(draw: st.DrawFn, cls: type[Message]) -> tuple[Attributes, Message]:
    """A message in its envelope, with whatever extensions."""
    precision = draw(st.sampled_from(list(Precision)))
    attributes = Attributes(
        specversion="1.0", id=draw(BY_HINT[fields.MessageId]), source=source_of(cls), type=cls.type, subject=draw(BY_HINT[fields.CaseId]),
        datacontenttype="application/json", time=draw(MOMENTS) if precision is not Precision.NONE else None, timeprecision=precision,
        mode=draw(st.sampled_from(list(Mode))), referral=draw(st.none() | BY_HINT[fields.LegId]),
        follows=draw(st.none() | BY_HINT[fields.MessageId]), senderref=draw(st.none() | BY_HINT[fields.Name]),
        ttl=draw(st.none() | st.integers(1, 86400)), exercise=draw(st.none() | st.just("drill-1")),
    )  # fmt: skip
    return attributes, draw(made(cls))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.name)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_message_written_and_read_is_the_same(cls: type[Message], data: st.DataObject) -> None:
    attributes, message = data.draw(enveloped(cls))
    body = envelope.write(attributes, message)
    heard = envelope.read(body)
    assert heard.message == message
    assert heard.attributes == attributes
    assert envelope.write(heard.attributes, heard.message) == body, "the same bytes for the same content"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_message_are_invalid_and_nothing_else(body: bytes) -> None:
    assert read(body)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["1.0", "2020-01-01T00:00:00Z", "L1", "\ud800", "a\0b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


SAMPLES = [file.read_bytes() for file in sorted((Path(__file__).parents[2] / "contracts/samples").glob("*.json"))]
"""The golden samples: one valid message of every class."""


def read(body: bytes) -> list[envelope.Fault]:
    """What is wrong with these bytes; anything but `Invalid` that is raised fails the test."""
    try:
        envelope.read(body)
    except Invalid as refused:
        return refused.faults or pytest.fail("invalid, but nothing is wrong")
    return []


@settings(max_examples=400, deadline=None)
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_a_valid_message_with_anything_in_any_place_is_read_or_invalid_with_pointers(sample: bytes, data: st.DataObject) -> None:
    message = json.loads(sample)
    for _ in range(data.draw(st.integers(1, 3))):
        place = message["data"] if data.draw(st.booleans()) and isinstance(message.get("data"), dict) else message
        name = data.draw(st.sampled_from([*place, "novelty"]))
        if data.draw(st.booleans()):
            place.pop(name, None)
        else:
            place[name] = data.draw(JSON)
    for each in read(json.dumps(message).encode("utf-8", "surrogatepass")):
        assert each.pointer == "" or each.pointer.startswith("/")
        assert each.says


@settings(max_examples=300, deadline=None)
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_valid_bytes_with_some_of_them_changed_are_read_or_invalid(sample: bytes, data: st.DataObject) -> None:
    body = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(body))
    read(bytes(body[: data.draw(st.integers(0, len(body)))]))


def test_an_open_list_takes_values_that_nobody_knows_yet() -> None:
    for hint in (fields.Right, fields.Service):
        term = typing.get_args(hint)[1]
        assert issubclass(term, Term)
        assert fields.field_for(hint).deserialize("not_yet_known") == "not_yet_known"
