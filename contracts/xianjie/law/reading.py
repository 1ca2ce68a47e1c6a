"""Time limits from a file: read whole, every fault named with its place, or not at all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, TypeVar

from xianjie.law.rule import Counting, Deadline
from xianjie.vocabulary import division_code
from xianjie.written import BadFile, bad, loaded

OWN = "N2."
"""How the ids of the network's own defaults begin: no article says them."""


@dataclass(frozen=True, slots=True)
class Law:
    """All that a file says: the conventions of counting by id, every version of every limit, and the counts."""

    countings: dict[str, Counting]
    deadlines: tuple[Deadline, ...]
    counts: dict[str, int]


def read(documents: list[Any], where: str) -> Law:
    """The three documents of a file; raises `BadFile` with all faults, each with the place in the file."""
    faults: list[str] = []
    if len(documents) != 3:
        raise BadFile(
            f"{where}: must hold three documents, how days are counted, the limits, and the counts; it holds {len(documents)}"
        )
    countings = {each.id: each for _, each in loaded(Counting, rows(documents[0], "/0", faults), faults)}
    limits = list(loaded(Deadline, _versions(rows(documents[1], "/1", faults), faults), faults))
    for place, each in limits:
        faults += [f"{place}{says}" for says in _loose(each, countings)]
    faults += _overlapping(limits)
    counts = documents[2]
    if not isinstance(counts, dict) or not all(type(each) is int and each > 0 for each in counts.values()):
        faults.append("/2: must map names to whole numbers above 0")
    if faults:
        raise bad(where, faults)
    return Law(countings, tuple(each for _, each in limits), counts)


Placed = tuple[str, dict[str, Any]]
Shape = TypeVar("Shape")


def rows(document: Any, place: str, faults: list[str], key: str = "id") -> list[Placed]:
    """The rows of a document that is a list of mappings, each known by its `key`, each once."""
    if not isinstance(document, list):
        faults.append(f"{place}: must be a list")
        return []
    found: list[Placed] = []
    seen: set[str] = set()
    for number, row in enumerate(document):
        id = row.get(key) if isinstance(row, dict) else None
        if not isinstance(id, str):
            faults.append(f"{place}/{number}: must be a mapping with {'an id' if key == 'id' else f'a {key}'}")
        elif id in seen:
            faults.append(f"{place}/{number} ({id}): is described twice")
        else:
            seen.add(id)
            found.append((f"{place}/{number} ({id})", row))
    return found


def listed(
    cls: type[Shape], documents: list[Any], where: str, loose: Callable[[Shape], Iterable[str]], key: str = "id"
) -> tuple[Shape, ...]:
    """The rows of a file of one document, a list; raises `BadFile` with all faults. `loose`: what is wrong in one that is well-formed."""
    faults: list[str] = []
    found = list(loaded(cls, rows(documents[0] if len(documents) == 1 else None, "", faults, key), faults))
    faults += [f"{place}{says}" for place, each in found for says in loose(each)]
    if faults:
        raise bad(where, faults)
    return tuple(each for _, each in found)


def backwards(first: date | None, last: date | None) -> Iterator[str]:
    """The fault of what ends before it begins."""
    if first and last and last < first:
        yield f"/valid_to: {last} lies before valid_from, {first}"


def _versions(limits: Iterable[Placed], faults: list[str]) -> Iterator[Placed]:
    """Every version of every limit, with what stands at the limit filled in."""
    for place, row in limits:
        versions = row.get("versions")
        if not isinstance(versions, list) or not versions or not all(isinstance(each, dict) for each in versions):
            faults.append(f"{place} /versions: must be a list of versions")
            continue
        shared = {name: value for name, value in row.items() if name != "versions"}
        for number, version in enumerate(versions):
            if str(row["id"]).startswith(OWN):
                version = {"article": "", **version}
            yield f"{place} /versions/{number}", _stopping({**shared, **version})


def _stopping(row: dict[str, Any]) -> dict[str, Any]:
    """The row with every bare ground as a stop without a cap."""
    stops = row.get("stops")
    if not isinstance(stops, list):
        return row
    return {**row, "stops": [each if isinstance(each, dict) else {"ground": each} for each in stops]}


def _loose(version: Deadline, countings: dict[str, Counting]) -> Iterator[str]:
    """What is wrong in one version though each of its values is well-formed."""
    counting = countings.get(version.counting)
    if counting is None:
        yield f"/counting: no convention {version.counting}; there are {', '.join(sorted(countings))}"
    elif version.unit not in counting.units:
        yield f"/counting: {version.counting} counts {', '.join(counting.units)}, and not {version.unit}"
    if not version.article and not version.id.startswith(OWN):
        yield "/article: is missing; say `not seen` where it is not known"
    if version.region and not division_code(version.region.ljust(6, "0")):
        yield f"/region: {version.region} begins no division code of GB/T 2260"
    yield from backwards(version.valid_from, version.valid_to)
    if len(version.stops) > 1 and any(each.at_most for each in version.stops):
        yield "/stops: a stop with at_most must be the only one, for the pauses of a limit are counted together"
    grounds = [each.ground for each in version.stops]
    if len(set(grounds)) < len(grounds):
        yield "/stops: one ground stands there twice"
    if version.extend and (version.extend.unit == "h") != (version.unit == "h"):
        yield f"/extend/unit: a limit in {version.unit} is not extended in {version.extend.unit}"
    if version.unit in ("d", "wd") and version.warn >= version.length:
        yield f"/warn: {version.warn} days before the end of a limit of {version.length} lie before its beginning"


def _overlapping(limits: list[tuple[str, Deadline]]) -> Iterator[str]:
    """Two versions of one limit that hold for the same place and level on the same day."""
    groups: dict[tuple[str, str, str | None], list[tuple[str, Deadline]]] = {}
    for place, each in limits:
        groups.setdefault((each.id, each.region, each.level), []).append((place, each))
    for group in groups.values():
        for (_, one), (place, other) in combinations(group, 2):
            first = max(one.valid_from or date.min, other.valid_from or date.min)
            last = min(one.valid_to or date.max, other.valid_to or date.max)
            if first <= last:
                yield f"{place}: overlaps {one.version}: both hold {_span(first, last)}"


def _span(first: date, last: date) -> str:
    since = "" if first == date.min else f"from {first} "
    return f"{since}{'on' if last == date.max else f'to {last}'}" if since or last != date.max else "on every day"
