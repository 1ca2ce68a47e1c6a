"""Texts as languages: whether all that one side may write is what the other side takes, and else a text that is not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from interegular import parse_pattern
from interegular.fsm import anything_else

MOST_LAYERS, MOST_STEPS = 12_000, 400_000
"""How long a text is looked for, and how many steps are taken, before it is said that nobody knows."""
BEYOND = re.compile(r"\(\?(?!:)|\\[bBAZ1-9]")
"""What is left to people: looking ahead and behind, borders of words, references to groups."""
OTHERS = "a字~éЖ"
"""Characters of which one stands for all that no pattern names."""


class Unknown(Exception):
    """Nobody can say: a pattern that is not understood, or one too large."""


@dataclass(frozen=True, slots=True)
class Words:
    """Texts that match every pattern (somewhere, as JSON Schema has it) and have `low` to `high` characters."""

    patterns: tuple[str, ...] = ()
    low: int = 0
    high: int | None = None


def outside(said: Words, heard: Words | None = None) -> str | None:
    """The shortest text of `said` that is none of `heard` (None: any of `said`); None if there is none. Raises `Unknown`."""
    ours, theirs = _automata(said.patterns), _automata(heard.patterns if heard else ())
    letters = _letters([*ours, *theirs])
    start = (*(each.initial for each in ours), *(each.initial for each in theirs))
    layer: dict[Any, str] = {start: ""}
    steps = 0
    for length in range(_furthest(said, heard, [*ours, *theirs]) + 1):
        for state, word in layer.items():
            if length >= said.low and _is_outside(state, length, ours, theirs, heard):
                return word
        after: dict[Any, str] = {}
        for state, word in layer.items():
            for letter in letters:
                steps += 1
                moved = _moved(state, letter, ours, theirs)
                if moved is not None and moved not in after:
                    after[moved] = word + letter
        if steps > MOST_STEPS:
            raise Unknown("it would take too long to compare the texts")
        layer = after
    return None


def _is_outside(state: Any, length: int, ours: Sequence[Any], theirs: Sequence[Any], heard: Words | None) -> bool:
    mine, others = state[: len(ours)], state[len(ours) :]
    if not all(each in machine.finals for each, machine in zip(mine, ours, strict=True)):
        return False
    if heard is None or length < heard.low or (heard.high is not None and length > heard.high):
        return True
    return not all(each in machine.finals for each, machine in zip(others, theirs, strict=True))


def _moved(state: Any, letter: str, ours: Sequence[Any], theirs: Sequence[Any]) -> Any:
    """The states after one more letter; None where nothing that may be said begins so."""
    found = []
    for number, (each, machine) in enumerate(zip(state, (*ours, *theirs), strict=True)):
        after = machine.map.get(each, {}).get(machine.alphabet[letter])
        if number < len(ours) and (after is None or not _is_live(machine, after)):
            return None
        found.append(after)
    return tuple(found)


_alive: dict[tuple[int, Any], bool] = {}


def _is_live(machine: Any, state: Any) -> bool:
    """Whether a text can still end well; machines are kept for ever, so that their identity is a name."""
    key = (id(machine), state)
    if key not in _alive:
        _alive[key] = bool(machine.islive(state))
    return _alive[key]


def _furthest(said: Words, heard: Words | None, machines: Sequence[Any]) -> int:
    """The length at which looking ends: beyond it nothing new can come."""
    states = 1
    for each in machines:
        states *= len(each.map) + 1
    needed = max(said.low, heard.low if heard else 0, (heard.high or 0) + 1 if heard else 0) + min(states, MOST_LAYERS)
    if said.high is not None and said.high <= needed:
        needed = said.high
    if needed > MOST_LAYERS * 2:
        raise Unknown("the texts are too long to compare")
    return needed


def _letters(machines: Sequence[Any]) -> list[str]:
    """One character for each kind that the patterns tell apart, the most ordinary first."""
    named = {each for machine in machines for each in machine.alphabet if each != anything_else}
    found: dict[tuple[Any, ...], str] = {}
    for each in sorted(named, key=_oddness) + [each for each in OTHERS if each not in named][:1]:
        found.setdefault(tuple(machine.alphabet[each] for machine in machines), each)
    return sorted(found.values(), key=_oddness) or ["a"]


def _oddness(letter: str) -> tuple[int, str]:
    kinds = (letter.islower() and letter.isascii(), letter.isdigit(), letter.isalpha() and letter.isascii(), letter.isalpha())
    return (
        next((number for number, each in enumerate(kinds) if each), 4 + (not letter.isprintable()) + (letter in "\n\r")),
        letter,
    )


def _automata(patterns: Sequence[str]) -> list[Any]:
    return [automaton(each) for each in patterns]


@cache
def automaton(pattern: str) -> Any:
    """The automaton that takes exactly the texts in which a pattern is found; raises `Unknown`."""
    if BEYOND.search(pattern):
        raise Unknown(f"the pattern {pattern} is not understood")
    inner = pattern.removeprefix("^")
    ends = inner.endswith("$") and not re.search(r"(?<!\\)(?:\\\\)*\\\$\Z", inner)
    inner = inner[:-1] if ends else inner
    if any(_tops(inner)) and (ends or pattern.startswith("^")):
        raise Unknown(f"the pattern {pattern} is not understood: write its choices in (?:…)")
    whole = ("" if pattern.startswith("^") else r"[\s\S]*") + f"(?:{inner})" + ("" if ends else r"[\s\S]*")
    try:
        return parse_pattern(whole).to_fsm()
    except Exception as fault:  # the library has no base class of its faults
        raise Unknown(f"the pattern {pattern} is not understood: {fault}") from None


def _tops(pattern: str) -> Iterator[bool]:
    """For each character, whether it is a choice that no bracket holds."""
    depth, listed, quoted = 0, False, False
    for each in pattern:
        if not quoted:
            listed = each == "[" or (listed and each != "]")
            depth += 0 if listed else (each == "(") - (each == ")")
            yield each == "|" and not listed and depth == 0
        quoted = each == "\\" and not quoted
