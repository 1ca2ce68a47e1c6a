"""The settings of a service, read from the environment and checked at start: every error at once, secrets never printed."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from marshmallow import ValidationError, validate

from xianjie.fields import schema_for
from xianjie.law import calendar
from xianjie.written import BadFile

PREFIX = "XIANJIE_"
_SECRET = frozenset({"salt", "door_key"})
_PLAIN = frozenset({"replicaset", "authsource", "tls", "ssl", "w", "readpreference", "heartbeat", "connection_timeout"})
"""What behind the ? of an address is no secret; whatever else stands there is not printed."""
OTHERS = (
    "XIANJIE_NETWORK", "XIANJIE_BROKER_API",  # the command line
    calendar.VARIABLE,  # read where days are counted
    "XIANJIE_MONGOD", "XIANJIE_RABBITMQ",  # the local machine
    "XIANJIE_AGENCIES_FILE", "XIANJIE_AMQP_BIND", "XIANJIE_FRONT_BIND", "XIANJIE_PASSWORD_",  # compose; the last begins a name
    "XIANJIE_BRIDGE_",  # the bridge, which has settings of its own
)  # fmt: skip
"""Names under our prefix that are no settings of a service, and are let alone where they stand in its environment."""


class Shown:
    """What all settings have in common: they can be printed, and name the doors that they open."""

    __slots__ = ()

    def redacted(self) -> dict[str, Any]:
        """What may be printed: secrets and passwords are left out."""
        found: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]
        shown = {name: "***" if name in _SECRET else value for name, value in found.items()}
        return {name: _without_password(value) if value and name.endswith("_uri") else value for name, value in shown.items()}

    def doors(self) -> dict[str, tuple[str, int]]:
        """Host and port of each door, by the word in the names of its settings; port 0: it stays shut."""
        raise NotImplementedError

    @classmethod
    def doubts(cls, service: str, found: dict[str, Any]) -> dict[str, str]:
        """What no single value tells, by the name of the setting that is at fault. `service`: who reads; `found`: by name, what is set."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Shown):
    """Each is read from `XIANJIE_<NAME>`; AMQP_URI and MONGODB_URI are read without the prefix too."""

    amqp_uri: Annotated[str, validate.Regexp(r"amqps?://.+", error="must be amqp://user:password@host:port/vhost")]
    mongodb_uri: Annotated[str, validate.Regexp(r"mongodb(\+srv)?://.+", error="must be mongodb://host:port/?replicaSet=name")]
    database: Annotated[str, validate.Regexp(r"[a-z0-9_-]{1,38}\Z", error="must be 1 to 38 of a-z, 0-9, _ and -")]
    partition: Annotated[int, validate.Range(min=1, max=1024)] = 1
    batch: Annotated[int, validate.Range(min=1, max=500)] = 200
    cached_cases: Annotated[int, validate.Range(min=0, max=100_000)] = 2000
    confirm_seconds: Annotated[int, validate.Range(min=1, max=60)] = 5
    gap_seconds: Annotated[int, validate.Range(min=1, max=3600)] = 10
    """How long a message waits for the one it follows before the journal is asked for that one."""
    door_port: Annotated[int, validate.Range(min=0, max=65535)] = 0
    door_host: Annotated[str, validate.Length(min=1, max=100)] = "127.0.0.1"
    front_port: Annotated[int, validate.Range(min=0, max=65535)] = 0
    """Where applicants are served (intake only); 0: nowhere."""
    front_host: Annotated[str, validate.Length(min=1, max=100)] = "127.0.0.1"
    front_amqp_uri: Annotated[str, validate.Regexp(r"amqps?://.+", error="must be amqp://door:…@host:port/vhost")] | None = None
    """The broker as the front door reaches it, as the user `door`; needed with `front_port`."""
    front_proxies: Annotated[int, validate.Range(min=0, max=5)] = 0
    """How many reverse proxies stand before the front door: so many entries of X-Forwarded-For are believed."""
    exercise: Annotated[str, validate.Regexp(r"[a-z0-9][a-z0-9-]{0,31}\Z")] | None = None
    salt: Annotated[str, validate.Length(min=8, max=200)] = "exercise-salt"
    """Secret of the digests in the hash chain; an operator sets one of their own."""
    door_key: Annotated[str, validate.Length(min=16, max=200)] = "exercise-door-key"
    """Secret that query codes are derived from (intake only)."""
    log_level: Annotated[str, validate.OneOf(("debug", "info", "warning", "error"))] = "info"

    def doors(self) -> dict[str, tuple[str, int]]:
        """The one for operators, and the one for applicants."""
        front = {"FRONT": (self.front_host, self.front_port)} if self.front_amqp_uri else {}
        return {"DOOR": (self.door_host, self.door_port), **front}

    @classmethod
    def doubts(cls, service: str, found: dict[str, Any]) -> dict[str, str]:
        """A door without its user, and secrets that are still the ones everybody knows."""
        wrong = {}
        if found.get("front_port") and not found.get("front_amqp_uri"):
            wrong["front_amqp_uri"] = "is needed with the front door, for the user `door`"
        if not found.get("exercise"):
            secrets = ("salt", "door_key") if service == "intake" else ("salt",)
            known = {"exercise-salt", "exercise-door-key", None}
            wrong |= {name: "must be a secret of your own outside an exercise" for name in secrets if found.get(name) in known}
        return wrong


