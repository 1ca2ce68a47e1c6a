"""Single changes to how messages travel, and to who says and hears them: the table that the gate is held against."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from body_changes import Json, part

Edit = Callable[[Json], Any]
DECLINED, OFFERED, TAKEN, RECEIPT = "referral.declined.v1", "referral.offered.v1", "routing.leg_taken.v1", "receipt.given.v1"
BREAKS, FINE = "breaking", "compatible"
SAY, HEAR, OLD, NEW = "agencies say", "agencies hear", "within: old to new", "within: new to old"


@dataclass(frozen=True)
class WayChange:
    """One change: the verdicts by direction of one message, at a place (anywhere, if empty)."""

    name: str
    message: str
    edit: Edit
    expected: dict[str, str]
    place: str = ""

    def changed(self) -> Json:
        made = part()
        self.edit(made)
        return made


def _message(key: str, **more: Any) -> Edit:
    return lambda d: d["components"]["messages"][key].update(more)


def _address(channel: str, address: str) -> Edit:
    return lambda d: d["channels"][channel].update(address=address)


def _declared(channel: str, kind: str, **more: Any) -> Edit:
    return lambda d: d["channels"][channel]["bindings"]["amqp"][kind].update(more)


def _all(*edits: Edit) -> Edit:
    return lambda d: [each(d) for each in edits]


def _silent(key: str, *operations: str) -> Edit:
    """A message taken out of operations."""

    def edit(d: Json) -> None:
        for name in operations:
            there = d["operations"][name]
            there["messages"] = [each for each in there["messages"] if not each["$ref"].endswith(f"/{key}")]

    return edit


def _gone(key: str) -> Edit:
    """A message taken out of the document."""

    def edit(d: Json) -> None:
        _silent(key, *d["operations"])(d)
        del d["components"]["messages"][key], d["components"]["schemas"][key]
        for channel in d["channels"].values():
            channel["messages"].pop(key, None)

    return edit


def _given(key: str, operation: str, channel: str) -> Edit:
    """A message added to an operation."""

    def edit(d: Json) -> None:
        d["operations"][operation]["messages"].append({"$ref": f"#/channels/{channel}/messages/{key}"})
        d["channels"][channel]["messages"][key] = {"$ref": f"#/components/messages/{key}"}

    return edit


def second(d: Json) -> None:
    """A second version of referral.declined beside the first."""
    key = "referral.declined.v2"
    text = json.dumps(d["components"]["messages"][DECLINED]).replace("declined.v1", "declined.v2")
    d["components"]["messages"][key] = json.loads(text)
    d["components"]["schemas"][key] = copy.deepcopy(d["components"]["schemas"][DECLINED])
    d["components"]["schemas"][key]["properties"]["type"]["const"] = f"xianjie.{key}"
    for operation in ("agency.says.agenciesIn", "routing.hears.agenciesIn"):
        _given(key, operation, "agenciesIn")(d)


def _renamed(old: str, new: str) -> Edit:
    """A name on the broker replaced throughout, permissions included."""

    def edit(d: Json) -> None:
        for value in (d["channels"], d["operations"]):
            text = json.dumps(value).replace(old, new).replace(old.replace(".", r"\\."), new.replace(".", r"\\."))
            value.update(json.loads(text))

    return edit


def _permitted(role: str, **more: Any) -> Edit:
    def edit(d: Json) -> None:
        for name, each in d["operations"].items():
            if name.startswith(f"{role}."):
                each["x-permissions"] |= more

    return edit


def _header(needed: bool) -> Edit:
    def edit(d: Json) -> None:
        for each in d["components"]["messages"].values():
            each["headers"]["properties"]["tenant"] = {"type": "string", "minLength": 1}
            each["headers"]["required"] += ["tenant"] if needed else []

    return edit


def _case_header(d: Json) -> None:
    d["components"]["messages"][DECLINED]["headers"]["properties"]["case"].update(maxLength=8)


JSON = {"contentType": "application/json"}
QUEUE = _all(_renamed("agency.{code}", "inbox.{code}"), _permitted("agency", read=r"^inbox\.CN\-EXAMPLE$"))
FEWER = {"xianjie.agencies.in": r"^CN\-EXAMPLE\.referral\."}
PARKED = {"xianjie.ops": r"^(routing|all)\.parked\."}
DOWN, HEARS, OPERATIONS = "agency.says.agenciesIn", "routing.hears.agenciesIn", "#/operations"
ELSEWHERE = _all(_silent(DECLINED, HEARS), _given(DECLINED, "intake.hears.agenciesIn", "agenciesIn"))
both = partial(dict.fromkeys, (OLD, NEW))
WAYS = [
    WayChange("another content type of what agencies say", DECLINED, _message(DECLINED, **JSON), {SAY: BREAKS}),
    WayChange("another content type of what agencies hear", OFFERED, _message(OFFERED, **JSON), {HEAR: BREAKS}),
    WayChange("a header must be there: said", DECLINED, _header(True), {SAY: BREAKS}, "headers:/tenant"),
    WayChange("a header must be there: heard", OFFERED, _header(True), {HEAR: FINE}, "headers:/tenant"),
    WayChange("a header may be there", TAKEN, _header(False), both(FINE), "headers:/tenant"),
    WayChange("the header case has another form", DECLINED, _case_header, {SAY: BREAKS}, "headers:/case"),
    WayChange("another form of keys", DECLINED, _address("agenciesIn", "{speaker}.{noun}.{verb}.{version}"), {SAY: BREAKS}),
    WayChange("another exchange for agencies", DECLINED, _renamed("xianjie.agencies.in", "xianjie.in"), {SAY: BREAKS}),
    WayChange("another exchange between services", TAKEN, _renamed("xianjie.events", "xianjie.told"), both(BREAKS)),
    WayChange("another kind of exchange", TAKEN, _declared("events", "exchange", durable=False), both(BREAKS)),
    WayChange("another queue", OFFERED, QUEUE, {HEAR: BREAKS}),
    WayChange("the queue goes with its reader", OFFERED, _declared("inbox", "queue", exclusive=True), {HEAR: BREAKS}),
    WayChange("agencies may publish less", "case.submitted.v1", _permitted("agency", routing_keys=FEWER), {SAY: BREAKS}),
    WayChange("agencies may not publish", DECLINED, _permitted("agency", write="^$"), {SAY: BREAKS}),
    WayChange("agencies may not read their inbox", OFFERED, _permitted("agency", read="^$"), {HEAR: BREAKS}),
    WayChange("operators may publish less", "org.drained.v1", _permitted("operator", routing_keys=PARKED), {OLD: BREAKS}),
    WayChange("agencies may say it no more", DECLINED, _silent(DECLINED, DOWN), {SAY: BREAKS}, f"{OPERATIONS}/agency.says"),
    WayChange("nobody hears it", DECLINED, _silent(DECLINED, HEARS), {SAY: BREAKS}, f"{OPERATIONS}/routing.hears"),
    WayChange("agencies hear it no more", "alert.told.v1", _silent("alert.told.v1", "agency.hears"), {HEAR: BREAKS}),
    WayChange("a service hears it no more", TAKEN, _silent(TAKEN, "mediation.hears.events"), {OLD: BREAKS}, f"{OPERATIONS}/mediation.hears"),
    WayChange("another service hears it too", TAKEN, _given(TAKEN, "routing.hears.events", "events"), both(FINE), f"{OPERATIONS}/routing.hears"),
    WayChange("what agencies say goes to another service", DECLINED, ELSEWHERE, {SAY: FINE}, f"{OPERATIONS}/intake.hears"),
    WayChange("a message of agencies is taken away", DECLINED, _gone(DECLINED), {SAY: BREAKS}, "/type"),
    WayChange("a message to agencies is taken away", OFFERED, _gone(OFFERED), {HEAR: BREAKS}, "/type"),
    WayChange("a message between services is taken away", TAKEN, _gone(TAKEN), {OLD: BREAKS}, "/type"),
    WayChange("a second version is spoken beside the first", "referral.declined.v2", second, {"every": FINE}),
    WayChange("a second version takes the place of the first", DECLINED, _all(second, _gone(DECLINED)), {SAY: BREAKS}, "/type"),
    WayChange("the answer is taken away", RECEIPT, lambda d: d["operations"][DOWN].pop("reply"), {HEAR: BREAKS}, f"{OPERATIONS}/{DOWN}/reply"),
]  # fmt: skip
