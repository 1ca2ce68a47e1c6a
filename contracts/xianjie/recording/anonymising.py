"""A recording without anybody in it: names, numbers, telephones, addresses and words are pseudonyms, everything else is as it was.

The same value under the same key is the same pseudonym, so that who was one person stays one. What is kept is what
`xianjie.disclosure` shows to people who are no party: codes, identities of messages and cases, moments, terms. A field that no contract
knows is left out, and so is a header.
"""

import dataclasses
import hashlib
import hmac
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from stdnum.cn import ric, uscc

from xianjie import disclosure, envelope, vocabulary, wire
from xianjie.envelope import HEADER
from xianjie.facts import BEARING
from xianjie.fields import Answered, CaseId, Coded, CreditCode, Digest, IdentityNumber, Name, Person, Reason, Word
from xianjie.journal import Recorded
from xianjie.message import DOOR, MESSAGES, SERVICES, hints
from xianjie.messages.case.application import Phone
from xianjie.messages.log import Committed
from xianjie.messages.ops import Bytes
from xianjie.proceeding.steps import ALL
from xianjie.topology import OWN_BEGINNINGS
from xianjie.vocabulary import patent_number

ATTRIBUTES = (
    "specversion", "id", "type", "datacontenttype", "time", "timeprecision", "recordedtime", "actoragency", "referral", "causationid",
    "follows", "exercise", "mode", "dataclass", "ttl", "traceparent",
)  # fmt: skip
"""Of an envelope, what stays as it is."""
REFERENCES = ("actorid", "actorrole", "onbehalfof", "senderref", "receiverref", "legalbasis", "consentref")
"""What becomes a pseudonym: a sender writes there what it likes."""
PROPERTIES = ("content_type", "delivery_mode", "message_id", "type", "user_id")
SYSTEMS = frozenset({*SERVICES, DOOR, "service", "system", "gateway", "operator", "player"})
"""Who acts where no person does, and as what."""
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of unified social credit codes (GB 32100)."""
BORN = date(1930, 1, 1)
UNREAD = "/unread"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")


@cache
def known_words() -> frozenset[str]:
    """Every word that the terms, the tables and the data files of the contracts have."""
    found = {term for each in vars(vocabulary).values() if isinstance(each, type) and issubclass(each, Enum) for term in each}
    files = (each for each in Path(vocabulary.__file__).parent.rglob("*.yaml"))
    return frozenset(
        {*map(str, found), *BEARING, ALL} | {word for each in files for word in _WORD.findall(each.read_text("utf-8"))}
    )


class Mask:
    """Pseudonyms under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._strange: set[str] = set()
        """Words that no list has, and that our own rules may repeat."""
        self._kinds: tuple[tuple[Any, Callable[[str], str]], ...] = (
            (CaseId, self.case), (IdentityNumber, self.identity), (CreditCode, self.credit), (Person, self.person), (Phone, self.phone),
            (Name, self.name), (Digest, self.digest), (Word, self.word), (Answered, self.answered),
            (Reason, self.reason), (Coded, self.reason),
            (Bytes, lambda value: self.body(value.encode()).decode()),
        )  # fmt: skip

    def _number(self, kind: str, value: str, below: int) -> int:
        return (
            int(hmac.new(self._key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest(), 16) % below
        )

    def _short(self, kind: str, value: str) -> str:
        return f"{self._number(kind, value, 16**10):010x}"

    def digest(self, value: str) -> str:
        """Of a hash: it could be tried out what it is of."""
        return f"{self._number('digest', value, 16**64):064x}"

    def name(self, value: str) -> str:
        """Of a name; a word that the rules know (`all`, where parties are named) is nobody's."""
        return value if value in known_words() else f"N-{self._short('name', value)}"

    def word(self, value: str) -> str:
        """Of a word of an open list: one that no rule and no list of terms has may be anything."""
        if value in known_words():
            return value
        self._strange.add(value)
        return f"w_{self._short('word', value)}"

    def reason(self, value: str) -> str:
        """Of what our rules compose of words: those that somebody else chose."""
        return _WORD.sub(lambda found: self.word(found[0]) if found[0] in self._strange else found[0], value)

    def speaker(self, value: str) -> str:
        """Of who says it: an operator is a person."""
        root, _, name = value.rpartition("/")
        return f"{root}/op_{self._short('operator', name)}" if root == "/operators" else value

    def text(self, value: str) -> str:
        """Of words, and of whatever else is written freely; a patent number becomes one with a right check digit."""
        if not value:
            return value
        found = patent_number(value, lambda digits: f"{self._number('number', value, 10 ** len(digits)):0{len(digits)}}")
        return found or f"T-{self._short('text', value)}"

    def reference(self, value: str) -> str:
        """Of who acted, and of a number: a service, or the role of a system, is nobody."""
        return value if value in SYSTEMS else self.text(value)

    def person(self, value: str) -> str:
        return f"P-{self._short('person', value).upper()}"

    def phone(self, value: str) -> str:
        return f"000-{self._number('phone', value, 10**8):08}"

    def identity(self, value: str) -> str:
        """Of a resident identity number: another, with a right check digit."""
        number = self._number("identity", value, 36_000 * 999)
        born = BORN + timedelta(days=number // 999)
        digits = f"110101{born:%Y%m%d}{number % 999 + 1:03}"
        return digits + ric.calc_check_digit(digits + "0")

    def credit(self, value: str) -> str:
        """Of a credit code: another of the same kind and place, with a right check digit."""
        number, letters = self._number("credit", value, len(LETTERS) ** 9), ""
        for _ in range(9):
            number, at = divmod(number, len(LETTERS))
            letters += LETTERS[at]
        return value[:8] + letters + str(uscc.calc_check_digit(value[:8] + letters))

    def case(self, value: str) -> str:
        """The name of a log. Those that are made of hashes of parties or bytes become others; a case keeps its id."""
        beginning = next((each for each in OWN_BEGINNINGS if value.startswith(each)), None)
        return f"{beginning}{self.digest(value)[:40]}" if beginning else value

    def answered(self, value: str) -> str:
        """Of the id of a message that a receipt answers: of one that nobody could read it may be anything."""
        return value if _ID.match(value) else self.text(value)

    def unread(self, digest: str) -> bytes:
        """In the place of what nobody could read, by the digest of its bytes."""
        return f"unreadable {self.digest(digest)}".encode()

    # --- messages

    def message(self, message: Recorded) -> Recorded:
        """A message of a recording without anybody in it."""
        headers, masked = message.headers.get(HEADER), self._valid(message.body)
        properties = {name: value for name, value in message.properties.items() if name in PROPERTIES}
        message = message._replace(
            headers={HEADER: self.case(headers)} if isinstance(headers, str) else {}, properties=properties
        )
        if masked is not None:
            return message._replace(body=masked)
        kept = {name: value for name, value in properties.items() if name not in ("message_id", "type")}
        speaker = message.key.split(".", 1)[0]  # the rest of the key its sender was free to choose
        return message._replace(body=self.body(message.body), key=f"{speaker}.unreadable", id=None, properties=kept)

    def body(self, body: bytes) -> bytes:
        """The bytes of a message, valid if they were."""
        masked = self._valid(body)
        return self.unread(hashlib.sha256(body).hexdigest()) if masked is None else masked

    def _valid(self, body: bytes) -> bytes | None:
        """Those of a valid one; None for others."""
        try:
            found = wire.loads(body)
            cls = MESSAGES[found["type"]]
            envelope.read(body)
        except (wire.Unreadable, KeyError, TypeError, envelope.Invalid):
            return None
        kept = {name: found[name] for name in ATTRIBUTES if name in found} | {"source": self.speaker(found["source"])}
        masked = {name: self.reference(found[name]) for name in REFERENCES if found.get(name)}
        cases = {name: self.case(found[name]) for name in ("subject", "correlationid") if found.get(name)}
        return msgspec.json.encode({**kept, **masked, **cases, "data": self._fields(cls, found["data"])})

    def _fields(self, cls: type, data: Mapping[str, Any]) -> dict[str, Any]:
        known = hints(cls)
        found = {name: self._value(known[name], value) for name, value in data.items() if name in known}
        if cls is Committed:
            found |= self._row(data)
        return found

    def _row(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A commit that kept what nobody could read is known by the digest of those bytes."""
        unread = data["source"] == UNREAD
        id = hashlib.sha256(self.unread(data["id"])).hexdigest() if unread else data["id"]
        return {"source": self.speaker(data["source"]), "id": id, "versions": data["versions"]}

    def _value(self, hint: Any, value: Any) -> Any:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, list):
            return [self._value(_inner(hint), each) for each in value]
        bare = disclosure.bare(hint)
        if dataclasses.is_dataclass(bare):
            return self._fields(typing.cast(type, bare), value)
        return self._string(bare, value) if isinstance(value, str) else value

    def _string(self, hint: Any, value: str) -> str:
        for kind, masked in self._kinds:
            if _same(hint, kind):
                return masked(value)
        return value if disclosure.wordless(hint) else self.text(value)


class Blank(Mask):
    """Everything that a mask would change is the same for all: two messages that differ in nothing else come out equal."""

    def __init__(self) -> None:
        super().__init__(b"")

    def _number(self, kind: str, value: str, below: int) -> int:
        return 0


def _inner(hint: Any) -> Any:
    """What a tuple holds."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _inner(next(each for each in inside if each is not type(None)))
    return inside[0] if origin is tuple else hint


def _same(hint: Any, kind: Any) -> bool:
    """Whether a hint is of that kind of string, known by its limits."""
    if typing.get_origin(hint) is not Annotated:
        return False
    limits = {id(each) for each in typing.get_args(kind)[1:]}
    return all(each in {id(limit) for limit in typing.get_args(hint)[1:]} for each in limits)
