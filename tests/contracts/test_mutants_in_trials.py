"""The kit refuses what services refuse: five hundred mutants, each with its place, and takes as many odd but valid messages."""

from datetime import UTC, datetime

from tests.contracts.mutants import mutants, variants
from tests.contracts.places import Arriving
from xianjie.conformance.findings import Findings
from xianjie.conformance.judge import Arrival, Judge
from xianjie.message import AGENCY, MESSAGES

SEED, COUNT = 5, 500
SAID = [each for each in MESSAGES.values() if AGENCY in each.said_by]


def judged(given: Arriving) -> tuple[int, list[str], list[int]]:
    """How often the contract was broken by it, in what words, and with which statuses it is answered."""
    findings = Findings()
    judge = Judge(given.key.split(".")[0], findings, lambda: datetime.now(UTC))
    answers = [message.status for _, message in judge.hear(Arrival(given.body, given.key, given.headers, given.content_type))]
    said = [each.says for each in findings.faults if each.clause == "contract.valid"]
    return findings.broken["contract.valid"], said, answers


def test_the_kit_refuses_five_hundred_mutants_and_names_the_place_of_each() -> None:
    found = {each.name: (each, *judged(each)) for each in mutants(SEED, COUNT, SAID)}
    wrong = {
        name: said
        for name, (given, broken, said, statuses) in found.items()
        if (broken, statuses) != (1, [422]) or not said[0].startswith(f"{given.pointer or '/'} ")
    }
    assert wrong == {}
    assert len(found) == COUNT


def test_the_kit_takes_five_hundred_valid_messages_that_look_odd() -> None:
    found = {each.name: judged(each) for each in variants(SEED, COUNT, SAID)}
    assert {name: said for name, (broken, said, _) in found.items() if broken} == {}
    assert len(found) == COUNT
