"""What was recorded held against what is made of it again: which case, which message, which decision differs, from what to what."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.recording.choosing import Face, face
from xianjie.wording import counted

BESIDE = frozenset(
    {
        "log.committed", "log.parked", "log.released", "clock.reached", "clock.ticked", "clock.advanced", "gap.found", "parked.retry_asked",
        "calendar.extended",
    }
)  # fmt: skip
"""What services say beside their commits: by the clock, of batches, of what is parked. No decision said it."""
OUTSIDE = ("traceparent", "recordedtime")
"""Attributes that are no part of a decision."""


class Said(Protocol):
    """A message that a commit says."""

    id: str
    exchange: str
    key: str
    case: str
    body: bytes


REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Made:
    """One commit made again: at which service, of which case, its number, what it decided, and what it says.

    `message`: what was heard. `now`: when it was decided.
    `same`: whether its hash is the recorded one; None where it cannot be known. `failed`: what the rules raised. `before`: the moment of the
    commit before it, if that is later: the clock of the service went back.
    """

    service: str
    case: str
    n: int
    source: str
    id: str
    heard: str
    said: tuple[Said, ...]
    now: datetime
    message: bytes
    same: bool | None = None
    failed: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """One commit that could not be made again, and why."""

    service: str
    case: str
    n: int
    source: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in what one decision said: `was` in the recording, `now` made again; each as a line for people."""

    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that differs."""

    case: str
    service: str
    n: int | None
    cause: str
    heard: str
    changes: tuple[Change, ...]


@dataclass(slots=True)
class _Decision:
    was: dict[str, bytes] = field(default_factory=dict)
    now: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Comparison:
    """Takes both sides as they come; what is the same on both is forgotten at once, so memory stays flat."""

    part: bool = False
    """Whether the recording was chosen by case: what logs of others said to these cases is there, and is not decided again."""
    messages: int = 0
    commits: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """By reason: commits that could not be made again."""
    back: int = 0
    """Commits that are dated before the one before them."""
    first_back: Made | None = None
    hashed: bool = True
    """Whether every hash could be compared."""
    _was: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    """By id, what the recording says and nobody has said again yet: service, cause, bytes."""
    _now: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    _made: dict[tuple[str, str], Made] = field(default_factory=dict)
    """Decisions that failed, whose hash is another, or that say what the recording has not said so far."""
    _unsaid: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How much of what such a decision says the recording has not said."""
    _same: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Ids of what was the same lately: a service whose life ended says again what it did not see confirmed."""
    _causes: set[tuple[str, str]] = field(default_factory=set)
    """Of a part: service and cause of everything that was made again."""
    _gone: set[tuple[str, str]] = field(default_factory=set)
    """Service and cause of what was left out."""

    def recorded(self, message: Recorded) -> bool:
        """The next message of the recording; whether it is one that a commit says."""
        seen = face(message)
        service = seen.source.removeprefix("/services/")
        if service not in SERVICES or seen.name in BESIDE or _again(seen, message) or seen.id in self._same:
            return False
        there = self._now.pop(seen.id, None)
        if there is None:
            self._was[seen.id] = (service, seen.causationid or "", message.body)
        elif alike(there[2], message.body):
            self._settle(there[:2])
            self._remember(seen.id)
        else:
            self._was[seen.id], self._now[seen.id] = (service, seen.causationid or "", message.body), there
        return True

    def made(self, made: Made) -> None:
        """The next commit that was made again; with number 0, something that a commit said."""
        self.commits += made.n > 0
        self.hashed &= made.same is not None
        if made.before:
            self.back, self.first_back = self.back + 1, self.first_back or made
        key = made.service, made.id
        if self.part:
            self._causes.add(key)
        for each in made.said:
            there = self._was.pop(each.id, None)
            if there is None or not alike(there[2], each.body):
                self._now[each.id] = (*key, each.body)
                self._unsaid[key] += 1
                if there:
                    self._was[each.id] = there
            else:
                self._remember(each.id)
        if key in self._unsaid or _wrong(made):
            self._made[key] = made

    def _remember(self, id: str) -> None:
        self._same[id] = None
        if len(self._same) > REMEMBERED:
            self._same.popitem(last=False)

    def _settle(self, key: tuple[str, str]) -> None:
        """One more of what this decision says was said in the recording too."""
        self._unsaid[key] -= 1
        if not self._unsaid[key]:
            del self._unsaid[key]
            if key in self._made and not _wrong(self._made[key]):
                del self._made[key]

    def left_out(self, left: Left) -> None:
        """A commit that could not be made again."""
        self.left[left.why] += 1
        self._gone.add((left.service, left.id))

    def differences(self) -> Iterator[Difference]:
        """Every decision that differs, once all was taken, in the order of cases."""
        decisions: dict[tuple[str, str], _Decision] = {}
        for side, found in (("was", self._was), ("now", self._now)):
            for id, (service, cause, body) in found.items():
                if (service, cause) not in self._gone and (not self.part or (service, cause) in self._causes):
                    getattr(decisions.setdefault((service, cause), _Decision()), side)[id] = body
        for key, made in self._made.items():
            if _wrong(made):
                decisions.setdefault(key, _Decision())
        rows = [self._difference(key, each) for key, each in decisions.items()]
        yield from sorted((each for each in rows if each.changes), key=lambda each: (each.case, each.service, each.n or 0))

    def _difference(self, key: tuple[str, str], decision: _Decision) -> Difference:
        made = self._made.get(key)
        changes = list(_changes(decision.was, decision.now))
        if made and made.failed:
            changes = [Change(None, f"the rules fail: {made.failed}"), *changes]
        elif made and made.same is False and not changes:
            changes = [Change("the hash of the commit", "another hash: its state or what it heard differs")]
        elif not changes and decision.was:
            changes = [Change("what is said, in that order", "the same in another order, and so under other identities")]
        body = next(iter((*decision.was.values(), *decision.now.values())), b"{}")
        case = made.case if made else _parts(body).get("subject", "")
        return Difference(case, key[0], made.n if made else None, key[1], made.heard if made else "", tuple(changes))


def _wrong(made: Made) -> bool:
    return made.failed is not None or made.same is False


def _again(seen: Face, message: Recorded) -> bool:
    """The answer to a message that came again: no commit said it."""
    return seen.name == "receipt.given" and b'"status":409' in message.body and b'"first":' in message.body


def alike(one: bytes, other: bytes) -> bool:
    """Whether two messages are the same, but for what is no part of a decision."""
    if one == other:
        return True
    parts = [_parts(each) for each in (one, other)]
    for each in parts:
        for name in OUTSIDE:
            each.pop(name, None)
    return parts[0] == parts[1]


def _parts(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _changes(was: dict[str, bytes], now: dict[str, bytes]) -> Iterator[Change]:
    """One said in place of another shifts the identities of those behind it: so messages are paired by what they are."""
    before, after = ([_parts(body) for _, body in sorted(side.items())] for side in (was, now))
    pairs = _paired(before, after, lambda each: (each.get("id"), each.get("type")))
    pairs += _paired(before, after, lambda each: (each.get("type"), each.get("subject")))
    for one, other in pairs:
        for path, old, new in fields("", {**one, "id": None}, {**other, "id": None}):
            yield Change(f"{_name(one)}{path}: {old}", f"{_name(one)}{path}: {new}")
    for each in before:
        yield Change(told(each), None)
    for each in after:
        yield Change(None, told(each))


def _paired(
    before: list[dict[str, Any]], after: list[dict[str, Any]], alike: Callable[[dict[str, Any]], object]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Those of both sides that are alike, in order; they are taken out of both."""
    pairs = []
    for one in list(before):
        other = next((each for each in after if alike(each) == alike(one)), None)
        if other is not None:
            pairs.append((one, other))
            before.remove(one)
            after.remove(other)
    return pairs


def fields(path: str, one: Any, other: Any) -> Iterator[tuple[str, str, str]]:
    """Where two JSON values differ: the path of each place, and both values there as JSON."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if name not in OUTSIDE:
                yield from fields(f"{path}/{name}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (before, after) in enumerate(zip(one, other, strict=True)):
            yield from fields(f"{path}/{at}", before, after)
    elif one != other:
        yield path, _json(one), _json(other)


def _name(parts: dict[str, Any]) -> str:
    return Face(type=str(parts.get("type", ""))).name


def told(parts: dict[str, Any]) -> str:
    """A message in a line: its type and its data."""
    return f"{_name(parts)} {_json(parts.get('data'))}"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode() if value is not None else "nothing"


def summary(comparison: Comparison, differences: int, state: str) -> str:
    """The last line of a replay."""
    return (
        f"replay: {counted(comparison.messages, 'message')}, {counted(comparison.commits, 'commit')}, {counted(differences, 'difference')}, "
        f"state {state}"
    )
