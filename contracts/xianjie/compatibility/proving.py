"""A message for a gap: valid for who says it, and refused or read otherwise by who reads it; else there is no proof."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import best_match

from xianjie.compatibility.domain import Domain
from xianjie.compatibility.schema import same
from xianjie.compatibility.specimens import fitted, specimens
from xianjie.compatibility.walking import ABSENT, Gap, Place

MOST_TRIES = 60


@dataclass(frozen=True, slots=True)
class Proof:
    """A value that shows a gap. `why`: what the reader says against it; `readings`: how each side reads the place, if both take it."""

    value: Any
    why: str
    readings: tuple[Any, Any] | None = None


def prove(gap: Gap, said: Domain, read: Domain, sample: Any) -> Proof | None:
    """A value of `said`, made from `sample`, that `read` refuses at the place of the gap or reads otherwise; None if none was found."""
    try:
        base = fitted(said, sample)
        for place, way in gap.frames:
            base = put(base, place, fitted(way, get(base, place)), said)
    except LookupError:
        return None
    for candidate in gap.candidates[:MOST_TRIES]:
        try:
            value = put(base, gap.place, candidate, said)
        except LookupError:
            continue
        if said.accepts(value) and (found := _shown(gap, value, said, read)):
            return found
    return None


def _shown(gap: Gap, value: Any, said: Domain, read: Domain) -> Proof | None:
    refused = read.schemas.refusals(read.parts, value)
    there = [each for each in refused if _is_at(each, gap.place)]
    if gap.misread and not there:
        ours, theirs = reading(said, value), reading(read, value)
        mine, other = (get(each, gap.place) for each in (ours, theirs))
        return None if same(_plain(mine), _plain(other)) else Proof(value, "reads it otherwise", (_plain(mine), _plain(other)))
    if gap.misread or not there:
        return None
    return Proof(value, f"refuses it: {_told(there[0])}")


def _told(fault: ValidationError) -> str:
    """What is wrong, in the words of the alternative that comes nearest."""
    return str((best_match([fault]) or fault).message)[:160]


ABOVE = ("anyOf", "oneOf", "not", "contains", "propertyNames", "patternProperties")
"""Keywords that refuse a value for what stands within it."""


def _is_at(fault: ValidationError, place: Place) -> bool:
    """Whether something is refused at a place, or for what stands there."""
    path = tuple(fault.absolute_path)
    if fault.validator in ("required", "additionalProperties") and isinstance(fault.instance, dict):
        known = fault.schema.get("properties", {}) if fault.validator == "additionalProperties" else fault.instance
        named = fault.instance if fault.validator == "additionalProperties" else fault.validator_value
        return place in {(*path, name) for name in named if name not in known}
    return path[: len(place)] == place or (fault.validator in ABOVE and place[: len(path)] == path)


def _plain(value: Any) -> Any:
    return None if value is ABSENT else value


def get(value: Any, place: Place) -> Any:
    """What stands at a place, or ABSENT."""
    for step in place:
        try:
            value = value[step] if isinstance(value, dict) or isinstance(step, int) else ABSENT
        except (LookupError, TypeError):
            return ABSENT
    return value


def put(value: Any, place: Place, new: Any, domain: Domain) -> Any:
    """A copy in which `new` stands at the place; what is missing above it is made as `domain` allows. Raises LookupError."""
    if not place:
        if new is ABSENT:
            raise LookupError("the whole cannot be left out")
        return new
    made = copy.deepcopy(value)
    at, here, ways = made, domain, list(_inner(domain, place))
    for step, inner in zip(place[:-1], ways, strict=False):
        _make(at, step, inner)
        at, here = at[step], inner
    last = place[-1]
    if new is ABSENT:
        if not isinstance(at, dict):
            raise LookupError("an element cannot be left out")
        at.pop(last, None)
    elif isinstance(at, list) and isinstance(last, int):
        at[last : last + 1] = [new]
    elif isinstance(at, dict):
        at[last] = new
    else:
        raise LookupError(f"there is no place {last} in {here!r}")
    return made


def _inner(domain: Domain, place: Place) -> Iterator[Domain]:
    """What may stand at each place on the way."""
    for step in place:
        ways = [each.element() if isinstance(step, int) else each.member(step) for each in domain.likely()]
        domain = next((each for each in ways if each.parts), ways[0])
        yield domain


def _make(at: Any, step: Any, inner: Domain) -> None:
    """See to it that something with members or elements stands there."""
    there = get(at, (step,))
    if isinstance(there, dict | list):
        return
    made = next((each for each in specimens(inner) if isinstance(each, dict | list)), None)
    if made is None or not isinstance(at, dict | list):
        raise LookupError(f"nothing can be put at {step}")
    if isinstance(at, list):
        at[step : step + 1] = [made]
    else:
        at[step] = made


def reading(domain: Domain, value: Any) -> Any:
    """A valid value as its reader has it: what is not said is what its absence means, what is not known is passed over."""
    ways = [each for each in domain.likely() if each.accepts(value)] or [domain]
    way = ways[0]
    if isinstance(value, dict) and way.known():
        said = {name: reading(way.member(name), value[name]) for name in way.known() if name in value}
        return {**{name: way.default(name) for name in way.known() if name not in value}, **said}
    if isinstance(value, list):
        return [reading(way.element(), each) for each in value]
    return value
