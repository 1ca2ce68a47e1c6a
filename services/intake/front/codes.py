"""Query codes 查询码: what an applicant keeps to ask after a case. Not to be guessed or counted; stored as a hash alone."""

import hashlib
import hmac
import re
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""
LENGTH, GROUP = 16, 4
"""80 bits, written in groups of four."""
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_KEY = re.compile(r'"?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})"?\Z')


class BadKey(ValueError):
    """The `Idempotency-Key` is missing or no random UUID."""


def key_of(header: str | None) -> str:
    """The key in an `Idempotency-Key` header, quoted or not, in lower case; raises `BadKey` saying what is wrong."""
    if not header:
        raise BadKey("is missing: send a random UUID (version 4): a new one for each thing submitted, the same for a retry")
    found = _KEY.match(header.strip())
    if not found:
        raise BadKey("must be a random UUID (version 4), as in 5f1b6b7e-93c5-4b0e-8d53-0d7c7b1f7a10")
    return found[1].lower()


class Codes:
    """What follows from an applicant's key and the door's secret: the same always, and nothing of it from the rest.

    Whoever knows a case's id, as every body does that has to do with it, learns neither the key nor the query code from it.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def case(self, key: str) -> str:
        """The id of the case that is opened under this key."""
        return str(UUID(bytes=self._digest("case", key)[:16], version=4))

    def code(self, key: str) -> str:
        """The query code of that case, as in 7K2M-0WQ9-XT4B-H3CD."""
        number = int.from_bytes(self._digest("code", key)[:10])
        letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))
        return grouped(letters)

    def message(self, case: str, kind: str, key: str) -> str:
        """The id of what is said of a case under this key: said again, it is the same message."""
        return str(UUID(bytes=self._digest("message", case, kind, key)[:16], version=4))

    def _digest(self, *words: str) -> bytes:
        return hmac.digest(self._secret, "|".join(words).encode(), "sha256")


def grouped(letters: str) -> str:
    """The code as it is shown."""
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def plain(written: str) -> str:
    """A code as a person wrote it, without groups, case and look-alikes. What is no code comes out as something that is none."""
    return written.upper().translate(_LOOK_ALIKE)


def hash_of(written: str) -> str:
    """What is stored of a code, and looked for: SHA-256 of its letters."""
    return hashlib.sha256(plain(written).encode("utf-8", "replace")).hexdigest()
