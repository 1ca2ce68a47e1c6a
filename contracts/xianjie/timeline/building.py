"""From the commits that the services' doors show to one timeline: ordered by cause, each message told in a line."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from xianjie.message import SERVICES
from xianjie.timeline.shape import Entry, Timeline, moment
from xianjie.timeline.unfolding import unfold
from xianjie.vocabulary import Mode

Commit = dict[str, Any]


def build(case: str, commits: Mapping[str, list[Commit]]) -> Timeline:
    """The timeline of `case` from the commits of each service that knows it."""
    timeline, heard = Timeline(case), dict[str, Entry]()
    for service, commit in in_order(commits):
        now, cause = moment(commit["now"]), commit["cause"]["id"]
        if _from_outside(commit):
            heard[cause] = _heard(service, commit, now)
            timeline.entries.append(heard[cause])
            timeline.test = timeline.test or commit["heard"].get("mode") == Mode.TEST
        for said in commit["said"]:
            _answer(heard, cause, said)
            _say(timeline, service, said, now)
    return timeline


def in_order(commits: Mapping[str, list[Commit]]) -> Iterator[tuple[str, Commit]]:
    """All commits as they happened: by their moments, but never an effect before its cause."""
    queues = {service: list(commits[service]) for service in sorted(commits, key=_place)}
    unsaid = {said["id"] for each in queues.values() for commit in each for said in commit["said"]}
    while any(queues.values()):
        heads = [service for service, each in queues.items() if each]
        ready = [service for service in heads if queues[service][0]["cause"]["id"] not in unsaid] or heads
        chosen = min(ready, key=lambda service: moment(queues[service][0]["now"]))
        commit = queues[chosen].pop(0)
        unsaid -= {said["id"] for said in commit["said"]}
        yield chosen, commit


def _place(service: str) -> int:
    return SERVICES.index(service) if service in SERVICES else len(SERVICES)


def _from_outside(commit: Commit) -> bool:
    source: str = commit["cause"]["source"]
    return source.startswith(("/agencies/", "/operators/")) or source == "/services/door"


def _name(type: str) -> str:
    return type.removeprefix("xianjie.").rpartition(".v")[0] or type


def _heard(service: str, commit: Commit, now: datetime) -> Entry:
    heard = commit["heard"]
    at = heard.get("time")
    data = heard.get("data", {})
    return Entry(
        at=moment(at) if at else None, precision=heard.get("timeprecision", "second"), now=now,
        speaker=commit["cause"]["source"].rsplit("/", 1)[1], type=commit["type"], to=service, leg=data.get("leg"),
        text=_words(data), id=commit["cause"]["id"], status=commit["status"],
    )  # fmt: skip


def _answer(heard: dict[str, Entry], cause: str, said: dict[str, Any]) -> None:
    """What somebody from outside was answered: by receipt, or, where none is given, by the note in the log."""
    name, data = _name(said["type"]), said.get("data", {})
    entry = heard.get(data.get("to", "")) if name == "receipt.given" else heard.get(cause) if name == "log.noted" else None
    if entry:
        entry.status = data.get("status", entry.status)
        entry.answer = " ".join(filter(None, (data.get("ground"), data.get("text")))) or entry.answer


def _say(timeline: Timeline, service: str, said: dict[str, Any], now: datetime) -> None:
    name, data = _name(said["type"]), said.get("data", {})
    if not name.startswith(("log.", "receipt.")):
        about = data.get("leg") or (data["clock"].split("/")[0] if name.startswith("sla.") else None)
        made = Entry(now, "second", now, service, name, _hearer(said["key"]), about, _words(data), said["id"])
        timeline.entries.append(made)
    if said["case"] == timeline.case:
        unfold(timeline, name, data, now)


def _hearer(key: str) -> str | None:
    """To whom a message went, by its routing key."""
    words = key.split(".")
    if words[0] in SERVICES:
        return words[-1] if words[-1] in SERVICES and len(words) > 4 else None
    return words[0]


TELLING = (
    "verdict", "result", "track", "kind", "step", "status", "state", "stage", "outcome", "how", "clock", "due", "to", "owner",
    "receiver", "sender", "by", "agreed", "ground", "fact", "row", "rule", "reference", "address", "text", "children", "child", "other", "tries",
)  # fmt: skip
"""Which fields of a message say in a line what it is about, in this order."""


def _words(data: dict[str, Any]) -> str:
    """The gist of a message's data: short, in the contract's own words."""
    found = [(name, data[name]) for name in TELLING if data.get(name) not in (None, "", [], False)]
    return " · ".join(_word(name, value) for name, value in found)[:300]


def _word(name: str, value: Any) -> str:
    if name == "due":
        return f"due {moment(value):%Y-%m-%d}"
    if isinstance(value, bool | int):
        return f"{name} {str(value).lower()}"
    if isinstance(value, list):
        return f"{len(value)} {name}"
    return f"{name} {value}" if name in ("to", "row", "by", "reference", "address") else str(value)
