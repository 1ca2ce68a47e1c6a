"""Why the bridge refuses a request: each reason by its code in the catalogue, with its remedy, and every fault with its place."""

from collections.abc import Sequence
from typing import Any

from werkzeug.exceptions import HTTPException

from services.chassis import answering
from services.chassis.answering import AWAY_SECONDS, Problem
from xianjie.envelope import CONTENT_TYPE, Fault, Invalid
from xianjie.refusals import refusals

NOT_TAKEN = "It is not taken: each fault is named with its place."


def refused(code: str, detail: str, faults: Sequence[dict[str, str]] = (), status: int | None = None, **headers: str) -> Problem:
    """The refusal of that code. `detail`: what was wrong this time; `status`: another than the catalogue's."""
    known = refusals()[code]
    more: dict[str, Any] = {"code": code, "remedy": known.remedy, "chinese": known.chinese}
    return Problem(
        status or known.http, known.says, detail, {name.replace("_", "-"): value for name, value in headers.items()},
        **more, **({"faults": list(faults)} if faults else {}),
    )  # fmt: skip


def unauthorized(code: str, detail: str) -> Problem:
    """Who asks is not known, or not any more."""
    return refused(code, detail, WWW_Authenticate="Bearer")


def away() -> Problem:
    """The broker does not answer."""
    return refused("away", "The message broker cannot be reached.", Retry_After=AWAY_SECONDS)


def slow_down(seconds: int) -> Problem:
    """Too much of something."""
    return refused("slow_down", f"Try again in {seconds} s.", Retry_After=str(seconds))


def faulty(faults: Sequence[Fault], code: str) -> Problem:
    """A message or body with these faults."""
    pointed = [{"pointer": each.pointer, "detail": each.says, "code": each.code} for each in faults]
    return refused(code, NOT_TAKEN, pointed)


def invalid(fault: Invalid) -> Problem:
    """What is no message, or breaks its contract."""
    return faulty(fault.faults, fault.code)


def wrong_type(wanted: str = CONTENT_TYPE) -> Problem:
    """Another content type than the one that is taken here."""
    made = refused("wrong_content_type", f"Here {wanted} is taken.", Accept_Post=wanted)
    if wanted != CONTENT_TYPE:  # the catalogue's words are about messages
        made.more["remedy"], made.more["chinese"] = f"set the content type {wanted}", f"内容类型应为 {wanted}"
    return made


def of_http(fault: HTTPException) -> Problem:
    """No such page, no such method."""
    status, title, detail, headers = answering.of_http(fault)
    code = "not_found" if status in (404, 405) else "invalid"
    made = refused(code, f"{title}: {detail}"[:300], status=status)
    made.headers.update(headers)
    if "Allow" in headers:  # HEAD comes with every GET by itself, and is not answered here
        made.headers["Allow"] = ", ".join(each for each in headers["Allow"].split(", ") if each != "HEAD")
    return made
