"""What must not stand in a place of a message, by its type hint: written down here by hand, and not by what checks it."""

import dataclasses
import typing
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

from marshmallow import validate

from tests.contracts.places import ABSENT, Place
from xianjie import fields
from xianjie.fields import Check
from xianjie.message import Message
from xianjie.vocabulary import Term

Broken = tuple[str, Any]
"""The rule that is broken, and the value that breaks it."""

FAR = "2099-01-01T00:00:00+08:00"
NO_MOMENTS = {
    "moment without offset": ("2026-03-02T09:30:00", "2026-03-02T09:30:00.5"),
    "moment on no day": ("2026-02-30T09:30:00+08:00", "2025-02-29T00:00:00Z", "2026-13-01T09:30:00Z", "0000-01-01T00:00:00Z"),
    "moment at no hour": ("2026-03-02T24:00:00+08:00", "2026-03-02T09:60:00+08:00", "2026-03-02T23:59:60Z", "2026-03-02T09:30:00+24:00"),
    "moment of another form": (
        "2026-03-02 09:30:00+08:00", "20260302T093000+0800", "2026-03-02T09:30+08:00", "2026-03-02t09:30:00z", "2026-W10-1T09:30:00+08:00",
        "2026-03-02T09:30:00+0800", "2026-03-02T09:30:00,5+08:00", "2026-03-02T09:30:00+08:00 ", "2026-03-02T09:30:00.+08:00", "yesterday",
        "２026-03-02T09:30:00+08:00", "2026-03-02T09:30:00+08:00\n", "Mon, 02 Mar 2026 09:30:00 +0800", "", "1772415000",
        "2026-03-02", "2026-03-02T09+08:00", "2026-3-2T09:30:00+08:00", "2026-03-02T09:30:00+08:00:30", "2026-03-02T09:30:00.1234567890Z",
    ),
    "moment beyond the calendar": ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-05:00"),
}  # fmt: skip
NO_DAYS = {
    "day that is none": ("2026-02-30", "2025-02-29", "2026-00-10", "2026-01-32", "0000-01-01"),
    "day of another form": ("20260302", "2026-W10-1", "2026-3-2", "2026-03-02T00:00:00+08:00", "02.03.2026", "", "2026-03-02\n", "２026-03-02"),
}  # fmt: skip
NO_CODES = {
    "must be a division": {
        "division that is none": ("990000", "320000 ", "31000", "3100000", "３１００００", "", "31000O", "310000\n"),
    },
    "must be a unified": {
        "credit code with a wrong check digit": ("91110000600037341A", "911100006000373410", "91110000600037314L"),
        "credit code of another form": (
            "91110000600037341l", "9111 0000 6000 3734 1L", " 91110000600037341L", "91110000-600037341L", "９1110000600037341L", "",
            "91110000600037341L\n",
        ),
    },
    "must be a resident": {
        "identity number with a wrong check digit": ("110105194912310021", "110105194912310020", "11010519491231020X"),
        "identity number of another form": ("11010519491231002x", "１1010519491231002X", "110105491231002", "", "11010519491231002X\n"),
        "identity number of no birthday": ("11010519490231002X",),
    },
}  # fmt: skip


def of(place: Place, cls: type[Message]) -> Iterator[Broken]:
    """Everything that may not stand in this place of a message of this class."""
    here = "element" if not place.member else "member"
    if place.required and place.member and place.value is not ABSENT:
        yield "required member missing", ABSENT
    if not place.nullable:
        yield f"null as {here}", None
    if place.path == ("time",):
        yield from (("time missing", ABSENT), ("time null", None), ("time ahead", FAR))
    if place.path == ("exercise",):
        yield "exercise in operation", "drill-1"
    if place.path == ("source",):
        yield from (("source that may not say it", each) for each in _strangers(cls))
    if place.path == ("type",):
        noun = cls.type.removesuffix(f".v{cls.version}")
        yield from (("type unknown", each) for each in ("xianjie.nothing.known.v1", f"{noun}.v9", f"{noun}s.v1"))
    yield from _unfit(place.hint, place.value)


def _strangers(cls: type[Message]) -> Iterator[str]:
    roles = {
        "/agencies/CN-SH-IPO": "agency", "/services/routing": "routing", "/services/intake": "intake", "/services/mediation": "mediation",
        "/operators/duty": "operator", "/players/player": "player", "/services/nobody": "", "/services/door": "door",
    }  # fmt: skip
    return (source for source, role in roles.items() if role not in cls.said_by)


def _unfit(hint: Any, value: Any) -> Iterator[Broken]:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        base, *limits = inside
        yield from _unfit_plain(base)
        for limit in limits:
            yield from _beyond(hint, limit)
    elif origin is Literal:
        yield from _of_no_kind(type(inside[0]))
        yield "value of no list", "no_such_value" if isinstance(inside[0], str) else 999
    elif origin is tuple:
        yield from (("no list", each) for each in ("x", 1, {}, True))
        if isinstance(value, list) and value and len(str(value[0])) < 60:
            yield "list too long", [value[0]] * (fields.LONGEST_LIST + 1)
    elif dataclasses.is_dataclass(hint):
        yield from (("no object", each) for each in ("x", 1, [], True, [{}]))
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield from _of_no_kind(str)
        yield from (
            ("value of no list", each)
            for each in ("no_such_value", next(iter(hint)).value.upper(), "", next(iter(hint)).value + "\n")
        )
    else:
        yield from _unfit_plain(hint)


def _unfit_plain(hint: Any) -> Iterator[Broken]:
    yield from _of_no_kind(str if hint in (datetime, date) else hint)
    for breaks, values in {datetime: NO_MOMENTS, date: NO_DAYS}.get(hint, {}).items():
        yield from ((breaks, each) for each in values)


def _of_no_kind(kind: Any) -> Iterator[Broken]:
    wrong: dict[Any, tuple[Any, ...]] = {
        str: (7, 1.5, True, [], {}, ["x"]), int: ("1", 1.5, True, False, [], {}), bool: (0, 1, "true", "false", [], {}),
    }  # fmt: skip
    if kind is int:
        yield "number with a point", 1.0
    yield from ((f"wrong JSON type for {kind.__name__}", each) for each in wrong[kind])


def _beyond(hint: Any, limit: Any) -> Iterator[Broken]:
    match limit:
        case validate.Length(min=least, max=most):
            yield from ((("text too long", "x" * (most + 1)), ("text too long", "衔" * (most + 1))) if most else ())
            yield from ((("text too short", "x" * (least - 1)),) if least else ())
        case validate.Range(min=least, max=most):
            yield from ((("number too small", least - 1),) if least > -fields.LARGEST else ())
            yield from ((("number too large", most + 1),) if most < fields.LARGEST else ())
        case validate.Regexp() if hint is fields.Name:
            yield from (("blanks for a name", each) for each in (" ", " \n\t", "\u3000"))
        case validate.Regexp():
            yield from (("form of text broken", each) for each in ("", "!", "名", "ＡＢＣ１", "x" * 300, "A\n", "../", "A B!"))
        case validate.OneOf() | validate.Equal():
            yield from (("value of no list", each) for each in ("no_such_value", "", "1.0\n", "APPLICATION/JSON"))
        case Check(error=says):
            found = next(each for begins, each in NO_CODES.items() if says.startswith(begins))
            yield from ((breaks, each) for breaks, values in found.items() for each in values)
        case type() if issubclass(limit, Term):
            yield from (("no term", each) for each in ("Design", "a term", "", "x" * 65, "专利", "design\n", "9lives", "_x"))
        case _:
            raise TypeError(f"nobody knows what breaks {limit!r}")
