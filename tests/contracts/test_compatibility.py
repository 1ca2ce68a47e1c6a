"""The gate of the contracts: each kind of change has its verdict, and every break a message that one side takes and the other does not."""

import json
from functools import cache

import pytest
from body_changes import BODIES, BodyChange, Json, Meaning, document, part
from jsonschema import Draft202012Validator, FormatChecker
from way_changes import WAYS, WayChange

from xianjie import envelope
from xianjie.compatibility.carrying import Carried, objections
from xianjie.compatibility.contract import Contract
from xianjie.compatibility.direction import BREAKING, COMPATIBLE, OLD_TO_NEW, SAY, UNCLEAR, Row
from xianjie.compatibility.judging import compared
from xianjie.compatibility.loading import contract
from xianjie.envelope import Invalid

WORSE = (COMPATIBLE, UNCLEAR, BREAKING)
PRESENT, CHANGED = "present", "changed"


@cache
def present() -> Contract:
    return contract(part(), PRESENT)


def both_ways(change: BodyChange | WayChange) -> list[tuple[Contract, Contract]]:
    """The present contract as the older one, then as the newer one."""
    changed = contract(change.changed(), CHANGED)
    return [(present(), changed), (changed, present())]


def rows_of(old: Contract, new: Contract, message: str, place: str) -> dict[str, Row]:
    """By direction, the rows of one message at a place."""
    return {each.direction: each for each in compared(old, new) if each.message == message and (not place or each.place == place)}


def test_a_contract_against_itself_gives_nothing() -> None:
    assert compared(present(), present()) == []
    whole = contract(document(), PRESENT)
    assert compared(whole, contract(document(), CHANGED)) == []


def test_what_is_only_told_is_no_change_beside_another_either() -> None:
    """Words of a code list are for people."""
    change = next(each for each in BODIES if each.name == "an optional field is added")
    text = json.dumps(change.changed())
    assert "conflict of interest" in text
    new = json.loads(text.replace("conflict of interest", "other words"))
    assert {each.place for each in compared(present(), contract(new, CHANGED))} == {"/data/more"}


def test_the_table_is_long_enough_and_its_names_differ() -> None:
    names = [each.name for each in (*BODIES, *WAYS)]
    assert len({*names}) == len(names) >= 60


@pytest.mark.parametrize("change", BODIES, ids=lambda each: each.name)
def test_a_change_of_a_body_has_its_verdict_in_every_direction(change: BodyChange) -> None:
    """`there` is what a reader with the change makes of messages without it; the same whoever is the older one."""
    for old, new in both_ways(change):
        found = rows_of(old, new, change.message, change.place)
        assert found, "the change is not seen"
        for direction, row in found.items():
            said = old if direction in (SAY, OLD_TO_NEW) else new
            meaning = change.there if said is present() else change.back
            is_newer = direction in (SAY, OLD_TO_NEW)
            assert row.verdict == (COMPATIBLE if meaning == "ok" or (meaning == "dropped" and not is_newer) else BREAKING), row
            if row.verdict == BREAKING:
                assert_proved(row, old, new, meaning)


def assert_proved(row: Row, old: Contract, new: Contract, meaning: Meaning) -> None:
    """The counterexample is taken by who says it; it is refused by who reads it, or read otherwise. By this package, by the published
    schemas alone, and for the present contract by the reader of the network."""
    said, read = (old, new) if row.direction in (SAY, OLD_TO_NEW) else (new, old)
    carried = carried_in(row)
    assert objections(said, carried) == []
    takes = meaning != "refused"
    assert bool(objections(read, carried)) is not takes
    assert (row.readings is not None) is takes
    if takes:
        assert row.readings[0] != row.readings[1]
    for by, taken in ((said, True), (read, takes)):
        if by is present():
            assert is_read(carried.message) is taken, row
        if not any("must be" in each for each in (row.what, row.why)):
            assert is_valid(by, row.message, carried.message) is taken, row


def carried_in(row: Row) -> Carried:
    """The counterexample of a row, from what programs are given."""
    found: Json = row.counterexample or {}
    return Carried(
        message=found["message"], headers=found["headers"], content_type=found["content_type"], exchange=found.get("exchange"),
        key=found.get("routing_key"), queue=found.get("queue"), said_by=found["said_by"], heard_by=found["heard_by"],
        declared=found["declared"], answers=found.get("answers"),
    )  # fmt: skip


def is_read(message: Json) -> bool:
    """Whether the network's own reader takes it."""
    try:
        envelope.read(json.dumps(message).encode())
    except Invalid:
        return False
    return True


def is_valid(by: Contract, key: str, message: Json) -> bool:
    """Whether an ordinary validator takes it, formats checked."""
    whole = {"$ref": f"#/components/schemas/{key}", "components": by.document["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(message)


def test_a_shape_within_itself_is_compared_to_its_end() -> None:
    """Papers with annexes that are papers: the same is the same, and a limit of the shape is found at its first place."""

    def annexed(most: int) -> Json:
        made = part()
        paper = made["components"]["schemas"]["Paper"]
        paper["properties"]["annex"] = {"anyOf": [{"$ref": "#/components/schemas/Paper"}, {"type": "null"}]}
        paper["properties"]["size"]["maximum"] = most
        return made

    old, same_as_old = contract(annexed(100), "old"), contract(annexed(100), "the same")
    assert compared(old, same_as_old) == []
    rows = rows_of(old, contract(annexed(50), "narrower"), "adjudication.progressed.v1", "")
    assert rows[SAY].verdict == BREAKING
    assert "/data/papers/0" in rows[SAY].place


# --- ways


@pytest.mark.parametrize("change", WAYS, ids=lambda each: each.name)
def test_a_change_of_the_way_of_a_message_has_its_verdict_in_every_direction(change: WayChange) -> None:
    """A break of it is shown by a message that arrives by one contract, and not by the other."""
    old, new = both_ways(change)[0]
    found = [
        each for each in compared(old, new) if each.message == change.message and (not change.place or each.place == change.place)
    ]
    worst = {each.direction: each.verdict for each in sorted(found, key=lambda each: WORSE.index(each.verdict))}
    assert {direction: worst.get(direction) for direction in change.expected} == change.expected
    assert {each for direction, each in worst.items() if direction not in change.expected} <= {COMPATIBLE}
    for row in found:
        if row.verdict == BREAKING:
            carried = carried_in(row)
            answers = [bool(objections(each, carried)) for each in (old, new)]
            assert sorted(answers) == [False, True], row


def test_what_no_message_shows_is_unclear_and_no_rule_is_guessed() -> None:
    """A server by another protocol, a permission to read less, a part of the document that nobody knows: a person must look."""
    for edit in (
        lambda d: d["servers"]["network"].update(protocol="mqtt"),
        lambda d: d["operations"]["intake.hears.events"]["x-permissions"].update(read="^$"),
        lambda d: d["operations"]["agency.says.agenciesIn"]["bindings"]["amqp"].update(deliveryMode=1),
        lambda d: d.update({"x-more": {}}),
    ):
        made = part()
        edit(made)
        rows = compared(present(), contract(made, CHANGED))
        assert [each.verdict for each in rows] == ["unclear"]
