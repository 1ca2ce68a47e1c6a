"""One request to an address that an agency has named: never to where it has no business, never longer than it may take."""

import http.client
import socket
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import eventlet
import urllib3
from urllib3.exceptions import HTTPError

_CARRIES_IPV4 = [
    ip_network(each) for each in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
"""IPv6 addresses that stand for an IPv4 address, which may be any."""


INTERIM = 5
"""Answers `100 Continue` that are passed over before the answer."""


class Private(Exception):
    """The name leads to an address that is not public."""


class Late(Exception):
    """The time of the try is over."""


def public(address: str) -> bool:
    """Whether it is an address of the public network, and of no private, local, reserved or translated one."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and (found.is_site_local or any(found in each for each in _CARRIES_IPV4)):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class _Answer(http.client.HTTPResponse):
    """An answer with a bound to what goes before it: http.client passes over `100 Continue` for ever, and no time limit of eventlet's ends
    what always finds data."""

    _heads = 0

    def _read_status(self) -> Any:
        self._heads += 1
        if self._heads > INTERIM + 1:
            raise http.client.HTTPException("nothing but 100 Continue")
        return super()._read_status()  # type: ignore[misc]


class _Plain(urllib3.connection.HTTPConnection):
    response_class = _Answer


class _Secure(urllib3.connection.HTTPSConnection):
    response_class = _Answer


class Reach:
    """Posts to webhooks. `private`: whether an address that is not public may be reached; `seconds`: the most that one try takes."""

    def __init__(self, private: bool, seconds: float) -> None:
        self._private, self._seconds = private, seconds

    def post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[str, int | None]:
        """What became of it, by the words of `counting.TRIES`, and the status of the answer if there was one. Follows no redirect."""
        try:
            with eventlet.Timeout(self._seconds, Late):
                status = self._status(url, headers, body)
        except Late:
            return "too_slow", None
        except Private:
            return "address", None
        except (HTTPError, OSError, ValueError):
            return "unreachable", None
        except Exception:  # whatever a stranger's answer breaks, the message stays the first
            return "unexpected", None
        if status == 410:
            return "gone", status
        return ("taken" if 200 <= status < 300 else "redirected" if 300 <= status < 400 else "refused"), status

    def _status(self, url: str, headers: dict[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        address = self._address(host, parts.port or (443 if secure else 80))
        kind: Any = urllib3.HTTPSConnectionPool if secure else urllib3.HTTPConnectionPool
        names = {"server_hostname": host, "assert_hostname": host} if secure else {}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(kind(address, parts.port, timeout=self._seconds, retries=False, **names)) as pool:
            pool.ConnectionCls = _Secure if secure else _Plain
            answer = pool.urlopen(
                "POST", target, body=body, headers={**headers, "Host": parts.netloc}, redirect=False, preload_content=False
            )
            status: int = answer.status
            answer.close()
        return status

    def _address(self, host: str, port: int) -> str:
        """The address to connect to. It is looked up once, and that one is used: a name could lead elsewhere the second time."""
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._private and not all(map(public, found)):
            raise Private
        return min(found, key=lambda each: ":" in each)  # the older kind first: not every house has the newer
