"""The bridge of the local machine: who comes by HTTP, with which key, and where it listens."""

import json
from collections.abc import Collection
from pathlib import Path

from deploy.local.ports import LOOPBACK, free_ports
from xianjie.bridge_keys import new_key, read_served, with_key, write_served


class Bridging:
    """What the bridge of one network needs, in the network's folder. `codes`: the agencies that come by HTTP; none, no bridge."""

    def __init__(self, home: Path) -> None:
        self.agencies, self._kept = home / "bridge-agencies.yaml", home / "bridge-keys.json"
        self.codes: list[str] = []
        self.address = self.door = ""

    @property
    def keys(self) -> dict[str, str]:
        """The key of each agency. Only here: a bridge itself knows but their hashes."""
        return dict(json.loads(self._kept.read_text())) if self._kept.exists() else {}

    def prepare(self, codes: Collection[str]) -> None:
        """Give every agency a key that has none yet, and take free ports."""
        self.codes = sorted(codes)
        if not codes:
            return
        keys, served = self.keys, read_served(self.agencies) if self.agencies.exists() else ()
        served = tuple(each for each in served if each.code in codes)
        for code in set(codes) - {each.code for each in served}:
            keys[code], digest = new_key()
            served = with_key(served, code, digest)
        write_served(self.agencies, served)
        self._kept.touch(mode=0o600)
        self._kept.write_text(json.dumps(keys, indent=1))
        self.address, self.door = (f"http://{LOOPBACK}:{port}" for port in free_ports(2))

    def environment(self, amqp_uri: str, exercise: str | None) -> dict[str, str]:
        """Its settings, but for what stands in this process's environment anyhow. Webhooks on this machine are let be."""
        return {
            "XIANJIE_AMQP_URI": amqp_uri, "XIANJIE_BRIDGE_AGENCIES": str(self.agencies), "XIANJIE_EXERCISE": exercise or "",
            "XIANJIE_BRIDGE_PORT": self.address.rsplit(":", 1)[1], "XIANJIE_DOOR_PORT": self.door.rsplit(":", 1)[1],
            "XIANJIE_BRIDGE_PRIVATE_WEBHOOKS": "yes",
        }  # fmt: skip

    def described(self) -> dict[str, object]:
        """What `network.json` says of it; it holds the keys."""
        return {
            "address": self.address,
            "door": self.door,
            "keys": {code: key for code, key in self.keys.items() if code in self.codes},
        }
