"""Two contracts compared: for every message and direction what changed, whether it breaks, and the message that proves it."""

from collections.abc import Iterator

from xianjie.compatibility.bodies import bodies, deprecated, differences
from xianjie.compatibility.carrying import objections
from xianjie.compatibility.contract import AGENCY, Contract
from xianjie.compatibility.direction import (
    BREAKING,
    COMPATIBLE,
    HEAR,
    OLD_TO_NEW,
    SAY,
    UNCLEAR,
    Row,
    directions,
    proved,
    sent,
    within,
)
from xianjie.compatibility.remainder import remainder
from xianjie.compatibility.routes import routes

NEWCOMER = "who does not know it passes it over, or is not sent it: hearers are replaced before speakers"
STILL = "it may still be said; who does is told by: xianjie contracts uses"
IN_VAIN = "agencies wait for it, and it does not come"


def compared(old: Contract, new: Contract) -> list[Row]:
    """Every difference in every direction that it meets, by message. Nothing for the same contract."""
    rows: list[Row] = []
    for key in sorted({*old.messages, *new.messages}):
        if key not in old.messages:
            who = f"said by {', '.join(new.speakers(key))}, heard by {', '.join(new.hearers(key))}"
            rows.append(Row("every", key, "", f"message added: {who}", COMPATIBLE, NEWCOMER))
        elif key not in new.messages:
            rows += _taken_away(old, new, key)
        else:
            rows += _both(old, new, key)
    return [*rows, *remainder(old, new, rows)]


def _taken_away(old: Contract, new: Contract, key: str) -> Iterator[Row]:
    """A message that is gone: whoever still says it is refused, whoever waits for it waits in vain."""
    speakers, hearers = old.speakers(key), old.hearers(key)
    unread = "who reads knows no such type"
    for name, by, to, why in (
        (SAY, [each for each in speakers if each == AGENCY], within(hearers), unread),
        (HEAR, within(speakers), [each for each in hearers if each == AGENCY], IN_VAIN),
        (OLD_TO_NEW, within(speakers), within(hearers), unread),
    ):
        if by and to:
            carried = sent(old, key, by, to)
            yield proved(name, key, "/type", "message taken away", why, carried, objections(new, carried) if carried else [])


def _both(old: Contract, new: Contract, key: str) -> Iterator[Row]:
    """A message that both have."""
    for place, instead in deprecated(old, new, key).items():
        yield Row("every", key, place, f"deprecated: {instead}", COMPATIBLE, STILL)
    changed = differences(old, new, key)
    for direction in directions(old, new, key):
        yield from _worst([*bodies(direction, key, changed), *routes(direction, old, new, key)])
    if AGENCY in old.hearers(key) and AGENCY not in new.hearers(key):
        carried = sent(old, key, within(old.speakers(key)), [AGENCY])
        against = objections(new, carried) if carried else []
        yield proved(HEAR, key, "#/operations/agency.hears", "heard by: without agency", IN_VAIN, carried, against)


def _worst(rows: list[Row]) -> Iterator[Row]:
    """Of several rows for one place the worst, the first of its like."""
    order = (BREAKING, UNCLEAR, COMPATIBLE)
    for place in dict.fromkeys(each.place for each in rows):
        yield min((each for each in rows if each.place == place), key=lambda each: order.index(each.verdict))
