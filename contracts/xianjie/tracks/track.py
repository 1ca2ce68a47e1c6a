"""One track: its stages and steps, its clocks, its outcomes."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from xianjie.shipped import shipped
from xianjie.vocabulary import Track

NEEDS = ("all_agree", "recusal_checked")
"""What a step may need: that all agree (`by: all`), that who will handle the matter has declared that it need not withdraw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that the body reports: allowed in the stages `start` (all, if empty), leads to `to` (nowhere, if None).

    `meets`, `starts` and `stops` name time limits; `extends` one that it lengthens, or `any`. `needs`: see `NEEDS`.
    `parties`: so many different parties must take it, each named in `by`, or `all` at once. `returns` gives the leg back at once
    with that ground, `outcome` reports that outcome at once (with `ground`), `suspends` halts for that ground.
    """

    name: str
    english: str
    chinese: str
    start: frozenset[str] = frozenset()
    to: str | None = None
    meets: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    extends: str | None = None
    needs: tuple[str, ...] = ()
    parties: int = 0
    returns: str | None = None
    outcome: str | None = None
    ground: str | None = None
    suspends: str | None = None
    tells: bool = False
    """Whether the sender is told of it."""
    facts: bool = False
    """Whether its words are undisputed facts, which may be handed on."""
    withheld: bool = False
    """Whether its words go no further."""

    @property
    def does(self) -> str:
        """What the body says by it, in the words of the protocol."""
        return (
            "returned" if self.returns else "outcome_reported" if self.outcome else "suspended" if self.suspends else "progressed"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the track ended: in which stages it may be said, what follows by itself, whether the dispute is settled by it.

    `grounds`: it needs one of them. `bars`: grounds for which it may not be said. `needs_body`: it names who goes on.
    `hands_over_facts`: the sender gets the facts that were found undisputed.
    """

    name: str
    english: str
    chinese: str
    start: frozenset[str] = frozenset()
    next: str | None = None
    settles: bool = False
    meets: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    needs_body: bool = False
    hands_over_facts: bool = False
    hurries: bool = False
    """Whether what follows does not wait until the sender has taken note: hours count."""
    decides: bool = False
    """Whether it is a decision in force, which may be entered with a credit registrar."""
    papers: tuple[str, ...] = ()
    """Kinds of papers of which one must come with it; none, if it needs no paper."""


@dataclass(frozen=True, slots=True)
class TrackRules:
    """Everything that is data about one track. `stages` maps each to the limits of which one measures it, where one holds there and then.

    Beside it the clock of the protocol's state always runs.
    """

    track: Track
    service: str
    stages: dict[str, tuple[str, ...]]
    first: str
    opens: dict[str, tuple[str, ...]]
    """Clocks that start when the proceeding opens, by the basis of the leg, else by its kind; `any` for every other.

    What another way of opening starts and this one does not, no step starts either: a limit for whom a court entrusted binds nobody else.
    """
    steps: dict[str, Step]
    outcomes: dict[str, Outcome]
    from_request: frozenset[str] = frozenset()
    """Those of them that begin when the body gets a party's request, and not when it takes the leg."""
    bases: dict[str, str] = field(default_factory=dict)
    """The bases that a leg of this track may have, each with who may say it of a leg: `any`, or only a `court`."""
    suspends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Grounds on which the body may suspend, each with the kinds of proof of which it must show one; none where it need not."""
    lapses: dict[str, str] = field(default_factory=dict)
    """What the lapse of a limit does: `return:<ground>`, `outcome:<code>`, `step:<step>`, `note:<words>`."""

    def opening(self, basis: str | None, kind: str) -> tuple[str, ...]:
        """The clocks that start when a leg of this basis and kind is opened."""
        return self.opens.get(basis or kind, self.opens.get("any", ()))

    def binds(self, rule: str, basis: str | None, kind: str) -> bool:
        """Whether a step may start this limit in such a leg."""
        opened = any(rule in rules for rules in self.opens.values())
        return not opened or rule in self.opening(basis, kind)


_NAMES = {"en": "english", "zh": "chinese", "from": "start"}


def _fields(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the file as fields: short names written out, lists as tuples; an unknown name is a TypeError."""
    found = {_NAMES.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return {**found, "name": name, "start": frozenset(found.get("start", ()))}


@cache
def track_rules(track: Track) -> TrackRules:
    """The data of a track."""
    (found,) = shipped(f"tracks/{track.value}.yaml")
    return TrackRules(
        track, found["service"], {stage: tuple(rules) for stage, rules in found["stages"].items()}, next(iter(found["stages"])),
        {basis: tuple(rules) for basis, rules in found.get("opens", {}).items()},
        {name: Step(**_fields(name, row)) for name, row in found["steps"].items()},
        {name: Outcome(**_fields(name, row)) for name, row in found["outcomes"].items()},
        frozenset(found.get("from_request", ())), found.get("bases", {}),
        {ground: tuple(proofs) for ground, proofs in found.get("suspends", {}).items()}, found.get("lapses", {}),
    )  # fmt: skip


def service_of(track: Track) -> str:
    """The service that keeps proceedings of this track."""
    return track_rules(track).service
