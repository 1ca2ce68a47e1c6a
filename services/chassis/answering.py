"""What goes in and out of an HTTP door: answers as JSON, every mistake as RFC 9457 says, bodies within their limits."""

import json
import socket
from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.wsgi
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from services.chassis import showing
from xianjie import wire

LONGEST = wire.LONGEST
"""Bytes of the largest body that is taken."""
DRAINED = 16 * LONGEST
"""Bytes of a body too large that are read all the same, so that its sender gets to hear why it was refused."""
PATIENCE = 30
"""Seconds that a client may take between two bytes, or between two requests on one connection."""
PAUSE = 0.2
"""Seconds after which a connection is awaited again where none could be taken."""
LINE, LINES = 1024, 8 * LONGEST
"""Bytes of the longest line between chunks (sizes, trailers), and of all of them in one body."""
AWAY_SECONDS = "5"
QUIET = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Problem(Exception):
    """A request that is answered by an error: its status, a short title, what to do, and what else the answer names."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.headers, self.more = status, title, detail, headers or {}, more

    def response(self) -> Response:
        made = problem(self.status, self.title, self.detail, **self.more)
        made.headers.update(self.headers)
        return made


class TooLarge(Exception):
    """The body is longer than `LONGEST`."""


class Broken(Exception):
    """The body ended early, or was sent in broken chunks."""


def body_of(request: Request) -> bytes:
    """The body, whole; raises `TooLarge` or `Broken`."""
    announced, stream = request.content_length or 0, request.environ["wsgi.input"]
    try:
        if announced > LONGEST and request.headers.get("Expect"):
            raise TooLarge  # and it is never sent
        raw: bytes = stream.read(LONGEST + 1)
        if len(raw) > LONGEST:
            drain(request, len(raw))
            raise TooLarge
    except (OSError, ValueError):
        raise Broken from None
    if len(raw) < announced:
        raise Broken
    return raw


def drain(request: Request, size: int = 0) -> None:
    """Read and drop the rest of the body, so that its sender gets to hear the answer; hang up after that where it is beyond `DRAINED`.

    `size`: what was read of it already. Raises OSError or ValueError where the client breaks off.
    """
    stream = request.environ["wsgi.input"]
    if vars(stream).get("discard"):
        return
    hang_up(request)
    while size < DRAINED:
        more = stream.read(64 * 1024)
        eventlet.sleep(0)  # what always finds data never lets others have their turn, nor a time limit its
        if not more:
            del stream.discard
            return
        size += len(more)


def hang_up(request: Request) -> None:
    """After the answer; eventlet would read on for as long as anybody sends."""

    def refuse(*_: object) -> None:
        raise OSError("nobody reads any more")

    request.environ["wsgi.input"].discard = refuse


def connected(request: Request) -> bool:
    """Whether the client is still there, as far as the system knows."""
    try:
        return bool(request.environ["wsgi.input"].get_socket().fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except OSError:
        return False


def of_http(refused: HTTPException) -> tuple[int, str, str, dict[str, str]]:
    """What routing refuses (no such page, no such method): status, title, detail, headers."""
    headers = {}
    if isinstance(refused, MethodNotAllowed) and refused.valid_methods:
        headers["Allow"] = ", ".join(sorted(refused.valid_methods))
    return refused.code or 500, refused.name, refused.description or "", headers


def as_json(content: Any, status: int = 200, **headers: str) -> Response:
    """A JSON response."""
    made = Response(showing.text(content), status, content_type="application/json")
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as RFC 9457 says."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")


def serve(listening: Any, site: Callable[..., Any]) -> None:
    """Serve until the socket is closed."""
    try:
        eventlet.wsgi.server(
            _Listening(listening), site, log=_Silent(), log_output=False, debug=False, keepalive=PATIENCE, socket_timeout=PATIENCE,
            protocol=_Protocol,
        )  # fmt: skip
    except OSError:
        return


class _Listening:
    """A socket on which `accept` outlives what passes, as a connection that broke off before it was taken, or no file left for one more:
    eventlet's server ends on either, and the door would be shut for good."""

    def __init__(self, listening: Any) -> None:
        self._socket = listening

    def accept(self) -> Any:
        """The next connection; raises OSError once the socket is closed."""
        while True:
            try:
                return self._socket.accept()
            except OSError:
                if self._socket.fileno() == -1:
                    raise
                eventlet.sleep(PAUSE)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
    """eventlet reads lines between chunks of any length into memory: here they have a bound."""

    def get_environ(self) -> Any:
        made = super().get_environ()
        body = made["wsgi.input"]
        if body.chunked_input:
            body.rfile = _Chunked(body.rfile)
        return made


class _Chunked:
    """What a body in chunks is read from; raises OSError for a line beyond `LINE`, or lines beyond `LINES`."""

    def __init__(self, raw: Any) -> None:
        self._raw, self._lines = raw, 0

    def read(self, size: int) -> bytes:
        found: bytes = self._raw.read(size)
        return found

    def readline(self) -> bytes:
        eventlet.sleep(0)
        found: bytes = self._raw.readline(LINE + 1)
        self._lines += len(found)
        if len(found) > LINE or self._lines > LINES:
            raise OSError("a line between chunks is too long")
        return found


class _Silent:
    """eventlet's own log names addresses of clients; ours does not."""

    def debug(self, *_: object) -> None: ...
    def info(self, *_: object) -> None: ...
    def error(self, *_: object) -> None: ...
    def write(self, *_: object) -> None: ...
