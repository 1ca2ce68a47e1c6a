"""Where a body stands, as routing's log of the directory tells it: in the network, draining, left, and what its system declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from xianjie.cli.network import Network
from xianjie.topology import DIRECTORY

State = Literal["in", "draining", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One body. `entry`: as a door shows it, without anybody's words. `legs`, `cases`: as last counted, None if never."""

    code: str
    entry: Mapping[str, Any]
    state: State = "in"
    legs: int | None = None
    cases: int | None = None
    supports: Mapping[str, Any] = field(default_factory=dict)
    """`types` and `tracks` as its system declared them; empty if it declared nothing."""


def standings(network: Network) -> dict[str, Standing]:
    """Every body that routing ever knew, by code, the whole log read. No import brings one back that left; being named by itself does."""
    found: dict[str, Standing] = {}
    for commit in network.log("routing", DIRECTORY):
        for each in commit["said"]:
            name = each["type"].removeprefix("xianjie.").rpartition(".v")[0]
            for body in each["data"].get("bodies", ()) if name == "org.imported" else ():
                if body["code"] not in found or found[body["code"]].state != "left":
                    found[body["code"]] = _described(found, body)
            if name == "org.changed":
                found[each["data"]["body"]["code"]] = _described(found, each["data"]["body"])
            elif each["data"].get("code") in found:
                found[each["data"]["code"]] = _moved(found[each["data"]["code"]], name, each["data"])
    return found


def _described(found: Mapping[str, Standing], entry: Mapping[str, Any]) -> Standing:
    before = found.get(entry["code"])
    if before is None or before.state == "left":
        return Standing(code=entry["code"], entry=entry)
    return replace(before, entry=entry)


def _moved(body: Standing, name: str, data: Mapping[str, Any]) -> Standing:
    match name:
        case "org.drained":
            return replace(body, state="draining", legs=None)
        case "org.resumed":
            return replace(body, state="in")
        case "org.left":
            return replace(body, state="left", supports={})
        case "org.load_counted":
            return replace(body, legs=data["open_legs"], cases=data.get("cases", 0))
        case "org.supports_noted":
            return replace(body, supports={"types": data["types"], "tracks": data.get("tracks", [])})
        case _:
            return body
