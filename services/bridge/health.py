"""The door for operators: whether the bridge lives, whether the broker answers, and what it counts."""

from collections.abc import Callable, Iterable
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from services.bridge.serving import Serving
from services.chassis.answering import as_json, of_http, problem, serve

ROUTES = Map([Rule(f"/{each}", endpoint=each, methods=["GET"]) for each in ("live", "ready", "metrics")])


class Health(DependencyProvider):  # type: ignore[misc]
    """Serves `ROUTES` on `door_host` and `door_port`; port 0 means no door."""

    def setup(self) -> None:
        self._socket = self.container.config["SOCKETS"].get("DOOR")
        self._bridge = next(each for each in self.container.dependencies if isinstance(each, Serving))

    def start(self) -> None:
        if self._socket is not None:
            self.container.spawn_managed_thread(lambda: serve(self._socket, self._answer), identifier="door")

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            endpoint, _ = ROUTES.bind_to_environ(environ).match()
            response = getattr(self, endpoint)()
        except HTTPException as refused:
            status, title, detail, headers = of_http(refused)
            response = problem(status, title, detail)
            response.headers.update(headers)
        return response(environ, start_response)  # type: ignore[no-any-return]

    def live(self) -> Response:
        alive = self._bridge.inboxes.alive()
        return as_json({"alive": alive}, 200 if alive else 503)

    def ready(self) -> Response:
        ready = self._bridge.inboxes.alive() and not self._bridge.inboxes.away
        return as_json(
            {"ready": ready, "service": "bridge", "away": "broker" if self._bridge.inboxes.away else None}, 200 if ready else 503
        )

    def metrics(self) -> Response:
        return Response(generate_latest(self._bridge.counted.registry), content_type=CONTENT_TYPE_LATEST)
