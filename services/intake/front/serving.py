"""The front door as a part of intake's process: its routes, and what each of them does."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from prometheus_client import CollectorRegistry, Counter
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from services.chassis.answering import PATIENCE, QUIET, Problem, as_json, serve
from services.chassis.caselog import CaseLog
from services.chassis.limits import WrongTries
from services.chassis.saying import BrokerAway, Speaker
from services.chassis.store import OUTAGES
from services.intake.front import answers, codes, openapi
from services.intake.front.drafting import Drafting
from services.intake.front.limits import OneAtATime, Recent
from services.intake.front.lookup import Lookup
from services.intake.front.status import Standing, possible, shown
from xianjie.message import Message
from xianjie.messages.case import CaseAppealed, CaseSubmitted, CaseSupplemented, CaseWithdrawalAsked
from xianjie.messages.visit import VisitAnswered

LATER: dict[str, type[Message]] = {
    "supplements": CaseSupplemented, "withdrawal": CaseWithdrawalAsked, "appeal": CaseAppealed, "visit": VisitAnswered,
}  # fmt: skip
"""What an applicant may say of an application on file, by the last word of its address."""
ROUTES = Map(
    [
        Rule("/applications", endpoint="submit", methods=["POST"]),
        Rule("/applications/<code>", endpoint="standing", methods=["GET"]),
        *(Rule(f"/applications/<code>/{each}", endpoint="later", methods=["POST"], defaults={"what": each}) for each in LATER),
        Rule("/openapi.json", endpoint="openapi", methods=["GET"]),
    ],
    merge_slashes=False,
)


class Front(DependencyProvider):  # type: ignore[misc]
    """Serves `ROUTES` on `front_host` and `front_port` of the settings; port 0 means no front door."""

    def setup(self) -> None:
        self._log = next(each for each in self.container.dependencies if isinstance(each, CaseLog))
        self._socket = self.container.config["SOCKETS"].get("FRONT")

    def start(self) -> None:
        settings = self._log.settings
        if self._socket is None or not settings.front_amqp_uri:
            return
        self._wrong, self._recent, self._turns = WrongTries(), Recent(), OneAtATime()
        self._codes = codes.Codes(settings.door_key)
        self._drafting = Drafting(self._codes, settings.exercise, self._log.desk.clock.now)
        self._lookup = Lookup(self._log.store)
        self._speaker = Speaker(settings.front_amqp_uri, "door", settings.confirm_seconds, self._log.telemetry.log)
        self._asked = count_requests(self._log.telemetry.registry)
        self._busy = 0
        self._openapi = openapi.document()
        self.container.spawn_managed_thread(self._speaker.run, identifier="front says")
        self.container.spawn_managed_thread(self._serve, identifier="front")

    def stop(self) -> None:
        """Take no more requests; those under way are still answered, and what they say is said."""
        if self._socket is None:
            return
        self._socket.close()
        with eventlet.Timeout(PATIENCE, False):
            while self._busy:
                eventlet.sleep(0.02)
        self._speaker.stop()

    def _serve(self) -> None:
        site: Any = ProxyFix(self._answer, x_for=self._log.settings.front_proxies)
        serve(self._socket, site)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, route = time.perf_counter(), "none"
        self._busy += 1
        try:
            route, arguments = ROUTES.bind_to_environ(environ).match()
            response: Response = getattr(self, route)(Request(environ), **arguments)
        except HTTPException as refused:
            response = answers.of_http(refused).response()
        except Problem as refused:
            response = refused.response()
        except (BrokerAway, *OUTAGES):
            response = answers.away().response()
        except Exception as fault:  # the last wall: its text may hold what is personal, so only its name is told
            self._log.telemetry.log.error("front failed", route=route, error=fault.__class__.__name__)
            response = Problem(500, "Something went wrong here", "It is noted. Try again later.").response()
        finally:
            self._busy -= 1
        response.headers.update(QUIET)
        self._asked.labels(route, response.status_code).inc()
        ms = round((time.perf_counter() - began) * 1000, 1)
        self._log.telemetry.log.info("front", route=route, status=response.status_code, ms=ms)
        return response(environ, start_response)

    # --- routes

    def submit(self, request: Request) -> Response:
        """A new application, or the same one again: 202 with the query code, the same each time."""
        draft = self._drafting.application(request)
        application, query_hash = draft.heard.message, codes.hash_of(draft.code)
        assert isinstance(application, CaseSubmitted)
        with self._turns.turn(draft.heard.id):
            known = self._known(draft.case, query_hash)
            if known is None:
                self._speaker.say(draft.spoken)
                self._recent.put(query_hash, draft.case, application)
        if known not in (None, application):
            raise answers.used_before("application")
        return _taken(draft.code)

    def standing(self, request: Request, code: str) -> Response:
        """Where an application stands."""
        return as_json(shown(self._find(request, code), codes.grouped(codes.plain(code))))

    def later(self, request: Request, code: str, what: str) -> Response:
        """A supplement, a withdrawal, an appeal, the answer to a return visit: 202 if the case may take it as it stands."""
        standing = self._find(request, code)
        draft = self._drafting.later(request, LATER[what], standing.case, what)
        with self._turns.turn(draft.heard.id):
            sent = self._recent.get(draft.heard.id)
            known = sent.message if sent else self._lookup.said(standing.case, draft.heard.id)
            if known is None:
                if standing.received is None:
                    detail = "The application is still being put on file. Send this again in a moment."
                    raise Problem(409, "Too early", detail, headers={"Retry-After": "2"})
                if why := possible(standing.state, draft.heard, self._log.desk.clock.now()):
                    raise Problem(409, "Not possible now", why)
                self._speaker.say(draft.spoken)
                self._recent.put(draft.heard.id, standing.case, draft.heard.message)
        if known not in (None, draft.heard.message):
            raise answers.used_before("message")
        return _taken(codes.grouped(codes.plain(code)), what)

    def openapi(self, _: Request) -> Response:
        """The description of all this, for programs."""
        return as_json(self._openapi)

    # --- what is known

    def _known(self, case: str, query_hash: str) -> CaseSubmitted | None:
        """The application that came in under this case id before, if the database can tell; a double does no harm."""
        if (sent := self._recent.get(query_hash)) and isinstance(sent.message, CaseSubmitted):
            return sent.message
        try:
            state = self._lookup.state(case)
        except OUTAGES:
            return None
        return state.application if state else None

    def _find(self, request: Request, code: str) -> Standing:
        """The case under a query code; the same refusal, after the same work, for every wrong one."""
        address = request.remote_addr or ""
        if wait := self._wrong.wait(address):
            detail = "Too many wrong query codes came from your address. Try again in a minute."
            raise Problem(429, "Too many wrong codes", detail, headers={"Retry-After": str(wait)})
        query_hash = codes.hash_of(code)
        found = self._lookup.by_code(query_hash)
        sent = self._recent.get(query_hash)
        if found:
            self._recent.drop(query_hash)
            return found
        if sent is None:
            self._wrong.count(address)
            raise answers.unknown_code()
        return Standing(sent.case, self._log.rules.initial(sent.case))


def count_requests(registry: CollectorRegistry) -> Counter:
    """The door's metric, which intake's own door shows with the others."""
    return Counter("front_requests", "Requests at the front door", ["route", "status"], namespace="xianjie", registry=registry)


def _taken(code: str, what: str | None = None) -> Response:
    content = {"code": code, "status": "received"} if what is None else {"code": code, "taken": what}
    return as_json(content, 202, Location=f"/applications/{code}")
