"""The headers of a webhook, as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac

from xianjie.bridge_keys import SECRET
from xianjie.envelope import CONTENT_TYPE

AGENT = "xianjie-bridge"


def headers(id: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """All of one try. `id`: the same for each try of a message, without a full stop; `timestamp`: of the try, in seconds since 1970."""
    return {
        "Content-Type": CONTENT_TYPE, "User-Agent": AGENT, "webhook-id": id, "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(id, timestamp, body, secret),
    }  # fmt: skip


def signature(id: str, timestamp: int, body: bytes, secret: str) -> str:
    """`v1,` and the HMAC-SHA256 of id, timestamp and body, in base64."""
    key = base64.b64decode(secret.removeprefix(SECRET))
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
