"""A message on its way: what the broker and its hearer have against it, by one contract."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xianjie.compatibility.contract import AGENCY, JOURNAL, Contract, Json, Operation
from xianjie.compatibility.schema import Schema, same
from xianjie.compatibility.specimens import fitted

EXAMPLE = "CN-EXAMPLE"
"""The agency whose permissions stand for everybody's in a document."""
Objection = tuple[str, str]
"""Where in the document, and what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A message on its way: bytes as JSON, what the broker is told beside them, and where it goes."""

    message: Json
    headers: Json
    content_type: str
    exchange: str | None
    key: str | None
    queue: str | None
    said_by: str
    heard_by: str
    declared: Json = field(default_factory=dict)
    answers: str | None = None
    """The operation that it answers."""

    def plain(self) -> Json:
        """For programs and people."""
        found = {
            "message": self.message, "headers": self.headers, "content_type": self.content_type, "exchange": self.exchange,
            "routing_key": self.key, "queue": self.queue, "said_by": self.said_by, "heard_by": self.heard_by, "answers": self.answers,
            "declared": self.declared,
        }  # fmt: skip
        return {name: each for name, each in found.items() if each is not None}


ROLE_SOURCES = {
    AGENCY: ("agencies/[A-Z0-9][A-Z0-9-]{2,31}", "agencies/CN-SH-IPO"), "operator": ("operators/[a-z][a-z0-9_]{0,31}", "operators/duty"),
    "player": ("players/[a-z][a-z0-9_]{0,31}", "players/player"),
}  # fmt: skip
"""By role: how its `source` goes on behind the first stroke, and one that does."""


def sources(roles: list[str]) -> Schema:
    """What `source` is where one of these roles speaks."""
    forms = "|".join(ROLE_SOURCES.get(each, (f"services/{each}",))[0] for each in roles)
    return {"properties": {"source": {"pattern": f"^/(?:{forms})$"}}}


def source_of(role: str) -> str:
    """A `source` of that role."""
    return "/" + ROLE_SOURCES.get(role, ("", f"services/{role}"))[1]


def routing_key(address: str, kind: str, speaker: str, hearer: str) -> str:
    """A key of the form `address` for a type; a word in braces that nobody knows stays."""
    noun, verb, version = (*kind.removeprefix("xianjie.").split("."), "", "")[:3]
    words = {
        "speaker": speaker,
        "noun": noun,
        "verb": verb,
        "version": version.removeprefix("v"),
        "hearer": hearer,
        "code": hearer,
    }
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), address)


def carried(
    contract: Contract, key: str, message: Json, speaker: str, hearer: str, headers: Json | None = None
) -> Carried | None:
    """A message as `speaker` says it to `hearer` by this contract; None if it does not. `headers`: others than those that fit."""
    says = contract.spoken(key, speaker, hearer)
    if says is None:
        return None
    channel, code = says.channel, str(message.get("source", "")).rsplit("/", 1)[-1]
    if headers is None:
        headers = fitted(contract.headers(key), {"case": message.get("subject")})
    word = code if speaker == AGENCY else speaker
    to = EXAMPLE if hearer == AGENCY else hearer
    form = routing_key(channel.address, contract.messages[key].type, word, to)
    return Carried(
        message=message, headers=headers, content_type=contract.messages[key].content_type, exchange=channel.exchange,
        key=form if channel.exchange else None, queue=form if not channel.exchange else None, said_by=speaker, heard_by=hearer,
        declared=channel.declared,
    )  # fmt: skip


def objections(contract: Contract, sent: Carried) -> list[Objection]:
    """Everything that is wrong with a message by this contract, its headers and its body included; none if it arrives and is taken."""
    key = contract.key_of(sent.message.get("type"))
    if key is None:
        return [("/type", "knows no such type")]
    found = list(_on_the_way(contract, key, sent))
    if sent.content_type != contract.messages[key].content_type:
        found.append((f"#/components/messages/{key}/contentType", f"takes {contract.messages[key].content_type} alone"))
    for where, domain, value in (("headers:", contract.headers(key), sent.headers), ("", contract.payload(key), sent.message)):
        for each in domain.schemas.refusals(domain.parts, value):
            found.append((where + "".join(f"/{step}" for step in each.absolute_path), each.message[:160]))
    return found


