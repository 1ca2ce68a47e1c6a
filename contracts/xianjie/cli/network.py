"""The network as the command line finds it: who listens where, and what the doors of the services say."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import typer

from xianjie import timeline
from xianjie.cli.showing import Fault
from xianjie.joining import broker_api
from xianjie.joining.broker_api import BrokerApi
from xianjie.joining.keys import Keys
from xianjie.message import OPERATOR
from xianjie.timeline import Timeline, moment
from xianjie.topology import is_case
from xianjie.written import BadFile

VARIABLE = "XIANJIE_NETWORK"
USUAL = (Path(".local/xianjie/network.json"), Path(".local/network.json"))

NetworkFile = Annotated[
    Path | None,
    typer.Option(
        "--network", envvar=VARIABLE, metavar="FILE", help=f"Where network.json is; else {' or '.join(map(str, USUAL))}."
    ),
]


class UnknownCase(Fault):
    """No service has a log of that case."""


class NoAnswer(Fault):
    """The door of a service does not answer, or cannot tell; `why` says no more than that."""

    def __init__(self, why: str, todo: str = "") -> None:
        super().__init__(why + todo)
        self.why = why


@dataclass(frozen=True, slots=True)
class Network:
    """One running network: its name, the doors of its services, and how each user reaches the broker. `exercise`: what everything said in it
    must name, if it is one."""

    name: str
    exercise: str | None
    doors: dict[str, str]
    amqp: dict[str, str]
    file: Path = field(default=Path("network.json"))
    broker_api: str | None = None
    """The broker's management API with its administrator, if operators allow it."""
    keys: Keys | None = None
    """Where the machine keeps the passwords that were given by hand; None where somebody else makes the broker's users."""

    def uri(self, user: str) -> str:
        """How `user` reaches the broker; a Fault if this network has no such user."""
        if user not in self.amqp:
            raise Fault(f"{user} has no user on the broker of {self.name}: {self.file} names {_listed(self.amqp)}")
        return self.amqp[user]

    def ask(self, service: str, path: str, seconds: float = 10.0) -> Any:
        """What the door of a service answers, None for 404; `NoAnswer` if it does not, or cannot tell."""
        try:
            with urllib.request.urlopen(f"{self.doors[service]}{path}", timeout=seconds) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code == 404:
                return None
            raise NoAnswer(
                f"the door of {service} answers {refused.code} to {path}: {_detail(refused)}", ": see xianjie doctor"
            ) from None
        except (OSError, ValueError, HTTPException) as fault:
            why = getattr(fault, "reason", fault)
            raise NoAnswer(
                f"the door of {service} at {self.doors[service]} does not answer ({why})",
                ": is the network up? Start it with: make run; see also: xianjie doctor",
            ) from None

    def answering(self) -> tuple["Network", list[str]]:
        """This network with only those services that can tell of cases, and why each other cannot; raises `NoAnswer` if none can."""
        silent: dict[str, NoAnswer] = {}
        for service in self.doors:
            try:
                self.ask(service, "/cases?limit=1")
            except NoAnswer as fault:
                silent[service] = fault
        if silent and len(silent) == len(self.doors):
            raise next(iter(silent.values()))
        return replace(self, doors={each: door for each, door in self.doors.items() if each not in silent}), [
            each.why for each in silent.values()
        ]

    def commits(self, case: str) -> dict[str, list[dict[str, Any]]]:
        """By service, the log of a case; a Fault if nobody knows it."""
        found = {each: list(self.log(each, case)) for each in self.doors}
        known = {service: commits for service, commits in found.items() if commits}
        if not known:
            raise UnknownCase(f"no service knows a case {case}: list the cases with: xianjie cases")
        return known

    def log(self, service: str, case: str, after: int = 0) -> Iterator[dict[str, Any]]:
        """The commits of a case at one service after a number, in order, page by page; none if it does not know the case."""
        while page := self.ask(service, f"/cases/{quote(case, safe='')}?after={after}"):
            yield from page
            after = page[-1]["n"]

    def timeline(self, case: str) -> Timeline:
        """A case across all services."""
        return timeline.build(case, self.commits(case))

    def heads(self, service: str) -> Iterator[dict[str, Any]]:
        """The last commit of every case of a service, by id: case, n, now, due, glance. Registers and the like are left out."""
        after = ""
        while page := self.ask(service, f"/cases?after={quote(after)}" if after else "/cases"):
            yield from (each for each in page if is_case(each["case"]))
            after = page[-1]["case"]

    def now(self) -> datetime | None:
        """In an exercise: the latest moment that any case has seen. None in operation, where it is the wall's."""
        if not self.exercise:
            return None
        return max((moment(each["now"]) for service in self.doors for each in self.heads(service)), default=None)

    @property
    def vhost(self) -> str:
        """The virtual host that it lives in."""
        return unquote(urlsplit(self.operator).path.removeprefix("/"))

    def api(self) -> BrokerApi | None:
        """The broker's management API, as network.json or the environment names it; None where neither does."""
        address = os.environ.get(broker_api.VARIABLE) or self.broker_api
        return BrokerApi(address) if address else None

    @property
    def operator(self) -> str:
        """How operators reach the broker."""
        return self.uri(OPERATOR)


