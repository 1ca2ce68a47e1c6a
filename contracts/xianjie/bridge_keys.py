"""The file of the agencies that the bridge serves: their keys as hashes alone, and where they want to be told. Read and written here."""

import hashlib
import hmac
import json
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from marshmallow import validate

from xianjie.fields import Check, Code, Digest
from xianjie.message import plain
from xianjie.whole import PRIVATE, write_whole
from xianjie.written import bad, document, loaded

BEGINS, SECRET = "xj_", "whsec_"
"""How a key and the secret of a webhook begin, so that whoever finds one knows what it is."""
LONGEST_SECRET, SHORTEST_SECRET = 64, 24
"""Bytes, as Standard Webhooks has it."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _signing(text: str) -> bool:
    if not text.startswith(SECRET):
        return False
    with suppress(ValueError):
        return SHORTEST_SECRET <= len(b64decode(text.removeprefix(SECRET), validate=True)) <= LONGEST_SECRET
    return False


def _address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        fine = parts.port != 0 and not parts.username and not parts.password and not parts.fragment
    except ValueError:
        return False
    plainly = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and fine and (parts.scheme == "https" or plainly) and text.isascii() and text.isprintable()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where an agency is told, and the secret with which that is signed."""

    url: Annotated[
        str,
        validate.Length(max=1000),
        Check(_address, r"https?://[!-~]+", "must be https://host/path without user or fragment; http only on loopback"),
    ]
    secret: Annotated[str, Check(_signing, r"whsec_[A-Za-z0-9+/]{32,88}={0,2}", "must be whsec_ and 24 to 64 bytes in base64")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One agency. `key_sha256`: the keys in force, several while one takes another's place; `revoked_sha256`: those that were."""

    code: Code
    key_sha256: tuple[Digest, ...]
    revoked_sha256: tuple[Digest, ...] = ()
    webhook: Webhook | None = None


def new_key() -> tuple[str, str]:
    """A key with 256 random bits, to be shown once, and its SHA-256, which is what is kept."""
    key = BEGINS + secrets.token_urlsafe(32)
    return key, sha256(key)


def new_secret() -> str:
    """A secret for the signatures of a webhook: 32 random bytes."""
    return SECRET + b64encode(secrets.token_bytes(32)).decode()


def sha256(key: str) -> str:
    """What the file holds of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def holder(served: Iterable[Served], key: str) -> tuple[str, bool] | None:
    """Whose key it is, and whether it is still in force; None if it is nobody's. Takes as long for every key."""
    digest, found = sha256(key), None
    for each in served:
        for known, in_force in [*((one, True) for one in each.key_sha256), *((one, False) for one in each.revoked_sha256)]:
            if hmac.compare_digest(known, digest):
                found = each.code, in_force
    return found


# --- the file


def read_served(file: Path, *, private: bool = True) -> tuple[Served, ...]:
    """The agencies in a file of YAML or JSON; raises `BadFile` with every fault and its place, and with nothing that is secret.

    `private`: others may not read the file, and nobody but its owner write it.
    """
    content = document(file, secret=True)
    rows = [] if content is None else content
    faults = list(_open_to(file)) if private else []
    if not isinstance(rows, list):
        raise bad(file, [*faults, "must be a list, of one entry for each agency"])
    places = ((f"/{number}", row) for number, row in enumerate(rows))
    found = list(loaded(Served, places, faults))
    faults += _doubled(found)
    if faults:
        raise bad(file, faults)
    return tuple(each for _, each in found)


def write_served(file: Path, served: Iterable[Served]) -> None:
    """Write the file, whole or not at all, for its owner alone; as JSON where it is called so, else as YAML. Comments in it are lost."""
    rows = [_row(each) for each in served]
    text = json.dumps(rows, indent=1) if file.suffix == ".json" else yaml.safe_dump(rows, sort_keys=False)
    write_whole(file, text, file.stat().st_mode & 0o640 if file.exists() else PRIVATE)


def with_key(served: Iterable[Served], code: str, digest: str, *, webhook: Webhook | None = None) -> tuple[Served, ...]:
    """With one more key in force for an agency, which is new if it was not there. `webhook`: takes the place of the one it had."""
    rows = {each.code: each for each in served}
    known = rows.get(code) or Served(code=code, key_sha256=())
    rows[code] = replace(known, key_sha256=(*known.key_sha256, digest), webhook=webhook or known.webhook)
    return tuple(rows.values())


def without_older_keys(served: Iterable[Served], code: str) -> tuple[Served, ...]:
    """With the newest key of an agency alone in force; the others are revoked. Raises KeyError where the agency is not there."""
    rows = {each.code: each for each in served}
    known = rows[code]
    gone = known.key_sha256[:-1]
    rows[code] = replace(known, key_sha256=known.key_sha256[-1:], revoked_sha256=(*known.revoked_sha256, *gone))
    return tuple(rows.values())


def _row(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = plain(served)
    return {name: value for name, value in found.items() if value != [] or name == "key_sha256"}


def _open_to(file: Path) -> Iterator[str]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o027:
        yield f"its mode is {mode:03o}, so that others may read or change it: chmod 600 {file} (640 for a group that may read it)"


def _doubled(found: Iterable[tuple[str, Served]]) -> Iterator[str]:
    """Codes that stand twice, and keys that would be two agencies' or are in force and revoked."""
    codes, keys = dict[str, str](), dict[str, str]()
    for place, each in found:
        if each.code in codes:
            yield f"{place}/code: {each.code} stands at {codes[each.code]} as well"
        codes.setdefault(each.code, place)
        for name in ("key_sha256", "revoked_sha256"):
            for number, digest in enumerate(getattr(each, name)):
                at = f"{place}/{name}/{number}"
                if digest in keys:
                    yield f"{at}: the same key stands at {keys[digest]}"
                keys.setdefault(digest, at)
