"""Bytes to plain JSON values and back, within the limits of the network: nothing that a reader or a store would choke on."""

import json
from typing import Any

import msgspec

from xianjie.wording import printable

LONGEST = 256 * 1024
"""Bytes of the largest message that is taken."""
DEEPEST = 32
"""Levels of nesting that are taken."""
LARGEST = 2**53
"""The largest integer that every JSON reader keeps exact."""


class Unreadable(ValueError):
    """The bytes are not a JSON object within the limits. `pointer` names the place, where one is known; `code` the reason by `refusals`."""

    def __init__(self, says: str, pointer: str = "", code: str = "invalid") -> None:
        super().__init__(says)
        self.says, self.pointer, self.code = says, pointer, code


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises `Unreadable` for anything else, and says what is wrong."""
    if len(body) > LONGEST:
        raise Unreadable(f"is {len(body)} bytes long; at most {LONGEST} are taken", code="too_large")
    found = _at_once(body)
    return _with_care(body) if found is None else found


def _at_once(body: bytes) -> dict[str, Any] | None:
    """What a quick reader makes of it, if it is within the limits for certain. That reader takes no more than JSON, and refuses half surrogates;
    but of members of one name it keeps the last, it knows no limit of integers, and a NUL may hide behind an escape."""
    try:
        found = _quick.decode(body)
        if type(found) is not dict or (b"\\" in body and b"\\u0000" in body):
            return None
        named = body.translate(None, _BLANKS).count(b'":')  # as many as there are members, or more, if words look like members
        return found if named == _members(found, 1) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _Doubt):
        return None


_quick = msgspec.json.Decoder()
_BLANKS = b" \t\n\r"


class _Doubt(Exception):
    """Something that must be looked at with care."""


def _members(value: Any, depth: int) -> int:
    """How many members it has, those within it included; raises `_Doubt` where it is too deep or has a number to be looked at."""
    if depth > DEEPEST:
        raise _Doubt
    named, parts = (len(value), value.values()) if type(value) is dict else (0, value)
    for each in parts:
        kind = type(each)
        if kind is str or kind is bool or each is None:
            continue
        if kind is dict or kind is list:
            named += _members(each, depth + 1)
        elif kind is not int or not -LARGEST <= each <= LARGEST:
            raise _Doubt
    return named


def _with_care(body: bytes) -> dict[str, Any]:
    """The same, and whatever is wrong is said."""
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_int=_exact, parse_float=_finite, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8") from None
    except json.JSONDecodeError as fault:
        raise Unreadable(f"is not JSON: {fault.msg} at character {fault.pos}") from None
    except RecursionError:
        raise Unreadable(f"is nested deeper than {DEEPEST} levels") from None
    if not isinstance(found, dict):
        raise Unreadable("is not a JSON object")
    if b"\\u" in body or body.count(b"{") + body.count(b"[") > DEEPEST:  # nothing else can hide what `_inspect` looks for
        _inspect(found, "", 1)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("names a member twice in one object")
    return found


def _exact(digits: str) -> int:
    if len(digits) > 17 or abs(value := int(digits)) > LARGEST:
        raise Unreadable("holds an integer beyond 2^53")
    return value


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Unreadable("holds a number too large")
    return value


def _no_constant(name: str) -> None:
    raise Unreadable(f"holds {name}, which JSON does not know")


def _inspect(value: Any, pointer: str, depth: int) -> None:
    """Refuse what hides behind escapes: NUL, lone surrogates; and too deep nesting."""
    if depth > DEEPEST and isinstance(value, dict | list):
        raise Unreadable(f"is nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        for name, each in value.items():
            _inspect(name, pointer, depth)
            _inspect(each, f"{pointer}/{escape(name)}", depth + 1)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            _inspect(each, f"{pointer}/{at}", depth + 1)
    elif isinstance(value, str):
        if "\0" in value:
            raise Unreadable("holds the character NUL", pointer)
        if any("\ud800" <= each <= "\udfff" for each in value):
            raise Unreadable("holds half of a surrogate pair", pointer)


def escape(name: str) -> str:
    """One member name as a part of a JSON pointer (RFC 6901), without what no text may hold, or what moves the cursor of a terminal."""
    clean = printable(name[:64])
    return clean.replace("~", "~0").replace("/", "~1")
