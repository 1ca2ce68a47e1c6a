"""What a scenario may expect at its end: the shape of `expect`, and whether it speaks of lines that are there."""

from collections.abc import Collection, Iterator
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from xianjie.protocol.table import table

RESULTS = ("met", "breached", "not judged", "running", "paused", "stopped")
"""What can have become of a clock."""


class IntervalSchema(Schema):
    """Days between two published steps, by their numbers: all of them, and those on which nothing was suspended.

    `counted`: the clocks (L1/B1) and legs (L1) by which the services counted just these days; they add up to it.
    """

    class Meta:
        unknown = RAISE

    what = fields.String(required=True)
    start = fields.Integer(required=True, strict=True, data_key="from")
    end = fields.Integer(required=True, strict=True, data_key="to")
    gross = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    net = fields.Integer(load_default=None, strict=True, validate=validate.Range(min=0))
    counted = fields.List(fields.String(), load_default=list)


def _state(status: str) -> None:
    known = table("case").states
    if status not in known:
        raise ValidationError(f"{status!r} is no state of a case; allowed: {', '.join(sorted(known))}")


class ExpectSchema(Schema):
    """`expect`: whatever is named here must be so; what is not named may be as it is."""

    class Meta:
        unknown = RAISE

    owner = fields.String()
    status = fields.String(validate=_state)
    outcome = fields.String(allow_none=True)
    path = fields.List(fields.String())
    clocks = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.OneOf(RESULTS)))
    intervals = fields.List(fields.Nested(IntervalSchema))
    children = fields.Integer(strict=True, validate=validate.Range(min=0))
    child_path = fields.List(fields.String())
    """The path of each case of the batch."""


def unknown_steps(expect: dict[str, Any], steps: Collection[int | None]) -> Iterator[str]:
    """Intervals from or to a published step that no line says; an end that is not given is a fault of shape."""
    for place, each in enumerate(expect.get("intervals") or ()):
        for end, written in (("start", "from"), ("end", "to")):
            if end in each and each[end] not in steps:
                yield f"/expect/intervals/{place}/{written}: no line of `says` has step {each[end]}"
