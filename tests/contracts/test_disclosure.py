"""Nobody's words are shown: whatever free text a message holds, none of it comes out at a door or in a timeline."""

import dataclasses
import io
import json
import runpy
import types
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError
from rich.console import Console

import xianjie.messages  # noqa: F401  (makes every message known)
from services.chassis import showing
from xianjie import envelope, fields, timeline
from xianjie.cli.timeline import tree
from xianjie.disclosure import WORDLESS, shown
from xianjie.envelope import Attributes
from xianjie.message import MESSAGES, SERVICES, Message, hints, plain

CANARY = "王某某 would take 40,000; 138 0013 8000"
OURS = (fields.Coded, fields.Cited, fields.Reason, fields.Answered)
"""What only our own rules write, from codes."""
CLASSES = [MESSAGES[each] for each in sorted(MESSAGES)]
SAMPLES = runpy.run_path(str(Path(__file__).parents[2] / "contracts/samples.py"))
NAMES = [each.name for each in CLASSES]


def filled(cls: type[Message]) -> Any:
    """An object of a class in which every field has a value."""
    return SAMPLES["filled"](cls)


def bare(hint: Any) -> Any:
    """The hint without `None` and without the tuple around it."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return bare(next(each for each in inside if each is not types.NoneType))
    return bare(inside[0]) if origin is tuple else hint


def takes_words(hint: Any) -> bool:
    """Whether a field of this type takes the canary: found out by trying, not by its name."""
    if hint in OURS:
        return False
    try:
        return isinstance(fields.field_for(hint).deserialize(CANARY), str)
    except (ValidationError, TypeError):
        return False


def sung(cls: type, given: Any) -> Any:
    """The object with a canary in every field that takes one."""
    changed: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        if name not in cls.__dataclass_fields__:
            continue
        inner, value = bare(hint), getattr(given, name)
        new = sung(inner, value[0] if isinstance(value, tuple) else value) if dataclasses.is_dataclass(inner) else CANARY
        if dataclasses.is_dataclass(inner) or takes_words(inner):
            changed[name] = (new, new) if isinstance(value, tuple) else new
    return dataclasses.replace(given, **changed)


def written(message: Message, source: str) -> bytes:
    attributes = Attributes(
        specversion="1.0", id="m-1", source=source, type=message.type, subject="c-1", datacontenttype="application/json",
        time=datetime(2026, 3, 2, tzinfo=UTC), actorid=CANARY, actorrole=CANARY, onbehalfof=CANARY, legalbasis=CANARY, senderref=CANARY,
    )  # fmt: skip
    return envelope.write(attributes, message)


def commit(heard: bytes, said: bytes, type: str, **more: Any) -> dict[str, Any]:
    """A stored commit that heard the one and said the other."""
    name = type.removeprefix("xianjie.").rpartition(".v")[0]
    return {
        "case": "c-1", "n": 1, "now": datetime(2026, 3, 2, tzinfo=UTC), "cause": {"source": "/agencies/CN-SH-IPO", "id": "m-1", "sha256": "0"},
        "type": name, "outcome": "decided", "status": 202, "hash": "0" * 64, "heard": heard, "exchange": "xianjie.agencies.in",
        "said": [{"id": "s-1", "type": type, "k": f"routing.{name}.v1", "case": "c-1", "body": said}], **more,
    }  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES, ids=NAMES)
def test_no_word_of_anybody_comes_out_at_a_door_or_in_a_timeline(cls: type[Message]) -> None:
    message = sung(cls, filled(cls))
    body = written(message, "/agencies/CN-SH-IPO")
    page = showing.commit(commit(body, body, cls.type))
    assert "王某某" not in json.dumps(page, default=str, ensure_ascii=False)
    told = timeline.build("c-1", {"routing": [json.loads(json.dumps(page, default=lambda each: each.isoformat()))]})
    assert "王某某" not in json.dumps(timeline.as_json(told), ensure_ascii=False)
    out = io.StringIO()
    Console(file=out, width=1000).print(tree(told, everything=True))
    assert "王某某" not in out.getvalue()


def test_the_canary_sings_where_there_are_words() -> None:
    """Most messages hold words; a canary that none of them took would prove nothing."""
    singing = {cls.name for cls in CLASSES if "王某某" in json.dumps(plain(sung(cls, filled(cls))), ensure_ascii=False)}
    assert singing >= {
        "case.submitted",
        "case.appeal_put",
        "mediation.progressed",
        "referral.declined",
        "log.noted",
        "proceeding.moved",
    }
    assert len(singing) > 60


@pytest.mark.parametrize("cls", [each for each in CLASSES if each.personal], ids=[each.name for each in CLASSES if each.personal])
def test_of_a_personal_message_nothing_is_shown(cls: type[Message]) -> None:
    assert shown(cls.type, plain(filled(cls))) == {}


def test_of_a_type_that_is_not_known_nothing_is_shown() -> None:
    assert shown("xianjie.case.sung.v1", {"leg": "L1"}) == {}


def test_what_a_case_worker_needs_is_shown() -> None:
    """Grounds, rows, states, stages, outcomes, bodies, days and time limits."""
    for name, needed in {
        "proceeding.moved": {"leg", "state", "stage", "row", "at", "step", "outcome", "ground", "to"},
        "routing.leg_moved": {"leg", "state", "row", "ground"},
        "case.moved": {"status", "row", "ground"},
        "sla.started": {"clock", "rule", "cited", "start", "due", "region", "level"},
        "sla.met": {"clock", "gross_days", "net_days"},
        "referral.declined": {"leg", "ground", "refused_by"},
        "receipt.given": {"to", "status", "ground", "text"},
        "log.noted": {"ground", "text"},
    }.items():
        cls = MESSAGES[f"xianjie.{name}.v1"]
        assert shown(cls.type, plain(filled(cls))).keys() >= needed, name


@pytest.mark.parametrize("cls", CLASSES, ids=NAMES)
def test_only_services_write_what_is_called_written_from_codes(cls: type[Message]) -> None:
    """Else it would be somebody's words after all."""
    ours = [name for name, hint in hints(cls).items() if bare(hint) in OURS]
    assert not ours or set(cls.said_by) <= set(SERVICES)


@pytest.mark.parametrize("kind", [each for each in WORDLESS if each not in OURS])
def test_the_strings_that_are_shown_have_a_form_that_takes_no_words(kind: Any) -> None:
    assert not takes_words(kind)


def test_of_bytes_that_nobody_could_read_neither_names_nor_places_are_shown() -> None:
    kept = commit(b"", b"{}", "", outcome="kept", routing_key=f"CN-SH-IPO.{CANARY}")
    kept |= {"type": "unreadable", "said": [], "faults": [f"/data/{CANARY} holds the character NUL", "/ is not UTF-8"]}
    for page in (showing.commit(kept), showing.kept(kept)):
        assert "王某某" not in json.dumps(page, default=str, ensure_ascii=False)
    assert showing.kept(kept)["faults"] == ["/… holds what no text may hold", "/ is not UTF-8"]


def test_of_a_parked_row_neither_bytes_nor_what_an_operator_said_is_shown() -> None:
    row = dict.fromkeys(("body", "headers", "original", "skipped", "routing_key", "anything_new"), CANARY)
    row |= {"case": "c-1", "k": 1, "fingerprint": "invalid-unreadable", "error": f"/data/{CANARY} holds the character NUL"}
    assert "王某某" not in json.dumps(showing.parked(row), default=str, ensure_ascii=False)
