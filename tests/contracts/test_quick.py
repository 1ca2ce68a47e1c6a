"""The quick checks take nothing that the thorough ones refuse, and make the same of what they take; which is nearly everything that is valid."""

import copy
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.mutants import mutants, variants
from tests.contracts.places import SAMPLES
from xianjie import envelope, quick, wire
from xianjie.envelope import Heard, Invalid
from xianjie.message import MESSAGES
from xianjie.vocabulary import CHINA

GOLDEN = [each.read_bytes() for each in sorted(SAMPLES.glob("*.json"))]


def quickly(body: bytes) -> Heard | None:
    """As the quick checks have it; None where they are not sure."""
    found = wire._at_once(body) if len(body) <= wire.LONGEST else None
    try:
        return None if found is None else envelope._taken(found)
    except quick.Unsure:
        return None


def thoroughly(body: bytes) -> Heard | None:
    """As json and marshmallow have it; None where they refuse."""
    try:
        return envelope._loaded(wire._with_care(body)) if len(body) <= wire.LONGEST else None
    except (wire.Unreadable, Invalid):
        return None


def same(body: bytes) -> bool:
    """Whether the quick checks took it; if so, the thorough ones make the same of it, zones and types included."""
    made = quickly(body)
    if made is not None:
        wanted = thoroughly(body)
        assert made == wanted
        assert repr(made) == repr(wanted)
    return made is not None


def test_every_golden_sample_is_taken_at_once_and_is_the_same() -> None:
    assert [body for body in GOLDEN if not same(body)] == []
    assert len(GOLDEN) == len(MESSAGES)


def test_moments_are_in_the_zone_of_china_as_ever() -> None:
    made = quickly(GOLDEN[0].replace(b"2026-03-02T09:30:00+08:00", b"2026-03-02T01:30:00.5Z"))
    assert made is not None
    assert made.attributes.time == datetime(2026, 3, 2, 9, 30, 0, 500_000, CHINA)
    assert made.attributes.time.tzinfo is CHINA


def test_what_is_broken_by_rule_is_never_taken_at_once_and_what_is_odd_nearly_always() -> None:
    broken = [each for each in mutants(7, 1200) if each.place in ("body", "envelope", "bytes")]
    assert [each.name for each in broken if same(each.body) and thoroughly(each.body) is None] == []
    odd = variants(7, 600)
    taken = [each for each in odd if same(each.body)]
    assert len(taken) > 0.8 * len(odd)
    assert all(thoroughly(each.body) is not None for each in odd)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a" :2}', b'{"a":1,"\\u0061":2}', b'{"a":{"b":1,"b"\n:2}}', b'{"a":[{"b":1,"b":2}]}', b'{"":1,"":2}',
        b'{"a":"\\":","b" :1,"b" :1}',
        b'{"a\\":":1,"a\\":" :2}', b'{"a":[[{"x" : 1, "x" : 1}]]}', b'{"a":9007199254740993}', b'{"a":[9007199254740993]}', b'{"a":1e999}',
        b'{"a":"\\u0000"}', b'{"\\u0000":1}', b'{"a":"\\ud800"}', b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", b'{"a":' + b"[" * 90_000,
        b"[1]", b"1",
    ],
)  # fmt: skip
def test_what_readers_may_read_differently_is_never_read_at_once(body: bytes) -> None:
    assert wire._at_once(body) is None
    with pytest.raises(wire.Unreadable):
        wire.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a" : 1 , "b"\n:\t{"a":1}}', b'{"a":"\\u00e9\\ud83d\\ude00"}', b'{"a":-0}', b'{"a":' + b"[" * 31 + b"]" * 31 + b"}", b'{"a":"b: c"}',
    ],
)  # fmt: skip
def test_what_all_read_alike_is_read_at_once(body: bytes) -> None:
    assert wire._at_once(body) == wire._with_care(body) == wire.loads(body)


MOMENTS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["2026-03-02", "2024-02-29", "2026-02-29", "0001-01-01", "9999-12-31", "2026-W10-1", "20260302", "1900-13-01"]),
    st.sampled_from(["T", "t", " ", ""]),
    st.sampled_from(["09:30:00", "23:59:60", "24:00:00", "09:30", "093000", "09:30:00.1", "09:30:00.1234567", "09:30:00,5", "09"]),
    st.sampled_from(["Z", "z", "+08:00", "-00:00", "+0800", "+08", "+24:00", "-23:59", "", "+08:00:30", " +08:00"]),
    st.sampled_from(["", "", "", " ", "\n"]),
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | st.text(max_size=8) | MOMENTS
    | st.sampled_from(["1.0", "L1", "２026-03-02T09:30:00Z", "2026-03-02T09:60:00Z", 1.0])
    | st.sampled_from(["L1", "design", "CN-SH-IPO", "310000", "310000\n", "\ud800", "a\0b", "2026-03-02", "91110000600037341l", "ops", "OPS"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A golden sample with something else in some places, of other types, in another form, twice, or with bytes turned."""
    content = json.loads(draw(st.sampled_from(GOLDEN)))
    for _ in range(draw(st.integers(0, 3))):
        inner: Any = content
        while isinstance(inner, dict | list) and inner:
            at = draw(st.sampled_from([*inner] if isinstance(inner, dict) else range(len(inner))))
            if not isinstance(inner[at], dict | list) or draw(st.booleans()):
                inner[at] = draw(st.just(copy.deepcopy(inner[at])) | VALUES)
                break
            inner = inner[at]
    blanks = draw(st.sampled_from(["", " ", "\n"]))
    body = json.dumps(content, ensure_ascii=draw(st.booleans()), separators=(",", f"{blanks}:{blanks}")).encode(
        "utf-8", "surrogatepass"
    )
    if draw(st.integers(0, 3)) == 0:  # a member again, wherever an object ends
        name = draw(st.sampled_from([*content, *content["data"]] if isinstance(content.get("data"), dict) else [*content]))
        body = body.replace(b"}", f',"{name}"{blanks}:1}}'.encode("utf-8", "surrogatepass"), draw(st.integers(1, 2)))
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(body) - 1))
        body = body[:at] + draw(st.binary(min_size=0, max_size=2)) + body[at + 1 :]
    return body


@settings(max_examples=1500, suppress_health_check=list(HealthCheck))
@given(changed())
def test_whatever_is_changed_both_say_the_same_of_it(body: bytes) -> None:
    same(body)
    wanted = thoroughly(body)
    if wanted is None:
        with pytest.raises(Invalid) as refused:
            envelope.read(body)
        assert refused.value.faults
    else:
        assert envelope.read(body) == wanted