def find(file: Path | None) -> Network:
    """The network of `file`, or of the usual places; a Fault saying what to do where there is none."""
    places = [file] if file else list(USUAL)
    there = next((each for each in places if each.is_file()), None)
    if file and file.is_dir():
        raise Fault(f"{file} is a folder: name the file network.json in it")
    if there is None:
        raise Fault(
            f"no network: {' and '.join(map(str, places))} {'is' if len(places) == 1 else 'are'} not there. "
            f"Start one with: make run; or name another with --network FILE, or {VARIABLE} in the environment"
        )
    try:
        found = json.loads(there.read_text())
        keys = Keys(Path(found["keys"])) if found.get("keys") else None
        amqp = _handed_out(found["name"], found["amqp"], keys)
        return Network(found["name"], found["exercise"] or None, found["doors"], amqp, there, found.get("broker_api"), keys)
    except BadFile:  # the keys beside it
        raise
    except OSError as fault:
        raise Fault(f"{there} cannot be read: {fault.strerror}. It belongs to who started the network") from None
    except (ValueError, KeyError, TypeError) as fault:
        raise Fault(f"{there} does not describe a network ({fault!r}): write it anew with: make stop run") from None


def _handed_out(name: str, amqp: dict[str, str], keys: Keys | None) -> dict[str, str]:
    """How each user reaches the broker, by the passwords that were given by hand since the network started."""
    found = dict(amqp)
    for code, key in (keys.read() if keys else {}).items():
        if name in key.left:
            found.pop(code, None)
        elif key.password and (code in found or name in key.joined):
            found[code] = as_user(found[OPERATOR], code, key.password)
    return found


def as_user(uri: str, user: str, password: str | None = None, host: str | None = None) -> str:
    """The same virtual host for another user; without a password where none is given. `host`: as that user reaches the broker."""
    parts = urlsplit(uri)
    who = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return urlunsplit(parts._replace(netloc=f"{who}@{host or parts.netloc.rpartition('@')[2]}"))


def choose(file: Path | None) -> None:
    """Make `file` the network of every command that follows."""
    if file:
        os.environ[VARIABLE] = str(file)


def _detail(refused: urllib.error.HTTPError) -> str:
    try:
        found = json.load(refused)
        return f"{found.get('title', '')} {found.get('detail', '')}".strip() or ", ".join(f"{k}: {v}" for k, v in found.items())
    except (ValueError, AttributeError):
        return str(refused.reason)


def _listed(users: dict[str, str], most: int = 8) -> str:
    names = sorted(users)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
