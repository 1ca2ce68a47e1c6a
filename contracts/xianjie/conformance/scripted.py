"""What a simulated agency answers, written down: on which message, at which time it comes, with which words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from xianjie import written
from xianjie.envelope import Heard
from xianjie.message import AGENCY, Message, named
from xianjie.written import bad


@dataclass(frozen=True, slots=True)
class Rule:
    """On the message `hears`, at its `nth` coming (every one, if None), say `says`: names with their fields; the leg is filled in."""

    hears: str
    nth: int | None
    says: tuple[tuple[str, dict[str, Any]], ...]


@dataclass(slots=True)
class Script:
    """The rules of a file, and how often each message has come."""

    rules: tuple[Rule, ...]
    _come: Counter[str] = field(default_factory=Counter)

    def replies(self, heard: Heard) -> list[Message] | None:
        """What is to be said to this; None if no rule is about it."""
        name = heard.message.name
        self._come[name] += 1
        rule = next((each for each in self.rules if each.hears == name and each.nth in (None, self._come[name])), None)
        if rule is None:
            return None
        leg = getattr(heard.message, "leg", None)
        return [_made(said, {**({"leg": leg} if leg else {}), **fields}) for said, fields in rule.says]


def _made(name: str, fields: dict[str, Any]) -> Message:
    made: Message = named(name).schema.load(fields)
    return made


def read(path: Path) -> Script:
    """The script of a YAML file, a list of `{hears, nth, say: [{message, with}]}`; raises `BadFile` with every fault."""
    document = written.document(path)
    faults: list[str] = []
    rules = tuple(_rules(document, faults)) if isinstance(document, list) else ()
    if not isinstance(document, list):
        faults.append("must be a list of rules, each with `hears` and `say`")
    if faults:
        raise bad(str(path), faults)
    return Script(rules)


def _rules(rows: list[Any], faults: list[str]) -> Iterator[Rule]:
    for number, row in enumerate(rows):
        place = f"/{number}"
        if not isinstance(row, dict) or not isinstance(row.get("say"), list) or set(row) - {"hears", "nth", "say"}:
            faults.append(f"{place}: must be a mapping with `hears`, `say` (a list), and if need be `nth`")
            continue
        if type(nth := row.get("nth", 1)) is not int or nth < 1:
            faults.append(f"{place}/nth: must be a whole number, 1 or more")
        known = _known(row.get("hears"), f"{place}/hears", faults)
        leg = {} if known and "leg" not in named(row["hears"]).schema.fields else {"leg": "L1"}
        says = [_said(each, leg, f"{place}/say/{at}", faults) for at, each in enumerate(row["say"])]
        yield Rule(str(row.get("hears")), row.get("nth"), tuple(says))


def _said(row: Any, leg: dict[str, str], place: str, faults: list[str]) -> tuple[str, dict[str, Any]]:
    """`leg`: as the message that is heard will have it, if it speaks of one."""
    if not isinstance(row, dict) or set(row) - {"message", "with"} or not isinstance(row.get("with", {}), dict):
        faults.append(f"{place}: must be a mapping with `message`, and if need be `with`")
        return "", {}
    name, fields = str(row.get("message")), row.get("with", {})
    if _known(name, f"{place}/message", faults):
        if AGENCY not in named(name).said_by:
            faults.append(f"{place}/message: {name} is said by {', '.join(named(name).said_by)}, not by agencies")
        known = named(name).schema.fields
        faults += [
            f"{place}/with/{each}: {name} has no such field; it has {', '.join(known)}" for each in fields if each not in known
        ]
        try:
            named(name).schema.load({**leg, **fields})
        except ValidationError as fault:
            faults.extend(f"{place}/with{each}" for each in written.flat(fault.messages))
    return name, fields


def _known(name: Any, place: str, faults: list[str]) -> bool:
    try:
        named(str(name))
    except KeyError as fault:
        faults.append(f"{place}: {fault.args[0]}")
        return False
    return True
