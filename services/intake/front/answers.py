"""What the front door says beyond JSON and problems in general: what a body must be, and every mistake with its place in it."""

from collections.abc import Sequence
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from services.chassis import answering
from services.chassis.answering import AWAY_SECONDS, LONGEST, Broken, TooLarge
from xianjie import wire
from xianjie.envelope import Fault


class Problem(answering.Problem):
    """A request that is answered by an error, and every single mistake in it."""

    def __init__(
        self, status: int, title: str, detail: str, errors: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None
    ) -> None:
        self.errors = list(errors)
        super().__init__(status, title, detail, headers, **({"errors": self.errors} if self.errors else {}))


def unknown_code() -> Problem:
    """The same for a code that nobody has and for what is no code."""
    return Problem(404, "No such application", "No application is known under this query code. Check it and try again.")


def away() -> Problem:
    """Broker or database do not answer."""
    detail = "The service cannot take this at the moment. Send the same request again later, with the same Idempotency-Key."
    return Problem(503, "Try again later", detail, headers={"Retry-After": AWAY_SECONDS})


def of_http(refused: HTTPException) -> Problem:
    """What routing refuses: no such page, no such method."""
    status, title, detail, headers = answering.of_http(refused)
    return Problem(status, title, detail, headers=headers)


def pointed(faults: Sequence[Fault], root: str = "/data") -> list[dict[str, str]]:
    """Faults as `errors`, their pointers counted from the body that the applicant sent."""
    return [{"pointer": each.pointer.removeprefix(root), "detail": each.says} for each in faults]


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request; an empty body is an empty object. Raises `Problem` for anything else."""
    raw = _read(request)
    if not raw:
        return {}
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise Problem(
            415, "Unsupported content type", "Send application/json, in UTF-8.", headers={"Accept-Post": "application/json"}
        )
    try:
        return wire.loads(raw)
    except wire.Unreadable as fault:
        error = {"pointer": fault.pointer, "detail": fault.says}
        raise Problem(400, "The body cannot be read", f"The body {fault.says}.", [error]) from None


def _read(request: Request) -> bytes:
    try:
        return answering.body_of(request)
    except TooLarge:
        raise too_large() from None
    except Broken:
        raise Problem(400, "The body cannot be read", "It ended early, or was sent in broken chunks.") from None


def too_large() -> Problem:
    """More than any message may hold."""
    detail = f"At most {LONGEST} bytes are taken. Papers are not sent here: they are referred to by id, size and SHA-256."
    return Problem(413, "Too large", detail, headers={"Connection": "close"})


def used_before(what: str) -> Problem:
    """The key stands for something else already."""
    detail = f"This Idempotency-Key was used for another {what}. Send a new key with a new {what}."
    return Problem(422, "Key used before", detail, [{"header": "Idempotency-Key", "detail": "was used for another body"}])