Kind = TypeVar("Kind", bound=Shown)


class BadSettings(ValueError):
    """Settings that cannot work; the text lists all of them, with the variable to set."""


def read_settings(service: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `service`; raises `BadSettings` naming every variable that is missing or wrong."""
    return settings_of(Settings, service, environment, database=f"xianjie_{service}")


def settings_of(cls: type[Kind], service: str, environment: Mapping[str, str], **found: Any) -> Kind:
    """The settings of a process that has other ones; `found`: what holds where nothing is set. Raises `BadSettings`."""
    schema = schema_for(cls)
    for each in fields(cls):  # type: ignore[arg-type]
        name = PREFIX + each.name.upper()
        value = environment.get(name) or (environment.get(each.name.upper()) if each.name.endswith("_uri") else None)
        if value:
            found[each.name] = int(value) if each.type is int or ("int" in str(each.type) and value.isdigit()) else value
    wrong: dict[str, str] = {}
    try:
        schema.load(found)
    except ValidationError as refused:
        messages: Any = refused.messages
        wrong = {name: "; ".join(map(str, texts)) for name, texts in messages.items()}
    wrong = {**_unknown(cls, environment), **_nowhere(found), **cls.doubts(service, found), **_uncounted(), **wrong}
    if wrong:
        says = [f"  {PREFIX}{name.upper()}: {text}" for name, text in wrong.items()]
        raise BadSettings(f"{service} cannot start; set these in its environment:\n" + "\n".join(says))
    settings: Kind = schema.load(found)
    return settings


def _unknown(cls: type[Shown], environment: Mapping[str, str]) -> dict[str, str]:
    """Names that nobody reads: a setting that is misspelt would otherwise be its default, silently."""
    own = [PREFIX + each.name.upper() for each in fields(cls)]  # type: ignore[arg-type]
    known = [*own, *(PREFIX + each.name.upper() for each in fields(Settings))]
    others = tuple(each for each in OTHERS if not (each.endswith("_") and any(name.startswith(each) for name in own)))
    wrong = {}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and not name.startswith(others):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            wrong[name.removeprefix(PREFIX).lower()] = f"is no setting; the nearest is {near[0]}"
    return wrong


def _uncounted() -> dict[str, str]:
    """The years that were announced, in a file that cannot be used."""
    try:
        calendar.last()
    except BadFile as fault:
        return {calendar.VARIABLE.removeprefix(PREFIX).lower(): str(fault)}
    return {}


def _nowhere(found: dict[str, Any]) -> dict[str, str]:
    """Addresses that lead nowhere."""
    wrong = {}
    for name in [
        name for name in found if name.endswith("_uri") and "," not in found[name]
    ]:  # several hosts: the driver looks at them
        try:
            parts = urlsplit(found[name])
            if not parts.hostname or parts.port == 0:
                wrong[name] = "names no host"
        except ValueError:
            wrong[name] = "names a port that is no number up to 65535"
    return wrong


def _without_password(uri: str) -> str:
    """The address without what stands between the user's name and the host, and without options that may be secret."""
    scheme, _, rest = uri.partition("://")
    before, at, place = rest.rpartition("@")
    user, colon, _ = before.partition(":")
    who = f"{user}:***@" if colon else "***@" if at else ""
    host, question, options = place.partition("?")
    return f"{scheme}://{who}{host}{question}{'&'.join(map(_option, options.split('&')))}"


def _option(text: str) -> str:
    name = text.partition("=")[0]
    return text if not text or name.lower() in _PLAIN else f"{name}=***"
