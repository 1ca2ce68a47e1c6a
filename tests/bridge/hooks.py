"""A little HTTP server that is told by webhook, and answers as a test wants."""

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from deploy.local.ports import LOOPBACK, free_ports


class Told(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that break off."""

    def handle_error(self, *_: Any) -> None: ...


class Hooks:
    """Listens on loopback; may be taken away and come back on the same port."""

    def __init__(self, answer: Callable[[int], int] = lambda _: 204) -> None:
        """`answer`: the status for the so many-th request, from 0 on."""
        (self.port,) = free_ports(1)
        self.answer, self.told = answer, list[Told]()
        self.hold: threading.Event | None = None
        """While it is there and not set, requests are not answered."""
        self.tls: ssl.SSLContext | None = None
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/told" if self.tls else f"http://{LOOPBACK}:{self.port}/told?for=us"

    def start(self) -> Self:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hooks.told.append(Told(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status = hooks.answer(len(hooks.told) - 1)
                if hooks.hold:
                    hooks.hold.wait(30)
                try:
                    self.send_response(status)
                    if status in (301, 302, 307):
                        self.send_header("Location", f"http://{LOOPBACK}:{hooks.port}/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    return

            def log_message(self, *_: Any) -> None: ...

        self._server = _Quiet((LOOPBACK, self.port), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
