"""The settings of the bridge, which has no database and keeps no log."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from marshmallow import validate

from services.chassis.settings import Shown, settings_of
from xianjie.bridge_keys import read_served
from xianjie.written import BadFile

NAME = "bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSettings(Shown):
    """Each is read from `XIANJIE_<NAME>`; AMQP_URI is read without the prefix too."""

    amqp_uri: Annotated[str, validate.Regexp(r"amqps?://.+", error="must be amqp://bridge:password@host:port/vhost")]
    bridge_agencies: Annotated[str, validate.Length(min=1, max=1000)]
    """The file of the agencies that are served, as `xianjie.bridge_keys` reads it."""
    bridge_port: Annotated[int, validate.Range(min=1, max=65535)]
    bridge_host: Annotated[str, validate.Length(min=1, max=100)] = "127.0.0.1"
    bridge_proxies: Annotated[int, validate.Range(min=0, max=5)] = 0
    """How many reverse proxies stand before it: so many entries of X-Forwarded-For are believed."""
    bridge_visibility_seconds: Annotated[int, validate.Range(min=1, max=3600)] = 60
    """After so long, what was handed out by a poll and not acknowledged is handed out again."""
    bridge_prefetch: Annotated[int, validate.Range(min=1, max=200)] = 20
    """Most messages of one agency that are in hand here: the most that one poll gives, and a bound on memory."""
    bridge_webhook_seconds: Annotated[int, validate.Range(min=1, max=60)] = 10
    """How long one try of a webhook may take, from looking up its name to the status of the answer."""
    bridge_webhook_longest_seconds: Annotated[int, validate.Range(min=1, max=86400)] = 1800
    """The longest step between two tries."""
    bridge_private_webhooks: Annotated[str, validate.OneOf(("yes", "no"))] = "no"
    """Whether a webhook may lead to an address that is not public: loopback, a private network, link-local."""
    door_port: Annotated[int, validate.Range(min=0, max=65535)] = 0
    door_host: Annotated[str, validate.Length(min=1, max=100)] = "127.0.0.1"
    confirm_seconds: Annotated[int, validate.Range(min=1, max=60)] = 5
    exercise: Annotated[str, validate.Regexp(r"[a-z0-9][a-z0-9-]{0,31}\Z")] | None = None
    log_level: Annotated[str, validate.OneOf(("debug", "info", "warning", "error"))] = "info"

    def doors(self) -> dict[str, tuple[str, int]]:
        """The one for operators, and the one for agencies."""
        return {"DOOR": (self.door_host, self.door_port), "BRIDGE": (self.bridge_host, self.bridge_port)}

    @classmethod
    def doubts(cls, service: str, found: dict[str, Any]) -> dict[str, str]:  # noqa: ARG003  (other settings hang on who reads)
        """A file of agencies that `service` cannot use."""
        try:
            if name := found.get("bridge_agencies"):
                read_served(Path(name))
        except BadFile as fault:
            return {"bridge_agencies": str(fault)}
        return {}


def read(environment: Mapping[str, str] = os.environ) -> BridgeSettings:
    """The settings of the bridge; raises `BadSettings` naming every variable that is missing or wrong."""
    return settings_of(BridgeSettings, NAME, environment)
