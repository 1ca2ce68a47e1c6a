"""An agency without AMQP: its key, its requests, and patience with a limit."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import jsonschema

from services.bridge import openapi
from xianjie import envelope
from xianjie.envelope import CONTENT_TYPE
from xianjie.message import Message
from xianjie.refusals import refusals
from xianjie.vocabulary import CHINA

DESCRIBED = openapi.document()


class Answer(NamedTuple):
    """What the bridge answered."""

    status: int
    body: Any
    headers: Any


class Client:
    """One agency at the bridge."""

    def __init__(self, address: str, code: str, key: str) -> None:
        self.address, self.code, self.key = address, code, key

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, with the key unless another is given."""
        named = {"Authorization": f"Bearer {self.key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        asked = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return _answer(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return _answer(answer)

    def post(self, body: bytes, **headers: str) -> Answer:
        """The bytes of a message."""
        return self.ask("POST", "/v1/messages", body, **{"Content_Type": CONTENT_TYPE, **headers})

    def written(
        self, message: Message, case: str, id: str | None = None, time: datetime | None = None, source: str = ""
    ) -> bytes:
        """A message of this agency as bytes."""
        attributes = envelope.attributes(
            message, case, source or f"/agencies/{self.code}", id or str(uuid.uuid4()), time=time or datetime.now(CHINA)
        )
        return envelope.write(attributes, message)

    def say(self, message: Message, case: str, id: str | None = None) -> str:
        """Say it, and have it taken; returns its id."""
        answer = self.post(self.written(message, case, id))
        assert answer.status == 202, answer
        return str(answer.body["id"])

    def poll(self, wait: int = 20, limit: int = 10) -> list[Any]:
        """What one poll is handed."""
        answer = self.ask("GET", f"/v1/inbox?wait={wait}&limit={limit}")
        assert answer.status == 200, answer
        return list(answer.body["messages"])

    def acknowledge(self, entries: Sequence[Any]) -> Any:
        """Acknowledge by handle, or by source and id."""
        body = json.dumps({"acknowledge": list(entries)}).encode()
        answer = self.ask("POST", "/v1/inbox/ack", body, Content_Type="application/json")
        assert answer.status == 200, answer
        return answer.body

    def hear(self, right: Callable[[Any], bool] = lambda _: True, limit: float = 30.0) -> Any:
        """The first CloudEvent that is right; everything up to it is acknowledged."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            for each in self.poll(wait=max(1, min(20, int(end - time.monotonic()))), limit=1):
                self.acknowledge([each["delivery"]])
                if right(each["message"]):
                    return each["message"]
        raise AssertionError(f"{self.code} did not hear it within {limit:g} s")

    def hear_type(self, cls: type[Message], limit: float = 30.0) -> Any:
        """The first message of that class."""
        return self.hear(lambda event: bool(event["type"] == cls.type), limit)

    def take(self, count: int, limit: float = 30.0) -> list[str]:
        """So many messages, acknowledged: their ids, in order."""
        found, end = list[str](), time.monotonic() + limit
        while len(found) < count:
            assert time.monotonic() < end, f"only {len(found)} of {count} within {limit:g} s"
            some = self.poll(wait=1, limit=count - len(found))
            if some:
                self.acknowledge([each["delivery"] for each in some])
            found += [each["id"] for each in some]
        return found


def _answer(answer: Any) -> Answer:
    raw = answer.read()
    return Answer(answer.status, json.loads(raw) if raw else None, answer.headers)


def until(look: Callable[[], Any], right: Callable[[Any], bool] = bool, limit: float = 20.0) -> Any:
    """What is seen once it is right; fails with what was seen last."""
    end = time.monotonic() + limit
    while not right(seen := look()):
        assert time.monotonic() < end, f"still {seen}"
        time.sleep(0.02)
    return seen


def ids(messages: list[Any]) -> list[str]:
    """Of what polls hand out."""
    return [each["id"] for each in messages]


def gathered(client: Client, count: int, limit: float = 20.0) -> list[Any]:
    """What polls hand out, nothing acknowledged, until there are so many."""
    found: list[Any] = []
    end = time.monotonic() + limit
    while len(found) < count:
        assert time.monotonic() < end, f"only {len(found)} of {count}"
        found += client.poll(wait=1, limit=count - len(found))
    return found


def refusal(answer: Any) -> str:
    """The code of a problem that is as the catalogue has it."""
    known = refusals()[answer.body["code"]]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.body["remedy"], answer.body["title"], answer.body["status"]) == (known.remedy, known.says, answer.status)
    assert answer.status == known.http or answer.status == 405
    assert answer.body["detail"]
    jsonschema.validate(answer.body, {"$ref": "#/components/schemas/Problem", "components": DESCRIBED["components"]})
    return str(answer.body["code"])
