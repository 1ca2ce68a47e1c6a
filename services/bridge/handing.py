"""The inbox as HTTP: what a poll asks for and is answered, and what an acknowledgement names."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from services.bridge.answers import faulty, refused
from services.bridge.inbox import Entry, Held
from xianjie import wire
from xianjie.envelope import Fault

LONGEST_WAIT, WAIT = 30, 20
"""Seconds that a poll may wait, and those that it does if it does not say."""
LIMIT = 10
MOST = 1000
"""Messages that one request may acknowledge."""


def asked(request: Request, most: int) -> tuple[int, int]:
    """How many messages a poll wants, and how many seconds it waits for the first; raises `Problem` with every fault."""
    faults = list[dict[str, str]]()
    limit = _number(request, "limit", min(LIMIT, most), 1, 10_000, faults)
    wait = _number(request, "wait", WAIT, 0, LONGEST_WAIT, faults)
    if faults:
        raise refused("invalid", "The request is not understood: each fault is named with its place.", faults)
    return min(limit, most), wait


def answer(messages: Sequence[Held]) -> Response:
    """The messages, each byte by byte as it is, in a JSON object."""
    rows = b",\n".join(_row(each) for each in messages)
    return Response(b'{"messages": [' + rows + b"]}", content_type="application/json")


def _row(held: Held) -> bytes:
    known: dict[str, Any] = {"id": held.id or None, "source": held.source or None, "delivery": held.handle}
    if not held.id:
        return json.dumps({**known, "message": None, "raw": base64.b64encode(held.body).decode()}).encode()
    return json.dumps(known).encode()[:-1] + b', "message": ' + held.body + b"}"


def named(raw: bytes) -> list[Entry]:
    """The entries of `{"acknowledge": [handle or {source, id}, …]}`; raises `Problem` with every fault."""
    try:
        rows = wire.loads(raw).get("acknowledge")
    except wire.Unreadable as fault:
        raise faulty([Fault(fault.pointer, fault.says)], "invalid") from None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        raise faulty([Fault("/acknowledge", f"must be a list of 1 to {MOST} handles, or objects of source and id")], "invalid")
    found = [_entry(each) for each in rows]
    if faults := [
        Fault(f"/acknowledge/{at}", "must be a handle, or an object of source and id")
        for at, each in enumerate(found)
        if not each
    ]:
        raise faulty(faults, "invalid")
    return [each for each in found if each]


def shown(entry: Entry) -> Any:
    """As it was named."""
    return entry if isinstance(entry, str) else {"source": entry[0], "id": entry[1]}


def _entry(row: Any) -> Entry | None:
    if isinstance(row, str):
        return row or None
    source, id = (row.get("source"), row.get("id")) if isinstance(row, dict) else (None, None)
    return (source, id) if isinstance(source, str) and isinstance(id, str) and source and id else None


def _number(request: Request, name: str, default: int, least: int, most: int, faults: list[dict[str, str]]) -> int:
    text = request.args.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,7}", text) and least <= int(text) <= most:
        return int(text)
    faults.append({"parameter": name, "detail": f"must be a whole number from {least} to {most}", "code": "invalid"})
    return default
