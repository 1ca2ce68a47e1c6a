"""The broker's management API where it is not what answers: said in words, with what to do."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xianjie.joining.broker_api import BrokerApi
from xianjie.trouble import Refused


class Another(BaseHTTPRequestHandler):
    """Some other server: it knows no such page, or answers everything with one of its own."""

    def do_GET(self) -> None:
        found = self.path.startswith("/all")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b'{"hello": "world"}' if found else b"<h1>Not found</h1>")

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Another) as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        yield server.server_port
        server.shutdown()
        running.join()


@pytest.mark.parametrize("prefix", ["", "/all"])
def test_another_server_at_the_address_is_named(port: int, prefix: str) -> None:
    with pytest.raises(Refused, match="is no management API of RabbitMQ: check broker_api"):
        BrokerApi(f"http://a:b@127.0.0.1:{port}{prefix}").delivery_limit()


def test_another_server_is_not_taken_for_a_broker_that_knows_no_such_user(port: int) -> None:
    for prefix in ("", "/all"):
        api = BrokerApi(f"http://a:b@127.0.0.1:{port}{prefix}")
        for ask in (api.user, partial(api.connections, None), partial(api.queue, "xianjie"), partial(api.permissions, "xianjie")):
            with pytest.raises(Refused, match="is no management API"):
                ask("CN-SH-IPO")


def test_an_address_of_ipv6_keeps_its_brackets() -> None:
    assert BrokerApi("http://a:b@[::1]:15672").where == "http://[::1]:15672"
