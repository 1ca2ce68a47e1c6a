"""The read-only HTTP door of a service: health, metrics, its part of a case, its due clocks, its parked cases. Nothing personal."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import eventlet
import eventlet.wsgi
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from services.chassis.caselog import CaseLog
from services.chassis.listening import AWAY
from services.chassis.parking import trouble
from services.chassis.verifying import faults
from xianjie import wire

PAGE = 200
PATIENCE = 30
"""Seconds that a client may take between two bytes, or between two requests on one connection."""
_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
ROUTES = Map(
    [Rule(f"/{each}", endpoint=each) for each in ("live", "ready", "metrics", "cases", "clocks", "parked", "kept", "unsaid")]
)
ROUTES.add(Rule("/cases/<case>", endpoint="case"))
ROUTES.add(Rule("/verify/<case>", endpoint="verify"))


class Door(DependencyProvider):  # type: ignore[misc]
    """Serves `ROUTES` on the address of the settings; port 0 means no door."""

    def setup(self) -> None:
        self.log = next(each for each in self.container.dependencies if isinstance(each, CaseLog))
        self._socket: Any = None

    def start(self) -> None:
        settings = self.log.settings
        if settings.door_port:
            self._socket = eventlet.listen((settings.door_host, settings.door_port))
            self.container.spawn_managed_thread(self._serve, identifier="door")

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _serve(self) -> None:
        try:
            eventlet.wsgi.server(
                self._socket, self._answer, log_output=False, debug=False, keepalive=PATIENCE, socket_timeout=PATIENCE
            )
        except OSError:
            return

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        try:
            endpoint, arguments = ROUTES.bind_to_environ(environ).match(
                method="GET" if request.method == "HEAD" else request.method
            )
            if request.method not in ("GET", "HEAD"):
                raise MethodNotAllowed(["GET", "HEAD"], "this door is for reading")
            response = getattr(self, f"show_{endpoint}")(request, **arguments)
        except HTTPException as refused:
            response = problem(refused.code or 500, refused.name, refused.description or "")
        except AWAY as fault:
            response = problem(503, "the database is away", fault.__class__.__name__)
        except Exception as fault:
            self.log.telemetry.log.error("door", error=trouble(fault, request.path[:100]).error)
            response = problem(500, "this should not happen", fault.__class__.__name__)
        return response(environ, start_response)  # type: ignore[no-any-return]

    def show_live(self, _: Request) -> Response:
        return as_json({"alive": self.log.alive()}, 200 if self.log.alive() else 503)

    def show_ready(self, _: Request) -> Response:
        return as_json(
            {"ready": self.log.ready(), "service": self.log.service, "away": self.log.away}, 200 if self.log.ready() else 503
        )

    def show_metrics(self, _: Request) -> Response:
        return Response(generate_latest(self.log.telemetry.registry), content_type=CONTENT_TYPE_LATEST)

    def show_cases(self, request: Request) -> Response:
        """A page of cases, by case id: `?after=<case>&limit=`."""
        wanted: dict[str, Any] = {"head": True}
        if after := request.args.get("after"):
            wanted["case"] = {"$gt": _case(after, "after")}
        limit = _number(request, "limit", PAGE, least=1)
        found = self.log.store.log.find(wanted, {"case": 1, "n": 1, "now": 1, "due": 1, "glance": 1}).sort("case", 1).limit(limit)
        heads: dict[str, dict[str, Any]] = {}
        for each in found:
            if each["case"] not in heads or heads[each["case"]]["n"] < each["n"]:
                heads[each["case"]] = each
        for each in heads.values():
            each["glance"] = {name: value for name, value in each["glance"].items() if name not in self.log.rules.index}
        return as_json([_without_id(each) for each in heads.values()])

    def show_case(self, _: Request, case: str) -> Response:
        """Every commit of a case, with types, identities and moments; what is personal in the bodies is left out."""
        return as_json([_commit(each) for each in self._commits(case)])

    def _commits(self, case: str) -> list[dict[str, Any]]:
        found = self.log.store.commits(_case(case, "case"))
        if not found:
            raise NotFound(f"{self.log.service} knows no case {case}")
        return found

    def show_clocks(self, _: Request) -> Response:
        found = self.log.store.log.find({"due": {"$exists": True}}, {"case": 1, "due": 1}).sort("due", 1).limit(PAGE)
        return as_json([_without_id(each) for each in found])

    def show_parked(self, request: Request) -> Response:
        """A page of parked cases, longest waiting first, and all of them grouped by what went wrong: `?skip=&limit=`."""
        skip, limit = _number(request, "skip", 0, least=0), _number(request, "limit", PAGE, least=1)
        return as_json(self.log.desk.parking.summary(skip, limit))

    def show_kept(self, request: Request) -> Response:
        """What could not be read: its faults, never its bytes."""
        found = (
            self.log.store.log.find({"outcome": "kept"}, {"case": 1, "now": 1, "faults": 1, "routing_key": 1})
            .sort("at", -1)
            .limit(PAGE)
        )
        return as_json(
            {"count": self.log.store.log.count_documents({"outcome": "kept"}), "last": [_without_id(each) for each in found]}
        )

    def show_unsaid(self, _: Request) -> Response:
        oldest = self.log.store.log.find_one({"unsent": True}, {"at": 1}, sort=[("at", 1)])
        return as_json(
            {"count": self.log.store.log.count_documents({"unsent": True}), "oldest": oldest["at"] if oldest else None}
        )

    def show_verify(self, _: Request, case: str) -> Response:
        """Contiguity, hash chain and state of one case, refolded from the start."""
        return as_json({"case": case, "faults": faults(self._commits(case), self.log.rules)})


def _commit(document: dict[str, Any]) -> dict[str, Any]:
    said = [
        {"id": each["id"], "type": each["type"], "key": each["k"], "case": each["case"], **_shown(each["body"])}
        for each in document["said"]
    ]
    kept = document["outcome"] == "kept"  # nobody knows what is in it
    heard = {"unreadable": True, "faults": document["faults"]} if kept else _shown(document["heard"])
    return {
        "n": document["n"], "now": document["now"], "cause": document["cause"], "type": document["type"], "outcome": document["outcome"],
        "status": document["status"], "hash": document["hash"], "unsent": bool(document.get("unsent")), "heard": heard, "said": said,
        "exchange": document.get("exchange"),
    }  # fmt: skip


_PERSONAL = frozenset(
    {"application", "applicant", "respondents", "summary", "submitted", "papers", "phone", "query_hash", "body"}
)


def _shown(body: bytes) -> dict[str, Any]:
    """Attributes and data of a message, without what is personal."""
    try:
        found = wire.loads(bytes(body))
    except wire.Unreadable:
        return {"unreadable": True}
    data = {name: value for name, value in dict(found.get("data") or {}).items() if name not in _PERSONAL}
    kept = ("type", "source", "time", "timeprecision", "follows", "referral", "mode")
    return {**{name: found[name] for name in kept if name in found}, "data": data}


def _case(text: str, where: str) -> str:
    if not _CASE.fullmatch(text):
        raise BadRequest(f"{where}: {text[:80]!r} is not a case id (1 to 64 of A-Z, a-z, 0-9, _ and -)")
    return text


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) < least:
        raise BadRequest(f"{name}: {text[:80]!r} is not a whole number from {least} to 9999999")
    return min(int(text), PAGE) if name == "limit" else int(text)


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "_id"}


def as_json(content: Any, status: int = 200) -> Response:
    """A JSON response; moments as ISO 8601."""

    def moment(value: Any) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return Response(json.dumps(content, default=moment, ensure_ascii=False), status, content_type="application/json")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as RFC 9457 says."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")
