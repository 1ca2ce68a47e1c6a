"""Somebody at the front door, over HTTP, and patience with a limit."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from deploy.local.network import Network
from xianjie.message import plain

from .telling import application


class Answer(NamedTuple):
    """What the door answered."""

    status: int
    body: Any
    headers: Any


class Applicant:
    """Somebody at the door."""

    def __init__(self, network: Network) -> None:
        self.root = network.front

    def ask(
        self, method: str, path: str, content: Any = None, key: str | None = None, raw: bytes | None = None, **headers: str
    ) -> Answer:
        body = raw if raw is not None else None if content is None else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        all_headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {}), **named}
        asked = urllib.request.Request(self.root + path, body, all_headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return _answer(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return _answer(answer)

    def submit(self, key: str = "", **other: Any) -> str:
        """Submit an application; returns its query code."""
        answer = self.ask("POST", "/applications", plain(application(**other)), key or str(uuid.uuid4()))
        assert answer.status == 202, answer
        return str(answer.body["code"])

    def post(self, code: str, what: str, content: Any = None, key: str = "") -> Answer:
        return self.ask("POST", f"/applications/{code}/{what}", content, key or str(uuid.uuid4()))

    def see(self, code: str) -> Answer:
        return self.ask("GET", f"/applications/{code}")

    def see_until(self, code: str, status: str) -> Any:
        """What is shown once the application stands there."""
        return until(lambda: self.see(code).body, lambda body: bool(body["status"] == status))


def _answer(answer: Any) -> Answer:
    raw = answer.read()
    return Answer(answer.status, json.loads(raw) if raw else None, answer.headers)


def until(look: Callable[[], Any], right: Callable[[Any], bool], limit: float = 10.0) -> Any:
    """What is seen once it is right; fails with what was seen last."""
    end = time.monotonic() + limit
    while not right(seen := look()):
        assert time.monotonic() < end, f"still {seen}"
        time.sleep(0.02)
    return seen
