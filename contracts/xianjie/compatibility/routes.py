"""The way of a message in one direction: content type, exchange, key, queue, who may say it and who hears it."""

from collections.abc import Iterator
from typing import Any

from xianjie.compatibility.carrying import objections
from xianjie.compatibility.contract import JOURNAL, Contract, Operation
from xianjie.compatibility.direction import BREAKING, COMPATIBLE, HEAR, UNCLEAR, Direction, Row, sent
from xianjie.compatibility.schema import same


def routes(direction: Direction, old: Contract, new: Contract, key: str) -> Iterator[Row]:
    """A row for everything that changed on the way of a message."""
    if same(_way(old, key), _way(new, key)):
        return
    for speaker in direction.speakers:
        for hearer in direction.hearers:
            if _is_compared(direction, key, hearer):
                yield from _refused(direction, old, new, key, speaker, hearer)
    for side, before, after in (("says", old.speakers(key), new.speakers(key)), ("hears", old.hearers(key), new.hearers(key))):
        for role in sorted(({*before} ^ {*after}) - {JOURNAL}):
            word = "with" if role in after else "without"
            what = f"{'said' if side == 'says' else 'heard'} by: {word} {role}"
            yield Row(
                direction.name, key, f"#/operations/{role}.{side}", what, COMPATIBLE, "the others say and hear it as before"
            )


def _way(contract: Contract, key: str) -> Any:
    """Everything that the way of a message depends on, to see whether it changed."""
    mine = [each for each in contract.operations if key in each.messages]
    parts = [(each.role, each.says, each.channel.address, each.channel.exchange, each.channel.queue, each.channel.declared,
              each.permissions) for each in mine]  # fmt: skip
    return [contract.messages[key].content_type, sorted(map(repr, parts))]


def _is_compared(direction: Direction, key: str, hearer: str) -> bool:
    """Whether a hearer tells anything: not one that is new, nor the journal where it is not alone on both sides."""
    theirs = direction.read.hearers(key)
    return hearer in theirs or (direction.newer and hearer != JOURNAL)


def _refused(direction: Direction, old: Contract, new: Contract, key: str, speaker: str, hearer: str) -> Iterator[Row]:
    """What speaks against the golden sample on this way."""
    if direction.said.spoken(key, speaker, hearer) is None:
        return
    carried = sent(direction.said, key, [speaker], [hearer])
    if carried is None:
        yield from _unsaid(direction, old, new, key, speaker, hearer)
        return
    for place, why in objections(direction.read, carried):
        if place.startswith("#"):
            what = _what(place, old, new, key, speaker, hearer)
            yield Row(direction.name, key, place, what, BREAKING, why, carried.plain())


def _unsaid(direction: Direction, old: Contract, new: Contract, key: str, speaker: str, hearer: str) -> Iterator[Row]:
    """By its own contract the speaker cannot say it. Agencies then wait in vain; within the network who said it is refused, and told of."""
    waited = None if direction.newer else sent(old, key, [speaker], [hearer])
    against = [each for each in objections(new, waited) if each[0].startswith("#")] if waited else []
    if waited is None or not against:
        why = "by its own contract nobody can say it so; look at it yourself"
        yield Row(direction.name, key, f"#/operations/{speaker}.says", "its way", UNCLEAR, why)
    elif direction.name == HEAR:
        for place, why in against:
            what = _what(place, old, new, key, speaker, hearer)
            yield Row(HEAR, key, place, what, BREAKING, f"agencies wait for it, and it does not come: {why}", waited.plain())


def _what(place: str, old: Contract, new: Contract, key: str, speaker: str, hearer: str) -> str:
    """What changed at a place of the document, old before new."""
    words: Any = {
        "contentType": lambda by, _: by.messages[key].content_type,
        "address": lambda _, op: op and op.channel.address,
        "name": lambda _, op: op and (op.channel.exchange or op.channel.queue),
        "amqp": lambda _, op: op and op.channel.declared,
        "write": lambda _, op: op and op.permissions.get("write"),
        "routing_keys": lambda _, op: op and op.permissions.get("routing_keys", {}).get(op.channel.exchange),
        "read": lambda by, op: op and _reads(by, key, hearer, op),
    }
    last = place.rsplit("/", 1)[1]
    if last not in words:
        return f"said by: without {speaker}" if last.endswith(".says") else f"heard by: without {hearer}"
    before, after = (words[last](by, by.spoken(key, speaker, hearer) or _any(by, key, speaker)) for by in (old, new))
    return f"{last} {before} → {after}"


def _any(contract: Contract, key: str, speaker: str) -> Operation | None:
    return next((each for each in contract.operations if each.says and each.role == speaker and key in each.messages), None)


def _reads(contract: Contract, key: str, hearer: str, says: Operation) -> Any:
    hears = contract.hearing(key, hearer, says.channel.name)
    return hears and hears.permissions.get("read")
