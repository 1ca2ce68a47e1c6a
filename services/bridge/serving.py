"""The door for agencies as a part of the bridge's process: its routes, and what each of them does."""

import signal
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from services.bridge import answers, handing, openapi, taking
from services.bridge.agencies import Agencies
from services.bridge.counting import Counted
from services.bridge.hearing import Inboxes
from services.bridge.inbox import Box
from services.bridge.knowing import Knowing
from services.bridge.settings import NAME, BridgeSettings
from services.bridge.webhooks import Webhooks
from services.chassis import answering
from services.chassis.answering import QUIET, Broken, Problem, TooLarge, as_json, serve
from services.chassis.saying import BrokerAway, Forbidden, Speaker
from services.chassis.telemetry import log_to_stdout
from xianjie.envelope import CONTENT_TYPE
from xianjie.vocabulary import CHINA

BODY_SECONDS = 20
"""Seconds in which a body must have arrived, however it trickles."""
AT_ONCE = 20
"""Polls of one agency that may be under way; and so many other requests, which no poll keeps waiting."""
ROUTES = Map(
    [
        Rule("/v1/messages", endpoint="say", methods=["POST"]),
        Rule("/v1/inbox", endpoint="hear", methods=["GET"]),
        Rule("/v1/inbox/ack", endpoint="acknowledge", methods=["POST"]),
        Rule("/openapi.json", endpoint="describe", methods=["GET"]),
    ],
    merge_slashes=False,
)


