"""What a message says, and its headers, in one direction: each change with its verdict."""

from collections.abc import Iterator
from typing import Any

from xianjie.compatibility.carrying import carried, objections, source_of, sources
from xianjie.compatibility.contract import Contract, Json
from xianjie.compatibility.direction import BREAKING, COMPATIBLE, UNCLEAR, Direction, Row, sample_of
from xianjie.compatibility.domain import Domain
from xianjie.compatibility.facts import Change, changes, facts, going, shown
from xianjie.compatibility.proving import Proof, prove
from xianjie.compatibility.schema import same
from xianjie.compatibility.walking import At, Gap, Place, gaps

HEADERS = "headers:"
"""How the places of headers begin; those in the message begin with a stroke."""
Changed = dict[str, dict[Place, list[Change]]]
"""Changes of `body` and `headers`, by place."""


def pointer(place: Place, part: str = "body") -> str:
    """A place as a JSON pointer (RFC 6901); of an array its first element stands for all."""
    words = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return words if part == "body" else HEADERS + words


def differences(old: Contract, new: Contract, key: str) -> Changed:
    """What differs in the schemas of body and headers."""
    pairs = {
        "body": (old.messages[key].payload, new.messages[key].payload),
        "headers": (old.messages[key].headers, new.messages[key].headers),
    }
    found: Changed = {}
    for part, (before, after) in pairs.items():
        if not same(old.schemas.canonical(before), new.schemas.canonical(after)):
            by_place = found.setdefault(part, {})
            for each in changes(facts(old.schemas, before), facts(new.schemas, after)):
                by_place.setdefault(each.place, []).append(each)
    return found


def deprecated(old: Contract, new: Contract, key: str) -> dict[str, str]:
    """By place, what is deprecated now and was not, with what to say instead."""
    before, after = (going(each.schemas, each.messages[key].payload) for each in (old, new))
    return {pointer(place): instead for place, instead in after.items() if place not in before}


def bodies(direction: Direction, key: str, changed: Changed) -> Iterator[Row]:
    """A row for every place that changed in body or headers."""
    for part, by_place in changed.items():
        yield from _part(direction, key, part, by_place)


def _part(direction: Direction, key: str, part: str, by_place: dict[Place, list[Change]]) -> Iterator[Row]:
    said, read = _domains(direction, key, part)
    broken: dict[Place, list[Gap]] = {}
    for gap in gaps(said, read, At(newer=direction.newer)):
        broken.setdefault(gap.place, []).append(gap)
    told: set[Place] = set()
    for place, found in broken.items():
        near = next((place[:length] for length in range(len(place), -1, -1) if place[:length] in by_place), place)
        told.add(near)
        what = "; ".join(each.words() for each in by_place.get(near, ())) or ", ".join(each.keyword for each in found)
        yield _judged(direction, key, part, what, found, said, read)
    for place, each_changed in by_place.items():
        if place not in told:
            what = "; ".join(each.words() for each in each_changed)
            yield Row(direction.name, key, pointer(place, part), what, COMPATIBLE, _why(direction, each_changed))


def _domains(direction: Direction, key: str, part: str) -> tuple[Domain, Domain]:
    if part == "headers":
        return direction.said.headers(key), direction.read.headers(key)
    return direction.said.payload(key).also(sources([*direction.speakers])), direction.read.payload(key)


def _judged(direction: Direction, key: str, part: str, what: str, found: list[Gap], said: Domain, read: Domain) -> Row:
    """Breaking with a message that shows it; unclear where none was found."""
    place = pointer(found[0].place, part)
    sample = _sample(direction, key, part)
    for gap in found:
        proof = prove(gap, said, read, sample)
        sent = proof and _carried(direction, key, part, proof)
        if proof and sent:
            why = f"who reads {proof.why}"
            if proof.readings is not None:
                why = f"who reads takes it and means {shown(proof.readings[1])} by it, who says means {shown(proof.readings[0])}"
            return Row(direction.name, key, place, what, BREAKING, why, sent, proof.readings)
    why = f"no message was found that shows it ({', '.join(each.keyword for each in found)}); look at it yourself"
    return Row(direction.name, key, place, what, UNCLEAR, why)


def _sample(direction: Direction, key: str, part: str) -> Any:
    if part == "headers":
        return {"case": (direction.said.messages[key].sample or {}).get("subject", "sample-case")}
    sample = direction.said.messages[key].sample or {}
    speaks = any(str(sample.get("source", "")).startswith(source_of(each).rsplit("/", 1)[0]) for each in direction.speakers)
    return sample if speaks else {**sample, "source": source_of(direction.speakers[0])}


def _carried(direction: Direction, key: str, part: str, proof: Proof) -> Json | None:
    """The whole of it as it travels; None if nobody could say it so."""
    for speaker in direction.speakers:
        for hearer in direction.hearers:
            try:
                message, headers = (
                    (proof.value, None) if part == "body" else (sample_of(direction.said, key, [speaker]), proof.value)
                )
                sent = carried(direction.said, key, message, speaker, hearer, headers)
            except LookupError:
                continue
            if sent and not objections(direction.said, sent):
                return sent.plain()
    return None


def _why(direction: Direction, found: list[Change]) -> str:
    """Why a change does no harm here."""
    if any(each.keyword == "field" for each in found):
        added = any(each.old is None for each in found)
        if direction.newer == added:
            return "it may be left out" if added else "it is not said any more"
        return "who does not know it passes it over" if added else "it may be left out"
    return "all that may be said is read as it is meant"
