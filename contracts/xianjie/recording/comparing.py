"""What was recorded held against what is made of it again: which case, which message, which decision differs, from what to what."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import msgspec

from xianjie.journal import Recorded
from xianjie.message import SERVICES
from xianjie.messages.log import Committed
from xianjie.recording.anonymising import Blank
from xianjie.recording.choosing import Face, committed, face, tells_commits
from xianjie.topology import OWN_BEGINNINGS
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
_blank = Blank()


@dataclass(frozen=True, slots=True)
class Made:
    """One commit made again: at which service, of which case, its number, what it decided, and what it says.

    `message`: what was heard. `now`: when it was decided. `same`: whether its hash is the recorded one; None where it cannot be known.
    `failed`: what the rules raised. `hash`: its own. `before`: the moment of the commit before it, if that is later: a clock went back.
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
    hash: str | None = None
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
    now: datetime | None = None
    """When it was decided, if that is told."""


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
    by_hash: bool = False
    """Whether nothing but its hash differs."""


@dataclass(slots=True)
class _Decision:
    was: dict[str, bytes] = field(default_factory=dict)
    now: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Comparison:
    """Takes both sides as they come; what is the same on both is forgotten at once, so memory stays flat."""

    cases: frozenset[str] = frozenset()
    """Those that the recording was chosen by, if it was: what logs of others said to these cases is there, and is not decided again."""
    masked: bool = False
    """Whether the recording is anonymised: what our rules make of names and words is made of pseudonyms now, and not compared, nor are logs
    that are named after them."""
    messages: int = 0
    commits: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """By reason: commits that could not be made again."""
    first_left: dict[str, Left] = field(default_factory=dict)
    """By reason: the first of them."""
    lefts: list[Left] = field(default_factory=list)
    """The first of them of each log."""
    others: bool = False
    """Whether hashes are compared with those that the other recording tells, and not with those of the recording that is played."""
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
    _heard: set[str] = field(default_factory=set)
    """Of a part: the ids of what was said in its cases."""
    _left_logs: set[tuple[str, str]] = field(default_factory=set)
    _own: set[str] = field(default_factory=set)
    """Of an anonymised one: the ids of what was said in logs that are named after parties."""
    _hashes: dict[tuple[str, str, int], str | Made] = field(default_factory=dict)
    """With `others`, by service, case and number: what one side has and the other has not yet."""
    _gone: set[tuple[str, str]] = field(default_factory=set)
    """Service and cause of what was left out."""

    def recorded(self, message: Recorded) -> bool:
        """The next message of the recording; whether it is one that a commit says."""
        if self.others and tells_commits(message):
            for row in committed(message):
                self._told(message.key.split(".", 1)[0], row)
            return False
        seen = face(message)
        service = seen.source.removeprefix("/services/")
        if seen.subject in self.cases:
            self._heard.add(seen.id)
        if self.masked and seen.subject.startswith(OWN_BEGINNINGS):
            self._own.add(seen.id)
        if service not in SERVICES or seen.name in BESIDE or _again(seen, message) or seen.id in self._same:
            return False
        if self.masked and (seen.subject.startswith(OWN_BEGINNINGS) or seen.causationid in self._own):
            return True
        there = self._now.pop(seen.id, None)
        if there is None:
            self._was[seen.id] = (service, seen.causationid or "", message.body)
        elif self._alike(there[2], message.body):
            self._settle(there[:2])
            self._remember(seen.id)
        else:
            self._was[seen.id], self._now[seen.id] = (service, seen.causationid or "", message.body), there
        return True

    def made(self, made: Made) -> None:
        """The next commit that was made again; with number 0, something that a commit said."""
        self.commits += made.n > 0
        self.hashed &= made.same is not None or self.others
        if made.before:
            self.back, self.first_back = self.back + 1, self.first_back or made
        if self.masked and made.case.startswith(OWN_BEGINNINGS):
            return
        key = made.service, made.id
        if self.cases:
            self._causes.add(key)
        for each in made.said:
            if self.masked and each.case.startswith(OWN_BEGINNINGS):
                continue
            there = self._was.pop(each.id, None)
            if there is None or not self._alike(there[2], each.body):
                self._now[each.id] = (*key, each.body)
                self._unsaid[key] += 1
                if there:
                    self._was[each.id] = there
            else:
                self._remember(each.id)
        if key in self._unsaid or _wrong(made):
            self._made[key] = made
        if self.others and made.hash:
            self._hash(made)

    def _told(self, service: str, row: Committed) -> None:
        """The other recording tells the hash of a commit."""
        there = self._hashes.pop((service, row.case, row.n), None)
        if isinstance(there, Made):
            self._differs(there, row.hash)
        elif there is None:
            self._hashes[service, row.case, row.n] = row.hash

    def _hash(self, made: Made) -> None:
        """This side has the hash of a commit."""
        key = made.service, made.case, made.n
        there = self._hashes.pop(key, None)
        if isinstance(there, str):
            self._differs(made, there)
        else:
            self._hashes[key] = replace(made, said=(), message=b"")

    def _differs(self, made: Made, hash: str) -> None:
        if made.hash != hash:
            self._made[made.service, made.id] = replace(made, same=False)

    def _alike(self, one: bytes, other: bytes) -> bool:
        return alike(one, other) or (self.masked and alike(_blank.body(one), _blank.body(other)))

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
        self.first_left.setdefault(left.why, left)
        log = left.service, left.case
        if log not in self._left_logs:
            self._left_logs.add(log)
            self.lefts.append(left)
        self._gone.add((left.service, left.id))

    def differences(self) -> Iterator[Difference]:
        """Every decision that differs, once all was taken, in the order of cases."""
        decisions: dict[tuple[str, str], _Decision] = {}
        for side, found in (("was", self._was), ("now", self._now)):
            for id, (service, cause, body) in found.items():
                if (service, cause) not in self._gone and self._decided_here(service, cause):
                    getattr(decisions.setdefault((service, cause), _Decision()), side)[id] = body
        for key, made in self._made.items():
            if _wrong(made):
                decisions.setdefault(key, _Decision())
        rows = [self._difference(key, each) for key, each in decisions.items()]
        yield from sorted((each for each in rows if each.changes), key=lambda each: (each.case, each.service, each.n or 0))

    def _decided_here(self, service: str, cause: str) -> bool:
        """Whether a decision belongs to what was chosen."""
        return not self.cases or (service, cause) in self._causes or cause in self._heard

    def _difference(self, key: tuple[str, str], decision: _Decision) -> Difference:
        made = self._made.get(key)
        changes = list(_changes(decision.was, decision.now))
        by_hash = False
        if made and made.failed:
            changes = [Change(None, f"the rules fail: {made.failed}"), *changes]
        elif made and made.same is False and not changes:
            changes, by_hash = [Change("the hash of the commit", "another hash: its state or what it heard differs")], True
        elif not changes and decision.was and not self.masked:  # else identities that follow from an operator's name
            changes = [Change("what is said, in that order", "the same in another order, and so under other identities")]
        body = next(iter((*decision.was.values(), *decision.now.values())), b"{}")
        case = made.case if made else _parts(body).get("subject", "")
        return Difference(case, key[0], made.n if made else None, key[1], made.heard if made else "", tuple(changes), by_hash)


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