class Serving(DependencyProvider):  # type: ignore[misc]
    """Serves `ROUTES` on `bridge_host` and `bridge_port` of the settings."""

    def setup(self) -> None:
        settings: BridgeSettings = self.container.config["SETTINGS"]
        self._settings, self._socket = settings, self.container.config["SOCKETS"]["BRIDGE"]
        self._log = log_to_stdout(settings.log_level).bind(service=NAME)
        self.counted = Counted()
        self._agencies = Agencies(Path(settings.bridge_agencies), self._log)
        self._knowing = Knowing(self._agencies)
        self.inboxes = Inboxes(settings.amqp_uri, settings.bridge_prefetch, self._box, self._log)
        self._speaker = Speaker(settings.amqp_uri, NAME, settings.confirm_seconds, self._log, mandatory=True)
        spawn = self.container.spawn_managed_thread
        self._webhooks = Webhooks(settings, self._agencies, self.inboxes, self.counted, self._log, spawn)
        self._busy: Tally[tuple[str, bool]] = Tally()
        """By agency, and whether it polls, the requests that are under way."""
        inboxes, busy = self.inboxes, self._busy
        self.counted.watch(inboxes.oldest, lambda: inboxes.away, lambda: len(inboxes.absent), busy.total)
        self._openapi = openapi.document()
        self._stopping = False

    def start(self) -> None:
        self._log.info("started", settings=self._settings.redacted())
        self._agencies.changed = self._changed
        self._changed()
        signal.signal(signal.SIGHUP, lambda *_: self._agencies.ask())
        for name, run in (("says", self._speaker.run), ("hears", self.inboxes.run), ("serves", self._serve)):
            self.container.spawn_managed_thread(run, identifier=name)
        self._watching = eventlet.spawn(self._agencies.watch, eventlet.sleep)

    def stop(self) -> None:
        """Take no more requests; polls end empty, what is under way is answered, and what is not acknowledged goes back."""
        self._stopping = True
        self._socket.close()
        self._watching.kill()
        for each in self.inboxes.boxes.values():
            each.shut()
        self._webhooks.stop()
        with eventlet.Timeout(answering.PATIENCE, False):
            while self._busy.total():
                eventlet.sleep(0.02)
        self._speaker.stop()
        self.inboxes.stop()
        self._log.info("drained")

    def _box(self, _: str) -> Box:
        box = Box(self._settings.bridge_visibility_seconds)
        box.again = self.counted.again.inc
        return box

    def _changed(self) -> None:
        self.counted.agencies.set(len(list(self._agencies)))
        self.inboxes.serve([each.code for each in self._agencies])
        self._webhooks.changed()

    def _serve(self) -> None:
        serve(self._socket, ProxyFix(self._answer, x_for=self._settings.bridge_proxies))

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, request = time.perf_counter(), Request(environ)
        told: dict[str, Any] = {"route": "none"}
        response = self._response(request, told)
        self._let_finish(request)
        response.headers.update(QUIET)
        self.counted.requests.labels(told["route"], response.status_code).inc()
        ms = round((time.perf_counter() - began) * 1000, 1)
        self._log.info("request", status=response.status_code, ms=ms, **told)
        return response(environ, start_response)

    def _response(self, request: Request, told: dict[str, Any]) -> Response:
        """What is answered, whatever happens; `told`: what the log line is to say of it."""
        try:
            told["route"], _ = ROUTES.bind_to_environ(request.environ).match()
            if request.method == "HEAD":  # which would take what nobody is given
                raise MethodNotAllowed(["GET"])
            made: Response = getattr(self, told["route"])(request, told)
            return made
        except HTTPException as fault:
            return answers.of_http(fault).response()
        except Problem as refused:
            told["code"] = refused.more.get("code")
            return refused.response()
        except BrokerAway:
            return answers.away().response()
        except Exception as fault:  # the last wall: its text may hold what is personal, so only its name is told
            self._log.error("request failed", error=fault.__class__.__name__, **told)
            return answers.refused("failed", "It is noted.").response()

    def _let_finish(self, request: Request) -> None:
        """The rest of a body that was refused before it was read; who sends on for ever is hung up on."""
        if "HTTP_EXPECT" in request.environ:
            return
        try:
            with eventlet.Timeout(BODY_SECONDS, OSError):
                answering.drain(request)
        except (OSError, ValueError):
            return

    # --- routes

    def say(self, request: Request, told: dict[str, Any]) -> Response:
        """A message of the agency: 202 when the broker has it for good."""
        with self._agency(request, told) as code:
            taking.typed(request, CONTENT_TYPE)
            raw = self._body(request)
            spoken = taking.spoken(raw, code, datetime.now(CHINA), self._settings.exercise)
            told["id"] = spoken.id
            try:
                self._speaker.say(spoken)
            except Forbidden:
                raise self._unknown(code) from None
            self.counted.said.inc()
            return as_json({"id": spoken.id, "source": f"/agencies/{code}"}, 202)

    def hear(self, request: Request, told: dict[str, Any]) -> Response:
        """What is in the inbox, oldest first; waits for it if it is empty."""
        with self._agency(request, told) as code:
            limit, wait = handing.asked(request, self._settings.bridge_prefetch)
            found = self.inboxes.boxes[code].next(limit, wait, partial(answering.connected, request))
            if not found and (self.inboxes.away or self._stopping):
                raise answers.away()
            told["count"] = len(found)
            self.counted.handed.labels("poll").inc(len(found))
            return handing.answer(found)

    def acknowledge(self, request: Request, told: dict[str, Any]) -> Response:
        """The agency has them; those that are not in hand are named, and come again if they were not acknowledged before."""
        with self._agency(request, told) as code:
            taking.typed(request, "application/json")
            entries = handing.named(self._body(request))
            unknown = self.inboxes.done(code, entries)
            told["count"] = len(entries) - len(unknown)
            self.counted.acknowledged.inc(told["count"])
            return as_json({"acknowledged": told["count"], "unknown": [handing.shown(entries[at]) for at in unknown]})

    def describe(self, request: Request, told: dict[str, Any]) -> Response:
        """The description of all this, for programs."""
        return as_json(self._openapi)

    # --- who asks, and what

    @contextmanager
    def _agency(self, request: Request, told: dict[str, Any]) -> Iterator[str]:
        """The code of the agency that asks, one of not too many requests of it."""
        told["agency"] = code = self._knowing.who(request)
        if code in self.inboxes.absent:
            raise self._unknown(code)
        kind = code, told["route"] == "hear"
        if self._busy[kind] >= AT_ONCE:
            raise answers.slow_down(1)
        self._busy[kind] += 1
        try:
            yield code
        finally:
            self._busy[kind] -= 1

    def _unknown(self, code: str) -> Problem:
        return answers.refused("unknown_agency", f"The broker of this network has no inbox for {code} that the bridge may read.")

    def _body(self, request: Request) -> bytes:
        try:
            with eventlet.Timeout(BODY_SECONDS, Broken):
                return answering.body_of(request)
        except TooLarge:
            raise answers.refused("too_large", f"The body has more than {answering.LONGEST} bytes.") from None
        except Broken:
            answering.hang_up(request)
            raise answers.refused("too_slow", "The body ended early, came in broken chunks, or took too long.") from None
