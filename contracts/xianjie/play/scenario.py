"""A scenario: what applicants, parties and agencies said, when and how exactly that is known, and what must be true at the end.

Who owns the case, which legs there are, what is due: the services compute all that, and it is compared with `expect`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

import xianjie.messages  # noqa: F401  (makes every message known)
from xianjie.batch import child_of
from xianjie.fields import CaseId, Code, field_for
from xianjie.message import AGENCY, DOOR, Message, named
from xianjie.messages.case import CaseSubmitted
from xianjie.play.dating import claim, moments
from xianjie.play.expecting import ExpectSchema, unknown_steps
from xianjie.play.manners import KNOWN
from xianjie.vocabulary import Precision
from xianjie.written import bad, document, flat

REFUSALS = (403, 409, 410, 422)
"""The receipts that can be expected instead of 202."""
MOST_STEPS = 1000
"""More than any case has had."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said. `moment` is when it is played; `time` and `precision` what the sender claims."""

    place: int
    speaker: str
    message: Message
    moment: datetime
    time: datetime | None
    precision: Precision
    case: str
    step: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case to be played."""

    id: str
    title: str
    lines: tuple[Line, ...]
    manners: dict[str, tuple[str, ...]]
    expect: dict[str, Any]
    steps: int
    outside: dict[int, str]
    file: str
    sources: tuple[str, ...] = field(default=())

    @property
    def bodies(self) -> set[str]:
        """Every agency that has a part in it."""
        return {each.speaker for each in self.lines if each.speaker != DOOR} | set(self.manners)

    @property
    def cases(self) -> set[str]:
        """Every case that is played in it: its own, those that lines name, and the children of batches."""
        named = {self.id, *(each.case for each in self.lines)}
        return named.union(*(_children(each.case, each.message) for each in self.lines))


def _speaker(who: str) -> None:
    if who == DOOR:
        return
    try:
        field_for(Code).deserialize(who)
    except ValidationError as fault:
        raise ValidationError(f"{who!r} is no speaker: write door for the applicant; any other {fault.messages[0]}") from None


class LineSchema(Schema):
    """One entry of `says`."""

    class Meta:
        unknown = RAISE

    at = fields.Raw(load_default=None, allow_none=True)
    near = fields.String(validate=validate.OneOf(("last", "next")), load_default="last")
    speaker = fields.String(required=True, data_key="as", validate=_speaker)
    say = fields.String(required=True)
    data = fields.Dict(load_default=dict, data_key="with")
    case = field_for(CaseId, load_default=None, allow_none=True)
    child = fields.Raw(load_default=None, allow_none=True)
    step = fields.Integer(load_default=None, allow_none=True, strict=True)
    refused = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.OneOf(REFUSALS, error="{input} is no receipt of a refusal; allowed: {choices}"),
    )
    note = fields.String(load_default="")


class ScenarioSchema(Schema):
    """The whole file; the lines of `says` have a schema of their own."""

    class Meta:
        unknown = RAISE

    scenario = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[a-z0-9][a-z0-9-]{2,60}\Z", error="must be the id of a scenario: 3 to 61 of a-z, 0-9 and -, the first no -"
        ),
    )
    title = fields.String(required=True)
    sources = fields.List(fields.String(), load_default=list)
    steps = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, MOST_STEPS, error="must be the number of published steps, {min} to {max}, not {input}"),
    )
    outside = fields.Dict(keys=fields.Integer(), values=fields.String(validate=validate.Length(min=5)), load_default=dict)
    manners = fields.Dict(
        keys=field_for(Code),
        values=fields.List(fields.String(validate=validate.OneOf(KNOWN, error="no manner is {input!r}; allowed: {choices}"))),
        load_default=dict,
    )
    says = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(min=1))
    expect = fields.Nested(ExpectSchema, required=True)


def load(file: Path) -> Scenario:
    """The scenario in `file`; raises `BadFile` with every fault."""
    found = document(file)
    faults: list[str] = []
    plan = _sound(ScenarioSchema(), found if isinstance(found, dict) else {}, "", faults)
    plan["says"] = [_sound(LineSchema(), row, f"/says/{place}", faults) for place, row in enumerate(plan["says"] or ())]
    lines = tuple(_lines(plan, faults))
    steps = {row["step"] for row in plan["says"]}
    faults += _unmatched(plan, steps)
    faults += unknown_steps(plan["expect"] or {}, steps)
    if faults:
        raise bad(file, faults)
    manners = {code: tuple(rules) for code, rules in plan["manners"].items()}
    return Scenario(
        plan["scenario"],
        plan["title"],
        lines,
        manners,
        plan["expect"],
        plan["steps"],
        plan["outside"],
        str(file),
        tuple(plan["sources"]),
    )


def _sound(schema: Schema, found: Any, pointer: str, faults: list[str]) -> dict[str, Any]:
    """What of `found` has the right shape, and None for each part that has not: its faults do not hide those of the rest."""
    try:
        return schema.load(found)  # type: ignore[no-any-return]
    except ValidationError as refused:
        faults += flat(refused.messages, pointer)
        return dict.fromkeys(schema.fields) | dict(refused.valid_data or {})


def _unmatched(plan: dict[str, Any], steps: set[int | None]) -> list[str]:
    """Each published step is matched by a line, or outside with a reason."""
    matched = steps | set(plan["outside"] or ())
    return [
        f"/steps: published step {n} is neither said nor outside with a reason"
        for n in range(1, (plan["steps"] or 0) + 1)
        if n not in matched
    ]


def _lines(plan: dict[str, Any], faults: list[str]) -> Iterator[Line]:
    played = list(moments(plan["says"], faults))
    for place, (row, moment) in enumerate(zip(plan["says"], played, strict=True)):
        where = f"/says/{place}"
        message = _message(row, where, faults)
        if message is None:
            continue
        time, precision = claim(row["at"])
        for case in _cases(plan, row, where, faults):
            yield Line(
                place, row["speaker"], message, moment, min(time, moment) if time else None, precision, case, row["step"],
                row["refused"],
            )  # fmt: skip


def _message(row: dict[str, Any], where: str, faults: list[str]) -> Message | None:
    """What a line says, and whether its speaker may; None where no message can be made of it."""
    if row["say"] is None:
        return None
    try:
        cls = named(row["say"])
    except KeyError as unknown:
        faults.append(f"{where}/say: {unknown.args[0]}")
        return None
    speakers = ", ".join(cls.said_by)
    if not {AGENCY, DOOR} & set(cls.said_by):
        faults.append(f"{where}/say: {row['say']} is said by {speakers}; a scenario holds only what agencies and applicants say")
        return None
    if row["speaker"] and (DOOR if row["speaker"] == DOOR else AGENCY) not in cls.said_by:
        faults.append(f"{where}/as: {row['say']} is said by {speakers}, not by {DOOR if row['speaker'] == DOOR else 'an agency'}")
    if row["data"] is None:
        return None
    try:
        return cls.schema.load(row["data"], unknown=EXCLUDE if not row["data"] else RAISE)  # type: ignore[no-any-return]
    except ValidationError as refused:
        faults += flat(refused.messages, f"{where}/with")
        return None


def _cases(plan: dict[str, Any], row: dict[str, Any], where: str, faults: list[str]) -> list[str]:
    """The cases about which a line is said: the scenario's own or the one it names, a child of that batch, or every child."""
    case, child = row["case"] or plan["scenario"], row["child"]
    if child is None:
        return [case]
    told = [each["data"] for each in plan["says"] if each["say"] == "case.submitted" and each["data"]]
    respondents = next((each.get("respondents") for each in told if each.get("batch")), None)
    many = len(respondents) if isinstance(respondents, list) else 0
    if child != "all" and not (type(child) is int and 1 <= child <= many):
        faults.append(
            f"{where}/child: {child!r} is no child; write all, or a number up to {many}, one for each respondent of the batch"
        )
    elif child == "all" and not many:
        faults.append(f"{where}/child: no line submits a batch, so there are no children")
    return [child_of(case, place) for place in (range(1, many + 1) if child == "all" else [child])]


def _children(case: str, message: Message) -> set[str]:
    if not isinstance(message, CaseSubmitted) or not message.batch:
        return set()
    return {child_of(case, place) for place in range(1, len(message.respondents) + 1)}
