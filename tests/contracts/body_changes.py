"""Single changes to what messages say, each with what it means for who says and who reads: the table that the gate is held against."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
Meaning = Literal["ok", "refused", "misread", "dropped"]
"""For a message that one contract allows, what the other's reader does: takes it, refuses it, reads it otherwise, or (where it is the newer
one) no longer knows a part of it."""


@cache
def _text() -> str:
    return (ROOT / "contracts/schemas/asyncapi.json").read_text("utf-8")


KEPT = frozenset(
    {
        "adjudication.progressed.v1", "alert.told.v1", "case.submitted.v1", "clock.advanced.v1", "cost.reported.v1", "log.noted.v1",
        "org.drained.v1", "parked.retry_asked.v1", "receipt.given.v1", "referral.declined.v1", "referral.offered.v1",
        "routing.leg_taken.v1",
    }
)  # fmt: skip
"""Messages of every way and every role: what is true of these few is true of all, and is compared in a fiftieth of the time."""


def document() -> Json:
    """The whole published document, fresh each time."""
    found: Json = json.loads(_text())
    return found


def part() -> Json:
    """The published document with these messages alone."""
    return only(document(), KEPT)


def only(found: Json, keys: Collection[str]) -> Json:
    """The document with these messages, and the schemas that they need."""
    for place in (found["components"]["messages"], *(each["messages"] for each in found["channels"].values())):
        for other in [each for each in place if each not in keys]:
            del place[other]
    for each in found["operations"].values():
        each["messages"] = [one for one in each["messages"] if one["$ref"].rsplit("/", 1)[1] in keys]
    schemas = found["components"]["schemas"]
    needed, open_ = {*keys}, [*keys]
    while open_:
        named = {*re.findall(r"#/components/schemas/([^\"]+)", json.dumps(schemas[open_.pop()]))} - needed
        needed, open_ = needed | named, [*open_, *named]
    found["components"]["schemas"] = {name: each for name, each in schemas.items() if name in needed}
    return found


@dataclass(frozen=True)
class BodyChange:
    """One change to a schema: `there` is what a reader with the change makes of messages without it, `back` the other way round."""

    name: str
    message: str
    schema: str
    place: str
    edit: Callable[[Json], Any]
    there: Meaning
    back: Meaning

    def changed(self, made: Json | None = None) -> Json:
        """The document with the change; the part, if no other is given."""
        made = made or part()
        self.edit(made["components"]["schemas"][self.schema])
        return made


def _set(field: str, inside: bool = False, **keywords: Any) -> Callable[[Json], Any]:
    """Keywords of a field set, or (`inside`) of its elements; None takes one away."""

    def edit(schema: Json) -> None:
        found = schema["properties"][field]
        found = found["anyOf"][0] if "anyOf" in found else found
        found = found["items"] if inside else found
        for name, value in keywords.items():
            found.pop(name, None)
            if value is not None:
                found[name] = value

    return edit


def _add(field: str, required: bool = False, **schema_: Any) -> Callable[[Json], Any]:
    def edit(schema: Json) -> None:
        schema["properties"][field] = schema_
        if required:
            schema.setdefault("required", []).append(field)

    return edit


def _remove(field: str) -> Callable[[Json], Any]:
    def edit(schema: Json) -> None:
        del schema["properties"][field]
        schema["required"] = [each for each in schema.get("required", []) if each != field]

    return edit


def _require(field: str, needed: bool = True) -> Callable[[Json], Any]:
    def edit(schema: Json) -> None:
        others = [each for each in schema.get("required", []) if each != field]
        schema["required"] = [*others, field] if needed else others

    return edit


def _require_too(field: str) -> Callable[[Json], Any]:
    return lambda schema: schema["required"].append(field)


def _whole(field: str, schema_: Any) -> Callable[[Json], Any]:
    def edit(schema: Json) -> None:
        schema["properties"][field] = schema_(schema["properties"][field]) if callable(schema_) else schema_

    return edit


def _enum(field: str, more: tuple[Any, ...] = (), less: tuple[Any, ...] = ()) -> Callable[[Json], Any]:
    def edit(schema: Json) -> None:
        found = schema["properties"][field]
        found = found.get("items", found)
        found["enum"] = [*(each for each in found["enum"] if each not in less), *more]

    return edit


DECLINED, OFFERED, TAKEN, SUBMITTED, COST, RECEIPT = (
    ("referral.declined.v1", "ReferralDeclined"), ("referral.offered.v1", "ReferralOffered"), ("routing.leg_taken.v1", "RoutingLegTaken"),
    ("case.submitted.v1", "CaseSubmitted"), ("cost.reported.v1", "CostReported"), ("receipt.given.v1", "ReceiptGiven"),
)  # fmt: skip
NULL = {"type": "null"}
DIVISION = "must be a division code of GB/T 2260 with six digits"
PROGRESSED, APPLICANT, DETAILS = (
    ("adjudication.progressed.v1", "Paper"),
    ("case.submitted.v1", "Applicant"),
    ("case.submitted.v1", "Details"),
)
WHOLE = [(each, each) for each in ("case.submitted.v1", "referral.offered.v1", "referral.declined.v1")]
CONDITION = {"if": {"properties": {"ground": {"const": "capacity"}}}, "then": {"properties": {"text": {"minLength": 3}}}}


def _b(name: str, on: tuple[str, str], place: str, edit: Callable[[Json], Any], there: Meaning, back: Meaning) -> BodyChange:
    return BodyChange(name, on[0], on[1], f"/data{place}", edit, there, back)


def _in(name: str, on: tuple[str, str], place: str, edit: Callable[[Json], Any], there: Meaning, back: Meaning) -> BodyChange:
    return BodyChange(name, *on, place, edit, there, back)


BODIES = [
    # members
    _b("an optional field is added", DECLINED, "/more", _add("more", type="string", default=""), "ok", "dropped"),
    _b("an optional field is added to what agencies hear", OFFERED, "/more", _add("more", type="string", default=""), "ok", "dropped"),
    _b("a required field is added", DECLINED, "/more", _add("more", True, type="string"), "refused", "dropped"),
    _b("a required object is added", OFFERED, "/more", _add("more", True, **{"$ref": "#/components/schemas/Paper"}), "refused", "dropped"),
    _b("a required field is taken away", DECLINED, "/text", _remove("text"), "dropped", "refused"),
    _b("an optional field is taken away", OFFERED, "/respondents", _remove("respondents"), "dropped", "ok"),
    _b("an optional field becomes required", OFFERED, "/rule", _require("rule"), "refused", "ok"),
    _b("a required field becomes optional", TAKEN, "/level", _require("level", False), "ok", "refused"),
    _b("no other members are taken", DECLINED, "", lambda s: s.update(additionalProperties=False), "ok", "ok"),
    # types and null
    _b("a number where a text was", OFFERED, "/right", _whole("right", {"type": "integer"}), "refused", "refused"),
    _b("a list where a number was", OFFERED, "/papers", _whole("papers", {"type": "array", "default": 0}), "refused", "refused"),
    _b("a text or a number", TAKEN, "/sender", _whole("sender", lambda s: {"anyOf": [s, {"type": "integer"}]}), "ok", "refused"),
    _b("numbers with fractions", COST, "/fen", _set("fen", type="number"), "ok", "refused"),
    _b("null is taken", OFFERED, "/right", _whole("right", lambda s: {"anyOf": [s, NULL]}), "ok", "refused"),
    _b("null is not taken any more", OFFERED, "/due", _whole("due", lambda s: s["anyOf"][0]), "refused", "ok"),
    # lists of values, constants
    _b("a closed list grows", OFFERED, "/track", _enum("track", ("tribunal",)), "ok", "refused"),
    _b("a closed list shrinks", DECLINED, "/ground", _enum("ground", (), ("sued",)), "refused", "ok"),
    _b("a value is renamed", TAKEN, "/level", _enum("level", ("country",), ("nation",)), "refused", "refused"),
    _b("a list of numbers grows", RECEIPT, "/status", _enum("status", (429,)), "ok", "refused"),
    _b("a closed list is opened", OFFERED, "/kind", _set("kind", enum=None, pattern="^[a-z][a-z0-9_]{0,63}$"), "ok", "refused"),
    _b("an open list is closed", OFFERED, "/right", _set("right", pattern=None, enum=["design", "patent"]), "refused", "ok"),
    _b("a constant", DECLINED, "/refused_by", _set("refused_by", enum=None, const="agency"), "refused", "ok"),
    # texts
    _b("a text may be shorter only", DECLINED, "/text", _set("text", maxLength=100), "refused", "ok"),
    _b("a text may be longer", DECLINED, "/text", _set("text", maxLength=9000), "ok", "refused"),
    _b("a text has no end", OFFERED, "/rule", _set("rule", maxLength=None), "ok", "refused"),
    _b("a text may not be empty", DECLINED, "/text", _set("text", minLength=1), "refused", "ok"),
    _b("a narrower pattern", DECLINED, "/leg", _set("leg", pattern="^L[1-9]$"), "refused", "ok"),
    _b("a wider pattern", DECLINED, "/leg", _set("leg", pattern="^[A-Z][1-9][0-9]{0,4}$"), "ok", "refused"),
    _b("another pattern", TAKEN, "/right", _set("right", pattern="^[A-Z]+$"), "refused", "refused"),
    _b("the same pattern, written otherwise", DECLINED, "/leg", _set("leg", pattern="^L[1-9]([0-9]){0,4}$"), "ok", "ok"),
    _b("a pattern is added", DECLINED, "/text", _set("text", pattern=r"^[^<>]*$"), "refused", "ok"),
    _b("a format is added", OFFERED, "/text", _set("text", format="date"), "refused", "ok"),
    _b("another format", OFFERED, "/due", _set("due", format="date", pattern=None), "refused", "refused"),
    _b("a format is taken away", OFFERED, "/due", _set("due", format=None), "ok", "refused"),
    _b("a check in words is added", OFFERED, "/text", _set("text", description=DIVISION), "refused", "ok"),
    _b("a check in words is taken away", OFFERED, "/area", _set("area", description="a place", pattern=None), "ok", "refused"),
    # numbers
    _b("a higher least number", COST, "/fen", _set("fen", minimum=100), "refused", "ok"),
    _b("a lower least number", COST, "/fen", _set("fen", minimum=0), "ok", "refused"),
    _b("a lower greatest number", OFFERED, "/respondents", _set("respondents", maximum=50), "refused", "ok"),
    _b("a limit that is itself not taken", COST, "/fen", _set("fen", exclusiveMinimum=1), "refused", "ok"),
    _b("in steps of a hundred", COST, "/fen", _set("fen", multipleOf=100), "refused", "ok"),
    # lists
    _b("a shorter list", TAKEN, "/superiors", _set("superiors", maxItems=5), "refused", "ok"),
    _b("a longer list", RECEIPT, "/faults", _set("faults", maxItems=2010), "ok", "refused"),
    _b("a list that may not be empty", TAKEN, "/superiors", _set("superiors", minItems=1), "refused", "ok"),
    _b("elements that differ", RECEIPT, "/faults", _set("faults", uniqueItems=True), "refused", "ok"),
    _b("elements of another form", TAKEN, "/superiors/0", _set("superiors", inside=True, pattern="^CN-.*$"), "refused", "refused"),
    # what absence means
    _b("another default", OFFERED, "/respondents", _set("respondents", default=1), "misread", "misread"),
    _b("another default of a choice", DECLINED, "/refused_by", _set("refused_by", default="party"), "misread", "misread"),
    _b("a default is taken away", OFFERED, "/priority", _set("priority", default=None), "misread", "misread"),
    # conditions and choices
    BodyChange("a condition is added", *DECLINED, "", lambda s: s.update(CONDITION), "refused", "ok"),
    _b("a value is barred", OFFERED, "/text", _set("text", **{"not": {"const": "sample text"}}), "refused", "ok"),
    # deep
    _in("deep in a list of papers", PROGRESSED, "/data/papers/0/size", _set("size", maximum=1000), "refused", "ok"),
    _in("a list of values deep in an object", APPLICANT, "/data/applicant/groups/0", _enum("groups", (), ("sme",)), "refused", "ok"),
    _in("a required field in an object that may be null", DETAILS, "/data/details/why", _add("why", True, type="string"), "refused", "dropped"),
    # the envelope, which every message has
    _in("the condition on time", WHOLE[0], "/time", lambda s: s["allOf"].pop(1), "ok", "refused"),
    _in("the envelope of one message", WHOLE[1], "/mode", _add("mode", enum=["ops", "test"]), "refused", "ok"),
    _in("an attribute that must be there", WHOLE[2], "/actorid", _require_too("actorid"), "refused", "ok"),
]  # fmt: skip
"""Each touches one message that is looked at; other messages of the same shape change with it."""