def _on_the_way(contract: Contract, key: str, sent: Carried) -> Iterator[Objection]:
    """Who may say it where, and whether anybody hears it there."""
    if sent.said_by not in contract.speakers(key):
        yield f"#/operations/{sent.said_by}.says", f"{sent.said_by} may not say {key}"
        return
    hearers = contract.hearers(key)
    says = contract.spoken(key, sent.said_by, sent.heard_by)
    if says is None and sent.heard_by != AGENCY and "{hearer}" not in _form(contract, key, sent.said_by):
        others = (contract.spoken(key, sent.said_by, each) for each in hearers if each != JOURNAL)
        says = next((each for each in others if each), None)
    if says is None:
        yield f"#/operations/{sent.heard_by}.hears", f"{sent.heard_by} does not hear {key}"
        return
    yield from _there(contract, key, says, sent)
    yield from _permitted(contract, key, says, sent)
    if sent.answers:
        yield from _answered(contract, key, says, sent)


def _form(contract: Contract, key: str, speaker: str) -> str:
    """The forms of keys under which somebody says a message, all together."""
    return " ".join(
        each.channel.address for each in contract.operations if each.says and each.role == speaker and key in each.messages
    )


def _there(contract: Contract, key: str, says: Operation, sent: Carried) -> Iterator[Objection]:
    """Exchange, key, queue, and how they are declared."""
    channel = says.channel
    where = f"#/channels/{channel.name}"
    wanted = carried(contract, key, sent.message, sent.said_by, sent.heard_by, sent.headers) or sent
    if channel.exchange != sent.exchange:
        yield f"{where}/bindings/amqp/exchange/name", f"is heard on {channel.exchange or channel.queue} alone"
    elif (sent.key, sent.queue) != (wanted.key, wanted.queue):
        yield f"{where}/address", f"is heard as {wanted.key or wanted.queue} alone"
    elif not same(channel.declared, sent.declared):
        yield f"{where}/bindings/amqp", "is declared otherwise, which the broker refuses"


def _permitted(contract: Contract, key: str, says: Operation, sent: Carried) -> Iterator[Objection]:
    """What the broker lets the speaker write, and the agency read."""
    may, name = says.permissions, f"#/operations/{says.name}/x-permissions"
    code = str(sent.message.get("source", "")).rsplit("/", 1)[-1]
    if sent.exchange and may:
        if not _matches(may.get("write"), sent.exchange, code):
            yield f"{name}/write", f"{sent.said_by} may not publish to {sent.exchange}"
        form = may.get("routing_keys", {}).get(sent.exchange)
        topic = sent.declared.get("exchange", {}).get("type") == "topic"
        if topic and not _matches(form, str(sent.key), code):
            yield f"{name}/routing_keys", f"{sent.said_by} may not publish there as {sent.key}"
    hears = contract.hearing(key, sent.heard_by, says.channel.name)
    if sent.queue and hears and hears.permissions and not _matches(hears.permissions.get("read"), sent.queue, EXAMPLE):
        yield f"#/operations/{hears.name}/x-permissions/read", f"{sent.heard_by} may not read {sent.queue}"


def _matches(pattern: Any, name: str, code: str) -> bool:
    """Whether a permission, written for the example agency, holds for this name."""
    form = str(pattern or "^$").replace(re.escape(EXAMPLE), re.escape(code)).replace(EXAMPLE, code)
    return re.search(form, name) is not None


def _answered(contract: Contract, key: str, says: Operation, sent: Carried) -> Iterator[Objection]:
    promised = next((each.reply for each in contract.operations if each.name == sent.answers), None)
    if promised is None or key not in promised[1] or promised[0] != says.channel.name:
        yield f"#/operations/{sent.answers}/reply", f"{key} is not promised as an answer"
