"""What a contract says beside its messages: answers, permissions, servers; what is not understood is never called compatible."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from xianjie.compatibility.carrying import objections
from xianjie.compatibility.contract import AGENCY, Contract, Json, Operation
from xianjie.compatibility.direction import BREAKING, COMPATIBLE, HEAR, UNCLEAR, Row, proved, sent, within
from xianjie.compatibility.facts import shown as told
from xianjie.compatibility.language import Unknown, Words, outside
from xianjie.compatibility.schema import same

TOLD = ("description", "summary", "title", "tags", "externalDocs", "name")
KNOWN = ("action", "channel", "messages", "x-permissions", "reply")
"""Parts of an operation that are compared elsewhere."""


def remainder(old: Contract, new: Contract, shown: list[Row]) -> list[Row]:
    """Rows for what is said of no message alone. `shown`: those of messages; what they show of a permission is not said again."""
    theirs = {each.name: each for each in new.operations}
    pairs = [(each, theirs[each.name]) for each in old.operations if each.name in theirs]
    rows = [row for before in old.operations for row in _answers(old, new, before, theirs.get(before.name))]
    seen = {_permission(each.place) for each in shown if each.verdict == BREAKING}
    for before, after in pairs:
        rows += _permissions(before, after, seen)
    return [*rows, *_unknown(old.document, new.document)]


def _answers(old: Contract, new: Contract, before: Operation, after: Operation | None) -> Iterator[Row]:
    """An answer that was promised and is promised no more. The channel's name is that of the document it stands in."""
    place, has = f"#/operations/{before.name}/reply", after.reply if after else None
    for key in sorted(before.reply[1]) if before.reply else ():
        carried = sent(old, key, within(old.speakers(key)), [AGENCY]) if key in old.messages else None
        if carried:
            carried = dataclasses.replace(carried, answers=before.name)
            against = [each for each in objections(new, carried) if each[0] == place or each[0] == "/type"]
            if against:
                yield proved(
                    HEAR, key, place, "answer taken away", "agencies wait for it, and it does not come", carried, against
                )
    for key in sorted(has[1] - (before.reply[1] if before.reply else set())) if has else ():
        yield Row(HEAR, key, place, "answer added", COMPATIBLE, "who does not wait for it is not in its way")


def _permissions(before: Operation, after: Operation, seen: set[str]) -> Iterator[Row]:
    """Permissions of a role, once. Where they shrink, the messages show what is lost; what they do not show is unclear."""
    pairs = {name: (before.permissions.get(name), after.permissions.get(name)) for name in ("configure", "write", "read")}
    keys = before.permissions.get("routing_keys", {}), after.permissions.get("routing_keys", {})
    pairs |= {f"routing_keys/{each}": (keys[0].get(each), keys[1].get(each)) for each in {**keys[0], **keys[1]}}
    for name, (one, other) in pairs.items():
        place = f"#/operations/{before.name}/x-permissions/{name}"
        if one != other and _permission(place) not in seen:
            seen.add(_permission(place))
            lost = _lost(one, other)
            verdict = COMPATIBLE if lost is None else UNCLEAR
            why = (
                "all that was allowed is allowed"
                if lost is None
                else f"{lost} is allowed no more; whether anybody needs it nobody can say"
            )
            what = f"permissions of {before.role}: {told(one)} → {told(other)}"
            yield Row("every", "", place, what, verdict, why)


def _permission(place: str) -> str:
    """Whose permission, and which, a place speaks of; it stands at each operation of the role."""
    operation, _, name = place.removeprefix("#/operations/").partition("/x-permissions/")
    return f"{operation.split('.')[0]} {name.split('/')[0]}"


def _lost(one: Any, other: Any) -> str | None:
    """A name that the first permission allows and the second does not."""
    try:
        return outside(Words((str(one or "^$"),)), Words((str(other or "^$"),)))
    except Unknown as fault:
        return f"what nobody can work out ({fault})"


def _unknown(old: Json, new: Json) -> Iterator[Row]:
    """What no rule compares."""
    before, after = _rest(old), _rest(new)
    for place in sorted({*before, *after}):
        if not same(before.get(place), after.get(place)):
            what = f"{told(before.get(place))} → {told(after.get(place))}"
            yield Row("every", "", place, what, UNCLEAR, "no rule says what follows from it; look at it yourself")


def _rest(document: Json) -> dict[str, Any]:
    """By place, what is left of a document without its words and without what is compared."""
    found = {f"#/servers/{name}": _bare(each) for name, each in document.get("servers", {}).items()}
    schemes = document.get("components", {}).get("securitySchemes", {})
    found |= {f"#/components/securitySchemes/{name}": _bare(each) for name, each in schemes.items()}
    for name, each in document["operations"].items():
        rest = {key: value for key, value in each.items() if key not in (*KNOWN, *TOLD)}
        found |= {f"#/operations/{name}/{key}": _bare(value) for key, value in rest.items()}
    for name, each in document["components"]["messages"].items():
        rest = {key: value for key, value in each.items() if key in ("correlationId", "traits", "bindings")}
        found |= {f"#/components/messages/{name}/{key}": _bare(value) for key, value in rest.items()}
    others = {*document} - {"asyncapi", "info", "defaultContentType", "servers", "channels", "operations", "components"}
    return found | {f"#/{name}": document[name] for name in others}


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items() if name not in TOLD}
    return [_bare(each) for each in value] if isinstance(value, list) else value
