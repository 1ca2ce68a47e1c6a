"""Who says and who reads a message by which contract, and what a difference means there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xianjie.compatibility.carrying import Carried, Objection, carried, objections, source_of, sources
from xianjie.compatibility.contract import AGENCY, Contract, Json
from xianjie.compatibility.specimens import fitted

COMPATIBLE, BREAKING, UNCLEAR = "compatible", "breaking", "unclear"
SAY, HEAR, OLD_TO_NEW, NEW_TO_OLD = "agencies say", "agencies hear", "within: old to new", "within: new to old"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that changed, as it meets one direction. `counterexample`: what is said, valid for who says it; `readings`: if both take it."""

    direction: str
    message: str
    place: str
    what: str
    verdict: str
    why: str
    counterexample: Json | None = None
    readings: tuple[Any, Any] | None = None

    def plain(self) -> Json:
        """For programs."""
        names = ("direction", "message", "place", "what", "verdict", "why", "counterexample")
        found = {name: getattr(self, name) for name in names}
        return found | ({"readings": dict(zip(("said", "read"), self.readings, strict=True))} if self.readings else {})


@dataclass(frozen=True, slots=True)
class Direction:
    """Who says by which contract, and who reads by which."""

    name: str
    said: Contract
    read: Contract
    speakers: tuple[str, ...]
    hearers: tuple[str, ...]
    newer: bool
    """Whether who reads lives by the newer one."""


def directions(old: Contract, new: Contract, key: str) -> Iterator[Direction]:
    """Where a message goes, by who says it: agencies live by the old contract, services by the new one, and among themselves by either."""
    if AGENCY in old.speakers(key):
        yield Direction(SAY, old, new, (AGENCY,), tuple(old.hearers(key)), True)
    if AGENCY in new.hearers(key) and AGENCY in old.hearers(key):
        yield Direction(HEAR, new, old, within(new.speakers(key)), (AGENCY,), False)
    for name, said, read in ((OLD_TO_NEW, old, new), (NEW_TO_OLD, new, old)):
        speakers, hearers = within(said.speakers(key)), within(said.hearers(key))
        if speakers and hearers:
            yield Direction(name, said, read, speakers, hearers, read is new)


def within(roles: Iterable[str]) -> tuple[str, ...]:
    """These roles without agencies."""
    return tuple(each for each in roles if each != AGENCY)


def sample_of(contract: Contract, key: str, speakers: Iterable[str]) -> Json:
    """The golden sample as one of the speakers says it. Raises LookupError where none can be made."""
    roles = [*speakers]
    domain = contract.payload(key).also(sources(roles))
    sample = contract.messages[key].sample or {}
    if not domain.accepts(sample):
        sample = {**sample, "source": source_of(roles[0]), "type": contract.messages[key].type}
    return dict(fitted(domain, sample))


def sent(
    by: Contract, key: str, speakers: Iterable[str], hearers: Iterable[str], body: Json | None = None, headers: Json | None = None
) -> Carried | None:  # fmt: skip
    """The golden sample, or `body`, as the first speaker who can says it to the first hearer who can; None if nobody can."""
    for speaker in speakers:
        for hearer in hearers:
            try:
                made = carried(by, key, body or sample_of(by, key, [speaker]), speaker, hearer, headers)
            except LookupError:
                continue
            if made and not objections(by, made):
                return made
    return None


def proved(direction: str, key: str, place: str, what: str, why: str, sent: Carried | None, against: Sequence[Objection]) -> Row:
    """Breaking where a message is there and something speaks against it, else unclear."""
    if sent and against:
        return Row(direction, key, place, what, BREAKING, why, sent.plain())
    return Row(direction, key, place, what, UNCLEAR, f"no message was found that shows it ({why}); look at it yourself")
