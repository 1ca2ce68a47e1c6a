"""Writes a golden sample for every message that has none: `python contracts/samples.py`. Samples are kept for ever, never rewritten."""

import dataclasses
import json
import sys
import types
import typing
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie import envelope, fields
from xianjie.conformance import planning
from xianjie.envelope import Attributes
from xianjie.message import MESSAGES, Message
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import CHINA, Mode, Track

FOLDER = Path(__file__).parent / "samples"
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)

_BY_NAME: dict[str, Any] = {
    "leg": "L1", "case": "sample-case", "child": "sample-child", "parent": "sample-parent", "other": "other-case", "receiving_body": "CN-SH-IPO",
    "owner": "CN-SH-IPO", "sender": "CN-SH-IPO", "receiver": "CN-SH-IPC", "body": "CN-SH-IPC", "code": "CN-SH-IPO", "to": "CN-SH-IPC",
    "court": "CN-SH-IPC", "forwarded_by": "CN-SH-IPAC", "next_body": "CN-SH-IPC", "step": "interim_report", "stage": "filed",
    "outcome": "settled",
    "state": "in_progress", "service": "routing", "rule": "B4", "clock": "L1/B4", "status": "accepted", "row": "T8", "field": "identity",
    "media_type": "application/pdf", "who": "operator", "hash": "ab" * 32, "sha256": "ab" * 32, "query_hash": "cd" * 32, "type": "design",
    "id": "5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11", "source": "/services/routing", "reported": "5b6f9c1e-5f53-5d2a-8a57-3c3a8e0f2b11",
    "awaits": "leg L1", "phone": "021-12345678", "credit_code": "91110000600037341L", "identity_number": "11010519491231002X",
    "basis": "before_filing", "how": "closed", "area": "310000", "infringement_area": "310000", "topic": "law",
    "respondent_areas": ("310000",), "conflict": "91110000600037341L", "partie": "91110000600037341L",
}  # fmt: skip


def value(hint: Any, name: str) -> Any:
    """A plausible value of a field, by its name where that says more than its type."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated and isinstance(inside[1], type) and issubclass(inside[1], Enum):
        return next(iter(inside[1])).value
    if origin is Annotated:
        return value(inside[0], name) if name not in _BY_NAME else _BY_NAME[name]
    if origin in (types.UnionType, typing.Union):
        return value(next(each for each in inside if each is not type(None)), name)
    if origin is Literal:
        return inside[0]
    if origin is tuple:
        one = name.rstrip("s")
        return (fitting(inside[0], one, value(inside[0], one)),)
    if dataclasses.is_dataclass(hint):
        return filled(typing.cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if hint in (str, bool, int, datetime, date):
        return {str: _BY_NAME.get(name, f"sample {name}"), bool: True, int: 1, datetime: MOMENT, date: MOMENT.date()}[hint]
    raise TypeError(f"no sample for {hint!r}")


def filled(cls: type) -> Any:
    """An object of `cls` with every field filled."""
    found = typing.get_type_hints(cls, include_extras=True)
    made = {each.name: value(found[each.name], each.name) for each in dataclasses.fields(cls)}
    made |= {name: each for name, each in of_track(cls).items() if name in made}
    return cls(**{name: fitting(found[name], name, each) for name, each in made.items()})


def of_track(cls: type) -> dict[str, str]:
    """For what is said in a track: a stage, a step and an outcome of that track."""
    noun = cls.name.split(".")[0] if issubclass(cls, Message) else ""
    if noun not in [*Track]:
        return {}
    steps, outcome = planning.way(Track(noun))
    known = {"stage": track_rules(Track(noun)).first, "outcome": outcome.name}
    return known | ({"step": steps[0].name} if steps else {})


def fitting(hint: Any, name: str, made: Any) -> Any:
    """`made`, or for words and codes whose form is narrow another value of that form."""
    try:
        fields.field_for(hint).deserialize(json.loads(json.dumps(envelope.plain(made))))
        return made
    except Exception:
        for other in ("sample", "SAMPLE-BODY", "L1", "sample.id", "ab" * 32, "310000", "design", "DE", "referral.offered.v1", 3):
            try:
                fields.field_for(hint).deserialize(other)
                return other
            except Exception:
                continue
        raise


def speaker(cls: type[Message]) -> str:
    """Who says it in the sample."""
    who = cls.said_by[0]
    return {"agency": "/agencies/CN-SH-IPO", "operator": "/operators/duty", "player": "/players/player"}.get(
        who, f"/services/{who}"
    )


def sample(cls: type[Message]) -> bytes:
    """The golden sample of a message class, as it travels."""
    attributes = Attributes(
        specversion="1.0", id="0b9a3f0e-7c53-5f0e-9e0b-7d1c5d2c4a10", source=speaker(cls), type=cls.type, subject="sample-case",
        datacontenttype="application/json", time=MOMENT, actorid="clerk-1", actorrole="clerk", referral="L1", senderref="(2026) 12",
        correlationid="sample-case", causationid="1b9a3f0e-7c53-5f0e-9e0b-7d1c5d2c4a10", mode=Mode.TEST, legalbasis="专利法 65",
        dataclass="personal" if cls.personal else "internal",
    )  # fmt: skip
    return (
        json.dumps(json.loads(envelope.write(attributes, filled(cls))), ensure_ascii=False, indent=1, sort_keys=True).encode()
        + b"\n"
    )


def main() -> None:
    """Write what is missing; say which."""
    FOLDER.mkdir(exist_ok=True)
    for cls in MESSAGES.values():
        file = FOLDER / f"{cls.name}.v{cls.version}.json"
        if not file.exists():
            body = sample(cls)
            envelope.read(body)
            file.write_bytes(body)
            print(f"wrote {file}", file=sys.stderr)


if __name__ == "__main__":
    main()
