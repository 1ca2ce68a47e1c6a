"""What it means that the broker closed a connection or a channel, in words for the one who speaks."""

import re
from typing import Any

from pika.exceptions import (
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from xianjie.trouble import Away, Refused


def meaning(why: Exception | str, where: str, user: str) -> Exception:
    """What a failure means to the one who speaks: `Refused` where another try is no use, else `Away`."""
    text = getattr(why, "reply_text", "") or repr(why)
    reason = getattr(why, "reply_text", "") or _innermost(why)
    if isinstance(why, ProbableAuthenticationError) or "ACCESS_REFUSED - Login" in text:
        return Refused(f"{where} does not know {user} with this password", "wrong_credentials")
    if isinstance(why, ProbableAccessDeniedError) or (isinstance(why, ConnectionClosedByBroker) and why.reply_code == 530):
        if " is down" in text or "limit" in text:
            return Away(f"{where} is not ready: {text}")
        return Refused(f"{where} is not there, or {user} is not let in ({text})", "unknown_agency")
    if isinstance(why, ChannelClosedByBroker):
        return _broken_rule(why.reply_code, text, where, user)
    return Away(f"{where} is away: {reason}")


def _queue(text: str) -> str:
    """The code whose inbox the broker names in its refusal."""
    found = re.search(r"no queue 'agency\.([^']+)'", text)
    return found[1] if found else ""


def _innermost(why: Any) -> str:
    """What pika's exceptions are about, which hold one another."""
    while inner := [
        each
        for each in (*getattr(why, "args", ()), *getattr(why, "exceptions", ()), getattr(why, "exception", None))
        if isinstance(each, Exception)
    ]:
        why = inner[-1]
    return str(why) or repr(why)


def _broken_rule(code: int, text: str, where: str, user: str) -> Exception:
    if code == 403:
        return Refused(
            f"{user} may not do this: each speaks under its own name, and hears its own inbox only ({text})", "not_allowed"
        )
    if code == 404 and "no queue" in text:
        return Refused(f"{where} has no inbox for {_queue(text) or user}: this body has not joined ({text})", "unknown_agency")
    if code == 404 and "no exchange" in text:
        return Refused(f"{where} is not set up: its exchanges are missing ({text})")
    if code == 406:
        return Refused(f"{where} does not take such a message ({text})", "too_large" if "size" in text else "not_allowed")
    return Away(f"{where} closed the channel: {text}")
