"""The door's description in OpenAPI 3.1: the paths from openapi.yaml, the bodies from the message classes themselves."""

from typing import Any

from services.intake.front.drafting import NOT_TAKEN
from services.intake.front.status import Public
from xianjie.json_schema import Schemas
from xianjie.messages.case import CaseAppealed, CaseSubmitted, CaseSupplemented, CaseWithdrawalAsked, Gap
from xianjie.messages.visit import VisitAnswered
from xianjie.shipped import shipped

BODIES: dict[str, type] = {
    "Application": CaseSubmitted, "Supplement": CaseSupplemented, "Withdrawal": CaseWithdrawalAsked, "Appeal": CaseAppealed,
    "VisitAnswer": VisitAnswered, "Gap": Gap,
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole description, as JSON values."""
    made: dict[str, Any]
    (made,) = shipped("openapi.yaml", __package__)
    later = made.pop("x-later")
    for path in made["paths"].values():
        for operation in path.values():
            if name := operation.pop("x-body", None):
                operation |= later | {"requestBody": _body(name)}
    schemas = Schemas()
    for name, cls in BODIES.items():
        schemas.refer(cls, name, frozenset(NOT_TAKEN))
    made["components"]["schemas"] |= {**schemas.found, "Status": schemas.of(Public)}
    return made


def _body(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
