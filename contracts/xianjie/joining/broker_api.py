"""The broker's management API: what a body has there, made, compared and taken away. Only the standard library's HTTP."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from xianjie.definitions import password_hash
from xianjie.line import Away, Refused

VARIABLE = "XIANJIE_BROKER_API"
FIRST_LIMITED = 4
"""From this version of RabbitMQ on a quorum queue has a delivery limit unless it is declared without."""


class BrokerApi:
    """`address`: http(s)://user:password@host:port, of a user with the tag administrator who may configure the virtual host.

    Every call raises `Away` where nobody answers within `limit` seconds, and `Refused` where the API will not have it.
    """

    def __init__(self, address: str, limit: float = 10.0) -> None:
        self._limit = limit
        try:
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.hostname or not parts.username:
                raise ValueError
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise Refused(
                "the address of the broker's API must be http://user:password@host:15672; it stands in broker_api of network.json, "
                f"or in {VARIABLE}"
            ) from None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.where = f"{parts.scheme}://{host}{port}"
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        self._base, self._pass = f"{self.where}{parts.path.rstrip('/')}/api", base64.b64encode(who.encode()).decode()

    # --- what is there

    def delivery_limit(self) -> int | None:
        """What the queues of this broker's version are declared with, as in `definitions`."""
        found = self._mapping("overview", "rabbitmq_version")
        if found is None:
            raise self._another()
        version = str(found["rabbitmq_version"])
        return -1 if int(version.split(".")[0]) >= FIRST_LIMITED else None

    def user(self, code: str) -> Mapping[str, Any] | None:
        """The user, with `tags` and `password_hash`; None if there is none."""
        return self._mapping(f"users/{_(code)}", "tags")

    def permissions(self, vhost: str, code: str) -> list[dict[str, Any]]:
        """What the user may do in the virtual host, as definitions have it: at most one."""
        return [each for each in self._rows(f"users/{_(code)}/permissions") if each["vhost"] == vhost]

    def topic_permissions(self, vhost: str, code: str) -> list[dict[str, Any]]:
        """By exchange, the keys that the user may use in the virtual host."""
        return [each for each in self._rows(f"users/{_(code)}/topic-permissions") if each["vhost"] == vhost]

    def elsewhere(self, vhost: str, code: str) -> list[str]:
        """The other virtual hosts that the user is let into."""
        return sorted(each["vhost"] for each in self._rows(f"users/{_(code)}/permissions") if each["vhost"] != vhost)

    def queue(self, vhost: str, name: str) -> Mapping[str, Any] | None:
        """The queue, with `messages_unacknowledged` where the broker counts them, which is up to 5 s late; None if there is none."""
        only = f"name={_(name)}&use_regex=false&page=1&page_size=100&disable_stats=true&enable_queue_totals=true"
        found = self._mapping(f"queues/{_(vhost)}?{only}", "items") or {"items": ()}
        return next((each for each in found["items"] if each["name"] == name), None)

    def bindings(self, vhost: str, queue: str) -> list[dict[str, Any]]:
        """What fills the queue, beside its own name on the nameless exchange."""
        return [each for each in self._rows(f"queues/{_(vhost)}/{_(queue)}/bindings") if each["source"]]

    def connections(self, vhost: str | None, code: str) -> list[str]:
        """The connections that the user has open in the virtual host, or in any, as `address -> address`."""
        return [each["name"] for each in self._rows(f"connections/username/{_(code)}") if vhost in (None, each["vhost"])]

    # --- what is changed

    def import_definitions(self, content: Mapping[str, Any]) -> None:
        """Make what the definitions name; users and permissions that are there are set anew, queues and bindings stay."""
        self._call("POST", "definitions", content)

    def set_password(self, code: str, password: str) -> None:
        """From now on the user is known by this password alone; it goes over as a salted hash."""
        hashed = {"password_hash": password_hash(password), "hashing_algorithm": "rabbit_password_hashing_sha256"}
        self._call("PUT", f"users/{_(code)}", {**hashed, "tags": ""})

    def close_connections(self, code: str) -> None:
        """End every connection of the user, whatever it is doing; what was not acknowledged goes back to its queue."""
        self._call("DELETE", f"connections/username/{_(code)}")

    def close(self, connections: Iterable[str]) -> None:
        """End these, as `connections` names them, and no others. (By its statistics the broker knows a connection only seconds later.)"""
        for each in connections:
            self._call("DELETE", f"connections/{_(each)}?disable_stats=true")

    def unbind(self, vhost: str, queue: str) -> None:
        """Nothing more comes into the queue."""
        for each in self.bindings(vhost, queue):
            self._call("DELETE", f"bindings/{_(vhost)}/e/{_(each['source'])}/q/{_(queue)}/{_(each['properties_key'])}")

    def shut_out(self, vhost: str, code: str) -> None:
        """The user may do nothing more in the virtual host. First the permission as such: without a topic permission any key is open."""
        self._call("DELETE", f"permissions/{_(vhost)}/{_(code)}")
        self._call("DELETE", f"topic-permissions/{_(vhost)}/{_(code)}")

    def delete_queue(self, vhost: str, name: str) -> None:
        """With all that is in it: look first."""
        self._call("DELETE", f"queues/{_(vhost)}/{_(name)}")

    def delete_user(self, code: str) -> None:
        """It is known in no virtual host any more."""
        self._call("DELETE", f"users/{_(code)}")

    # --- the line

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers; None for 404."""
        headers = {"Authorization": f"Basic {self._pass}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base}/{path}", method=method, data=sent, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self._limit) as answer:
                found = answer.read()
                return json.loads(found) if found else None
        except urllib.error.HTTPError as refused:
            says = _says(refused)
            if refused.code == 404 and says.get("error"):
                return None
            raise self._refused(refused.code, str(says.get("reason") or refused.reason)[:300], f"{method} {path}") from None
        except (OSError, ValueError, HTTPException) as fault:
            raise Away(f"the broker's API at {self.where} does not answer: {getattr(fault, 'reason', fault)}") from None

    def _mapping(self, path: str, member: str) -> Mapping[str, Any] | None:
        """What is described there, `member` among it; None where there is nothing of that name."""
        found = self._call("GET", path)
        if found is None or (isinstance(found, dict) and member in found):
            return found
        raise self._another()

    def _rows(self, path: str) -> list[dict[str, Any]]:
        """What is listed there; nothing where there is nothing of that name."""
        found = self._call("GET", path) or []
        if not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
            raise self._another()
        return found

    def _another(self) -> Refused:
        return Refused(
            f"what answers at {self.where} is no management API of RabbitMQ: check broker_api of network.json, or {VARIABLE}"
        )

    def _refused(self, status: int, why: str, asked: str) -> Refused:
        if status == 404:
            return self._another()
        if status == 401:
            return Refused(
                f"the broker's API at {self.where} does not know this user with this password, or it has not the tag administrator: "
                f"check broker_api of network.json, or {VARIABLE}", "wrong_credentials",
            )  # fmt: skip
        return Refused(f"the broker's API at {self.where} answers {status} to {asked.split('?')[0]}: {why}")


def _says(refused: urllib.error.HTTPError) -> Mapping[str, Any]:
    """What the API itself says of it; nothing where it is another that answers."""
    with refused:
        try:
            found = json.load(refused)
        except (ValueError, OSError, HTTPException):
            return {}
    return found if isinstance(found, dict) else {}


def _(word: str) -> str:
    """A name as a path of the API has it."""
    return quote(word, safe="")
