"""The read-only HTTP door of a service: health, metrics, its part of a case, its due clocks, its parked cases. Nobody's words."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from services.chassis import showing
from services.chassis.answering import as_json, problem, serve
from services.chassis.caselog import CaseLog
from services.chassis.delivery import UNROUTED
from services.chassis.listening import AWAY
from services.chassis.parking import trouble
from services.chassis.settings import Shown
from services.chassis.store import Document
from services.chassis.verifying import Check

PAGE = 200
_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FINGERPRINT = re.compile(r"[A-Za-z0-9-]{1,64}")
ROUTES = Map(
    [Rule(f"/{each}", endpoint=each) for each in ("live", "ready", "metrics", "cases", "clocks", "parked", "kept", "unsaid")]
)
ROUTES.add(Rule("/cases/<case>", endpoint="case"))
ROUTES.add(Rule("/verify/<case>", endpoint="verify"))


class Unbound(Exception):
    """An address that this machine does not have, or that is taken."""


def bound(settings: Shown) -> dict[str, Any]:
    """A listening socket for each door that the settings open, by name; raises `Unbound`, naming the settings.

    Before anything else starts: nameko starts its extensions in green threads, where eventlet may print a traceback of what is raised.
    """
    found: dict[str, Any] = {}
    for which, (host, port) in settings.doors().items():
        try:
            found |= {which: eventlet.listen((host, port))} if port else {}
        except OSError as fault:
            why = f"{host} port {port} cannot be listened on: {fault.strerror or fault}"
            raise Unbound(f"{why}. Set XIANJIE_{which}_HOST and XIANJIE_{which}_PORT") from None
    return found


class Door(DependencyProvider):  # type: ignore[misc]
    """Serves `ROUTES` on the address of the settings; port 0 means no door."""

    def setup(self) -> None:
        self.log = next(each for each in self.container.dependencies if isinstance(each, CaseLog))
        self._socket = self.container.config["SOCKETS"].get("DOOR")

    def start(self) -> None:
        if self._socket is not None:
            self.container.spawn_managed_thread(self._serve, identifier="door")

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _serve(self) -> None:
        serve(self._socket, self._answer)

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
        """A page of cases, by case id: `?after=<case>&limit=`. `held`: how many messages wait in it for another."""
        wanted: dict[str, Any] = {"head": True}
        if after := request.args.get("after"):
            wanted["case"] = {"$gt": case_id(after, "after")}
        limit = _number(request, "limit", PAGE, least=1)
        found = (
            self.log.store.log.find(wanted, {"case": 1, "n": 1, "now": 1, "due": 1, "glance": 1, "waits": 1})
            .sort("case", 1)
            .limit(limit)
        )
        heads: dict[str, dict[str, Any]] = {}
        for each in found:
            if each["case"] not in heads or heads[each["case"]]["n"] < each["n"]:
                heads[each["case"]] = each
        for each in heads.values():
            each["held"] = len(each.pop("waits", ()))
            each["glance"] = {name: value for name, value in each["glance"].items() if name not in self.log.rules.index}
        return as_json([_without_id(each) for each in heads.values()])

    def show_case(self, request: Request, case: str) -> Response:
        """The commits of a case in order, without anybody's words: a page of them, `?after=<n>&limit=`, or all of them as a stream."""
        after, limit = _number(request, "after", 0, least=0), _number(request, "limit", PAGE, least=1)
        if request.args.keys() & {"after", "limit"}:
            page = [showing.commit(each) for each in self.log.store.commits(case_id(case, "case"), after, limit)]
            if not page:
                self._known(case)
            return as_json(page)
        self._known(case)
        return Response(self._all(case), content_type="application/json")

    def _known(self, case: str) -> None:
        if not next(self.log.store.commits(case_id(case, "case"), 0, 1), None):
            raise NotFound(f"{self.log.service} knows no case {case}")

    def _all(self, case: str) -> Iterator[str]:
        """A JSON list, written as it is read. If the database goes away meanwhile it stays open, and is no JSON."""
        try:
            for each in self._commits(case):
                yield ("[" if each["n"] == 1 else ",\n") + showing.text(showing.commit(each))
            yield "]"
        except AWAY as fault:
            self.log.telemetry.log.warning("door", error=fault.__class__.__name__)

    def _commits(self, case: str, *, states: bool = False) -> Iterator[Document]:
        """The whole log of a case, never all of it in memory; the service goes on with its messages in between."""
        for each in self.log.store.commits(case, states=states):
            eventlet.sleep(0)
            yield each

    def show_clocks(self, _: Request) -> Response:
        found = self.log.store.log.find({"due": {"$exists": True}}, {"case": 1, "due": 1}).sort("due", 1).limit(PAGE)
        return as_json([_without_id(each) for each in found])

    def show_parked(self, request: Request) -> Response:
        """Parked cases, longest waiting first: a page, `?after=<at>,<case>/<k>&limit=`, of one `fingerprint=` or one `case=`.

        Without `after` and `case`, all of them are grouped by what went wrong as well.
        """
        asked, parking = request.args, self.log.desk.parking
        after, case, fingerprint = asked.get("after"), asked.get("case"), asked.get("fingerprint")
        if fingerprint is not None and not _FINGERPRINT.fullmatch(fingerprint):
            raise BadRequest(f"fingerprint: {fingerprint[:80]!r} is none")
        limit = _number(request, "limit", PAGE, least=1)
        found = parking.page(limit, _place(after) if after else None, fingerprint, case_id(case, "case") if case else None)
        groups = [] if after or case else parking.groups()
        return as_json({"groups": groups, "cases": [showing.parked(each) for each in found]})

    def show_kept(self, request: Request) -> Response:
        """What could not be read, or reached nobody: its faults, never its bytes."""
        wanted = {"outcome": "kept"}
        shown = {"case": 1, "now": 1, "faults": 1, "routing_key": 1, "type": 1}
        log = self.log.store.log
        found = log.find(wanted, shown).sort("at", -1).limit(PAGE)
        undelivered = log.count_documents({**wanted, "type": UNROUTED})
        return as_json(
            {"count": log.count_documents(wanted), "undelivered": undelivered, "last": [showing.kept(each) for each in found]}
        )

    def show_unsaid(self, _: Request) -> Response:
        oldest = self.log.store.log.find_one({"unsent": True}, {"at": 1}, sort=[("at", 1)])
        return as_json(
            {"count": self.log.store.log.count_documents({"unsent": True}), "oldest": oldest["at"] if oldest else None}
        )

    def show_verify(self, _: Request, case: str) -> Response:
        """Numbers, hash chain and state of one case, refolded from the start. Spaces come first, so that who asks knows of the work."""
        self._known(case)
        return Response(self._verified(case), content_type="application/json")

    def _verified(self, case: str) -> Iterator[str]:
        check = Check(self.log.rules)
        try:
            for each in self._commits(case, states=True):
                check.take(each)
                if each["n"] % PAGE == 0:
                    yield " "
            found = check.faults()
        except AWAY as fault:
            found = [f"could not be checked to its end: the database is away ({fault.__class__.__name__})"]
        except Exception as fault:
            found = [f"could not be checked to its end: {trouble(fault, 'verify').error}"]
        yield showing.text({"case": case, "faults": found})


def case_id(text: str, where: str) -> str:
    if not _CASE.fullmatch(text):
        raise BadRequest(f"{where}: {text[:80]!r} is not a case id (1 to 64 of A-Z, a-z, 0-9, _ and -)")
    return text


def _place(text: str) -> tuple[datetime, str]:
    """Where a page of parked cases begins: the moment and the row of the last one before."""
    moment, _, row = text.partition(",")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}/[0-9]{1,10}", row):
        raise BadRequest(f"after: {text[:80]!r} is not <at>,<case>/<k> of a parked case, with the moment as the door writes it")
    return at, row


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) < least:
        raise BadRequest(f"{name}: {text[:80]!r} is not a whole number from {least} to 9999999")
    return min(int(text), PAGE) if name == "limit" else int(text)


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "_id"}
