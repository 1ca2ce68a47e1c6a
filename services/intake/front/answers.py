"""What goes in and out of the door as HTTP: bodies within their limits, answers as JSON, every mistake as RFC 9457 says."""

from collections.abc import Sequence
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from services.chassis.door import as_json, problem
from xianjie import wire
from xianjie.envelope import Fault

LONGEST = wire.LONGEST
"""Bytes of the largest body that is taken."""
DRAINED = 16 * LONGEST
"""Bytes of a body too large that are read all the same, so that its sender gets to hear why it was refused."""
AWAY_SECONDS = "5"
QUIET = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Problem(Exception):
    """A request that is answered by an error: its status, a short title, what to do, and every single mistake."""

    def __init__(
        self, status: int, title: str, detail: str, errors: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.errors, self.headers = status, title, detail, list(errors), headers or {}

    def response(self) -> Response:
        made = problem(self.status, self.title, self.detail, **({"errors": self.errors} if self.errors else {}))
        made.headers.update(self.headers)
        return made


def unknown_code() -> Problem:
    """The same for a code that nobody has and for what is no code."""
    return Problem(404, "No such application", "No application is known under this query code. Check it and try again.")


def away() -> Problem:
    """Broker or database do not answer."""
    detail = "The service cannot take this at the moment. Send the same request again later, with the same Idempotency-Key."
    return Problem(503, "Try again later", detail, headers={"Retry-After": AWAY_SECONDS})


def of_http(refused: HTTPException) -> Problem:
    """What routing refuses: no such page, no such method."""
    headers = {}
    if isinstance(refused, MethodNotAllowed) and refused.valid_methods:
        headers["Allow"] = ", ".join(sorted(refused.valid_methods))
    return Problem(refused.code or 500, refused.name, refused.description or "", headers=headers)


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
    stream = request.environ["wsgi.input"]
    try:
        raw: bytes = stream.read(LONGEST + 1)
        size = len(raw)
        if size > LONGEST:
            while size < DRAINED and (more := stream.read(64 * 1024)):
                size += len(more)
            raise too_large()
    except (OSError, ValueError):
        raise Problem(400, "The body cannot be read", "It ended early, or was sent in broken chunks.") from None
    return raw


def too_large() -> Problem:
    """More than any message may hold."""
    detail = f"At most {LONGEST} bytes are taken. Papers are not sent here: they are referred to by id, size and SHA-256."
    return Problem(413, "Too large", detail, headers={"Connection": "close"})


def used_before(what: str) -> Problem:
    """The key stands for something else already."""
    detail = f"This Idempotency-Key was used for another {what}. Send a new key with a new {what}."
    return Problem(422, "Key used before", detail, [{"header": "Idempotency-Key", "detail": "was used for another body"}])


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """A JSON answer."""
    made = as_json(content, status)
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made
